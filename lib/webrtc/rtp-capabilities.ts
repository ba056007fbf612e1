/** What this build can send and receive, as negotiation and RTCRtpCapabilities want it. The list is the native side's. */
import { nativeAddon } from '../binding/load';
import type { NativeHeaderExtensionCapability, NativeMediaCapabilities } from '../binding/native-addon';
import { formatIdentity } from '../jsep/codec-match';
import type {
  Direction,
  MediaKind,
  RtpCapabilities,
  RtpCodec,
  RtpCodecCapability,
  RtpHeaderExtensionCapability,
  RtpKindCapabilities,
} from '../jsep/rtp-types';
import type { RTCRtpCapabilities } from '../webidl/generated/dictionaries';

export type TransferDirection = 'send' | 'receive';

interface KindEntry {
  readonly native: NativeMediaCapabilities;
  readonly capabilities: RtpKindCapabilities;
}

let registry: Readonly<Record<MediaKind, KindEntry>> | undefined;

/** Loads the addon at the first call. */
function entryOf(kind: MediaKind): KindEntry {
  if (!registry) {
    const { audio, video } = nativeAddon().mediaCapabilities();
    registry = { audio: toEntry(audio), video: toEntry(video) };
  }
  return registry[kind];
}

function toEntry(native: NativeMediaCapabilities): KindEntry {
  const codecs = native.codecs.map((codec): RtpCodecCapability =>
    Object.freeze({
      mimeType: codec.mimeType,
      clockRate: codec.clockRate,
      ...(codec.channels > 0 && { channels: codec.channels }),
      ...(codec.sdpFmtpLine !== '' && { sdpFmtpLine: codec.sdpFmtpLine }),
      canSend: codec.canSend,
      canReceive: codec.canReceive,
      rtcpFeedback: Object.freeze(codec.rtcpFeedback),
      preferredPayloadType: codec.preferredPayloadType,
    }),
  );
  const headerExtensions = native.headerExtensions.map((extension): RtpHeaderExtensionCapability =>
    Object.freeze({
      uri: extension.uri,
      preferredId: extension.preferredId,
      direction: extension.isOffered ? widestDirection(extension) : 'stopped',
      widest: widestDirection(extension),
    }),
  );
  return { native, capabilities: { codecs: Object.freeze(codecs), headerExtensions: Object.freeze(headerExtensions) } };
}

function widestDirection(extension: NativeHeaderExtensionCapability): Direction {
  if (extension.canSend) return extension.canReceive ? 'sendrecv' : 'sendonly';
  return extension.canReceive ? 'recvonly' : 'inactive';
}

/** For the offer/answer engine. */
export function rtpCapabilities(): RtpCapabilities {
  return { audio: entryOf('audio').capabilities, video: entryOf('video').capabilities };
}

/** "List of implemented send codecs" (or receive codecs) of a kind: https://w3c.github.io/webrtc-pc/#dfn-list-of-implemented-send-codecs */
export function implementedCodecs(kind: MediaKind, direction: TransferDirection): readonly RtpCodecCapability[] {
  return entryOf(kind).capabilities.codecs.filter((codec) => (direction === 'send' ? codec.canSend : codec.canReceive));
}

/** How many encodings a sender sends at once, at most. */
export function maxEncodings(kind: MediaKind): number {
  return entryOf(kind).native.maxEncodings;
}

/**
 * What the encoder of a codec can do; empty for what is no video codec of ours. Parameters that a peer adds or leaves out
 * (rates in `x-google-start-bitrate`, RFC 7741's `max-fs`, VP9's `profile-id`) make no other codec of it.
 */
export function scalabilityModesOf(codec: RtpCodec): readonly string[] {
  const mimeType = codec.mimeType.toLowerCase();
  const { native } = entryOf(mimeType.startsWith('audio/') ? 'audio' : 'video');
  const found = native.codecs.find(
    (each) => each.mimeType.toLowerCase() === mimeType && formatIdentity(each) === formatIdentity(codec),
  );
  return found?.scalabilityModes ?? [];
}

/** What an application may ask for at most, and whether it has no choice. */
export function headerExtensionLimits(kind: MediaKind, uri: string): { widest: Direction; isMandatory: boolean } {
  const extension = entryOf(kind).native.headerExtensions.find((each) => each.uri === uri);
  if (!extension) return { widest: 'inactive', isMandatory: false };
  return { widest: widestDirection(extension), isMandatory: extension.isMandatory };
}

/** An RTCRtpCodec of its own for the application. */
export function toCodecDictionary(codec: RtpCodec): RtpCodec {
  const { mimeType, clockRate, channels, sdpFmtpLine } = codec;
  return {
    mimeType,
    clockRate,
    ...(channels !== undefined && { channels }),
    ...(sdpFmtpLine !== undefined && { sdpFmtpLine }),
  };
}

/**
 * getCapabilities() of RTCRtpSender and RTCRtpReceiver (https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-getcapabilities).
 * Each call makes new dictionaries.
 */
export function capabilitiesFor(kind: string, direction: TransferDirection): RTCRtpCapabilities | null {
  // 2. If kind is neither "video" nor "audio" return null.
  if (kind !== 'audio' && kind !== 'video') return null;
  // 3. The implemented codecs and header extensions.
  const { native, capabilities } = entryOf(kind);
  return {
    codecs: implementedCodecs(kind, direction).map(toCodecDictionary),
    headerExtensions: capabilities.headerExtensions
      .filter((_, index) => native.headerExtensions[index]?.[direction === 'send' ? 'canSend' : 'canReceive'])
      .map(({ uri, direction: offered }) => ({ uri, direction: offered })),
  };
}

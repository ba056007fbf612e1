/** What a sender is to send, as the engine wants to have it: negotiated, then chosen by the application. */
import type { NativeEncoding, NativeFeedback, NativeSendCodec, NativeSendParameters } from '../binding/native-addon';
import { h264Profile, parseFormat } from '../jsep/codec-match';
import { sends } from '../jsep/media-direction';
import type { NegotiatedCodec, NegotiatedRtp } from '../jsep/rtp-types';
import { type MediaStreamTrack, trackSlotsOf } from '../mediacapture/MediaStreamTrack';
import { usesDtx } from '../jsep/silence-suppression';
import type { RTCRtpEncodingParameters } from '../webidl/generated/dictionaries';
import { fittingFirst } from './encoded-sender';
import { mostMacroblocks } from './h264-level';
import type { SenderSlots } from './RTCRtpSender';
import { codecOfEncoding, defaultScalabilityMode } from './send-encodings';

/** As browsers code what nobody says more of. */
const defaultPacketTime = 20;
const shortestPacketTime = 10;
const longestPacketTime = 120;

/** The second half of a MIME type, in lower case. */
export function codecName({ mimeType }: { readonly mimeType: string }): string {
  return mimeType.slice(mimeType.indexOf('/') + 1).toLowerCase();
}

export function nativeFeedback({ rtcpFeedback }: NegotiatedCodec): NativeFeedback {
  const has = (value: string): boolean => rtcpFeedback.includes(value);
  return {
    nack: has('nack'),
    pli: has('nack pli'),
    fir: has('ccm fir'),
    remb: has('goog-remb'),
    transportCc: has('transport-cc'),
  };
}

/** RTX that carries the codec; -1: none. */
function rtxOf(codec: NegotiatedCodec, codecs: readonly NegotiatedCodec[]): number {
  const payloadType = String(codec.payloadType);
  const found = codecs.find(
    (each) => codecName(each) === 'rtx' && parseFormat(each.sdpFmtpLine ?? '')?.get('apt') === payloadType,
  );
  return found?.payloadType ?? -1;
}

/** RED that carries the codec, where it is liked better than the codec alone, as browsers have it; -1: none. */
function redOf(codec: NegotiatedCodec, codecs: readonly NegotiatedCodec[]): number {
  const payloadType = String(codec.payloadType);
  const found = codecs.findIndex(
    (each) =>
      codecName(each) === 'red' &&
      each.clockRate === codec.clockRate &&
      (each.sdpFmtpLine ?? '').split('/').every((part) => part.trim() === payloadType),
  );
  return found >= 0 && found < codecs.indexOf(codec) ? codecs[found]!.payloadType : -1;
}

function withinPacketTimes(milliseconds: number): number {
  const steps = Math.round(milliseconds / shortestPacketTime) * shortestPacketTime;
  return Math.min(Math.max(steps, shortestPacketTime), longestPacketTime);
}

/**
 * RFC 7587 section 6.1: the parameters are what the peer wants to receive. What it says of bitrate is in
 * {@link maxBitrateOf}.
 */
function audioMembers(
  codec: NegotiatedCodec,
  negotiated: NegotiatedRtp,
  encoding: Readonly<RTCRtpEncodingParameters>,
  contentHint: string,
): Partial<NativeSendCodec> {
  const format = parseFormat(codec.sdpFmtpLine ?? '');
  const flag = (name: string): boolean => format?.get(name) === '1';
  const number = (name: string): number | undefined => {
    const value = Number(format?.get(name) ?? Number.NaN);
    return Number.isFinite(value) && value > 0 ? value : undefined;
  };
  const isOpus = codecName(codec) === 'opus';
  const wanted = encoding.ptime ?? negotiated.packetTime ?? number('ptime') ?? defaultPacketTime;
  const longest = Math.min(negotiated.maxPacketTime ?? longestPacketTime, isOpus ? longestPacketTime : 60);
  // Pauses are suppressed only where both sides have it (RFC 9429 section 5.2.3.2).
  const comfortNoiseOf = (codecs: readonly NegotiatedCodec[]): NegotiatedCodec | undefined =>
    codecs.find((each) => codecName(each) === 'cn' && each.clockRate === codec.clockRate);
  const comfortNoise = comfortNoiseOf(negotiated.receiveCodecs) && comfortNoiseOf(negotiated.sendCodecs);
  const isDtxForbidden = negotiated.receiveCodecs.some((each) => codecName(each) === 'opus' && usesDtx(each) === false);
  return {
    channels: isOpus && flag('stereo') ? 2 : 1,
    packetTime: withinPacketTimes(Math.min(Math.max(wanted, number('minptime') ?? shortestPacketTime), longest)),
    maxPlaybackRate: isOpus ? (number('maxplaybackrate') ?? codec.clockRate) : codec.clockRate,
    inBandFec: isOpus && flag('useinbandfec'),
    dtx: isOpus && flag('usedtx') && !isDtxForbidden,
    constantBitrate: isOpus && flag('cbr'),
    isMusic: contentHint === 'music',
    redPayloadType: redOf(codec, negotiated.sendCodecs),
    comfortNoisePayloadType: comfortNoise?.payloadType ?? -1,
  };
}

function nativeCodec(
  codec: NegotiatedCodec,
  negotiated: NegotiatedRtp,
  encoding: Readonly<RTCRtpEncodingParameters>,
  contentHint: string,
): NativeSendCodec {
  const name = codecName(codec);
  const isH264 = name === 'h264';
  const format = isH264 ? parseFormat(codec.sdpFmtpLine ?? '') : null;
  const profile = isH264 ? (h264Profile(format?.get('profile-level-id') ?? '') ?? 'constrained-baseline') : '';
  return {
    name,
    payloadType: codec.payloadType,
    clockRate: codec.clockRate,
    rtxPayloadType: rtxOf(codec, negotiated.sendCodecs),
    feedback: nativeFeedback(codec),
    h264Profile: profile as NativeSendCodec['h264Profile'],
    singleNalUnits: isH264 && format?.get('packetization-mode') !== '1',
    channels: 1,
    packetTime: defaultPacketTime,
    maxPlaybackRate: codec.clockRate,
    inBandFec: false,
    dtx: false,
    constantBitrate: false,
    isMusic: false,
    redPayloadType: -1,
    comfortNoisePayloadType: -1,
    ...(codec.mimeType.toLowerCase().startsWith('audio/')
      ? audioMembers(codec, negotiated, encoding, contentHint)
      : {}),
  };
}

/** Bits a second; 0: nobody says. */
function maxBitrateOf({ maxBitrate = 0 }: Readonly<RTCRtpEncodingParameters>, codec: NegotiatedCodec): number {
  const average = Number(parseFormat(codec.sdpFmtpLine ?? '')?.get('maxaveragebitrate') ?? 0);
  const limits = [maxBitrate, average].filter((limit) => limit > 0);
  return limits.length > 0 ? Math.min(...limits) : 0;
}

/**
 * libwebrtc's `x-google-start-bitrate` and its kind, kilobits a second in the `a=fmtp` of video: what the peer, or the
 * application that wrote its description (mediasoup-client's `codecOptions`), wishes of the estimate.
 */
function estimateWishesOf(
  codec: NegotiatedCodec | undefined,
): Pick<NativeSendParameters, 'minEstimate' | 'startEstimate' | 'maxEstimate'> {
  const format = codec && /^video\//i.test(codec.mimeType) ? parseFormat(codec.sdpFmtpLine ?? '') : null;
  const wish = (name: string): number => {
    const kilobits = Number(format?.get(`x-google-${name}-bitrate`) ?? 0);
    return kilobits > 0 ? kilobits * 1000 : 0; // what is no number wishes nothing
  };
  return { minEstimate: wish('min'), startEstimate: wish('start'), maxEstimate: wish('max') };
}

/** 0: any number. */
function maxMacroblocksOf({ maxFramerate }: Readonly<RTCRtpEncodingParameters>, codec: NegotiatedCodec): number {
  if (codecName(codec) !== 'h264') return 0;
  return mostMacroblocks(parseFormat(codec.sdpFmtpLine ?? '')?.get('profile-level-id') ?? '', maxFramerate);
}

/** `degradationPreference` where nobody has set it (https://w3c.github.io/mst-content-hint/#behavior-of-rtcrtpsendparameters). */
function degradationOf(sender: SenderSlots, contentHint: string): NativeSendParameters['degradation'] {
  const { degradationPreference } = sender;
  if (degradationPreference === 'maintain-framerate-and-resolution') return 'disabled';
  if (degradationPreference !== undefined) return degradationPreference;
  if (contentHint === 'motion') return 'maintain-framerate';
  if (contentHint === 'detail' || contentHint === 'text') return 'maintain-resolution';
  return 'balanced';
}

/** What a track shows: its hint, or else what its source is. */
function contentHintOf(track: MediaStreamTrack): string {
  const { contentHint, source } = trackSlotsOf(track);
  return contentHint === '' && source.isScreen === true ? 'detail' : contentHint;
}

/** An encoding has no name for the peer, nor for transforms, where simulcast was not negotiated; '' then. */
export function ridOnTheWire({ transceiver }: SenderSlots, { rid = '' }: Readonly<RTCRtpEncodingParameters>): string {
  return transceiver.negotiated?.sendRids === null ? '' : rid;
}

/** What the sender sends now; null before it has anything to send with. */
export function nativeSendParameters(sender: SenderSlots): NativeSendParameters | null {
  const { transceiver, connection } = sender;
  const { negotiated, mid } = transceiver;
  if (!negotiated || mid === null) return null;
  const contentHint = sender.track ? contentHintOf(sender.track) : '';
  const ssrcs = connection.transceivers.ssrcsOf(sender);
  const paused = new Set(negotiated.sendRids?.filter(({ isPaused }) => isPaused).map(({ rid }) => rid));
  const sendCodecs = fittingFirst(sender, negotiated.sendCodecs);
  const codecs = sender.sendEncodings.map((encoding) => codecOfEncoding(encoding, sendCodecs));
  const encodings = sender.sendEncodings.flatMap((encoding, index): NativeEncoding[] => {
    const codec = codecs[index];
    if (!codec) return [];
    const { ssrc, rtxSsrc } = ssrcs[index]!;
    const { rid = '', scaleResolutionDownTo } = encoding;
    return [
      {
        rid: ridOnTheWire(sender, encoding),
        ssrc,
        rtxSsrc,
        active: encoding.active && !paused.has(rid),
        codec: nativeCodec(codec, negotiated, encoding, contentHint),
        maxBitrate: maxBitrateOf(encoding, codec),
        maxFramerate: encoding.maxFramerate ?? -1,
        scaleResolutionDownBy: encoding.scaleResolutionDownBy ?? 1,
        maxWidth: scaleResolutionDownTo?.maxWidth ?? 0,
        maxHeight: scaleResolutionDownTo?.maxHeight ?? 0,
        maxMacroblocks: maxMacroblocksOf(encoding, codec),
        priority: encoding.priority,
        scalabilityMode: encoding.scalabilityMode ?? defaultScalabilityMode(sender.sendEncodings, codec),
      },
    ];
  });
  const audioRate = encodings[0]?.codec.clockRate;
  const telephoneEvents = negotiated.sendCodecs.filter((codec) => codecName(codec) === 'telephone-event');
  const telephoneEvent = telephoneEvents.find(({ clockRate }) => clockRate === audioRate) ?? telephoneEvents[0];
  return {
    mid,
    cname: connection.cname,
    active: sends(negotiated.direction) && !transceiver.stopping && !connection.isClosed,
    reducedSizeRtcp: negotiated.reducedSizeRtcp,
    headerExtensions: negotiated.headerExtensions
      .filter(({ direction }) => sends(direction))
      .map(({ uri, id }) => ({ uri, id })),
    maxBitrate: negotiated.maxBitrate ?? 0,
    ...estimateWishesOf(codecs[0]),
    encodings,
    degradation: degradationOf(sender, contentHint),
    isDetail: contentHint === 'detail' || contentHint === 'text',
    telephoneEventPayloadType: telephoneEvent?.payloadType ?? -1,
    telephoneEventClockRate: telephoneEvent?.clockRate ?? 0,
  };
}

/**
 * [[SendEncodings]]: how the list begins, and what offers and answers do to it. The lists and the dictionaries in them are
 * never changed; each step makes new ones.
 */
import { createDOMException } from '../dom/dom-exception';
import { codecsMatch, isMediaCodec } from '../jsep/codec-match';
import type { MediaKind, NegotiatedRtp, RtpCodec, SendEncoding } from '../jsep/rtp-types';
import { type RTCRtpEncodingParameters, toRTCRtpEncodingParameters } from '../webidl/generated/dictionaries';
import { implementedCodecs, maxEncodings, scalabilityModesOf, toCodecDictionary } from './rtp-capabilities';

export type SendEncodings = readonly Readonly<RTCRtpEncodingParameters>[];

/**
 * RFC 8851 section 10, and at most the 16 octets that a header extension of one-byte form holds: as browsers have it, and
 * peers that know no other form could not read more.
 */
const ridPattern = /^[0-9a-zA-Z]{1,16}$/;

/** The dictionaries of a list, each one new, and only with members that have a value. */
export function copyEncodings(encodings: SendEncodings): RTCRtpEncodingParameters[] {
  return encodings.map((encoding) => ({
    ...encoding,
    ...(encoding.codec && { codec: toCodecDictionary(encoding.codec) }),
    ...(encoding.scaleResolutionDownTo && { scaleResolutionDownTo: { ...encoding.scaleResolutionDownTo } }),
  }));
}

/** Factors of two, the last encoding being sent as it is: 4, 2, 1. */
function defaultScale(index: number, length: number): number {
  return 2 ** (length - index - 1);
}

/**
 * Audio has no picture to scale, to slow down or to split into layers: these members are dropped, right or wrong.
 * (Chromium drops scalabilityMode and scaleResolutionDownTo, too.)
 */
export function withoutVideoMembers(encodings: SendEncodings): RTCRtpEncodingParameters[] {
  return encodings.map((encoding) => {
    const copy = { ...encoding };
    delete copy.scaleResolutionDownBy;
    delete copy.maxFramerate;
    delete copy.scalabilityMode;
    delete copy.scaleResolutionDownTo;
    return copy;
  });
}

/** Whether one of the codecs, RTX, FEC and the like left out, is the one that the application chose. */
export function isChoosable(
  codec: RtpCodec,
  codecs: readonly RtpCodec[],
  ignoreAsymmetricalParameters: boolean,
): boolean {
  return isMediaCodec(codec) && codecs.some((each) => codecsMatch(each, codec, ignoreAsymmetricalParameters));
}

/** Whether scaleResolutionDownTo breaks one of its rules (https://w3c.github.io/webrtc-extensions/#rtcrtpencodingparameters). */
export function invalidScaleResolutionDownTo(encodings: SendEncodings): string | null {
  if (!encodings.some((encoding) => encoding.scaleResolutionDownTo)) return null;
  // 1. It is specified on all active encodings.
  if (encodings.some((encoding) => encoding.active && !encoding.scaleResolutionDownTo)) {
    return 'scaleResolutionDownTo must be specified on all active encodings or on none.';
  }
  // 2. Both dimensions have a value greater than 0.
  for (const { scaleResolutionDownTo } of encodings) {
    if (scaleResolutionDownTo && !(scaleResolutionDownTo.maxWidth && scaleResolutionDownTo.maxHeight)) {
      return 'Both dimensions of scaleResolutionDownTo must be greater than 0.';
    }
  }
  return null;
}

/** Several simulcast encodings in one RTP stream ("S mode") and several streams exclude each other. */
export function mixesSimulcastTransports(encodings: SendEncodings): boolean {
  const active = encodings.filter((encoding) => encoding.active);
  return active.length > 1 && active.some((encoding) => encoding.scalabilityMode?.startsWith('S'));
}

function checkRids(encodings: SendEncodings): void {
  const rids = encodings.flatMap(({ rid }) => (rid === undefined ? [] : [rid]));
  const wrong = rids.find((rid) => !ridPattern.test(rid));
  if (wrong !== undefined) {
    throw new TypeError(`'${wrong.slice(0, 40)}' is not a valid rid: one to 16 letters and digits of ASCII are.`);
  }
  if (rids.length > 0 && rids.length < encodings.length) {
    throw new TypeError('Either all encodings must have a rid, or none.');
  }
  if (new Set(rids).size < rids.length) throw new TypeError('Each encoding must have a rid of its own.');
}

/** Those of https://w3c.github.io/webrtc-svc/#scalabilitymodes that have spatial layers. */
const spatialMode = /^(L[23]T[1-3](h|_KEY|_KEY_SHIFT)?|S[23]T[1-3]h?)$/;

/**
 * Of https://w3c.github.io/webrtc-svc/#rtcpeerconnection-addtransceiver, but that any spatial layers may be asked for as
 * long as no codec is chosen, though no encoder of the build may have them: negotiation makes them what the codec has
 * (adaptToCodecs). mediasoup-client asks so before it does anything else.
 */
function checkScalabilityModes(encodings: SendEncodings, codecs: readonly RtpCodec[]): void {
  for (const { codec, scalabilityMode } of encodings) {
    if (scalabilityMode === undefined || (!codec && spatialMode.test(scalabilityMode))) continue;
    if (!(codec ? [codec] : codecs).some((each) => scalabilityModesOf(each).includes(scalabilityMode))) {
      throw createDOMException(`The scalabilityMode '${scalabilityMode}' is not supported.`, 'OperationError');
    }
  }
  if (mixesSimulcastTransports(encodings)) {
    throw createDOMException('An S mode cannot be combined with several active encodings.', 'OperationError');
  }
}

/**
 * "addTransceiver sendEncodings validation steps"
 * (https://w3c.github.io/webrtc-pc/#dfn-addtransceiver-sendencodings-validation-steps), with those of WebRTC Extensions and
 * WebRTC SVC. Returns what is left of the list.
 */
export function validateSendEncodings(kind: MediaKind, sendEncodings: SendEncodings): SendEncodings {
  let encodings = sendEncodings;
  // 1. TypeErrors.
  checkRids(encodings);
  // 2. Nothing to do: rid is the only read-only parameter.
  // 3. A codec that is not one of those that can be sent.
  const codecs = implementedCodecs(kind, 'send');
  for (const { codec } of encodings) {
    if (codec && !isChoosable(codec, codecs, false)) {
      throw createDOMException(`The codec '${codec.mimeType}' of an encoding cannot be sent.`, 'OperationError');
    }
  }
  // 4. Skipped: codecs are changed without negotiation, for individual encodings, too.
  // 5. Audio.
  if (kind === 'audio') encodings = withoutVideoMembers(encodings);
  // webrtc-svc: 3.1. – 3.3., behind step 5 for audio's sake.
  checkScalabilityModes(encodings, codecs);
  // 6. scaleResolutionDownBy
  if (encodings.some(({ scaleResolutionDownBy = 1 }) => scaleResolutionDownBy < 1)) {
    throw new RangeError('scaleResolutionDownBy must be 1.0 or more.');
  }
  // 7. maxFramerate. Zero, which freezes the picture, is as good as in setParameters().
  if (encodings.some(({ maxFramerate = 0 }) => maxFramerate < 0)) {
    throw new RangeError('maxFramerate must be 0.0 or more.');
  }
  // webrtc-extensions: scaleResolutionDownTo, adaptivePtime.
  const invalid = invalidScaleResolutionDownTo(encodings);
  if (invalid !== null) throw createDOMException(invalid, 'OperationError');
  checkPtime(encodings);
  // 8., 10. Trim to what can be sent at once.
  const hasScale = encodings.some((encoding) => encoding.scaleResolutionDownBy !== undefined);
  encodings = encodings.slice(0, maxEncodings(kind));
  // 9. One scale given: 1.0 for the others. 11. None given: 4:2:1.
  if (kind === 'video') {
    encodings = encodings.map((encoding, index, { length }) => ({
      ...encoding,
      scaleResolutionDownBy: encoding.scaleResolutionDownBy ?? (hasScale ? 1 : defaultScale(index, length)),
    }));
  }
  // 12. A lone encoding needs no rid. Several need one each, which the specification forgets; as in Chromium.
  if (encodings.length === 1) return encodings.map(withoutRid);
  return encodings.map((encoding, index) => ({ ...encoding, rid: encoding.rid ?? String(index) }));
}

/** https://w3c.github.io/webrtc-extensions/#dom-rtcrtpencodingparameters-adaptiveptime */
export function checkPtime(encodings: SendEncodings): void {
  if (encodings.some((encoding) => encoding.adaptivePtime && encoding.ptime !== undefined)) {
    throw createDOMException('ptime cannot be set together with adaptivePtime.', 'InvalidModificationError');
  }
}

function withoutRid(encoding: Readonly<RTCRtpEncodingParameters>): RTCRtpEncodingParameters {
  const copy = { ...encoding };
  delete copy.rid;
  return copy;
}

/** What a new sender has (https://w3c.github.io/webrtc-pc/#dfn-create-an-rtcrtpsender, step of [[SendEncodings]]). */
export function initialSendEncodings(kind: MediaKind, sendEncodings: SendEncodings = []): SendEncodings {
  if (sendEncodings.length > 0) return sendEncodings;
  return [newEncoding(kind === 'video' ? { scaleResolutionDownBy: 1 } : {})];
}

function newEncoding(members: Partial<RTCRtpEncodingParameters>): RTCRtpEncodingParameters {
  return toRTCRtpEncodingParameters(members, '');
}

/**
 * What a remote offer to receive simulcast asks for: proposedSendEncodings of
 * https://w3c.github.io/webrtc-pc/#set-description. Empty when it asks for none. The list has one entry for each layer, of
 * its alternatives the first; that it is paused says nothing of `active`.
 */
export function proposedSendEncodings(kind: MediaKind, offered: readonly { readonly rid: string }[]): SendEncodings {
  // Of layers with the same rid, the first counts.
  const distinct = offered.filter(({ rid }, index) => offered.findIndex((each) => each.rid === rid) === index);
  // Audio has one encoding only: its layers are not for us.
  if (maxEncodings(kind) === 1) return [];
  return distinct
    .slice(0, maxEncodings(kind))
    .map(({ rid }, index, { length }) => newEncoding({ rid, scaleResolutionDownBy: defaultScale(index, length) }));
}

/**
 * What becomes of a lone encoding when layers that are told apart by their SSRCs are written into our offer. They are the default
 * ones, lowest resolution first; a scale that the application had chosen is that of the first, and the others have none, as in
 * Chromium. Their rids are not sent.
 */
export function sourceLayerEncodings(first: Readonly<RTCRtpEncodingParameters>, length: number): SendEncodings {
  const { scaleResolutionDownBy: chosen = 1 } = first;
  const scaleOf = (index: number): number => {
    if (chosen === 1) return defaultScale(index, length);
    return index === 0 ? chosen : 1;
  };
  return Array.from({ length }, (_, index) => ({
    ...(index === 0 ? first : newEncoding({})),
    rid: String(index),
    scaleResolutionDownBy: scaleOf(index),
  }));
}

/**
 * What an answer, ours or theirs, leaves of simulcast (https://w3c.github.io/webrtc-pc/#set-description: "if description is
 * missing all of the previously negotiated layers", "any of …"). `active` is the application's: that the peer wants a layer
 * paused (RFC 8853) stays in what is negotiated.
 */
export function narrowSendEncodings(encodings: SendEncodings, accepted: NegotiatedRtp['sendRids']): SendEncodings {
  if (encodings.length === 1) return encodings;
  const rids = new Set(accepted?.map(({ rid }) => rid));
  const left = encodings.filter(({ rid }) => rid !== undefined && rids.has(rid));
  return left.length > 0 ? left : encodings.slice(0, 1);
}

/**
 * The last step of an answer (https://w3c.github.io/webrtc-pc/#set-description): a chosen codec that is not negotiated is
 * chosen no longer; a scalability mode that the negotiated codec does not have becomes the one it has by default.
 */
export function adaptToCodecs(encodings: SendEncodings, sendCodecs: readonly RtpCodec[]): SendEncodings {
  if (sendCodecs.length === 0) return encodings;
  return encodings.map((encoding) => {
    const adapted = { ...encoding };
    if (adapted.codec && !isChoosable(adapted.codec, sendCodecs, true)) delete adapted.codec;
    const modes = scalabilityModesInUse(adapted, sendCodecs);
    if (adapted.scalabilityMode !== undefined && !modes.includes(adapted.scalabilityMode)) {
      if (modes[0] === undefined) delete adapted.scalabilityMode;
      else adapted.scalabilityMode = modes[0];
    }
    return adapted;
  });
}

/** The codec that an encoding is sent with: the chosen one, or the first that can be sent. */
export function codecOfEncoding<Codec extends RtpCodec>(
  { codec }: Readonly<RTCRtpEncodingParameters>,
  sendCodecs: readonly Codec[],
): Codec | undefined {
  const mediaCodecs = sendCodecs.filter(isMediaCodec);
  return mediaCodecs.find((each) => codec && codecsMatch(each, codec, true)) ?? mediaCodecs[0];
}

/** Of the codec that an encoding is sent with: the chosen one, or the first that can be sent. */
export function scalabilityModesInUse(
  encoding: Readonly<RTCRtpEncodingParameters>,
  sendCodecs: readonly RtpCodec[],
): readonly string[] {
  const codec = encoding.codec ?? sendCodecs.find(isMediaCodec);
  return codec ? scalabilityModesOf(codec) : [];
}

/**
 * Of an encoding that has none. Layers of simulcast in VP8 have three temporal layers each, as in Chromium: servers (Janus,
 * LiveKit) drop some of them for who has little room.
 */
export function defaultScalabilityMode(encodings: SendEncodings, codec: RtpCodec | undefined): string {
  return encodings.length > 1 && codec?.mimeType.toLowerCase() === 'video/vp8' ? 'L1T3' : 'L1T1';
}

/** For negotiation. */
export function toJsepEncodings(encodings: SendEncodings, hasSourceLayers: boolean): readonly SendEncoding[] {
  return encodings.map(({ rid, active }) => ({ rid: hasSourceLayers ? null : (rid ?? null), isActive: active }));
}

import { performance } from 'node:perf_hooks';
import { createDOMException } from '../../dom/dom-exception';
import type { EncodedFrame, FrameChanges } from '../../media/encoded-frames';
import type { RTCEncodedAudioFrameMetadata, RTCEncodedVideoFrameMetadata } from '../../webidl/generated/dictionaries';

/** Of either kind of frame. */
export interface EncodedFrameMetadata extends RTCEncodedVideoFrameMetadata, RTCEncodedAudioFrameMetadata {}

/** The internal slots of RTCEncodedVideoFrame and RTCEncodedAudioFrame. */
export interface EncodedFrameSlots {
  /** [[owner]]: what gave the frame out, and alone takes it back; null for none. */
  readonly owner: object | null;
  /** [[counter]] */
  readonly token: number;
  readonly type: EncodedFrame['type'];
  /** [[data]] */
  data: ArrayBuffer;
  /** [[metadata]]; times are relative to this thread's performance.timeOrigin. */
  metadata: EncodedFrameMetadata;
  /** It was written, or what it is a copy of. */
  readonly progress: { isWritten: boolean };
}

/** 10^(-level / 20), and 0 for silence: https://w3c.github.io/webrtc-encoded-transform/#dom-rtcencodedaudioframemetadata-audiolevel */
function linearLevel(level: number): number {
  return level >= 127 ? 0 : 10 ** (-level / 20);
}

function rfc6464Level(linear: number): number {
  return linear <= 0 ? 127 : Math.min(127, Math.max(0, Math.round(-20 * Math.log10(linear))));
}

/** Defined members only. */
function present<T extends object>(members: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}

const shifted = (time: number | undefined, by: number): number | undefined =>
  time === undefined ? undefined : time + by;

function metadataOf(frame: EncodedFrame): EncodedFrameMetadata {
  const { timeOrigin } = performance;
  const ofEither = {
    synchronizationSource: frame.ssrc,
    payloadType: frame.payloadType,
    contributingSources: [...frame.contributingSources],
    rtpTimestamp: frame.rtpTimestamp,
    receiveTime: shifted(frame.receiveTime, -timeOrigin),
    captureTime: shifted(frame.captureTime, -timeOrigin),
    senderCaptureTimeOffset: frame.senderCaptureTimeOffset,
    mimeType: frame.mimeType,
  };
  if (frame.kind === 'audio') {
    return present({
      ...ofEither,
      sequenceNumber: frame.sequenceNumber,
      audioLevel: frame.audioLevel === undefined ? undefined : linearLevel(frame.audioLevel),
    });
  }
  return present({
    ...ofEither,
    frameId: frame.frameId,
    dependencies: frame.dependencies && [...frame.dependencies],
    width: frame.width,
    height: frame.height,
    spatialIndex: frame.spatialIndex,
    temporalIndex: frame.temporalIndex,
    timestamp: frame.timestamp,
  });
}

export function slotsForFrame(frame: EncodedFrame, owner: object): EncodedFrameSlots {
  const { token, type, data } = frame;
  return { owner, token, type, data, metadata: metadataOf(frame), progress: { isWritten: false } };
}

/** A deep copy, as getMetadata() gives. */
export function copyMetadata(metadata: EncodedFrameMetadata): EncodedFrameMetadata {
  const copy = { ...metadata };
  if (copy.contributingSources) copy.contributingSources = [...copy.contributingSources];
  if (copy.dependencies) copy.dependencies = [...copy.dependencies];
  return copy;
}

/** What the engine can carry out; all else tells of how the frame was made or came. */
const changeable: ReadonlySet<string> = new Set([
  'rtpTimestamp',
  'receiveTime',
  'captureTime',
  'audioLevel',
  'timestamp',
]);

function isSame(name: string, a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, index) => value === b[index]);
  }
  // A `short` in the IDL, and 16 bits without a sign in RTP.
  if (name === 'sequenceNumber') return (Number(a) & 0xffff) === (Number(b) & 0xffff);
  return a === b;
}

/**
 * The metadata with these members in place of its own.
 * @throws InvalidModificationError for one that cannot be changed
 */
export function changedMetadata(
  metadata: EncodedFrameMetadata,
  changes: EncodedFrameMetadata,
  context: string,
): EncodedFrameMetadata {
  const result = copyMetadata(metadata) as Record<string, unknown>;
  for (const [name, value] of Object.entries(copyMetadata(changes))) {
    if (changeable.has(name)) {
      result[name] = value;
    } else if (!isSame(name, value, result[name])) {
      throw createDOMException(`${context}: ${name} cannot be changed.`, 'InvalidModificationError');
    }
  }
  return result;
}

/**
 * "The newly created frame is completely independent of originalFrame" but for this: of the two, one can be written, in the
 * original's place (docs/deviations.md).
 */
export function copySlots(
  original: EncodedFrameSlots,
  changes: EncodedFrameMetadata | undefined,
  context: string,
): EncodedFrameSlots {
  return {
    ...original,
    data: original.data.slice(0),
    metadata: changedMetadata(original.metadata, changes ?? {}, context),
  };
}

/** What the engine is told with a frame that goes back. */
export function changesOf({ metadata }: EncodedFrameSlots): FrameChanges {
  const { rtpTimestamp, audioLevel, captureTime } = metadata;
  return present({
    rtpTimestamp,
    audioLevel: audioLevel === undefined ? undefined : rfc6464Level(audioLevel),
    captureTime: shifted(captureTime, performance.timeOrigin),
  });
}

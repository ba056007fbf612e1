import { hasNalUnitLengths, isKeyFrame } from '../../media/key-frame';
import type { SourceFrame } from '../../media/encoded-source';
import * as webidl from '../../webidl';
import { toRTCEncodedSourceInit } from '../../webidl/generated/dictionaries';

/** What push() takes. */
export interface RTCEncodedSourceFrame {
  data: ArrayBuffer | ArrayBufferView;
  type?: 'key' | 'delta';
  timestamp: number;
  width?: number;
  height?: number;
  rotation?: number;
  temporalIndex?: number;
  spatialIndex?: number;
  rid?: string;
  captureTime?: number;
  audioLevel?: number;
}

const rotations: ReadonlySet<number> = new Set([0, 90, 180, 270]);

const toRotation: webidl.Converter<number> = (value, context) => {
  const rotation = webidl.unsignedShort(value, context);
  if (!rotations.has(rotation)) throw webidl.conversionError(context, 'The rotation is none of 0, 90, 180 and 270.');
  return rotation;
};

const toAudioLevel: webidl.Converter<number> = (value, context) => {
  const level = webidl.octetEnforceRange(value, context);
  if (level > 127) throw webidl.conversionError(context, 'The audioLevel is not between 0 and 127.');
  return level;
};

const ofEither = [
  webidl.member('data', webidl.toBufferSource, { required: true }),
  webidl.member('timestamp', webidl.longLong, { required: true }),
  webidl.member('captureTime', webidl.double),
];

const toVideoFrame = webidl.dictionary<RTCEncodedSourceFrame>('RTCEncodedVideoSourceFrame', null, [
  ...ofEither,
  webidl.member('type', webidl.enumeration('EncodedVideoChunkType', ['key', 'delta'])),
  webidl.member('width', webidl.unsignedShortEnforceRange),
  webidl.member('height', webidl.unsignedShortEnforceRange),
  webidl.member('rotation', toRotation),
  webidl.member('temporalIndex', webidl.octetEnforceRange),
  webidl.member('spatialIndex', webidl.octetEnforceRange),
  webidl.member('rid', webidl.DOMString),
]);

const toAudioFrame = webidl.dictionary<RTCEncodedSourceFrame>('RTCEncodedAudioSourceFrame', null, [
  ...ofEither,
  webidl.member('audioLevel', toAudioLevel),
]);

/**
 * @throws TypeError for members of the wrong kind, empty data, data of which nobody can tell whether it is a key frame, and
 * H.264 that is not in Annex B
 */
export function toSourceFrame(kind: 'audio' | 'video', mimeType: string, value: unknown, context: string): SourceFrame {
  const { data, type, ...members } = (kind === 'video' ? toVideoFrame : toAudioFrame)(value, context);
  const octets = webidl.bytesOf(data);
  if (octets.length === 0) throw webidl.conversionError(context, 'The frame is empty.');
  const frame = { ...members, data: octets } as Omit<SourceFrame, 'type'>;
  if (kind === 'audio') return { ...frame, type: 'key' };
  if (mimeType.toLowerCase() === 'video/h264' && hasNalUnitLengths(octets)) {
    throw webidl.conversionError(context, 'H.264 has to come with start codes (Annex B), not with lengths, as in MP4.');
  }
  if (type) return { ...frame, type };
  const isKey = isKeyFrame(mimeType, octets);
  if (isKey === null) throw webidl.conversionError(context, `A frame of ${mimeType} needs a type.`);
  return { ...frame, type: isKey ? 'key' : 'delta' };
}

/** The mimeType of a source. @throws TypeError unless it is one of the kind */
export function sourceMimeType(kind: 'audio' | 'video', init: unknown, context: string): string {
  const { mimeType } = toRTCEncodedSourceInit(init, context);
  if (!new RegExp(`^${kind}/[!-~]+$`, 'iu').test(mimeType)) {
    throw webidl.conversionError(context, `'${mimeType.slice(0, 64)}' is no mimeType of ${kind}.`);
  }
  return mimeType;
}

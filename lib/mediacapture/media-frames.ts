import { performance } from 'node:perf_hooks';
import type { NativeAudioBlock, NativeAudioSource, NativeVideoFrame, NativeVideoSource } from '../binding/native-addon';
import * as webidl from '../webidl';
import { type AudioData, createAudioData } from '../webcodecs/AudioData';
import { plainGeometry } from '../webcodecs/frame-geometry';
import { mirror, toI420 } from '../webcodecs/to-i420';
import { cameraColorSpace } from '../webcodecs/VideoColorSpace';
import { type VideoFrame, createVideoFrame, pictureOf } from '../webcodecs/VideoFrame';
import { holdForTurn } from './in-flight';

/** Milliseconds that the engine's clock is behind performance.now(). */
const clockOffset = performance.now() - Number(process.hrtime.bigint()) / 1e6;

const toHighResTime = (microseconds: number) => microseconds / 1000 + clockOffset;

/** A frame of a track as scripts get it. */
export function toVideoFrame(native: NativeVideoFrame): VideoFrame {
  const { width, height, rotation, data, captureTime, programTime, rtpTimestamp } = native;
  const luma = width * height;
  const chromaWidth = Math.ceil(width / 2);
  const chroma = chromaWidth * Math.ceil(height / 2);
  const layout = [
    { offset: 0, stride: width },
    { offset: luma, stride: chromaWidth },
    { offset: luma + chroma, stride: chromaWidth },
  ];
  const rect = { x: 0, y: 0, width, height };
  const isAcross = rotation === 90 || rotation === 270;
  const [displayWidth, displayHeight] = isAcross ? [height, width] : [width, height];
  return createVideoFrame(
    {
      resource: { octets: new Uint8Array(data), layout },
      format: 'I420',
      codedWidth: width,
      codedHeight: height,
      geometry: { ...plainGeometry(rect), rotation, displayWidth, displayHeight },
      colorSpace: cameraColorSpace(),
      metadata: { captureTime: toHighResTime(captureTime), ...(rtpTimestamp !== undefined && { rtpTimestamp }) },
    },
    { timestamp: programTime ?? captureTime, duration: null },
  );
}

/** Sound of a track as scripts get it: as browsers have it, in floating point and a plane for each channel. */
export function toAudioData(native: NativeAudioBlock): AudioData {
  const { sampleRate, channelCount, numberOfFrames, data, captureTime, programTime } = native;
  const samples = new Int16Array(data);
  const planes = new Float32Array(samples.length);
  for (let channel = 0, at = 0; channel < channelCount; channel += 1) {
    for (let frame = channel; frame < samples.length; frame += channelCount, at += 1) {
      planes[at] = (samples[frame] ?? 0) / 32_768;
    }
  }
  return createAudioData(
    {
      octets: new Uint8Array(planes.buffer),
      format: 'f32-planar',
      sampleRate,
      numberOfFrames,
      numberOfChannels: channelCount,
    },
    programTime ?? captureTime,
  );
}

/** Sends the frame, which must be an open VideoFrame, through the source; without a source it is only checked. */
export function sendVideoFrame(value: unknown, source: NativeVideoSource | null): void {
  if (!webidl.isInterface('VideoFrame', value)) throw new TypeError('The chunk is not a VideoFrame.');
  const frame = value as VideoFrame;
  const picture = pictureOf(frame);
  if (!picture) throw new TypeError('The VideoFrame has been closed.');
  if (!source) return;
  const { resource, format, geometry } = picture;
  const shown = toI420(resource, format, geometry.rect);
  // Mirrored after turning is turned the other way after mirroring.
  const { octets, width, height } = geometry.flip ? mirror(shown) : shown;
  const rotation = geometry.flip ? (360 - geometry.rotation) % 360 : geometry.rotation;
  source.push(octets, width, height, rotation, frame.timestamp);
  holdForTurn();
}

/** As {@link sendVideoFrame}, of sound, which is sent on as it comes. */
export function sendAudioData(value: unknown, source: NativeAudioSource | null): void {
  if (!webidl.isInterface('AudioData', value)) throw new TypeError('The chunk is not an AudioData.');
  const data = value as AudioData;
  const { sampleRate, numberOfChannels, numberOfFrames, timestamp } = data;
  if (numberOfFrames === 0) throw new TypeError('The AudioData has been closed.');
  if (sampleRate < 8000 || sampleRate > 192_000) throw new TypeError('sampleRate must be between 8000 and 192000.');
  if (numberOfChannels > 8) throw new TypeError('There must be no more than eight channels.');
  if (!source) return;
  const samples = new Int16Array(numberOfFrames * numberOfChannels);
  data.copyTo(samples, { planeIndex: 0, frameOffset: 0, format: 's16' });
  source.push(samples, sampleRate, numberOfChannels, false, timestamp);
  holdForTurn();
}

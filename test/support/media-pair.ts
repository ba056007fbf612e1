/** Two connections, and a track of fake media from one to the other. */
import { getUserMedia, type MediaStreamTrack, nonstandard, RTCPeerConnection, RTCRtpSender } from '../../lib';
import type { RTCRtpReceiver, RTCRtpTransceiver } from '../../lib';
import { negotiate, once, trickle } from './connect';

const { RTCAudioSink, RTCVideoSink, readFrameNumber } = nonstandard;

export interface MediaPair {
  readonly a: RTCPeerConnection;
  readonly b: RTCPeerConnection;
  readonly sender: RTCRtpSender;
  readonly receiver: RTCRtpReceiver;
  /** What the sender sends. */
  readonly track: MediaStreamTrack;
}

const pairs: { close(): void }[] = [];

/** Closes what was opened, and stops the tracks. */
export function closePairs(): void {
  for (const pair of pairs.splice(0)) pair.close();
}

/** A small picture, or a sound, that a fake device makes. */
export async function fakeTrack(
  kind: 'audio' | 'video',
  size = { width: 320, height: 240 },
): Promise<MediaStreamTrack> {
  const stream = await getUserMedia(kind === 'audio' ? { audio: true } : { video: { ...size, frameRate: 30 } });
  const [track] = stream.getTracks();
  pairs.push({ close: () => track!.stop() });
  return track!;
}

/** Codecs of this name, and what goes with them. */
export function codecsNamed(kind: 'audio' | 'video', name: string) {
  const { codecs } = RTCRtpSender.getCapabilities(kind)!;
  return codecs.filter(({ mimeType }) => mimeType.toLowerCase() === `${kind}/${name}`.toLowerCase());
}

/**
 * Sends the track.
 * @param prepare called before the two are negotiated; the receiver is there once the offer was applied
 */
export async function sendTrack(
  track: MediaStreamTrack,
  {
    codec,
    configuration = {},
    scalabilityMode,
    prepareSender,
    prepareReceiver,
  }: {
    codec?: string;
    configuration?: ConstructorParameters<typeof RTCPeerConnection>[0];
    scalabilityMode?: string;
    prepareSender?: (sender: RTCRtpSender, transceiver: RTCRtpTransceiver) => unknown;
    prepareReceiver?: (receiver: RTCRtpReceiver) => unknown;
  } = {},
): Promise<MediaPair> {
  const [a, b] = [new RTCPeerConnection(configuration), new RTCPeerConnection(configuration)];
  pairs.push(a, b);
  trickle(a, b);
  const sendEncodings = [scalabilityMode === undefined ? {} : { scalabilityMode }];
  const transceiver = a.addTransceiver(track, { direction: 'sendonly', sendEncodings });
  if (codec !== undefined) transceiver.setCodecPreferences(codecsNamed(track.kind as 'audio' | 'video', codec));
  await prepareSender?.(transceiver.sender, transceiver);
  const received = once<{ receiver: RTCRtpReceiver }>(b as never, 'track').then(async ({ receiver }) => {
    await prepareReceiver?.(receiver);
    return receiver;
  });
  await negotiate(a, b);
  return { a, b, sender: transceiver.sender, receiver: await received, track };
}

/** Resolves with the numbers of so many pictures that could be read, as they came. */
export function seeNumbers(track: MediaStreamTrack, count: number): Promise<number[]> {
  const sink = new RTCVideoSink(track);
  const numbers: number[] = [];
  return new Promise((resolve) => {
    sink.onframe = ({ frame }) => {
      const number = readFrameNumber(frame);
      if (number === null || numbers.includes(number)) return;
      numbers.push(number);
      if (numbers.length < count) return;
      sink.stop();
      resolve(numbers);
    };
  });
}

/** Resolves once so many blocks were not silent. */
export function hearSound(track: MediaStreamTrack, count: number): Promise<void> {
  const sink = new RTCAudioSink(track);
  let heard = 0;
  return new Promise((resolve) => {
    sink.ondata = ({ samples }) => {
      if (!samples.some((sample: number) => Math.abs(sample) > 1000)) return;
      if (++heard < count) return;
      sink.stop();
      resolve();
    };
  });
}

/** What page-media.mjs is to pages, for our own side: with the sources and sinks of `nonstandard`. */
import { MediaStream, nonstandard } from '../../lib';
import { Studio, type StudioSettings } from '../support/studio';
import type { Picture, TestCard } from '../support/test-card';

type Track = ReturnType<InstanceType<typeof nonstandard.RTCVideoSource>['createTrack']>;

export interface OpenStudio {
  stream: MediaStream;
  close(): void;
}

export function openStudio(
  _card: TestCard,
  settings: StudioSettings & { audio?: boolean; video?: boolean },
): Promise<OpenStudio> {
  const { audio = true, video = true, ...rest } = settings;
  const studio = new Studio(rest);
  const tracks: Track[] = [];
  if (audio) {
    const source = new nonstandard.RTCAudioSource();
    tracks.push(source.createTrack());
    studio.takers.push({
      sound: ({ samples, sampleRate, channels }) =>
        source.onData({ samples, sampleRate, channelCount: channels, bitsPerSample: 16 }),
    });
  }
  if (video) {
    const source = new nonstandard.RTCVideoSource();
    tracks.push(source.createTrack());
    studio.takers.push({ picture: (picture) => source.onFrame(picture) });
  }
  return Promise.resolve({
    stream: new MediaStream(tracks),
    close: () => {
      studio.close();
      for (const track of tracks) track.stop();
    },
  });
}

export function watchVideo(
  _card: TestCard,
  track: Track,
  _stream: MediaStream | null,
  take: (picture: Picture, time: number) => void,
): () => void {
  const sink = new nonstandard.RTCVideoSink(track);
  sink.onframe = ({ frame }) => take(frame, performance.now());
  return () => sink.stop();
}

export function watchAudio(
  track: Track,
  _stream: MediaStream | null,
  take: (samples: Float32Array, sampleRate: number, time: number) => void,
): () => void {
  const sink = new nonstandard.RTCAudioSink(track);
  sink.ondata = ({ samples, sampleRate, channelCount, numberOfFrames }) => {
    const first = Float32Array.from({ length: numberOfFrames }, (_, at) => samples[at * channelCount]! / 32_768);
    take(first, sampleRate, performance.now());
  };
  return () => sink.stop();
}

/** How many spatial layers the next picture has that comes. */
export function layersReceived(
  receiver: ConstructorParameters<typeof nonstandard.RTCEncodedVideoSink>[0],
): Promise<number> {
  const sink = new nonstandard.RTCEncodedVideoSink(receiver);
  return new Promise((resolve) => {
    sink.onframe = ({ frame }: { frame: { spatialIndex?: number } }) => {
      sink.stop();
      resolve((frame.spatialIndex ?? 0) + 1);
    };
  });
}

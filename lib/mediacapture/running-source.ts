import { nativeAddon } from '../binding/load';
import type { NativeAudioSource, NativeVideoSource } from '../binding/native-addon';
import type { MediaTrackSettings } from '../webidl/generated/dictionaries';

/** Where frames come from, in native code. */
export type NativeSource = NativeVideoSource | NativeAudioSource;

/** A source that makes media by itself: a device, or a file. */
export interface RunningSource {
  readonly native: NativeSource;
  /** It is to deliver this from now on, as far as it can. */
  configure(settings: MediaTrackSettings): void;
  /** Nothing more is wanted of it. */
  stop(): void;
}

const defaultVideo = { width: 640, height: 480, frameRate: 30 };
const defaultAudio = { sampleRate: 48_000, channelCount: 1 };

function videoShape({
  width = defaultVideo.width,
  height = defaultVideo.height,
  frameRate = defaultVideo.frameRate,
}: MediaTrackSettings) {
  return { width, height, frameRate };
}

function audioShape({
  sampleRate = defaultAudio.sampleRate,
  channelCount = defaultAudio.channelCount,
}: MediaTrackSettings) {
  return { sampleRate, channelCount };
}

/**
 * A moving picture with its number, the time and a flash each second (native/media/track/test_picture.h).
 * @param device which of several, told by colours
 */
export function runTestPicture(device: number, settings: MediaTrackSettings): RunningSource {
  const { VideoSource } = nativeAddon();
  const native = new VideoSource({ type: 'fake', device, reportsDemand: false, ...videoShape(settings) });
  return {
    native,
    configure: (changed) => {
      native.configure(videoShape(changed));
    },
    stop: () => {
      native.close();
    },
  };
}

/**
 * A quiet tone, and a beep with each flash (native/media/track/test_sound.h).
 * @param device which of several, told by the tone
 */
export function runTestSound(device: number, settings: MediaTrackSettings): RunningSource {
  const { AudioSource } = nativeAddon();
  const native = new AudioSource({ type: 'fake', device, reportsDemand: false, ...audioShape(settings) });
  return {
    native,
    configure: (changed) => {
      native.configure(audioShape(changed));
    },
    stop: () => {
      native.close();
    },
  };
}

/** What satisfies all of these settings: each track makes its own of it. */
export function commonSettings(all: readonly MediaTrackSettings[]): MediaTrackSettings {
  const common: MediaTrackSettings = {};
  for (const name of ['width', 'height', 'frameRate', 'sampleRate', 'channelCount'] as const) {
    const values = all.flatMap((each) => each[name] ?? []);
    if (values.length > 0) common[name] = Math.max(...values);
  }
  return common;
}

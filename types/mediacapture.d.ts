/** Media Capture and Streams, as peerwire has it. How these declarations are written: see index.d.ts. */
/* eslint-disable no-var, @typescript-eslint/no-explicit-any -- written as lib.dom is */

import type { EventInit } from './index.js';
import type {
  AddListenerOptions,
  EventHandler,
  ListenerOptions,
  PlatformDOMException,
  PlatformEvent,
  PlatformEventTarget,
  PlatformListener,
  PlatformReadableStream,
  PlatformWritableStream,
} from './platform.js';

// Enumerations -------------------------------------------------------------------------------------------------------

export type CaptureStartFocusBehavior = 'focus-captured-surface' | 'focus-capturing-application' | 'no-focus-change';
export type MediaDeviceKind = 'audioinput' | 'audiooutput' | 'videoinput';
export type MediaStreamTrackState = 'ended' | 'live';

// Dictionaries -------------------------------------------------------------------------------------------------------

export interface ULongRange {
  max?: number;
  min?: number;
}

export interface DoubleRange {
  max?: number;
  min?: number;
}

export interface ConstrainULongRange extends ULongRange {
  exact?: number;
  ideal?: number;
}

export interface ConstrainDoubleRange extends DoubleRange {
  exact?: number;
  ideal?: number;
}

export interface ConstrainBooleanParameters {
  exact?: boolean;
  ideal?: boolean;
}

export interface ConstrainDOMStringParameters {
  exact?: string | string[];
  ideal?: string | string[];
}

/** `'all'` and `'remote-only'` are the strings it knows. */
export interface ConstrainBooleanOrDOMStringParameters {
  exact?: boolean | string;
  ideal?: boolean | string;
}

/** A bare value is the same as `{ ideal: value }`, except in a member of `advanced`, where it is `{ exact: value }`. */
export type ConstrainULong = number | ConstrainULongRange;
export type ConstrainDouble = number | ConstrainDoubleRange;
export type ConstrainBoolean = boolean | ConstrainBooleanParameters;
export type ConstrainDOMString = string | string[] | ConstrainDOMStringParameters;
export type ConstrainBooleanOrDOMString = boolean | string | ConstrainBooleanOrDOMStringParameters;

/** https://w3c.github.io/mediacapture-main/#media-track-constraints */
export interface MediaTrackConstraintSet {
  /** Width by height. */
  aspectRatio?: ConstrainDouble;
  autoGainControl?: ConstrainBoolean;
  backgroundBlur?: ConstrainBoolean;
  channelCount?: ConstrainULong;
  /** Of the pointer in a display surface: `'never'`, `'always'` or `'motion'`. */
  cursor?: ConstrainDOMString;
  deviceId?: ConstrainDOMString;
  /** `'monitor'`, `'window'` or `'browser'`. */
  displaySurface?: ConstrainDOMString;
  /** ConstrainBooleanOrDOMString; any, as it is wider in the lib.dom of TypeScript 6 than before, and both have to fit. */
  echoCancellation?: any;
  /** `'user'`, `'environment'`, `'left'` or `'right'`. */
  facingMode?: ConstrainDOMString;
  /** Frames a second. */
  frameRate?: ConstrainDouble;
  groupId?: ConstrainDOMString;
  /** Pixels. */
  height?: ConstrainULong;
  /** Seconds. */
  latency?: ConstrainDouble;
  logicalSurface?: ConstrainBoolean;
  noiseSuppression?: ConstrainBoolean;
  /** `'none'` or `'crop-and-scale'`. */
  resizeMode?: ConstrainDOMString;
  restrictOwnAudio?: ConstrainBoolean;
  /** Hz. */
  sampleRate?: ConstrainULong;
  /** Bits. */
  sampleSize?: ConstrainULong;
  suppressLocalAudioPlayback?: ConstrainBoolean;
  voiceIsolation?: ConstrainBoolean;
  /** Pixels. */
  width?: ConstrainULong;
}

export interface MediaTrackConstraints extends MediaTrackConstraintSet {
  /** Each set is met as a whole or not at all, the first ones first. */
  advanced?: MediaTrackConstraintSet[];
}

/** https://w3c.github.io/mediacapture-main/#media-track-capabilities; units: see MediaTrackConstraintSet */
export interface MediaTrackCapabilities {
  aspectRatio?: DoubleRange;
  autoGainControl?: boolean[];
  backgroundBlur?: boolean[];
  channelCount?: ULongRange;
  cursor?: string[];
  deviceId?: string;
  displaySurface?: string;
  /** (boolean | string)[]; any, as it is wider in the lib.dom of TypeScript 6 than before, and both have to fit. */
  echoCancellation?: any[];
  facingMode?: string[];
  frameRate?: DoubleRange;
  groupId?: string;
  height?: ULongRange;
  latency?: DoubleRange;
  logicalSurface?: boolean;
  noiseSuppression?: boolean[];
  resizeMode?: string[];
  sampleRate?: ULongRange;
  sampleSize?: ULongRange;
  voiceIsolation?: boolean[];
  width?: ULongRange;
}

/** https://w3c.github.io/mediacapture-main/#media-track-settings; units: see MediaTrackConstraintSet */
export interface MediaTrackSettings {
  aspectRatio?: number;
  autoGainControl?: boolean;
  backgroundBlur?: boolean;
  channelCount?: number;
  cursor?: string;
  deviceId?: string;
  displaySurface?: string;
  /** boolean | string; any, as it is wider in the lib.dom of TypeScript 6 than before, and both have to fit. */
  echoCancellation?: any;
  facingMode?: string;
  frameRate?: number;
  groupId?: string;
  height?: number;
  latency?: number;
  logicalSurface?: boolean;
  noiseSuppression?: boolean;
  resizeMode?: string;
  restrictOwnAudio?: boolean;
  sampleRate?: number;
  sampleSize?: number;
  suppressLocalAudioPlayback?: boolean;
  voiceIsolation?: boolean;
  width?: number;
}

/** The constraints that are understood: each of them is true. */
export interface MediaTrackSupportedConstraints {
  aspectRatio?: boolean;
  autoGainControl?: boolean;
  backgroundBlur?: boolean;
  channelCount?: boolean;
  cursor?: boolean;
  deviceId?: boolean;
  displaySurface?: boolean;
  echoCancellation?: boolean;
  facingMode?: boolean;
  frameRate?: boolean;
  groupId?: boolean;
  height?: boolean;
  latency?: boolean;
  logicalSurface?: boolean;
  noiseSuppression?: boolean;
  resizeMode?: boolean;
  restrictOwnAudio?: boolean;
  sampleRate?: boolean;
  sampleSize?: boolean;
  suppressLocalAudioPlayback?: boolean;
  voiceIsolation?: boolean;
  width?: boolean;
}

/** What getUserMedia() is to give: true, or constraints, for each kind of track that is wanted. */
export interface MediaStreamConstraints {
  audio?: boolean | MediaTrackConstraints;
  video?: boolean | MediaTrackConstraints;
}

/** The constraints may have `ideal` and `max` only. The members about what a user is offered have no effect here. */
export interface DisplayMediaStreamOptions {
  audio?: boolean | MediaTrackConstraints;
  audioSelection?: 'preferred';
  controller?: CaptureController;
  monitorTypeSurfaces?: 'exclude' | 'include';
  selfBrowserSurface?: 'exclude' | 'include';
  surfaceSwitching?: 'exclude' | 'include';
  systemAudio?: 'exclude' | 'include';
  /** false is a TypeError. */
  video?: boolean | MediaTrackConstraints;
  windowAudio?: 'exclude' | 'system' | 'window';
}

export interface DeviceChangeEventInit extends EventInit {
  devices?: MediaDeviceInfo[];
}

export interface MediaStreamTrackEventInit extends EventInit {
  track: MediaStreamTrack;
}

// Interfaces ---------------------------------------------------------------------------------------------------------

export interface MediaStreamEventMap {
  addtrack: MediaStreamTrackEvent;
  removetrack: MediaStreamTrackEvent;
}

/** https://w3c.github.io/mediacapture-main/#mediastream */
export interface MediaStream extends PlatformEventTarget {
  /** Whether one of its tracks is live. */
  readonly active: boolean;
  readonly id: string;
  /** Fires no `addtrack`: that is for tracks that the other peer adds. */
  addTrack(track: MediaStreamTrack): void;
  /** A stream with a new id and clones of the tracks. */
  clone(): MediaStream;
  getAudioTracks(): MediaStreamTrack[];
  getTrackById(trackId: string): MediaStreamTrack | null;
  getTracks(): MediaStreamTrack[];
  getVideoTracks(): MediaStreamTrack[];
  /** Fires no `removetrack`: that is for tracks that the other peer removes. */
  removeTrack(track: MediaStreamTrack): void;
  onaddtrack: EventHandler<MediaStreamTrackEvent>;
  onremovetrack: EventHandler<MediaStreamTrackEvent>;
  addEventListener<K extends keyof MediaStreamEventMap>(
    type: K,
    listener: (this: MediaStream, event: MediaStreamEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof MediaStreamEventMap>(
    type: K,
    listener: (this: MediaStream, event: MediaStreamEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
export declare var MediaStream: {
  prototype: MediaStream;
  new (): MediaStream;
  /** With the same tracks. */
  new (stream: MediaStream): MediaStream;
  new (tracks: Iterable<MediaStreamTrack>): MediaStream;
  /** Nonstandard: an empty stream with an id of your choice. */
  new (init: { id: string }): MediaStream;
};

export interface MediaStreamTrackEventMap {
  ended: PlatformEvent;
  mute: PlatformEvent;
  unmute: PlatformEvent;
}

/** https://w3c.github.io/mediacapture-main/#mediastreamtrack */
export interface MediaStreamTrack extends PlatformEventTarget {
  /** What the content is like: audio `'speech'`, `'speech-recognition'`, `'music'`, video `'motion'`, `'detail'`, `'text'`, or `''`. */
  contentHint: string;
  /** false: silence or black instead of the source's media. */
  enabled: boolean;
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  /** Whether the source has no media to give just now. */
  readonly muted: boolean;
  readonly readyState: MediaStreamTrackState;
  /** Rejects with an OverconstrainedError that names the constraint, and changes nothing, when they cannot be met. */
  applyConstraints(constraints?: MediaTrackConstraints): Promise<void>;
  /** Another track of the same source, with the same state and settings. */
  clone(): MediaStreamTrack;
  getCapabilities(): MediaTrackCapabilities;
  getConstraints(): MediaTrackConstraints;
  getSettings(): MediaTrackSettings;
  /** Ends the track at once, and fires no `ended`. */
  stop(): void;
  onended: EventHandler<PlatformEvent>;
  onmute: EventHandler<PlatformEvent>;
  onunmute: EventHandler<PlatformEvent>;
  addEventListener<K extends keyof MediaStreamTrackEventMap>(
    type: K,
    listener: (this: MediaStreamTrack, event: MediaStreamTrackEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof MediaStreamTrackEventMap>(
    type: K,
    listener: (this: MediaStreamTrack, event: MediaStreamTrackEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
export declare var MediaStreamTrack: {
  prototype: MediaStreamTrack;
  new (): never;
};

/** https://w3c.github.io/mediacapture-main/#mediastreamtrackevent */
export interface MediaStreamTrackEvent extends PlatformEvent {
  readonly track: MediaStreamTrack;
}
export declare var MediaStreamTrackEvent: {
  prototype: MediaStreamTrackEvent;
  new (type: string, eventInitDict: MediaStreamTrackEventInit): MediaStreamTrackEvent;
};

export interface MediaDevicesEventMap {
  devicechange: DeviceChangeEvent;
}

/** https://w3c.github.io/mediacapture-main/#mediadevices */
export interface MediaDevices extends PlatformEventTarget {
  /** Until getUserMedia() has succeeded for a kind, only whether there is a device of it: one entry, without ids. */
  enumerateDevices(): Promise<MediaDeviceInfo[]>;
  /**
   * A video track of the display, and an audio track if that is asked for. Rejects with a TypeError for `min`, `exact` and
   * `advanced`, and with an OverconstrainedError. https://w3c.github.io/mediacapture-screen-share/#dom-mediadevices-getdisplaymedia
   */
  getDisplayMedia(options?: DisplayMediaStreamOptions): Promise<MediaStream>;
  getSupportedConstraints(): MediaTrackSupportedConstraints;
  /**
   * A stream with a track of each kind that is asked for, of the device that fits best. Rejects with a TypeError when
   * neither is asked for, with an OverconstrainedError when no device can do what is required, and with a NotFoundError
   * when there is none.
   */
  getUserMedia(constraints?: MediaStreamConstraints): Promise<MediaStream>;
  /** The event is a DeviceChangeEvent. lib.dom knows but Event; what it lacks is optional, so that ours stand for its. */
  ondevicechange: EventHandler<PlatformEvent & Partial<Pick<DeviceChangeEvent, 'devices' | 'userInsertedDevices'>>>;
  addEventListener<K extends keyof MediaDevicesEventMap>(
    type: K,
    listener: (this: MediaDevices, event: MediaDevicesEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof MediaDevicesEventMap>(
    type: K,
    listener: (this: MediaDevices, event: MediaDevicesEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
export declare var MediaDevices: {
  prototype: MediaDevices;
  new (): never;
};

/** `navigator.mediaDevices`, where there is a navigator. */
export declare var mediaDevices: MediaDevices;

/** `mediaDevices.getUserMedia()`. */
export declare function getUserMedia(constraints?: MediaStreamConstraints): Promise<MediaStream>;

/** https://w3c.github.io/mediacapture-main/#device-info */
export interface MediaDeviceInfo {
  /** '' until something was captured; so are label and groupId. */
  readonly deviceId: string;
  /** The same for devices that belong together; another one each time the package is loaded. */
  readonly groupId: string;
  readonly kind: MediaDeviceKind;
  readonly label: string;
  toJSON(): any;
}
export declare var MediaDeviceInfo: {
  prototype: MediaDeviceInfo;
  new (): never;
};

/** https://w3c.github.io/mediacapture-main/#input-specific-device-info */
export interface InputDeviceInfo extends MediaDeviceInfo {
  /** Those of its tracks; empty until something was captured. */
  getCapabilities(): MediaTrackCapabilities;
}
export declare var InputDeviceInfo: {
  prototype: InputDeviceInfo;
  new (): never;
};

/** https://w3c.github.io/mediacapture-main/#devicechangeevent */
export interface DeviceChangeEvent extends PlatformEvent {
  readonly devices: ReadonlyArray<MediaDeviceInfo>;
  /** Those of `devices` that have just been connected. */
  readonly userInsertedDevices: ReadonlyArray<MediaDeviceInfo>;
}
export declare var DeviceChangeEvent: {
  prototype: DeviceChangeEvent;
  new (type: string, eventInitDict?: DeviceChangeEventInit): DeviceChangeEvent;
};

/** https://w3c.github.io/mediacapture-main/#overconstrainederror-interface */
export interface OverconstrainedError extends PlatformDOMException {
  /** The name of the constraint that cannot be met; '' when none by itself is to blame. */
  readonly constraint: string;
}
export declare var OverconstrainedError: {
  prototype: OverconstrainedError;
  new (constraint: string, message?: string): OverconstrainedError;
};

/** https://w3c.github.io/mediacapture-screen-share/#dom-capturecontroller */
export interface CaptureController extends PlatformEventTarget {
  /** Has no effect: nothing here has a focus. Throws an InvalidStateError where the specification wants one. */
  setFocusBehavior(focusBehavior: CaptureStartFocusBehavior): void;
}
export declare var CaptureController: {
  prototype: CaptureController;
  new (): CaptureController;
};

// Insertable streams -------------------------------------------------------------------------------------------------

export interface MediaStreamTrackProcessorInit {
  /** So many frames wait to be read at most; then the oldest are dropped. 1 unless given, 10 for sound. */
  maxBufferSize?: number;
  track: MediaStreamTrack | MediaStreamTrackHandle;
}

/** The frames of a track. https://w3c.github.io/mediacapture-transform/#track-processor */
export interface MediaStreamTrackProcessor {
  readonly discardedFrames: number;
  /** Of VideoFrame or AudioData; close() each of them. */
  readonly readable: PlatformReadableStream;
  readonly totalFrames: number;
}
export declare var MediaStreamTrackProcessor: {
  prototype: MediaStreamTrackProcessor;
  /** A track by itself is taken, too. */
  new (init: MediaStreamTrackProcessorInit | MediaStreamTrack): MediaStreamTrackProcessor;
};

/** https://w3c.github.io/mediacapture-transform/#mediastreamtrackhandle */
export interface MediaStreamTrackHandle {}
export declare var MediaStreamTrackHandle: {
  prototype: MediaStreamTrackHandle;
  new (track: MediaStreamTrack): MediaStreamTrackHandle;
};

/** A track of the frames that are written. https://w3c.github.io/mediacapture-transform/#video-track-generator */
export interface VideoTrackGenerator {
  /** true: what is written is not sent. */
  muted: boolean;
  readonly track: MediaStreamTrack;
  /** Of VideoFrame, which it closes. */
  readonly writable: PlatformWritableStream;
}
export declare var VideoTrackGenerator: {
  prototype: VideoTrackGenerator;
  new (): VideoTrackGenerator;
};

/** A track of the frames that are written, also of sound, as Chromium has it. */
export interface MediaStreamTrackGenerator extends MediaStreamTrack {
  /** Of VideoFrame or AudioData, which it closes. */
  readonly writable: PlatformWritableStream;
}
export declare var MediaStreamTrackGenerator: {
  prototype: MediaStreamTrackGenerator;
  new (init: { kind: 'audio' | 'video' } | 'audio' | 'video'): MediaStreamTrackGenerator;
};

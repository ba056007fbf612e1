import { randomUUID } from 'node:crypto';
import type { NativeMediaTrack } from '../binding/native-addon';
import type { EventHandler } from '../dom/event-handler';
import { fireEvent } from '../dom/fire-event';
import { EventTarget } from '../dom/realm';
import * as webidl from '../webidl';
import {
  type MediaTrackCapabilities,
  type MediaTrackConstraints,
  type MediaTrackSettings,
  toMediaTrackConstraints,
} from '../webidl/generated/dictionaries';
import type { MediaStreamTrackState } from '../webidl/generated/enums';
import { applyConstraints } from './apply-constraints';
import { copyDictionary } from './copy-dictionary';
import { inParallel } from './in-parallel';
import { openNativeTrack } from './native-track';
import { overconstrained } from './OverconstrainedError';
import { type TrackSource, liveTracksOf, releaseSource, useSource } from './track-source';
import { WeakList } from './weak-list';

/** The internal slots, as other parts of the package may read them, and those that they may change. */
export interface TrackSlots {
  readonly id: string;
  readonly source: TrackSource;
  readonly label: string;
  readonly readyState: MediaStreamTrackState;
  readonly muted: boolean;
  readonly enabled: boolean;
  readonly contentHint: string;
  /** [[Constraints]]: those that were applied last. */
  constraints: MediaTrackConstraints;
  /** [[Settings]] that the constraints led to; null while they are whatever the source delivers. */
  settings: MediaTrackSettings | null;
  /** Through which its frames go; null while nobody has asked for them, and when it has ended. */
  readonly native: NativeMediaTrack | null;
}

type MutableSlots = { -readonly [Name in keyof TrackSlots]: TrackSlots[Name] };

export interface TrackInit {
  kind: 'audio' | 'video';
  /** Without it: a new UUID. */
  id?: string;
  label: string;
  source: TrackSource;
  /** Whether the source is muted now; false unless given. */
  muted?: boolean;
  /** 'live' unless given: an ended track has ended clones. */
  readyState?: MediaStreamTrackState;
}

/** A new track (https://w3c.github.io/mediacapture-main/#dfn-create-a-mediastreamtrack). */
export function createTrack(init: TrackInit): MediaStreamTrack {
  return new MediaStreamTrack(webidl.constructionKey, init);
}

/** "Set a track's muted state": fires `mute` or `unmute` at once when it changes. Clones share the source, so they follow. */
export let setTrackMuted: (track: MediaStreamTrack, muted: boolean) => void;
/** The track ended other than by `stop()`: fires `ended` at once, unless it had ended before. The caller queues the task. */
export let endTrack: (track: MediaStreamTrack) => void;
export let trackSlotsOf: (track: MediaStreamTrack) => TrackSlots;
/** The native track, opened by the first call; null for an ended track, and for one whose source has no media. */
export let nativeTrackOf: (track: MediaStreamTrack) => NativeMediaTrack | null;
/**
 * Runs the steps when the track ends, by `stop()` or otherwise, before any event tells of it; never for an ended one.
 * @returns what makes it forget them
 */
export let whenTrackEnds: (track: MediaStreamTrack, steps: () => void) => () => void;

/**
 * Runs the steps whenever `contentHint` becomes another, for as long as somebody else has them: the track keeps nobody by it.
 * @returns what makes it forget them
 */
export let whenHintChanges: (track: MediaStreamTrack, steps: () => void) => () => void;

/** https://w3c.github.io/mst-content-hint/#video-content-hints, …/#audio-content-hints */
const contentHints = {
  audio: new Set(['', 'speech', 'speech-recognition', 'music']),
  video: new Set(['', 'motion', 'detail', 'text']),
};

/** Properties that a track still tells of when it has ended. */
const inherentProperties = ['deviceId', 'facingMode', 'groupId'] as const;

/** https://w3c.github.io/mediacapture-main/#mediastreamtrack */
export class MediaStreamTrack extends EventTarget {
  static {
    webidl.defineInterface('MediaStreamTrack', this, (value) => #slots in value);
    trackSlotsOf = (track) => track.#slots;
    nativeTrackOf = (track) => {
      const slots = track.#slots;
      if (slots.readyState === 'ended') return null;
      slots.native ??= openNativeTrack(slots);
      return slots.native;
    };
    whenTrackEnds = (track, steps) => {
      track.#endSteps.add(steps);
      return () => track.#endSteps.delete(steps);
    };
    whenHintChanges = (track, steps) => track.#hintSteps.add(steps);
    setTrackMuted = (track, muted) => {
      for (const each of new Set([track, ...liveTracksOf(track.#slots.source)])) each.#setMuted(muted);
    };
    endTrack = (track) => {
      // 1. If track's [[ReadyState]] has the value "ended" already, then abort these steps. – 3.
      if (!track.#end()) return;
      // 4. Fire an event named ended at the object.
      fireEvent(track, 'ended');
    };
  }

  declare onmute: EventHandler;
  declare onunmute: EventHandler;
  declare onended: EventHandler;

  readonly #kind: 'audio' | 'video';
  readonly #slots: MutableSlots;
  readonly #endSteps = new Set<() => void>();
  readonly #hintSteps = new WeakList<() => void>();

  /** https://w3c.github.io/mediacapture-main/#dfn-create-a-mediastreamtrack */
  constructor(key: webidl.ConstructionKey, init: TrackInit) {
    webidl.requireConstructionKey(key);
    super();
    const { kind, id = randomUUID(), label, source, muted = false, readyState = 'live' } = init;
    this.#kind = kind;
    this.#slots = {
      id,
      source,
      label,
      readyState,
      enabled: true,
      muted,
      contentHint: '',
      constraints: {},
      settings: null,
      native: null,
    };
    if (readyState === 'live') useSource(source, this);
  }

  get kind(): 'audio' | 'video' {
    return this.#kind;
  }

  get id(): string {
    return this.#slots.id;
  }

  get label(): string {
    return this.#slots.label;
  }

  get enabled(): boolean {
    return this.#slots.enabled;
  }

  set enabled(value: boolean) {
    const slots = this.#slots;
    slots.enabled = webidl.boolean(value, webidl.setterContext('enabled', 'MediaStreamTrack'));
    slots.native?.setEnabled(slots.enabled);
  }

  get muted(): boolean {
    return this.#slots.muted;
  }

  get readyState(): MediaStreamTrackState {
    return this.#slots.readyState;
  }

  get contentHint(): string {
    return this.#slots.contentHint;
  }

  /** A hint that the kind of track does not have changes nothing. https://w3c.github.io/mst-content-hint/#extension-to-mediastreamtrack */
  set contentHint(value: string) {
    const slots = this.#slots;
    const hint = webidl.DOMString(value, webidl.setterContext('contentHint', 'MediaStreamTrack'));
    if (!contentHints[this.#kind].has(hint) || slots.contentHint === hint) return;
    slots.contentHint = hint;
    for (const steps of this.#hintSteps.items) steps();
  }

  /** https://w3c.github.io/mediacapture-main/#dfn-clone-a-track */
  clone(): MediaStreamTrack {
    // 1. – 4. Let trackClone be a new track of the same source, with track's [[ReadyState]].
    const { source, label, muted, enabled, contentHint, readyState, constraints, settings } = this.#slots;
    const clone = createTrack({ kind: this.#kind, label, source, muted, readyState });
    // 5. [[Capabilities]] are those of the source. 6. – 7. [[Constraints]] and [[Settings]]. The enabled state and the
    // content hint are copied too ("always enabled unless stated otherwise (for example when cloned)").
    Object.assign(clone.#slots, {
      enabled,
      contentHint,
      constraints: copyDictionary(constraints),
      settings: settings && copyDictionary(settings),
    });
    source.adapt?.();
    return clone;
  }

  stop(): void {
    this.#end();
  }

  getCapabilities(): MediaTrackCapabilities {
    return this.#slots.source.capabilities();
  }

  getConstraints(): MediaTrackConstraints {
    return copyDictionary(this.#slots.constraints);
  }

  getSettings(): MediaTrackSettings {
    const { source, settings, readyState } = this.#slots;
    const current = { ...source.settings(), ...settings };
    // 2. An ended track has those inherent constrainable track properties left that it had.
    if (readyState === 'live') return current;
    return Object.fromEntries(
      inherentProperties.filter((name) => name in current).map((name) => [name, current[name]]),
    );
  }

  /** https://w3c.github.io/mediacapture-main/#dom-mediastreamtrack-applyconstraints */
  async applyConstraints(constraints?: MediaTrackConstraints): Promise<void> {
    const slots = this.#slots;
    const context = webidl.operationContext('applyConstraints', 'MediaStreamTrack');
    const newConstraints = toMediaTrackConstraints(constraints, context);
    // 2. An ended track: resolve with undefined.
    if (slots.readyState === 'ended') return;
    // 3. The applyConstraints template method.
    await inParallel();
    const failedConstraint = applyConstraints(slots, newConstraints);
    if (failedConstraint !== undefined) throw overconstrained(failedConstraint);
  }

  /** @returns whether it was live until now */
  #end(): boolean {
    const slots = this.#slots;
    if (slots.readyState === 'ended') return false;
    slots.readyState = 'ended';
    for (const steps of [...this.#endSteps]) steps();
    this.#endSteps.clear();
    slots.native?.close();
    slots.native = null;
    releaseSource(slots.source, this);
    return true;
  }

  /** https://w3c.github.io/mediacapture-main/#dfn-set-a-track-s-muted-state */
  #setMuted(muted: boolean): void {
    const slots = this.#slots;
    // 2. If track.[[Muted]] is already newState, then abort these steps; so too when it has ended, as in browsers: nothing
    // comes of it any more. 3. Set it. 4. – 5. Fire mute or unmute.
    if (slots.muted === muted || slots.readyState === 'ended') return;
    slots.muted = muted;
    fireEvent(this, muted ? 'mute' : 'unmute');
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    MediaStreamTrack: MediaStreamTrack;
  }
}

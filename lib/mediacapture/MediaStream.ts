import { randomUUID } from 'node:crypto';
import type { EventHandler } from '../dom/event-handler';
import { fireEvent } from '../dom/fire-event';
import { EventTarget } from '../dom/realm';
import * as webidl from '../webidl';
import { MediaStreamTrack } from './MediaStreamTrack';
import { MediaStreamTrackEvent } from './MediaStreamTrackEvent';

const constructor = webidl.constructorContext('MediaStream');
const toTrack = webidl.interfaceConverter('MediaStreamTrack');

/** What the constructor's argument means: a stream or tracks (the W3C's), or `{ id }` (ours and wrtc's). */
interface Origin {
  readonly tracks: readonly MediaStreamTrack[];
  readonly id: string;
}

/** A stream with an id of the caller's choice, as a remote description names it. */
export function createMediaStream(id: string, tracks: readonly MediaStreamTrack[] = []): MediaStream {
  const stream = new MediaStream({ id });
  for (const track of tracks) stream.addTrack(track);
  return stream;
}

/** The user agent adds a track, and says so (https://w3c.github.io/mediacapture-main/#mediastream-add-track). */
export let addTrackTo: (stream: MediaStream, track: MediaStreamTrack) => void;
/** The user agent removes a track, and says so (https://w3c.github.io/mediacapture-main/#mediastream-remove-track). */
export let removeTrackFrom: (stream: MediaStream, track: MediaStreamTrack) => void;

/** https://w3c.github.io/mediacapture-main/#mediastream */
export class MediaStream extends EventTarget {
  static {
    webidl.defineInterface('MediaStream', this, (value) => #tracks in value);
    addTrackTo = (stream, track) => {
      // 1. If track is already in stream's track set, then abort these steps. 2. Add it. 3. Fire addtrack.
      if (stream.#tracks.has(track)) return;
      stream.#tracks.add(track);
      fireEvent(stream, new MediaStreamTrackEvent('addtrack', { track }));
    };
    removeTrackFrom = (stream, track) => {
      // 1. If track is not in stream's track set, then abort these steps. 2. Remove it. 3. Fire removetrack.
      if (!stream.#tracks.delete(track)) return;
      fireEvent(stream, new MediaStreamTrackEvent('removetrack', { track }));
    };
  }

  declare onaddtrack: EventHandler;
  declare onremovetrack: EventHandler;

  readonly #id: string;
  /** The track set, in the order of adding. */
  readonly #tracks: Set<MediaStreamTrack>;

  constructor(streamOrTracks?: MediaStream | Iterable<MediaStreamTrack> | { id: string }) {
    const origin = arguments.length === 0 ? { tracks: [], id: randomUUID() } : MediaStream.#read(streamOrTracks);
    super();
    this.#id = origin.id;
    this.#tracks = new Set(origin.tracks);
  }

  /** The overloads, resolved as https://webidl.spec.whatwg.org/#dfn-overload-resolution-algorithm does. */
  static #read(value: unknown): Origin {
    if (webidl.isObject(value)) {
      if (#tracks in value) return { tracks: [...value.#tracks], id: randomUUID() };
      const { id, [Symbol.iterator]: iterator } = value as { id?: unknown; [Symbol.iterator]?: unknown };
      // A track has an id, too: `new MediaStream(track)` lacks brackets, and would be a stream without it.
      const isInit = !(value instanceof EventTarget) && id !== undefined;
      if ((iterator === undefined || iterator === null) && isInit) {
        return { tracks: [], id: webidl.DOMString(id, constructor) };
      }
    }
    return { tracks: webidl.sequence(toTrack)(value, constructor), id: randomUUID() };
  }

  get id(): string {
    return this.#id;
  }

  /** Whether one of its tracks has not ended. */
  get active(): boolean {
    return [...this.#tracks].some((track) => track.readyState === 'live');
  }

  getAudioTracks(): MediaStreamTrack[] {
    return [...this.#tracks].filter((track) => track.kind === 'audio');
  }

  getVideoTracks(): MediaStreamTrack[] {
    return [...this.#tracks].filter((track) => track.kind === 'video');
  }

  getTracks(): MediaStreamTrack[] {
    return [...this.#tracks];
  }

  getTrackById(trackId: string): MediaStreamTrack | null {
    const tracks = this.#tracks;
    const context = webidl.operationContext('getTrackById', 'MediaStream');
    webidl.requireArguments(arguments.length, 1, context);
    const id = webidl.DOMString(trackId, context);
    return [...tracks].find((track) => track.id === id) ?? null;
  }

  /** Fires no event: the script knows. */
  addTrack(track: MediaStreamTrack): void {
    const tracks = this.#tracks;
    const context = webidl.operationContext('addTrack', 'MediaStream');
    webidl.requireArguments(arguments.length, 1, context);
    tracks.add(toTrack(track, context));
  }

  /** Fires no event: the script knows. */
  removeTrack(track: MediaStreamTrack): void {
    const tracks = this.#tracks;
    const context = webidl.operationContext('removeTrack', 'MediaStream');
    webidl.requireArguments(arguments.length, 1, context);
    tracks.delete(toTrack(track, context));
  }

  /** A stream with an id of its own and clones of the tracks. */
  clone(): MediaStream {
    return new MediaStream([...this.#tracks].map((track) => track.clone()));
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    MediaStream: MediaStream;
  }
}

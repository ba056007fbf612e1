/** https://w3c.github.io/webrtc-pc/#processing-remote-mediastreamtracks */
import { addTrackTo, createMediaStream, type MediaStream, removeTrackFrom } from '../mediacapture/MediaStream';
import { type MediaStreamTrack, setTrackMuted } from '../mediacapture/MediaStreamTrack';
import type { Direction } from '../jsep/rtp-types';
import { fireEvent } from '../dom/fire-event';
import { queueTask } from '../dom/queue-task';
import type { Connection } from './connection';
import { receiverSlotsOf, type ReceiverSlots } from './RTCRtpReceiver';
import type { TransceiverSlots } from './RTCRtpTransceiver';
import { RTCTrackEvent } from './RTCTrackEvent';

interface StreamAndTrack {
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
}

/** What a description does to remote tracks: collected first, carried out by {@link announceTrackChanges}. */
export class TrackChanges {
  readonly trackEventInits: ConstructorParameters<typeof RTCTrackEvent>[1][] = [];
  readonly muteTracks: MediaStreamTrack[] = [];
  readonly addList: StreamAndTrack[] = [];
  readonly removeList: StreamAndTrack[] = [];
}

/** The MediaStreams that were created for one connection out of what the peer said. */
export class RemoteStreams {
  /** Weak: a stream that no receiver and no script holds might as well never have been. */
  readonly #streams = new Map<string, WeakRef<MediaStream>>();
  /** How many there are when those that are gone are looked for next: for each new one it would be quadratic. */
  #sweepAt = 16;

  /** The stream of that id, made when there has been none. */
  obtain(id: string): MediaStream {
    const known = this.#streams.get(id)?.deref();
    if (known) return known;
    if (this.#streams.size >= this.#sweepAt) this.#sweep();
    const stream = createMediaStream(id, []);
    this.#streams.set(id, new WeakRef(stream));
    return stream;
  }

  #sweep(): void {
    for (const [id, reference] of this.#streams) if (!reference.deref()) this.#streams.delete(id);
    this.#sweepAt = 2 * this.#streams.size + 16;
  }
}

export function receives(direction: Direction | null): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

/** https://w3c.github.io/webrtc-pc/#process-remote-tracks; `direction` is null for a rollback to before any */
export function processRemoteTracks(
  transceiver: TransceiverSlots,
  direction: Direction | null,
  msids: readonly string[],
  changes: TrackChanges,
): void {
  // 1. Set the associated remote streams.
  const known = changes.addList.length;
  setAssociatedRemoteStreams(receiverSlotsOf(transceiver.receiver), msids, changes);
  const fired = receives(transceiver.firedDirection);
  // 2. If the track begins to be received, or is received as part of another stream, process its addition.
  if ((receives(direction) && !fired) || changes.addList.length > known) processAddition(transceiver, changes);
  if (!receives(direction)) {
    // 3. Nothing is to be received.
    transceiver.receptive = false;
    // 4. If it was received until now, process its removal.
    if (fired) processRemoval(transceiver, changes);
  }
  // 5. Set transceiver.[[FiredDirection]] to direction.
  transceiver.firedDirection = direction;
}

/** https://w3c.github.io/webrtc-pc/#process-remote-track-addition */
function processAddition(transceiver: TransceiverSlots, { trackEventInits }: TrackChanges): void {
  // 1. – 3. The receiver, its track and its streams. 4. Add a RTCTrackEventInit to trackEventInits.
  const { track, associatedRemoteMediaStreams } = receiverSlotsOf(transceiver.receiver);
  trackEventInits.push({
    receiver: transceiver.receiver,
    track,
    streams: [...associatedRemoteMediaStreams],
    transceiver: transceiver.object,
  });
}

/** https://w3c.github.io/webrtc-pc/#process-remote-track-removal */
export function processRemoval(transceiver: TransceiverSlots, { muteTracks }: TrackChanges): void {
  const { track } = receiverSlotsOf(transceiver.receiver);
  // 3. If track.muted is false, add track to muteTracks.
  if (!track.muted) muteTracks.push(track);
}

/** https://w3c.github.io/webrtc-pc/#set-associated-remote-streams */
export function setAssociatedRemoteStreams(
  receiver: ReceiverSlots,
  msids: readonly string[],
  { addList, removeList }: TrackChanges,
): void {
  // 1. – 3. The streams of these ids, made for connection where there has been none.
  const streams = new Set([...new Set(msids)].map((id) => receiver.connection.remoteStreams.obtain(id)));
  const { track } = receiver;
  const before = new Set(receiver.associatedRemoteMediaStreams);
  // 4. For each stream in [[AssociatedRemoteMediaStreams]] that is not present in streams: remove track from it.
  for (const stream of before) if (!streams.has(stream)) removeList.push({ stream, track });
  // 5. For each stream in streams that is not present there: add track to it.
  for (const stream of streams) if (!before.has(stream)) addList.push({ stream, track });
  // 6. Set receiver.[[AssociatedRemoteMediaStreams]] to streams.
  receiver.associatedRemoteMediaStreams = [...streams];
}

/**
 * The last steps but one of https://w3c.github.io/webrtc-pc/#set-description, in their order; then `done`. Browsers run
 * microtasks between two events of a task, so that who awaits one track after the other misses none. Here that takes a task
 * for each.
 */
export function announceTrackChanges(connection: Connection, changes: TrackChanges, done: () => void): void {
  for (const track of changes.muteTracks) setTrackMuted(track, true);
  for (const { stream, track } of changes.removeList) removeTrackFrom(stream, track);
  for (const { stream, track } of changes.addList) addTrackTo(stream, track);
  const announce = ([first, ...others]: TrackChanges['trackEventInits']): void => {
    // A listener of the event before may have closed the connection: nothing is fired at it then.
    if (first && !connection.isClosed) fireEvent(connection.target, new RTCTrackEvent('track', first));
    if (others.length === 0) {
      done();
      return;
    }
    queueTask(() => {
      announce(others);
    });
  };
  announce(changes.trackEventInits);
}

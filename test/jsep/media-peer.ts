/** A {@link Peer} with transceivers, kept as the W3C layer keeps them: what the Recommendation does after each step. */
import {
  isNegotiationNeeded,
  type Direction,
  type JsepMedia,
  type JsepResult,
  type JsepSessionOptions,
  type LocalParameters,
  type MediaKind,
  type TransceiverView,
} from '../../lib/jsep/jsep-session';
import { parseSessionDescription } from '../../lib/sdp/parse';
import { CAPABILITIES } from './capabilities';
import { Peer } from './peer';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type Transceiver = Mutable<TransceiverView>;

export class MediaPeer extends Peer {
  transceivers: Transceiver[] = [];
  #nextTransceiver = 0;
  #nextSsrc = 1000;

  constructor(name: string, options: Partial<JsepSessionOptions> = {}) {
    super(name, 'require', { capabilities: CAPABILITIES, ...options });
    this.hasDataChannels = false;
  }

  override parameters(): LocalParameters {
    return { ...super.parameters(), transceivers: this.views };
  }

  override get views(): readonly TransceiverView[] {
    return this.transceivers.map((transceiver) => ({ ...transceiver }));
  }

  get needsNegotiation(): boolean {
    return isNegotiationNeeded(this.session, this.parameters());
  }

  add(kind: MediaKind, change: Partial<TransceiverView> = {}): Transceiver {
    const id = change.id ?? `local-${(this.#nextTransceiver += 1)}`;
    const transceiver: Transceiver = {
      id,
      kind,
      direction: 'sendrecv',
      isStopping: false,
      isStopped: false,
      isFromAddTrack: false,
      streamIds: [],
      trackId: `${this.name}-${id}`,
      preferredCodecs: [],
      headerExtensions: CAPABILITIES[kind].headerExtensions,
      sendEncodings: [{ rid: null, isActive: true }],
      ssrcs: [{ ssrc: (this.#nextSsrc += 2), rtxSsrc: this.#nextSsrc + 1 }],
      ...change,
    };
    this.transceivers.push(transceiver);
    return transceiver;
  }

  /** "Stop sending and receiving"; negotiation does the rest. */
  stop(transceiver: Transceiver): void {
    transceiver.isStopping = true;
    transceiver.direction = 'inactive';
  }

  mediaOf(transceiver: TransceiverView): JsepMedia | undefined {
    return this.session.media.find(({ transceiverId }) => transceiverId === transceiver.id);
  }

  currentDirection(transceiver: TransceiverView): Direction | null {
    return this.mediaOf(transceiver)?.negotiated?.direction ?? null;
  }

  protected override applied({ media, session }: JsepResult): void {
    for (const section of media) {
      const { transceiverId, kind, isRejected, isNewTransceiver } = section;
      if (isNewTransceiver && transceiverId !== null) this.add(kind, { id: transceiverId, direction: 'recvonly' });
      const transceiver = this.transceivers.find(({ id }) => id === transceiverId);
      if (transceiver !== undefined && isRejected && session.signalingState === 'stable') {
        transceiver.isStopping = transceiver.isStopped = true;
      }
    }
    if (session.signalingState !== 'stable' || session.currentLocal === null) return;
    // What was stopped before it had a section has nothing to wait for.
    const isAssociated = (id: string): boolean => session.media.some(({ transceiverId }) => transceiverId === id);
    this.transceivers = this.transceivers.filter(
      ({ id, isStopped, isStopping }) => !isStopped && (!isStopping || isAssociated(id)),
    );
  }

  override rollback(side: 'local' | 'remote'): ReturnType<Peer['rollback']> {
    const effects = super.rollback(side);
    // Those that the remote offer made, and that addTrack() did not take over since.
    this.transceivers = this.transceivers.filter(
      (each) => !each.id.startsWith('remote-') || each.isFromAddTrack || this.mediaOf(each) !== undefined,
    );
    return effects;
  }
}

/** A complete exchange, `a` offering. */
export function exchangeMedia(a: MediaPeer, b: MediaPeer): void {
  a.setLocal('offer');
  b.setRemote('offer', a.local);
  b.setLocal('answer');
  a.setRemote('answer', b.local);
}

/** The lines of one section of a text, the `m=` line first; -1 for the session level. */
export function linesOf(sdp: string, index: number): string[] {
  const parts = sdp.split(/(?=^m=)/m);
  return parts[index + 1]!.split('\r\n').filter((line) => line !== '');
}

/** Of one section, the values of an attribute. */
export function valuesOf(sdp: string, index: number, name: string): string[] {
  return parseSessionDescription(sdp)
    .media[index]!.attributes.filter((attribute) => attribute.name === name)
    .map(({ value }) => value ?? '');
}

/** Written out, so that the tests do not ask the engine. */
export function reversedDirection(direction: Direction): Direction {
  return ({ sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' } as const)[
    direction
  ];
}

import { nativeAddon } from '../binding/load';
import {
  NativeEventKind,
  type NativeIceCandidate,
  type NativeIceCandidateError,
  type NativeIceOptions,
  type NativeIceParameters,
  type NativeIceStats,
  type NativeIceTransport,
  type NativeIceTransportState,
} from '../binding/native-addon';
import type { Candidate } from '../sdp/attributes/candidate';
import { toNativeCandidate } from './ice-candidate';
import { NativeLink, type EventReceiver } from './native-link';
import type { PooledIceAgent } from './pooled-ice-agent';

export type IceRole = 'controlling' | 'controlled';
export type IceGatheringState = 'new' | 'gathering' | 'complete';

export interface IceTransportObserver {
  iceStateChanged(state: NativeIceTransportState): void;
  iceGatheringStateChanged(state: IceGatheringState): void;
  candidateGathered(candidate: NativeIceCandidate): void;
  candidateFailed(error: NativeIceCandidateError): void;
  selectedPairChanged(local: NativeIceCandidate, remote: NativeIceCandidate): void;
  /** A role conflict was resolved against us. */
  iceRoleChanged(role: IceRole): void;
}

/** One ICE component over its native agent, which is made when gathering begins. */
export class IceTransport {
  observer: IceTransportObserver | null = null;
  state: NativeIceTransportState = 'new';
  gatheringState: IceGatheringState = 'new';
  /** Of the remote candidates that were signalled, in all generations. */
  readonly signalledAddresses = new Set<string>();
  #link: NativeLink<NativeIceTransport> | null = null;
  #restarts = 0;
  #isStarted = false;
  #isHeld = false;
  #isClosed = false;

  /** For the DTLS transport above; null before gathering. */
  get handle(): NativeIceTransport | null {
    return this.#link?.handle ?? null;
  }

  /**
   * Gathers candidates for a generation; the second call and later ones restart ICE. The credentials of before a restart
   * that has not been completed undo it.
   * @param pooled has gathered with these credentials already; for the first call alone
   */
  gather(local: NativeIceParameters, options: NativeIceOptions, pooled: PooledIceAgent | null = null): void {
    if (this.#isClosed) return;
    if (this.#link) {
      this.#restarts += 1;
      this.#link.handle.restart(local, options);
      return;
    }
    const receive: EventReceiver = (kind, number, value) => {
      if (!this.#isClosed) this.#event(kind, number, value);
    };
    if (pooled) {
      this.#link = pooled.take(receive);
    } else {
      const addon = nativeAddon();
      this.#link = new NativeLink(new addon.IceTransport(options, local), receive);
    }
    this.#link.hold(this.#isHeld);
    this.#link.handle.gather();
  }

  /**
   * Connectivity checks begin with the first call; a later one with other parameters is the peer's restart. While
   * `localRestartFollows` has not come true, nothing is checked with them, and the former ones undo it.
   */
  setRemoteParameters(remote: NativeIceParameters, role: IceRole, localRestartFollows: boolean): void {
    const handle = this.#link?.handle;
    if (!handle) return;
    handle.setRemoteParameters(remote, localRestartFollows);
    if (this.#isStarted) handle.setRole(role);
    else handle.start(role);
    this.#isStarted = true;
  }

  addRemoteCandidates(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) {
      this.signalledAddresses.add(candidate.address);
      this.#link?.handle.addRemoteCandidate(toNativeCandidate(candidate));
    }
  }

  setRemoteEndOfCandidates(): void {
    this.#link?.handle.setRemoteEndOfCandidates();
  }

  /**
   * Drops the peer's parameters, candidates and all pairs; what was gathered stays. The observer is told that the state
   * is "new" once that is done: what came before was about the pairs that are gone.
   */
  forgetRemote(): void {
    this.signalledAddresses.clear();
    this.#link?.handle.forgetRemote();
  }

  /** See {@link NativeLink.hold}. */
  hold(active: boolean): void {
    this.#isHeld = active;
    this.#link?.hold(active);
  }

  requestStats(): Promise<NativeIceStats | null> {
    return this.#link ? this.#link.requestStats<NativeIceStats>() : Promise.resolve(null);
  }

  close(): void {
    this.#isClosed = true;
    this.state = 'closed';
    this.#link?.close();
  }

  #event(kind: number, number: number, value: unknown): void {
    switch (kind) {
      case NativeEventKind.IceState:
        this.state = value as NativeIceTransportState;
        this.observer?.iceStateChanged(this.state);
        break;
      case NativeEventKind.IceGatheringState:
        // Of a generation that has been replaced since, or rolled back: another end is on its way.
        if (value === 'complete' && number !== this.#restarts) break;
        this.gatheringState = value as IceGatheringState;
        this.observer?.iceGatheringStateChanged(this.gatheringState);
        break;
      case NativeEventKind.IceCandidate:
        this.observer?.candidateGathered(value as NativeIceCandidate);
        break;
      case NativeEventKind.IceCandidateError:
        this.observer?.candidateFailed(value as NativeIceCandidateError);
        break;
      case NativeEventKind.IceSelectedPair: {
        const { local, remote } = value as { local: NativeIceCandidate; remote: NativeIceCandidate };
        this.observer?.selectedPairChanged(local, remote);
        break;
      }
      case NativeEventKind.IceRole:
        this.observer?.iceRoleChanged(value as IceRole);
        break;
    }
  }
}

import { createDOMException } from '../dom/dom-exception';
import { fireEvent } from '../dom/fire-event';
import { queueTask } from '../dom/queue-task';
import type {
  NativeIceCandidate,
  NativeIceCandidateError,
  NativeIceOptions,
  NativeIceTransportState,
} from '../binding/native-addon';
import { parseCandidate, type Candidate } from '../sdp/attributes/candidate';
import { isIcePassword, isUsernameFragment } from '../sdp/attributes/ice-chars';
import { SDP_LIMITS } from '../sdp/limits';
import { generateIceCredentials } from '../transport/ice-credentials';
import {
  IceTransport,
  type IceGatheringState,
  type IceRole,
  type IceTransportObserver,
} from '../transport/ice-transport';
import { ProcessLife } from '../transport/process-life';
import type { RTCIceParameters } from '../webidl/generated/dictionaries';
import { createCandidateErrorEvent, createLocalCandidate, createSelectedPair } from './ice-candidate-objects';
import type { RTCIceCandidate } from './RTCIceCandidate';
import type { IceTransportSlots } from './RTCIceTransport';
import { RTCPeerConnectionIceEvent } from './RTCPeerConnectionIceEvent';

/** A remote candidate, and the object that the application gave it as; null: there will be no more. */
export interface GivenCandidate {
  readonly object: RTCIceCandidate;
  readonly line: Candidate;
}

function invalidState(message: string): DOMException {
  return createDOMException(message, 'InvalidStateError');
}

/** For {@link GivenCandidate}: null when it is malformed. */
export function readCandidate(object: RTCIceCandidate): GivenCandidate | null {
  const line = parseCandidate(object.candidate);
  return line && { object, line };
}

/**
 * What an RTCIceTransport does that scripts have constructed (https://w3c.github.io/webrtc-ice/). What the methods
 * themselves set is not told by an event; what the ICE agent finds out is.
 */
export class StandaloneIceTransport implements IceTransportObserver {
  readonly #target: EventTarget;
  readonly #slots: IceTransportSlots;
  readonly #ice = new IceTransport();
  readonly #life = new ProcessLife();
  readonly #local = generateIceCredentials();
  #remote: readonly GivenCandidate[] = [];
  #remoteEnded = false;
  /** Of the first start(); a conflict may have turned the actual one since. */
  #startedAs: IceRole | null = null;
  /** Restarts that the agent has not heard of yet: what it says meanwhile is about the candidates of before. */
  #restartsUnderWay = 0;

  /** https://w3c.github.io/webrtc-ice/#dom-rtcicetransport-constructor */
  constructor(target: EventTarget, slots: IceTransportSlots) {
    this.#target = target;
    this.#slots = slots;
    // 2. The slots are initialized. 3. Initialize transport's local ICE parameters.
    const { usernameFragment, password } = this.#local;
    slots.localParameters = { usernameFragment, password };
    this.#ice.observer = this;
  }

  /** https://w3c.github.io/webrtc-ice/#dom-rtcicetransport-gather, its options validated */
  gather(options: NativeIceOptions): void {
    // Once, as web-platform-tests have it: local candidates are kept when the peer restarts.
    if (this.#slots.gathererState !== 'new') throw invalidState('Candidates have been gathered already.');
    this.#slots.gathererState = 'gathering';
    this.#ice.gather(this.#local, options);
    // The agent is there only now; it is told what came before.
    this.#tellRemoteParameters();
    this.#tellRemoteCandidates(this.#remote);
    this.#updateLife();
  }

  /** https://w3c.github.io/webrtc-ice/#dom-rtcicetransport-start, from its second step on */
  start(remoteParameters: RTCIceParameters, role: IceRole): void {
    const { usernameFragment, password } = remoteParameters;
    // 2. If usernameFragment or password is unset, throw a TypeError.
    if (usernameFragment === undefined || password === undefined) {
      throw new TypeError('The remote parameters need both usernameFragment and password.');
    }
    // 3. If one of them does not conform to the syntax, throw a SyntaxError.
    if (!isUsernameFragment(usernameFragment) || !isIcePassword(password)) {
      throw createDOMException('usernameFragment or password is not well-formed (RFC 8839).', 'SyntaxError');
    }
    // 4. If start() is called again and role is changed, throw an InvalidStateError.
    if (this.#startedAs !== null && this.#startedAs !== role) throw invalidState('The role cannot be changed.');
    const slots = this.#slots;
    const before = slots.remoteParameters;
    if (before) {
      // 5. With the same remoteParameters, this has no effect. (8. contradicts it; there is one gatherer only here.)
      if (before.usernameFragment === usernameFragment && before.password === password) return;
      // 7. With others, local candidates are kept, remote candidates and pairs are flushed, state becomes "new". (9.,
      //    which flushes the local ones, too, is of another gatherer.)
      this.#remote = [];
      this.#remoteEnded = false;
      slots.remoteCandidates = [];
      slots.selectedCandidatePair = null;
      slots.state = 'new';
      if (this.#ice.handle) {
        this.#restartsUnderWay += 1;
        this.#ice.forgetRemote();
      }
    } else {
      this.#startedAs = role;
      slots.role = role;
      // What was added before for somebody else.
      this.#remote = this.#remote.filter(({ object, line }) => isOfGeneration(object, line, usernameFragment));
      slots.remoteCandidates = this.#remote.map(({ object }) => object);
    }
    slots.remoteParameters = { ...remoteParameters };
    this.#tellRemoteParameters();
    // 6. If there are remote candidates, set state to "checking".
    this.#beginChecking();
    this.#updateLife();
  }

  /** https://w3c.github.io/webrtc-ice/#dom-rtcicetransport-addremotecandidate; null: end of candidates */
  addRemoteCandidate(candidate: GivenCandidate | null): void {
    const { remoteParameters, remoteCandidates } = this.#slots;
    if (candidate === null) {
      this.#remoteEnded = true;
      this.#ice.setRemoteEndOfCandidates();
      return;
    }
    const fragment = remoteParameters?.usernameFragment;
    // Of before the peer's restart: it means nothing any more.
    if (fragment !== undefined && !isOfGeneration(candidate.object, candidate.line, fragment)) return;
    if (remoteCandidates.length >= SDP_LIMITS.candidates) {
      throw createDOMException(`There are ${SDP_LIMITS.candidates} remote candidates already.`, 'OperationError');
    }
    this.#remote = [...this.#remote, candidate];
    remoteCandidates.push(candidate.object);
    this.#tellRemoteCandidates([candidate]);
    this.#beginChecking();
    this.#updateLife();
  }

  /** https://w3c.github.io/webrtc-ice/#dom-rtcicetransport-stop */
  stop(): void {
    // 2. If state is "closed", abort these steps. 3. Set state to "closed".
    if (this.#slots.state === 'closed') return;
    this.#slots.state = 'closed';
    this.#ice.close();
    this.#updateLife();
    // 4. Fire statechange.
    fireEvent(this.#target, 'statechange');
  }

  #tellRemoteParameters(): void {
    const { remoteParameters } = this.#slots;
    if (!remoteParameters || this.#startedAs === null) return;
    const { usernameFragment = '', password = '', iceLite = false } = remoteParameters;
    this.#ice.setRemoteParameters({ usernameFragment, password, iceLite }, this.#startedAs, false);
    if (this.#remoteEnded) this.#ice.setRemoteEndOfCandidates();
  }

  #tellRemoteCandidates(candidates: readonly GivenCandidate[]): void {
    this.#ice.addRemoteCandidates(candidates.map(({ line }) => line).filter(({ component }) => component === 1));
    if (this.#remoteEnded) this.#ice.setRemoteEndOfCandidates();
  }

  #beginChecking(): void {
    const slots = this.#slots;
    if (slots.state === 'new' && slots.remoteParameters && slots.remoteCandidates.length > 0) slots.state = 'checking';
  }

  /** Holds the process while it gathers, connects or is connected; without an agent there is nothing to wait for. */
  #updateLife(): void {
    const { state, gathererState } = this.#slots;
    const isOver = state === 'closed' || state === 'failed';
    const active =
      state !== 'closed' &&
      this.#ice.handle !== null &&
      (gathererState === 'gathering' || (state !== 'new' && !isOver));
    this.#life.setActive(active);
    this.#ice.hold(active);
  }

  // ---- what the agent says, each in a task of its own ----

  candidateGathered(native: NativeIceCandidate): void {
    const candidate = createLocalCandidate(native, { sdpMid: '' });
    this.#slots.localCandidates.push(candidate);
    const init = native.url === '' ? { candidate } : { candidate, url: native.url };
    fireEvent(this.#target, new RTCPeerConnectionIceEvent('icecandidate', init));
  }

  candidateFailed(error: NativeIceCandidateError): void {
    fireEvent(this.#target, createCandidateErrorEvent(error));
  }

  iceGatheringStateChanged(state: IceGatheringState): void {
    if (state !== 'complete') return;
    // Before the state is "complete", unlike at a connection: so web-platform-tests have it.
    fireEvent(this.#target, new RTCPeerConnectionIceEvent('icecandidate', { candidate: null }));
    queueTask(() => {
      if (this.#slots.state === 'closed') return;
      this.#slots.gathererState = 'complete';
      this.#updateLife();
      fireEvent(this.#target, 'gatheringstatechange');
      // What could not be told while the states said that candidates were being gathered.
      if (this.#ice.state !== 'completed') return;
      queueTask(() => {
        if (this.#slots.state !== 'closed') this.iceStateChanged(this.#ice.state);
      });
    });
  }

  selectedPairChanged(local: NativeIceCandidate, remote: NativeIceCandidate): void {
    if (this.#restartsUnderWay > 0) return;
    this.#slots.selectedCandidatePair = createSelectedPair(this.#slots, local, remote, '');
    fireEvent(this.#target, 'selectedcandidatepairchange');
  }

  iceStateChanged(state: NativeIceTransportState): void {
    if (this.#restartsUnderWay > 0) {
      if (state === 'new') this.#restartsUnderWay -= 1;
      return;
    }
    if (this.#slots.state === state) return;
    // "Completed" is to have finished gathering, which takes a task more to be told.
    if (state === 'completed' && this.#slots.gathererState === 'gathering') return;
    this.#slots.state = state;
    this.#updateLife();
    fireEvent(this.#target, 'statechange');
  }

  iceRoleChanged(role: IceRole): void {
    this.#slots.role = role;
  }
}

function isOfGeneration({ usernameFragment }: RTCIceCandidate, line: Candidate, wanted: string): boolean {
  const given = usernameFragment ?? line.usernameFragment;
  return given === undefined || given === '' || given === wanted;
}

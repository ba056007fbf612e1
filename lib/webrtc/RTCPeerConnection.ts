import { createDOMException } from '../dom/dom-exception';
import type { EventHandler } from '../dom/event-handler';
import { EventTarget } from '../dom/realm';
import {
  canTrickleIceCandidates,
  descriptionText,
  localIceCredentials,
  type JsepDescription,
} from '../jsep/jsep-session';
import type { MediaStream } from '../mediacapture/MediaStream';
import type { MediaStreamTrack } from '../mediacapture/MediaStreamTrack';
import { remembered } from '../sdp/memo';
import * as webidl from '../webidl';
import {
  toRTCAnswerOptions,
  toRTCDataChannelInit,
  toRTCIceCandidateInit,
  toRTCLocalSessionDescriptionInit,
  toRTCOfferOptions,
  toRTCRtpTransceiverInit,
  toRTCSessionDescriptionInit,
  type RTCDataChannelInit,
  type RTCIceCandidateInit,
  type RTCLocalSessionDescriptionInit,
  type RTCAnswerOptions,
  type RTCOfferOptions,
  type RTCRtpTransceiverInit,
  type RTCSessionDescriptionInit,
} from '../webidl/generated/dictionaries';
import type {
  RTCIceConnectionState,
  RTCIceGatheringState,
  RTCPeerConnectionState,
  RTCSignalingState,
} from '../webidl/generated/enums';
import { addIceCandidate } from './add-ice-candidate';
import { addTrack, addTransceiver, applyOfferToReceive, removeTrack } from './add-track';
import { closeConnection } from './close-connection';
import { Connection } from './connection';
import { createAnswer, createOffer } from './create-description';
import { getStats, selectorOf } from './get-stats';
import { invokeCallbacks } from './legacy-callbacks';
import { updateNegotiationNeededFlag } from './negotiation-needed';
import {
  nonstandardConfiguration,
  toConnectionConfiguration,
  type GivenConfiguration,
} from './nonstandard-configuration';
import { generateRTCCertificate, type RTCCertificate } from './RTCCertificate';
import type { RTCDataChannel } from './RTCDataChannel';
import type { RTCIceCandidate } from './RTCIceCandidate';
import type { RTCRtpReceiver } from './RTCRtpReceiver';
import type { RTCRtpSender } from './RTCRtpSender';
import type { RTCRtpTransceiver } from './RTCRtpTransceiver';
import type { RTCSctpTransport } from './RTCSctpTransport';
import { RTCSessionDescription } from './RTCSessionDescription';
import type { RTCStatsReport } from './RTCStatsReport';
import { copyConfiguration, isGatheringAlike, setConfiguration } from './set-configuration';
import { setLocalDescription, setRemoteDescription } from './set-description';

const INTERFACE = 'RTCPeerConnection';
const operation = (name: string): string => webidl.operationContext(name, INTERFACE);
const toTrack = webidl.interfaceConverter('MediaStreamTrack');
const toStream = webidl.interfaceConverter('MediaStream');
const toSender = webidl.interfaceConverter('RTCRtpSender');
const toNullableTrack = webidl.nullable(toTrack);
const toTrackOrKind = webidl.union({
  interfaces: [(value): value is MediaStreamTrack => webidl.isInterface('MediaStreamTrack', value)],
  fallback: webidl.DOMString,
});

type SuccessCallback<T> = (value: T) => void;
type FailureCallback = (error: DOMException) => void;
type CandidateInit = Partial<RTCIceCandidateInit> | RTCIceCandidate;

/** https://w3c.github.io/webrtc-pc/#rtcpeerconnection-interface */
export class RTCPeerConnection extends EventTarget {
  static {
    webidl.defineInterface('RTCPeerConnection', this, (value) => #connection in value);
  }

  declare onnegotiationneeded: EventHandler;
  declare onicecandidate: EventHandler;
  declare onicecandidateerror: EventHandler;
  declare onsignalingstatechange: EventHandler;
  declare oniceconnectionstatechange: EventHandler;
  declare onicegatheringstatechange: EventHandler;
  declare onconnectionstatechange: EventHandler;
  declare ontrack: EventHandler;
  declare ondatachannel: EventHandler;

  readonly #connection: Connection;

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection */
  constructor(configuration?: GivenConfiguration | null) {
    const context = webidl.constructorContext(INTERFACE);
    const converted = toConnectionConfiguration(configuration, context);
    const nonstandard = nonstandardConfiguration(converted, context);
    super();
    // 4. A certificate that has expired is an InvalidAccessError. (One origin only: 4.2 cannot fail.)
    for (const { expires } of converted.certificates) {
      if (expires <= Date.now())
        throw createDOMException(`${context}: A certificate has expired.`, 'InvalidAccessError');
    }
    // 5. – 31. The default certificate is there when it is first needed. No transport exists yet.
    this.#connection = new Connection(this, converted, nonstandard);
  }

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-generatecertificate */
  static async generateCertificate(keygenAlgorithm: unknown): Promise<RTCCertificate> {
    webidl.requireArguments(arguments.length, 1, operation('generateCertificate'));
    return generateRTCCertificate(keygenAlgorithm, operation('generateCertificate'));
  }

  createOffer(options?: Partial<RTCOfferOptions>): Promise<RTCSessionDescriptionInit>;
  createOffer(
    success: SuccessCallback<RTCSessionDescriptionInit>,
    failure: FailureCallback,
    options?: Partial<RTCOfferOptions>,
  ): Promise<void>;
  async createOffer(...given: unknown[]): Promise<unknown> {
    const connection = this.#connection;
    const context = operation('createOffer');
    // Alone a function is a dictionary without members, by Web IDL's overload resolution.
    if (given.length > 1 && typeof given[0] === 'function') {
      const success = webidl.toCallbackFunction(given[0], context);
      const failure = webidl.toCallbackFunction(given[1], context);
      return invokeCallbacks(this.createOffer(given[2] as Partial<RTCOfferOptions>), success, failure);
    }
    const offerOptions = toRTCOfferOptions(given[0], context);
    applyOfferToReceive(connection, offerOptions);
    return connection.operations.chain(() => createOffer(connection, offerOptions));
  }

  createAnswer(options?: RTCAnswerOptions): Promise<RTCSessionDescriptionInit>;
  createAnswer(success: SuccessCallback<RTCSessionDescriptionInit>, failure: FailureCallback): Promise<void>;
  async createAnswer(...given: unknown[]): Promise<unknown> {
    const connection = this.#connection;
    const context = operation('createAnswer');
    if (given.length > 1 && typeof given[0] === 'function') {
      const success = webidl.toCallbackFunction(given[0], context);
      const failure = webidl.toCallbackFunction(given[1], context);
      return invokeCallbacks(this.createAnswer(), success, failure);
    }
    const answerOptions = toRTCAnswerOptions(given[0], context);
    return connection.operations.chain(() => createAnswer(connection, answerOptions));
  }

  setLocalDescription(description?: Partial<RTCLocalSessionDescriptionInit> | null): Promise<void>;
  setLocalDescription(
    description: Partial<RTCLocalSessionDescriptionInit>,
    success: () => void,
    failure: FailureCallback,
  ): Promise<void>;
  async setLocalDescription(...given: unknown[]): Promise<void> {
    const connection = this.#connection;
    const context = operation('setLocalDescription');
    const result = async (): Promise<void> => {
      const description = toRTCLocalSessionDescriptionInit(given[0], context);
      return connection.operations.chain(() => setLocalDescription(connection, description));
    };
    if (given.length < 2) return result();
    return withLegacyCallbacks(given, context, result);
  }

  setRemoteDescription(
    description: Pick<RTCSessionDescriptionInit, 'type'> & Partial<RTCSessionDescriptionInit>,
  ): Promise<void>;
  setRemoteDescription(
    description: Pick<RTCSessionDescriptionInit, 'type'> & Partial<RTCSessionDescriptionInit>,
    success: () => void,
    failure: FailureCallback,
  ): Promise<void>;
  async setRemoteDescription(...given: unknown[]): Promise<void> {
    const connection = this.#connection;
    const context = operation('setRemoteDescription');
    webidl.requireArguments(given.length, 1, context);
    const result = async (): Promise<void> => {
      const description = toRTCSessionDescriptionInit(given[0], context);
      return connection.operations.chain(() => setRemoteDescription(connection, description));
    };
    if (given.length < 2) return result();
    return withLegacyCallbacks(given, context, result);
  }

  addIceCandidate(candidate?: CandidateInit | null): Promise<void>;
  addIceCandidate(candidate: CandidateInit, success: () => void, failure: FailureCallback): Promise<void>;
  async addIceCandidate(...given: unknown[]): Promise<void> {
    const connection = this.#connection;
    const context = operation('addIceCandidate');
    const result = async (): Promise<void> => {
      const candidate = toRTCIceCandidateInit(given[0], context);
      // 3. A candidate that is not empty needs an sdpMid or an sdpMLineIndex.
      if (candidate.candidate !== '' && candidate.sdpMid === null && candidate.sdpMLineIndex === null) {
        throw webidl.conversionError(context, 'Candidate missing values for both sdpMid and sdpMLineIndex.');
      }
      return connection.operations.chain(() => addIceCandidate(connection, candidate));
    };
    if (given.length < 2) return result();
    return withLegacyCallbacks(given, context, result);
  }

  get localDescription(): RTCSessionDescription | null {
    const { session } = this.#connection;
    return describe(session.pendingLocal ?? session.currentLocal);
  }

  get currentLocalDescription(): RTCSessionDescription | null {
    return describe(this.#connection.session.currentLocal);
  }

  get pendingLocalDescription(): RTCSessionDescription | null {
    return describe(this.#connection.session.pendingLocal);
  }

  get remoteDescription(): RTCSessionDescription | null {
    const { session } = this.#connection;
    return describe(session.pendingRemote ?? session.currentRemote);
  }

  get currentRemoteDescription(): RTCSessionDescription | null {
    return describe(this.#connection.session.currentRemote);
  }

  get pendingRemoteDescription(): RTCSessionDescription | null {
    return describe(this.#connection.session.pendingRemote);
  }

  get signalingState(): RTCSignalingState {
    return this.#connection.signalingState;
  }

  get iceGatheringState(): RTCIceGatheringState {
    return this.#connection.iceGatheringState;
  }

  get iceConnectionState(): RTCIceConnectionState {
    return this.#connection.iceConnectionState;
  }

  get connectionState(): RTCPeerConnectionState {
    return this.#connection.connectionState;
  }

  get canTrickleIceCandidates(): boolean | null {
    return canTrickleIceCandidates(this.#connection.session);
  }

  get sctp(): RTCSctpTransport | null {
    return this.#connection.sctp?.rtc ?? null;
  }

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-restartice */
  restartIce(): void {
    const connection = this.#connection;
    if (connection.isClosed) return;
    // 2. Populate [[LocalIceCredentialsToReplace]] with all credentials of the local descriptions.
    connection.localIceCredentialsToReplace = localIceCredentials(connection.session);
    // 3. Update the negotiation-needed flag for connection.
    updateNegotiationNeededFlag(connection);
  }

  getConfiguration(): ReturnType<typeof copyConfiguration> {
    return copyConfiguration(this.#connection.configuration);
  }

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-setconfiguration */
  setConfiguration(configuration?: GivenConfiguration | null): void {
    const connection = this.#connection;
    const context = operation('setConfiguration');
    const converted = toConnectionConfiguration(configuration, context);
    // 2. If connection.[[IsClosed]] is true, throw an InvalidStateError.
    if (connection.isClosed) throw createDOMException(`${context}: The connection is closed.`, 'InvalidStateError');
    // 3. Set the configuration.
    const { currentLocal, pendingLocal } = connection.session;
    const hasLocalDescription = currentLocal !== null || pendingLocal !== null;
    const before = connection.configuration;
    connection.configuration = setConfiguration(before, converted, hasLocalDescription);
    const isAlike = isGatheringAlike(before, connection.configuration);
    if (!hasLocalDescription) {
      // RFC 9429 section 4.1.18: what was gathered with other servers or another policy is of no use any more.
      if (!isAlike) connection.pool.discard();
      connection.fillPool();
    }
    if (!isAlike) {
      connection.outdatedIceCredentials = localIceCredentials(connection.session);
    }
  }

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-close */
  close(): void {
    closeConnection(this.#connection);
  }

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-createdatachannel */
  createDataChannel(label: string, dataChannelDict?: Partial<RTCDataChannelInit> | null): RTCDataChannel {
    const { channels } = this.#connection;
    const context = operation('createDataChannel');
    webidl.requireArguments(arguments.length, 1, context);
    const text = webidl.USVString(label, context);
    return channels.create(text, toRTCDataChannelInit(dataChannelDict, context), context);
  }

  /** Those of the transceivers that are not stopped, in the order of their creation. */
  getSenders(): RTCRtpSender[] {
    return this.#connection.transceivers.notStopped.map(({ sender }) => sender);
  }

  /** Those of the transceivers that are not stopped, in the order of their creation. */
  getReceivers(): RTCRtpReceiver[] {
    return this.#connection.transceivers.notStopped.map(({ receiver }) => receiver);
  }

  getTransceivers(): RTCRtpTransceiver[] {
    return this.#connection.transceivers.all.map(({ object }) => object);
  }

  addTrack(track: MediaStreamTrack, ...streams: MediaStream[]): RTCRtpSender {
    const connection = this.#connection;
    const context = operation('addTrack');
    webidl.requireArguments(arguments.length, 1, context);
    const converted = toTrack(track, context);
    return addTrack(
      connection,
      converted,
      streams.map((stream) => toStream(stream, context)),
      context,
    );
  }

  removeTrack(sender: RTCRtpSender): void {
    const connection = this.#connection;
    const context = operation('removeTrack');
    webidl.requireArguments(arguments.length, 1, context);
    removeTrack(connection, toSender(sender, context), context);
  }

  addTransceiver(trackOrKind: MediaStreamTrack | string, init?: Partial<RTCRtpTransceiverInit>): RTCRtpTransceiver {
    const connection = this.#connection;
    const context = operation('addTransceiver');
    webidl.requireArguments(arguments.length, 1, context);
    const given = toTrackOrKind(trackOrKind, context);
    return addTransceiver(connection, given, toRTCRtpTransceiverInit(init, context), context).object;
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-getstats; its `length` has to be 0 */
  async getStats(selector: unknown = null): Promise<RTCStatsReport> {
    const connection = this.#connection;
    const context = operation('getStats');
    const track = toNullableTrack(selector, context);
    return getStats(connection, track && selectorOf(connection, track, context));
  }

  /** Nonstandard: while it connects or is connected, the connection keeps the process running, as by default. */
  ref(): this {
    this.#connection.transports.setReferenced(true);
    return this;
  }

  /** Nonstandard: the connection no longer keeps the process running. */
  unref(): this {
    this.#connection.transports.setReferenced(false);
    return this;
  }
}

/** One for each applied description, so that an attribute keeps giving the same object. */
const objectOf = remembered(
  (description: JsepDescription) =>
    new RTCSessionDescription({ type: description.type, sdp: descriptionText(description) }),
);

function describe(description: JsepDescription | null): RTCSessionDescription | null {
  return description && objectOf(description);
}

/**
 * Overloads with two callbacks behind the first argument. What is wrong with that one goes to the callback, too: WebIDL has
 * the promise rejected, which nobody who gives callbacks looks at, and which ends a process of Node.js.
 */
function withLegacyCallbacks(given: unknown[], context: string, result: () => Promise<void>): Promise<void> {
  if (given.length < 3 && typeof given[1] !== 'function') return result();
  webidl.requireArguments(given.length, 3, context);
  const success = webidl.toCallbackFunction(given[1], context);
  const failure = webidl.toCallbackFunction(given[2], context);
  return invokeCallbacks(result(), success, failure);
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCPeerConnection: RTCPeerConnection;
  }
}

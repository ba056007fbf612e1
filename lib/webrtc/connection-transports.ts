import { fireEvent } from '../dom/fire-event';
import { queueTask } from '../dom/queue-task';
import type { JsepEffect, JsepSctp, JsepTransport } from '../jsep/jsep-session';
import { iceRoleOf, offeredTransport } from '../jsep/transports';
import { RtpTransport } from '../media/rtp-transport';
import { DtlsTransport } from '../transport/dtls-transport';
import { IceTransport } from '../transport/ice-transport';
import { ProcessLife } from '../transport/process-life';
import { SctpTransport } from '../transport/sctp-transport';
import * as webidl from '../webidl';
import type { Connection } from './connection';
import type { TransportStates } from './connection-state';
import { observeDtls } from './dtls-events';
import { anticipateGathering, forgetGathering, observeIce, updateConnectionStates } from './ice-events';
import { RTCDtlsTransport, dtlsSlotsOf } from './RTCDtlsTransport';
import { RTCIceCandidate } from './RTCIceCandidate';
import { iceSlotsOf, RTCIceTransport } from './RTCIceTransport';
import { senderSlotsOf } from './RTCRtpSender';
import { RTCSctpTransport, sctpSlotsOf } from './RTCSctpTransport';
import type { SctpLink } from './sctp-link';
import { iceOptions } from './set-configuration';
import { serializeCandidate } from '../sdp/attributes/candidate';

/** Octets of the largest data channel message that we take (a=max-message-size), as browsers do. */
export const MAX_RECEIVE_MESSAGE_SIZE = 262144;
/**
 * Octets one channel may have in its send buffer, and thus of the largest message we can send: Chromium's number.
 */
export const SEND_BUFFER_SIZE = 16 * 1024 * 1024;

/** An ICE transport and the DTLS transport over it, with the W3C objects that stand for them. */
export interface TransportPair {
  /** JsepTransport.id; null until a local description asks for the transport. */
  id: string | null;
  mid: string;
  mids: readonly string[];
  readonly ice: IceTransport;
  readonly dtls: DtlsTransport;
  /** Audio and video over it. */
  readonly rtp: RtpTransport;
  readonly rtcIce: RTCIceTransport;
  readonly rtcDtls: RTCDtlsTransport;
  /** Gathering was asked for, and its end was not told yet. */
  isGathering: boolean;
  /**
   * A restart was rolled back: the agent gathers once more with the credentials of before, which is nobody's business,
   * as the candidates of that generation have been told already.
   */
  isReverting: boolean;
  /** Local candidates of before a restart that the peer has not joined: a rollback has them again. */
  formerCandidates: RTCIceCandidate[];
  /** The gathering states say "gathering", the events that tell so are to come. */
  isGatheringUntold: boolean;
  /** Remote candidates were given to an agent that has not begun checking yet. */
  isAboutToCheck: boolean;
  /** "Connected" was told, and is to stand for a while: gives up what then may be "completed". */
  cancelCompletion: (() => void) | null;
}

interface Held {
  readonly active: boolean;
  readonly pairs: readonly TransportPair[];
  readonly sctp: SctpLink | null;
}

/** The transports of one connection: carries out what JSEP asks for, and knows whether they keep the process. */
export class ConnectionTransports {
  readonly #connection: Connection;
  readonly #pairs = new Map<string, TransportPair>();
  /** `pairs`, until others are. */
  #listed: readonly TransportPair[] | null = null;
  #listedOfSctp: TransportPair | null = null;
  /** Those of `#listed`, once one was asked for. */
  #byDtls: Map<RTCDtlsTransport, TransportPair> | null = null;
  readonly #life = new ProcessLife();
  /** What {@link updateLife} said last, and of what. */
  #held: Held = { active: false, pairs: [], sctp: null };

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Those that descriptions ask for, and that of SCTP before they do. Asked for with every event, and seldom another. */
  get pairs(): readonly TransportPair[] {
    const ofSctp = this.#connection.sctp?.pair ?? null;
    return this.#listed === null || this.#listedOfSctp !== ofSctp ? this.#list(ofSctp) : this.#listed;
  }

  #list(ofSctp: TransportPair | null): readonly TransportPair[] {
    const pairs = [...this.#pairs.values()];
    if (ofSctp && !pairs.includes(ofSctp)) pairs.push(ofSctp);
    this.#listed = pairs;
    this.#listedOfSctp = ofSctp;
    this.#byDtls = null;
    return pairs;
  }

  /** "The set of transports considered" by the aggregated states: those of the transceivers and of SCTP. */
  get states(): readonly TransportStates[] {
    const { sctp, transceivers } = this.#connection;
    // Without bundling there is one for each section.
    const inUse = new Set<RTCDtlsTransport>();
    if (sctp) inUse.add(sctp.pair.rtcDtls);
    for (const { sender } of transceivers.all) {
      const { transport } = senderSlotsOf(sender);
      if (transport) inUse.add(transport);
    }
    return Array.from(inUse, (rtcDtls) => this.#stateOf(rtcDtls));
  }

  #stateOf(rtcDtls: RTCDtlsTransport): TransportStates {
    const { state, gathererState, role } = iceSlotsOf(rtcDtls.iceTransport);
    // Applications wait for "connected" on the answering side, which nowhere else goes on from it (docs/deviations.md).
    const ice = state === 'completed' && role === 'controlled' ? 'connected' : state;
    const isToGather = gathererState === 'new' && this.#pairOf(rtcDtls)?.isGathering === true;
    return { ice, gatherer: gathererState, dtls: dtlsSlotsOf(rtcDtls).state, isToGather };
  }

  #pairOf(rtcDtls: RTCDtlsTransport): TransportPair | undefined {
    const { pairs } = this;
    this.#byDtls ??= new Map(pairs.map((pair) => [pair.rtcDtls, pair]));
    return this.#byDtls.get(rtcDtls);
  }

  /** The object for a transport that the applied descriptions ask for. */
  dtlsTransportOf(transportId: string | null): RTCDtlsTransport | null {
    return (transportId !== null && this.#pairs.get(transportId)?.rtcDtls) || null;
  }

  /** What audio and video go over. */
  rtpTransportOf(transportId: string | null): RtpTransport | null {
    return (transportId !== null && this.#pairs.get(transportId)?.rtp) || null;
  }

  /** https://w3c.github.io/webrtc-pc/#sctp-transport-create, with the transport of the section `mid` below it */
  createSctp(mid: string): SctpLink {
    const { session } = this.#connection;
    const known = offeredTransport(session, mid);
    const pair = (known && this.#pairs.get(known.id)) ?? this.#createPair(known, mid);
    if (known) this.#put(known.id, pair);
    // "[[IceRole]] always has a value after the first offer is processed": of the peer's, mirrorSession() has no transport yet.
    const slots = iceSlotsOf(pair.rtcIce);
    if (session.pendingRemote && slots.role === 'unknown') {
      slots.role = iceRoleOf(session, session.pendingRemote, false);
    }
    const rtc = new RTCSctpTransport(webidl.constructionKey, pair.rtcDtls);
    const association = new SctpTransport(this.#connection.channels.ids);
    association.observer = this.#connection.channels;
    return { rtc, association, pair };
  }

  /** Slots that follow the applied descriptions: ICE role, parameters of both sides. */
  mirrorSession(): void {
    for (const transport of this.#connection.session.transports) {
      const pair = this.#pairs.get(transport.id);
      if (!pair) continue;
      const slots = iceSlotsOf(pair.rtcIce);
      if (slots.role === 'unknown') slots.role = transport.iceRole;
      slots.localParameters = { ...transport.localIce };
      const { remoteIce } = transport;
      if (remoteIce) {
        slots.remoteParameters = { usernameFragment: remoteIce.usernameFragment, password: remoteIce.password };
      }
    }
  }

  /** Carries out what the new session, which has been stored already, asks of the transports. */
  perform(effects: readonly JsepEffect[]): void {
    for (const effect of effects) this.#perform(effect);
    this.updateLife();
  }

  /** `ref()` and `unref()` of the connection. */
  setReferenced(referenced: boolean): void {
    this.#life.setReferenced(referenced);
  }

  /** To be called whenever something changed that {@link isActive} looks at. */
  updateLife(): void {
    const { isClosed, sctp } = this.#connection;
    const { pairs } = this;
    const active = !isClosed && pairs.some(isActive);
    const held = this.#held;
    if (active !== held.active || pairs !== held.pairs || sctp !== held.sctp) this.#hold({ active, pairs, sctp });
  }

  /** Seldom, and so apart: V8 takes twice as long to optimize what everything is inlined into. */
  #hold(held: Held): void {
    const { active, pairs, sctp } = held;
    this.#held = held;
    this.#life.setActive(active);
    for (const { ice, dtls } of pairs) {
      ice.hold(active);
      dtls.hold(active);
    }
    sctp?.association.hold(active);
  }

  /** Of "close the connection": no events. */
  closeAll(): void {
    for (const pair of this.pairs) closePair(pair);
    this.updateLife();
  }

  #perform(effect: JsepEffect): void {
    switch (effect.kind) {
      case 'create-transport':
        this.#adopt(effect.transport);
        break;
      case 'gather':
        this.#require(effect.transportId).isReverting = false;
        this.#gather(this.#require(effect.transportId), effect.local);
        break;
      case 'revert-ice': {
        const pair = this.#require(effect.transportId);
        pair.isReverting = true;
        this.#gather(pair, effect.local);
        break;
      }
      case 'move-transport': {
        const pair = this.#require(effect.transportId);
        pair.mid = effect.mid;
        pair.mids = effect.mids;
        break;
      }
      case 'remove-transport':
        this.#remove(effect.transportId);
        break;
      case 'set-remote-ice': {
        const pair = this.#require(effect.transportId);
        const slots = iceSlotsOf(pair.rtcIce);
        slots.role = effect.role;
        if (effect.restart) {
          slots.remoteCandidates = [];
          pair.formerCandidates = [];
        }
        // The answer to an offer that restarts will bring credentials of ours, too (RFC 8839 section 4.4.1.1.1).
        const localRestartFollows = effect.restart && this.#connection.session.signalingState === 'have-remote-offer';
        pair.ice.setRemoteParameters({ ...effect.remote }, effect.role, localRestartFollows);
        break;
      }
      case 'add-remote-candidates':
        this.#addRemoteCandidates(effect);
        break;
      case 'start-dtls': {
        const pair = this.#require(effect.transportId);
        const certificate = this.#connection.certificates[0];
        if (!certificate) throw new Error('DTLS was started without a certificate');
        const fingerprints = effect.fingerprints.map(({ algorithm, value }) => ({ algorithm, value }));
        pair.dtls.start(certificate, effect.role, fingerprints, effect.restart);
        break;
      }
      case 'start-sctp':
        this.#startSctp(effect.sctp);
        break;
      case 'update-sctp':
        this.updateMaxMessageSize(effect.sctp);
        break;
      case 'stop-sctp':
        break; // set-description lets go of [[SctpTransport]] in the order of the Recommendation
    }
  }

  #adopt(transport: JsepTransport): void {
    const { sctp } = this.#connection;
    const waiting = sctp && sctp.pair.id === null && transport.mids.includes(sctp.pair.mid) ? sctp.pair : null;
    const pair = this.#pairs.get(transport.id) ?? waiting ?? this.#createPair(transport, transport.mid);
    pair.id = transport.id;
    pair.mid = transport.mid;
    pair.mids = transport.mids;
    this.#put(transport.id, pair);
  }

  #put(transportId: string, pair: TransportPair): void {
    this.#pairs.set(transportId, pair);
    this.#listed = null;
  }

  #createPair(transport: JsepTransport | null, mid: string): TransportPair {
    const ice = new IceTransport();
    const rtcIce = new RTCIceTransport(webidl.constructionKey);
    const dtls = new DtlsTransport(ice, !this.#connection.nonstandard.disableFingerprintVerification);
    const pair: TransportPair = {
      id: transport?.id ?? null,
      mid: transport?.mid ?? mid,
      mids: transport?.mids ?? [mid],
      ice,
      dtls,
      rtp: new RtpTransport(dtls),
      rtcIce,
      rtcDtls: new RTCDtlsTransport(webidl.constructionKey, rtcIce),
      isGathering: false,
      isReverting: false,
      formerCandidates: [],
      isGatheringUntold: false,
      isAboutToCheck: false,
      cancelCompletion: null,
    };
    observeIce(this.#connection, pair);
    observeDtls(this.#connection, pair);
    return pair;
  }

  #gather(pair: TransportPair, local: { usernameFragment: string; password: string }): void {
    const { configuration, nonstandard } = this.#connection;
    const { usernameFragment, password } = local;
    pair.isGathering = true;
    const slots = iceSlotsOf(pair.rtcIce);
    if (pair.isReverting) {
      slots.localCandidates = pair.formerCandidates.filter((each) => each.usernameFragment === usernameFragment);
      pair.formerCandidates = [];
      forgetGathering(this.#connection, pair);
    } else {
      // An offer that is made anew may restart again and again: a rollback is to what was negotiated last.
      const stable = this.#connection.session.stable.transports.find(({ id }) => id === pair.id)?.localIce;
      pair.formerCandidates = [...pair.formerCandidates, ...slots.localCandidates].filter(
        (each) => each.usernameFragment === stable?.usernameFragment,
      );
      slots.localCandidates = [];
      anticipateGathering(this.#connection, pair);
    }
    const parameters = { usernameFragment, password, iceLite: nonstandard.iceLite };
    const pooled = pair.ice.handle ? null : this.#connection.pool.take(local);
    pair.ice.gather(parameters, iceOptions(configuration, nonstandard), pooled);
  }

  #addRemoteCandidates(effect: Extract<JsepEffect, { kind: 'add-remote-candidates' }>): void {
    const pair = this.#require(effect.transportId);
    const { remoteCandidates, remoteParameters } = iceSlotsOf(pair.rtcIce);
    const ufrag = remoteParameters?.usernameFragment ?? null;
    for (const candidate of effect.candidates) {
      remoteCandidates.push(
        new RTCIceCandidate({
          candidate: serializeCandidate(candidate),
          sdpMid: pair.mid,
          usernameFragment: candidate.usernameFragment ?? ufrag,
        }),
      );
    }
    pair.ice.addRemoteCandidates(effect.candidates);
    if (effect.candidates.length > 0 && pair.ice.state === 'new') pair.isAboutToCheck = true;
    if (effect.endOfCandidates) pair.ice.setRemoteEndOfCandidates();
  }

  #startSctp(sctp: JsepSctp): void {
    const link = this.#connection.sctp;
    const pair = this.#require(sctp.transportId);
    if (!link) throw new Error('SCTP was started without an RTCSctpTransport');
    link.pair = pair;
    sctpSlotsOf(link.rtc).transport = pair.rtcDtls;
    link.association.start(pair.dtls, {
      localPort: sctp.localPort,
      remotePort: sctp.remotePort,
      maxReceiveMessageSize: MAX_RECEIVE_MESSAGE_SIZE,
    });
    this.updateMaxMessageSize(sctp);
  }

  /** https://w3c.github.io/webrtc-pc/#sctp-transport-update-mms */
  updateMaxMessageSize({ remoteMaxMessageSize }: JsepSctp): void {
    const { sctp } = this.#connection;
    if (!sctp) return;
    const slots = sctpSlotsOf(sctp.rtc);
    // 2. – 6. Let canSendSize be what we can send; the smaller of both, or ours when the peer takes any size.
    slots.maxMessageSize =
      remoteMaxMessageSize === 0 ? SEND_BUFFER_SIZE : Math.min(remoteMaxMessageSize, SEND_BUFFER_SIZE);
    // Not the larger of both, as a peer's 4 GiB would bound nothing: docs/deviations.md.
    slots.maxBufferSize = SEND_BUFFER_SIZE;
  }

  /** Closes a transport that the descriptions no longer ask for; its events come in a task of their own. */
  #remove(transportId: string): void {
    const pair = this.#pairs.get(transportId);
    if (!pair) return;
    this.#pairs.delete(transportId);
    this.#listed = null;
    pair.ice.hold(false);
    pair.dtls.hold(false);
    pair.rtp.close();
    pair.dtls.close();
    pair.ice.close();
    queueTask(() => {
      closePair(pair);
      if (this.#connection.isClosed) return;
      fireEvent(pair.rtcIce, 'statechange');
      fireEvent(pair.rtcDtls, 'statechange');
      updateConnectionStates(this.#connection);
    });
  }

  #require(transportId: string): TransportPair {
    const pair = this.#pairs.get(transportId);
    if (!pair) throw new Error(`There is no transport ${transportId}`);
    return pair;
  }
}

function closePair(pair: TransportPair): void {
  pair.rtp.close();
  pair.dtls.close();
  pair.ice.close();
  pair.isGathering = false;
  pair.isAboutToCheck = false;
  pair.cancelCompletion?.();
  pair.cancelCompletion = null;
  dtlsSlotsOf(pair.rtcDtls).state = 'closed';
  iceSlotsOf(pair.rtcIce).state = 'closed';
}

/**
 * Whether a transport keeps the process, as net.Socket would: while it gathers, connects or is connected. Gathering
 * that nobody answers does not once it is done, and neither does what failed or was closed by the peer.
 */
function isActive({ ice, dtls, isGathering, isAboutToCheck }: TransportPair): boolean {
  if (isGathering) return true;
  if (dtls.state === 'closed' || dtls.state === 'failed') return false;
  return isAboutToCheck || (ice.state !== 'new' && ice.state !== 'failed' && ice.state !== 'closed');
}

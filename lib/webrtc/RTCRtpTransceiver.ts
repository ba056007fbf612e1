import { createDOMException } from '../dom/dom-exception';
import type { Direction, MediaKind, NegotiatedRtp, RtpCodec } from '../jsep/rtp-types';
import * as webidl from '../webidl';
import {
  type RTCRtpCodec,
  type RTCRtpHeaderExtensionCapability,
  toRTCRtpCodec,
  toRTCRtpHeaderExtensionCapability,
} from '../webidl/generated/dictionaries';
import type { RTCRtpTransceiverDirection } from '../webidl/generated/enums';
import { checkCodecPreferences } from './codec-preferences';
import type { Connection } from './connection';
import { checkHeaderExtensions, copyHeaderExtensions, type HeaderExtensions } from './header-extension-control';
import { updateNegotiationNeededFlag } from './negotiation-needed';
import type { RTCRtpReceiver } from './RTCRtpReceiver';
import type { RTCRtpSender } from './RTCRtpSender';
import { beginToStop } from './stop-transceiver';

const INTERFACE = 'RTCRtpTransceiver';
const toCodecs = webidl.sequence(toRTCRtpCodec);
const toHeaderExtensions = webidl.sequence(toRTCRtpHeaderExtensionCapability);
const toDirection = webidl.enumerationOrIgnore(['sendrecv', 'sendonly', 'recvonly', 'inactive', 'stopped']);

/** The internal slots, as the machinery of lib/webrtc keeps them. */
export interface TransceiverSlots {
  readonly connection: Connection;
  /** Under which the offer/answer engine knows it. */
  readonly id: string;
  /** The object itself, for events and identity. */
  readonly object: RTCRtpTransceiver;
  readonly kind: MediaKind;
  /** [[Sender]] */
  readonly sender: RTCRtpSender;
  /** [[Receiver]] */
  readonly receiver: RTCRtpReceiver;
  /** [[Mid]]; [[JsepMid]] is the engine's. */
  mid: string | null;
  /** [[Direction]] */
  direction: Direction;
  /** [[Receptive]] */
  receptive: boolean;
  /** [[CurrentDirection]] */
  currentDirection: Direction | null;
  /** [[FiredDirection]] */
  firedDirection: Direction | null;
  /** [[Stopping]] */
  stopping: boolean;
  /** [[Stopped]] */
  stopped: boolean;
  /** [[PreferredCodecs]] */
  preferredCodecs: readonly RtpCodec[];
  /** [[HeaderExtensionsToNegotiate]]: one for each extension of the kind. */
  headerExtensionsToNegotiate: HeaderExtensions;
  /** What setHeaderExtensionsToNegotiate() took last; null: it was never called. */
  wantedHeaderExtensions: HeaderExtensions | null;
  /** [[NegotiatedHeaderExtensions]]: all of them, those that are not in use 'stopped'. */
  negotiatedHeaderExtensions: HeaderExtensions;
  /** What the last answer or provisional answer made of it, rolled back with the descriptions. */
  negotiated: NegotiatedRtp | null;
  /** addTrack() made it, or took it over and so saved it from a rollback. */
  isFromAddTrack: boolean;
  /** The pending remote offer made it. */
  isFromPendingOffer: boolean;
  /** "A track has been attached to it via addTrack()". */
  hadTrackAdded: boolean;
  /** [[CurrentDirection]] has had a value of "sendrecv" or "sendonly". */
  hasSent: boolean;
}

/** Friend access for the machinery of lib/webrtc. */
export let transceiverSlotsOf: (transceiver: RTCRtpTransceiver) => TransceiverSlots;

/** https://w3c.github.io/webrtc-pc/#rtcrtptransceiver-interface */
export class RTCRtpTransceiver {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #slots in value);
    transceiverSlotsOf = (transceiver) => transceiver.#slots;
  }

  readonly #slots: TransceiverSlots;

  constructor(key: webidl.ConstructionKey, slots: Omit<TransceiverSlots, 'object'>) {
    webidl.requireConstructionKey(key);
    this.#slots = Object.assign(slots, { object: this });
  }

  get mid(): string | null {
    return this.#slots.mid;
  }

  get sender(): RTCRtpSender {
    return this.#slots.sender;
  }

  get receiver(): RTCRtpReceiver {
    return this.#slots.receiver;
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtptransceiver-direction */
  get direction(): RTCRtpTransceiverDirection {
    const { stopping, direction } = this.#slots;
    return stopping ? 'stopped' : direction;
  }

  set direction(value: RTCRtpTransceiverDirection) {
    const slots = this.#slots;
    // A value that the enumeration does not have is ignored (https://webidl.spec.whatwg.org/#dfn-attribute-setter).
    const context = webidl.setterContext('direction', INTERFACE);
    const newDirection = toDirection(value, context);
    if (newDirection === undefined) return;
    // 3. If transceiver.[[Stopping]] is true, throw an InvalidStateError.
    if (slots.stopping) throw createDOMException(`${context}: The transceiver is stopped.`, 'InvalidStateError');
    // 5. If newDirection is equal to transceiver.[[Direction]], abort these steps.
    if (newDirection === slots.direction) return;
    // 6. If newDirection is equal to "stopped", throw a TypeError.
    if (newDirection === 'stopped') throw new TypeError(`${context}: Use stop() to stop a transceiver.`);
    // 7. – 8. Set transceiver.[[Direction]], and update the negotiation-needed flag.
    slots.direction = newDirection;
    updateNegotiationNeededFlag(slots.connection);
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtptransceiver-currentdirection */
  get currentDirection(): RTCRtpTransceiverDirection | null {
    const { stopped, currentDirection } = this.#slots;
    return stopped ? 'stopped' : currentDirection;
  }

  /** Nonstandard, as browsers have it: whether `direction` is "stopped". */
  get stopped(): boolean {
    return this.#slots.stopping;
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtptransceiver-setcodecpreferences */
  setCodecPreferences(codecs: RTCRtpCodec[]): void {
    const slots = this.#slots;
    const context = webidl.operationContext('setCodecPreferences', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    slots.preferredCodecs = checkCodecPreferences(slots.kind, toCodecs(codecs, context));
  }

  /** https://w3c.github.io/webrtc-extensions/#dom-rtcrtptransceiver-getheaderextensionstonegotiate */
  getHeaderExtensionsToNegotiate(): RTCRtpHeaderExtensionCapability[] {
    return copyHeaderExtensions(this.#slots.headerExtensionsToNegotiate);
  }

  /** https://w3c.github.io/webrtc-extensions/#dom-rtcrtptransceiver-setheaderextensionstonegotiate */
  setHeaderExtensionsToNegotiate(extensions: RTCRtpHeaderExtensionCapability[]): void {
    const slots = this.#slots;
    const context = webidl.operationContext('setHeaderExtensionsToNegotiate', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const wanted = toHeaderExtensions(extensions, context);
    const checked = checkHeaderExtensions(slots.kind, slots.headerExtensionsToNegotiate, wanted);
    slots.headerExtensionsToNegotiate = checked;
    slots.wantedHeaderExtensions = checked;
  }

  /** https://w3c.github.io/webrtc-extensions/#dom-rtcrtptransceiver-getnegotiatedheaderextensions */
  getNegotiatedHeaderExtensions(): RTCRtpHeaderExtensionCapability[] {
    return copyHeaderExtensions(this.#slots.negotiatedHeaderExtensions);
  }

  /** The transceiver neither sends nor receives any more, for good; its section of the descriptions becomes free. */
  stop(): void {
    beginToStop(this.#slots, webidl.operationContext('stop', INTERFACE));
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCRtpTransceiver: RTCRtpTransceiver;
  }
}

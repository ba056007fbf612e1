import { createDOMException } from '../dom/dom-exception';
import type { EventHandler } from '../dom/event-handler';
import { fireEvent } from '../dom/fire-event';
import { queueDelayedTask } from '../dom/queue-delayed-task';
import { queueTask } from '../dom/queue-task';
import { EventTarget } from '../dom/realm';
import * as webidl from '../webidl';
import { RTCDTMFToneChangeEvent } from './RTCDTMFToneChangeEvent';
import type { SenderSlots } from './RTCRtpSender';

const INTERFACE = 'RTCDTMFSender';
const unrecognizedTone = /[^0-9A-Da-d#*,]/u;
/** Milliseconds, all of them. */
const durationRange = { min: 40, max: 6000 };
const interToneGapRange = { min: 30, max: 6000 };
const commaDelay = 2000;

function clamp(value: number, { min, max }: { min: number; max: number }): number {
  return Math.min(Math.max(value, min), max);
}

/** What sends tones as RFC 4733 events. */
export interface ToneSink {
  playTone(tone: string, milliseconds: number): void;
}

/** The internal slots, as the machinery of lib/webrtc keeps them. */
export interface DtmfSlots {
  readonly sender: SenderSlots;
  /** [[Duration]], milliseconds */
  duration: number;
  /** [[InterToneGap]], milliseconds */
  interToneGap: number;
  /** [[ToneBuffer]] */
  toneBuffer: string;
  /** A task to run the "DTMF playout task steps" is scheduled. */
  isPlayoutScheduled: boolean;
  /** null as long as no media is sent. */
  toneSink: ToneSink | null;
}

/** Friend access for the machinery of lib/webrtc. */
export let dtmfSlotsOf: (dtmf: RTCDTMFSender) => DtmfSlots;

/** "Determine if DTMF can be sent": https://w3c.github.io/webrtc-pc/#dfn-determine-if-dtmf-can-be-sent */
function canSendTones({ connection, transceiver, track, sendEncodings, sendCodecs }: SenderSlots): boolean {
  // 4. – 6.
  if (connection.connectionState !== 'connected' || transceiver.stopping || !track) return false;
  // 7.
  const { currentDirection } = transceiver;
  if (currentDirection !== 'sendrecv' && currentDirection !== 'sendonly') return false;
  // 8., 9.
  if (sendEncodings[0]?.active !== true) return false;
  return sendCodecs.some(({ mimeType }) => mimeType.toLowerCase() === 'audio/telephone-event');
}

/** https://w3c.github.io/webrtc-pc/#rtcdtmfsender */
export class RTCDTMFSender extends EventTarget {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #slots in value);
    dtmfSlotsOf = (dtmf) => dtmf.#slots;
  }

  declare ontonechange: EventHandler;

  readonly #slots: DtmfSlots;

  /** "Create an RTCDTMFSender": https://w3c.github.io/webrtc-pc/#dfn-create-an-rtcdtmfsender */
  constructor(key: webidl.ConstructionKey, sender: SenderSlots) {
    webidl.requireConstructionKey(key);
    super();
    this.#slots = {
      sender,
      duration: 100,
      interToneGap: 70,
      toneBuffer: '',
      isPlayoutScheduled: false,
      toneSink: null,
    };
  }

  get canInsertDTMF(): boolean {
    return canSendTones(this.#slots.sender);
  }

  get toneBuffer(): string {
    return this.#slots.toneBuffer;
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcdtmfsender-insertdtmf */
  insertDTMF(tones: string, duration?: number, interToneGap?: number): void {
    const slots = this.#slots;
    const context = webidl.operationContext('insertDTMF', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const text = webidl.DOMString(tones, context);
    const toneDuration = duration === undefined ? 100 : webidl.unsignedLong(duration, context);
    const gap = interToneGap === undefined ? 70 : webidl.unsignedLong(interToneGap, context);
    // 4. Whether DTMF can be sent.
    if (!canSendTones(slots.sender)) {
      throw createDOMException(`${context}: This sender cannot send DTMF now (canInsertDTMF).`, 'InvalidStateError');
    }
    // 8. Unrecognized characters.
    const unrecognized = unrecognizedTone.exec(text);
    if (unrecognized) {
      throw createDOMException(`${context}: '${unrecognized[0]}' is not a tone.`, 'InvalidCharacterError');
    }
    // 9. – 15.
    slots.toneBuffer = text.toUpperCase();
    slots.duration = clamp(toneDuration, durationRange);
    slots.interToneGap = clamp(gap, interToneGapRange);
    // 16.
    if (slots.toneBuffer === '') return;
    // 17.
    if (slots.isPlayoutScheduled) return;
    slots.isPlayoutScheduled = true;
    queueTask(() => {
      this.#playout();
    });
  }

  /** "DTMF playout task steps": https://w3c.github.io/webrtc-pc/#dfn-dtmf-playout-task-steps */
  #playout(): void {
    const slots = this.#slots;
    slots.isPlayoutScheduled = false;
    // 1. If DTMF cannot be sent any longer, abort.
    if (!canSendTones(slots.sender)) return;
    // 2. The buffer is empty: the last tone has ended.
    if (slots.toneBuffer === '') {
      fireEvent(this, new RTCDTMFToneChangeEvent('tonechange', { tone: '' }));
      return;
    }
    // 3. The first character.
    const tone = slots.toneBuffer.charAt(0);
    slots.toneBuffer = slots.toneBuffer.slice(1);
    // 4., 5. Wait, or play it; then go on.
    let delay = commaDelay;
    if (tone !== ',') {
      slots.toneSink?.playTone(tone, slots.duration);
      delay = slots.duration + slots.interToneGap;
    }
    slots.isPlayoutScheduled = true;
    queueDelayedTask(() => {
      this.#playout();
    }, delay);
    // 6.
    fireEvent(this, new RTCDTMFToneChangeEvent('tonechange', { tone }));
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCDTMFSender: RTCDTMFSender;
  }
}

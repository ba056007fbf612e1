/**
 * Messages of the Data Channel Establishment Protocol (RFC 8832 section 5). The parser is total: any octets yield a
 * message or a sentence that says what is wrong with them.
 */

// jsdom's window has neither.
import { TextDecoder, TextEncoder } from 'node:util';

/** Payload protocol identifiers (RFC 8831 section 8). */
export const Ppid = {
  Control: 50,
  String: 51,
  Binary: 53,
  StringEmpty: 56,
  BinaryEmpty: 57,
} as const;

/** Longest label and longest protocol, in octets of UTF-8: their lengths travel in 16 bits. */
export const MAX_NAME_OCTETS = 65535;

const MESSAGE_TYPE_ACK = 0x02;
const MESSAGE_TYPE_OPEN = 0x03;
const OPEN_HEADER_OCTETS = 12;
const UNORDERED_BIT = 0x80;
const RELIABLE = 0;
const LIMITED_RETRANSMITS = 1;
const LIMITED_LIFE_TIME = 2;

/** What DATA_CHANNEL_OPEN says of a channel. */
export interface ChannelParameters {
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
  /** Milliseconds, 0 to 65535. */
  readonly maxPacketLifeTime: number | null;
  /** 0 to 65535. */
  readonly maxRetransmits: number | null;
  /** 0 to 65535, see RFC 8831 section 6.4. */
  readonly priority: number;
}

export type ControlMessage =
  | { readonly kind: 'open'; readonly parameters: ChannelParameters }
  | { readonly kind: 'ack' }
  | { readonly kind: 'malformed'; readonly reason: string };

const encoder = new TextEncoder();
// The protocol's strings are UTF-8; octets that are not become U+FFFD, as in a USVString, and a BOM is kept.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** https://www.rfc-editor.org/rfc/rfc8832#section-5.1 */
export function serializeOpen(parameters: ChannelParameters): Uint8Array {
  const label = encoder.encode(parameters.label);
  const protocol = encoder.encode(parameters.protocol);
  if (label.length > MAX_NAME_OCTETS || protocol.length > MAX_NAME_OCTETS) {
    throw new RangeError('A label or protocol of more than 65535 octets got past createDataChannel()');
  }
  const message = new Uint8Array(OPEN_HEADER_OCTETS + label.length + protocol.length);
  const view = new DataView(message.buffer);
  let channelType = RELIABLE;
  let reliability = 0;
  if (parameters.maxRetransmits !== null) {
    channelType = LIMITED_RETRANSMITS;
    reliability = parameters.maxRetransmits;
  } else if (parameters.maxPacketLifeTime !== null) {
    channelType = LIMITED_LIFE_TIME;
    reliability = parameters.maxPacketLifeTime;
  }
  view.setUint8(0, MESSAGE_TYPE_OPEN);
  view.setUint8(1, channelType | (parameters.ordered ? 0 : UNORDERED_BIT));
  view.setUint16(2, parameters.priority);
  view.setUint32(4, reliability);
  view.setUint16(8, label.length);
  view.setUint16(10, protocol.length);
  message.set(label, OPEN_HEADER_OCTETS);
  message.set(protocol, OPEN_HEADER_OCTETS + label.length);
  return message;
}

/** https://www.rfc-editor.org/rfc/rfc8832#section-5.2 */
export function serializeAck(): Uint8Array {
  return Uint8Array.of(MESSAGE_TYPE_ACK);
}

function malformed(reason: string): ControlMessage {
  return { kind: 'malformed', reason };
}

function parseOpen(octets: Uint8Array): ControlMessage {
  if (octets.length < OPEN_HEADER_OCTETS) return malformed('DATA_CHANNEL_OPEN is shorter than its header');
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const channelType = view.getUint8(1);
  const reliability = view.getUint32(4);
  const labelLength = view.getUint16(8);
  const protocolLength = view.getUint16(10);
  // Octets behind the names are passed over, as browsers do: aiortc counts characters where octets are meant.
  const end = OPEN_HEADER_OCTETS + labelLength + protocolLength;
  if (octets.length < end) return malformed('the lengths in DATA_CHANNEL_OPEN add up to more than its size');
  const mode = channelType & ~UNORDERED_BIT;
  if (mode > LIMITED_LIFE_TIME) return malformed(`unknown channel type ${channelType}`);
  // The attributes of RTCDataChannel are 16 bits wide; a larger limit is as good as the largest of them.
  const limit = Math.min(reliability, 65535);
  const label = octets.subarray(OPEN_HEADER_OCTETS, OPEN_HEADER_OCTETS + labelLength);
  return {
    kind: 'open',
    parameters: {
      label: decoder.decode(label),
      protocol: decoder.decode(octets.subarray(OPEN_HEADER_OCTETS + labelLength, end)),
      ordered: (channelType & UNORDERED_BIT) === 0,
      maxRetransmits: mode === LIMITED_RETRANSMITS ? limit : null,
      maxPacketLifeTime: mode === LIMITED_LIFE_TIME ? limit : null,
      priority: view.getUint16(2),
    },
  };
}

/** Reads a message with PPID 50. */
export function parseControlMessage(octets: Uint8Array): ControlMessage {
  switch (octets[0]) {
    case undefined:
      return malformed('empty control message');
    case MESSAGE_TYPE_ACK:
      return octets.length === 1 ? { kind: 'ack' } : malformed('DATA_CHANNEL_ACK with octets behind it');
    case MESSAGE_TYPE_OPEN:
      return parseOpen(octets);
    default:
      return malformed(`unknown message type ${octets[0]}`);
  }
}

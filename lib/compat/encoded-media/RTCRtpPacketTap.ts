import type { EventHandler } from '../../dom/event-handler';
import { fireEvent } from '../../dom/fire-event';
import { Event, EventTarget } from '../../dom/realm';
import type { PacketKind, RtpPackets } from '../../media/rtp-packets';
import * as webidl from '../../webidl';
import { toRTCPacketKind } from '../../webidl/generated/enums';
import { receiverSlotsOf, type RTCRtpReceiver } from '../../webrtc/RTCRtpReceiver';
import { type RTCRtpSender, senderSlotsOf } from '../../webrtc/RTCRtpSender';

const INTERFACE = 'RTCRtpPacketTap';
/** Of a fixed RTP header, and of the shortest RTCP packet. */
const smallest = { rtp: 12, rtcp: 8 };
/** What a datagram can hold; the path carries less. */
const largest = 65_507;

/** `packet` of a tap. */
class PacketEvent extends Event {
  readonly packet: Buffer;
  readonly kind: PacketKind;

  constructor(packet: Buffer, kind: PacketKind) {
    super('packet');
    this.packet = packet;
    this.kind = kind;
  }
}

function packetsOf(target: unknown, context: string): RtpPackets {
  if (webidl.isInterface('RTCRtpSender', target)) return senderSlotsOf(target as RTCRtpSender).packets;
  return receiverSlotsOf(webidl.interfaceConverter('RTCRtpReceiver')(target, context)).packets;
}

/** RTP and RTCP of one sender or receiver, in the clear: to see, and to send or to feed in (docs/nonstandard.md). */
export class RTCRtpPacketTap extends EventTarget {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #packets in value);
  }

  declare onpacket: EventHandler;

  readonly #packets: RtpPackets;
  #end: (() => void) | null;

  constructor(target: RTCRtpReceiver | RTCRtpSender) {
    const context = webidl.constructorContext(INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const packets = packetsOf(target, context);
    super();
    this.#packets = packets;
    this.#end = packets.observe((packet, kind) => {
      fireEvent(this, new PacketEvent(packet, kind));
    });
  }

  get stopped(): boolean {
    return this.#end === null;
  }

  /** Shows nothing any more, and writes nothing. */
  stop(): void {
    const end = this.#end;
    this.#end = null;
    end?.();
  }

  /**
   * Of a sender: sends the packet as it is. Of a receiver: as if it had come from the peer.
   * @returns false where there is no connection to take it, or after stop()
   */
  write(packet: ArrayBuffer | ArrayBufferView, kind: PacketKind = 'rtp'): boolean {
    const packets = this.#packets;
    const context = webidl.operationContext('write', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const octets = webidl.bytesOf(webidl.toBufferSource(packet, context));
    const which = toRTCPacketKind(kind, context);
    if (octets.length < smallest[which] || octets.length > largest || (octets[0] ?? 0) >> 6 !== 2) {
      throw webidl.conversionError(context, `This is no packet of ${which.toUpperCase()}.`);
    }
    return this.#end !== null && packets.write(octets, which);
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    RTCRtpPacketTap: RTCRtpPacketTap;
  }
}

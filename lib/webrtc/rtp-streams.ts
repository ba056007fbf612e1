/** Brings what the engine sends and receives up to what has been negotiated, and what the application has chosen. */
import { mediaOfTransceiver } from '../jsep/media-places';
import type { NegotiatedCodec } from '../jsep/rtp-types';
import { nativeTrackOf, setTrackMuted, trackSlotsOf, whenHintChanges } from '../mediacapture/MediaStreamTrack';
import { ReceiverFrameTap, SenderFrameTap } from '../media/native-frame-tap';
import { NativePacketPort } from '../media/native-packet-port';
import type { RtpReceiver } from '../media/rtp-receiver';
import type { RtpSender } from '../media/rtp-sender';
import type { RtpTransport } from '../media/rtp-transport';
import type { Connection } from './connection';
import { encodedSourceOf, SenderSink } from './encoded-sender';
import { nativeReceiveParameters } from './native-receive-parameters';
import { nativeSendParameters } from './native-send-parameters';
import { dtmfSlotsOf } from './RTCDTMFSender';
import { receiverSlotsOf, type ReceiverSlots } from './RTCRtpReceiver';
import { senderSlotsOf, type SenderSlots } from './RTCRtpSender';
import type { TransceiverSlots } from './RTCRtpTransceiver';

/** A stream object, and what it was made for: with another association it has to be made anew. */
export interface Attached<Stream> {
  readonly stream: Stream;
  readonly transport: RtpTransport;
  readonly generation: number;
}

/** All of them; to be called when a description was applied. */
export function updateStreams(connection: Connection): void {
  for (const transceiver of connection.transceivers.all) {
    if (isStopped(transceiver)) continue;
    updateReceiver(transceiver);
    updateSender(senderSlotsOf(transceiver.sender));
  }
}

/** Sends nothing any more, and receives nothing. */
export function closeStreams(transceiver: TransceiverSlots): void {
  const sender = senderSlotsOf(transceiver.sender);
  sender.followedHint?.end();
  sender.followedHint = null;
  detachSender(sender);
  detachReceiver(receiverSlotsOf(transceiver.receiver));
}

/** To be called when the track, the parameters or the hint of what it shows have changed. */
export function updateSender(sender: SenderSlots): void {
  const { transceiver, kind } = sender;
  followHint(sender);
  const transport = transportOf(transceiver);
  const parameters = transport && !isStopped(transceiver) ? nativeSendParameters(sender) : null;
  if (!transport || !parameters) {
    detachSender(sender);
    return;
  }
  if (!fits(sender.attached, transport)) {
    detachSender(sender);
    const stream = transport.createSender(kind);
    sender.attached = { stream, transport, generation: transport.generation };
    if (sender.dtmf) dtmfSlotsOf(sender.dtmf).toneSink = stream;
    const mimeTypeOf = (payloadType: number) => mimeTypeIn(sender.sendCodecs, payloadType);
    sender.packets.attachPort(new NativePacketPort(stream));
    sender.encodedFrames.attachTap(new SenderFrameTap(stream, { kind, mimeTypeOf }));
  }
  const { stream } = sender.attached!;
  // Without any codec in common there is nothing to send with.
  if (parameters.encodings.length === 0) {
    stream.setTrack(null);
    closeSink(sender);
    return;
  }
  stream.configure(parameters);
  const source = encodedSourceOf(sender.track);
  if (sender.encodedSink && (sender.encodedSink.source !== source || sender.encodedSink.stream !== stream)) {
    closeSink(sender);
  }
  if (sender.track?.readyState === 'ended' && !source) stream.setEndedTrack();
  else stream.setTrack(sender.track && !source ? nativeTrackOf(sender.track) : null);
  if (sender.encodedSink) sender.encodedSink.update();
  else if (source) sender.encodedSink = new SenderSink(sender, source, stream);
}

/**
 * What a track shows bears on how it is coded, from the moment that it is said. The track may live on when the sender is done,
 * or lost: the sender has the steps, and the track does not keep them.
 */
function followHint(sender: SenderSlots): void {
  const { followedHint, transceiver } = sender;
  const track = isStopped(transceiver) ? null : sender.track;
  if (followedHint?.track === track) return;
  followedHint?.end();
  const update = (): void => {
    updateSender(sender);
  };
  sender.followedHint = track && { track, update, end: whenHintChanges(track, update) };
}

function isStopped({ stopping, stopped }: TransceiverSlots): boolean {
  return stopping || stopped;
}

function updateReceiver(transceiver: TransceiverSlots): void {
  const receiver = receiverSlotsOf(transceiver.receiver);
  const transport = transportOf(transceiver);
  const parameters = transport ? nativeReceiveParameters(receiver) : null;
  if (!transport || !parameters) {
    detachReceiver(receiver);
    return;
  }
  if (!fits(receiver.attached, transport)) {
    detachReceiver(receiver);
    const source = trackSlotsOf(receiver.track).source.native?.();
    if (!source) return;
    const stream = transport.createReceiver(transceiver.kind, source);
    receiver.attached = { stream, transport, generation: transport.generation };
    stream.setJitterBufferTarget(receiver.jitterBufferTarget);
    stream.onflow = (flows) => {
      // https://w3c.github.io/webrtc-pc/#rtcrtpreceiver-interface: unmuted by the first packet, muted when they end.
      if (!transceiver.stopping && (!flows || transceiver.receptive)) setTrackMuted(receiver.track, !flows);
    };
    const mimeTypeOf = (payloadType: number) => mimeTypeIn(receiver.receiveCodecs, payloadType);
    receiver.packets.attachPort(new NativePacketPort(stream));
    receiver.encodedFrames.attachTap(new ReceiverFrameTap(stream, { kind: transceiver.kind, mimeTypeOf }));
  }
  receiver.attached!.stream.configure(parameters);
}

function fits(attached: Attached<RtpSender | RtpReceiver> | null, transport: RtpTransport): boolean {
  return attached?.transport === transport && attached.generation === transport.generation;
}

function detachSender(sender: SenderSlots): void {
  if (!sender.attached) return;
  if (sender.dtmf) dtmfSlotsOf(sender.dtmf).toneSink = null;
  closeSink(sender);
  sender.encodedFrames.attachTap(null);
  sender.packets.attachPort(null);
  sender.attached.stream.close();
  sender.attached = null;
}

function closeSink(sender: SenderSlots): void {
  sender.encodedSink?.close();
  sender.encodedSink = null;
}

function detachReceiver(receiver: ReceiverSlots): void {
  if (!receiver.attached) return;
  receiver.encodedFrames.attachTap(null);
  receiver.packets.attachPort(null);
  receiver.attached.stream.close();
  receiver.attached = null;
}

/** Empty when it is not negotiated any more. */
function mimeTypeIn(codecs: readonly NegotiatedCodec[], payloadType: number): string {
  return codecs.find((codec) => codec.payloadType === payloadType)?.mimeType ?? '';
}

/** What the transceiver's media goes over; null before DTLS has begun. */
function transportOf({ connection, id }: TransceiverSlots): RtpTransport | null {
  const media = mediaOfTransceiver(connection.session, id);
  const transport = connection.transports.rtpTransportOf(media?.transportId ?? null);
  return transport && transport.generation > 0 ? transport : null;
}

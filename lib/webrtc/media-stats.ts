/** What there is to tell of the streams of transceivers: https://w3c.github.io/webrtc-stats/ */
import type { NativeRtpTransportStats, NativeSenderStats } from '../binding/native-addon';
import { sends } from '../jsep/media-direction';
import { mediaOfTransceiver } from '../jsep/media-places';
import { codecStats } from '../stats/types/codec';
import { inboundRtpStats, remoteOutboundRtpStats } from '../stats/types/inbound-rtp';
import { mediaPlayoutStats } from '../stats/types/media-playout';
import { mediaSourceStats } from '../stats/types/media-source';
import { outboundRtpStats } from '../stats/types/outbound-rtp';
import { remoteInboundRtpStats } from '../stats/types/remote-inbound-rtp';
import type { RTCStats } from '../webidl/generated/stats';
import type { Connection } from './connection';
import { fittingFirst } from './encoded-sender';
import { expectedReception } from './native-receive-parameters';
import { receiverSlotsOf } from './RTCRtpReceiver';
import { senderSlotsOf } from './RTCRtpSender';
import type { TransceiverSlots } from './RTCRtpTransceiver';
import { codecOfEncoding, defaultScalabilityMode } from './send-encodings';

/** What the engine has counted, of each transport by its id. */
export type RtpSnapshots = ReadonlyMap<string, NativeRtpTransportStats>;
type Describe = (snapshots: RtpSnapshots, timestamp: number) => RTCStats[];

/**
 * Entries of all transceivers as they are now, for when the engine has counted: what stops meanwhile is told of still.
 * Streams that are received are told of once a packet has come.
 */
export function mediaEntries(connection: Connection): Describe {
  const transceivers = connection.transceivers.all.flatMap((transceiver) => [
    senderEntries(connection, transceiver),
    receiverEntries(connection, transceiver),
  ]);
  return (snapshots, timestamp) => {
    const entries = transceivers.flatMap((describe) => describe(snapshots, timestamp));
    const played = connection.playoutTime.update(snapshots);
    if (played !== null) entries.push(mediaPlayoutStats(played, timestamp));
    // Sections of one transport share its codecs.
    return [...new Map(entries.map((entry) => [entry.id, entry])).values()];
  };
}

function transportIdOf({ session }: Connection, { id }: TransceiverSlots): string | null {
  return mediaOfTransceiver(session, id)?.transportId ?? null;
}

function senderEntries(connection: Connection, transceiver: TransceiverSlots): Describe {
  const transportId = transportIdOf(connection, transceiver);
  const { track, attached } = senderSlotsOf(transceiver.sender);
  const source = { transceiverId: transceiver.id, trackId: track?.id ?? '', kind: transceiver.kind };
  const hasSource = track !== null && !transceiver.stopped;
  const outbound = transportId === null ? null : outboundEntries(connection, transceiver, transportId);
  return (snapshots, timestamp) => {
    const senders = snapshots.get(transportId ?? '')?.senders;
    const native = senders?.find(({ id }) => id === attached?.stream.id) ?? null;
    return [
      ...(hasSource ? [mediaSourceStats(source, native?.source ?? null, timestamp)] : []),
      ...(outbound?.(native, timestamp) ?? []),
    ];
  };
}

/**
 * One stream for each encoding, as soon as an answer says that it is sent; on hold, too, when it is not active
 * (https://w3c.github.io/webrtc-stats/#the-rtp-statistics-hierarchy).
 */
function outboundEntries(
  connection: Connection,
  transceiver: TransceiverSlots,
  transportId: string,
): ((native: NativeSenderStats | null, timestamp: number) => RTCStats[]) | null {
  const { id, kind, mid, stopping, currentDirection, hasSent } = transceiver;
  if (!hasSent || stopping || mid === null) return null;
  const isSending = currentDirection !== null && sends(currentDirection);
  const sender = senderSlotsOf(transceiver.sender);
  const sendsAgain = sender.sendCodecs.some(({ mimeType }) => mimeType.toLowerCase() === `${kind}/rtx`);
  const sendCodecs = fittingFirst(sender, sender.sendCodecs);
  const ssrcs = connection.transceivers.ssrcsOf(sender);
  const streams = sender.sendEncodings.map((encoding, encodingIndex) => {
    const { ssrc, rtxSsrc } = ssrcs[encodingIndex]!;
    const codec = codecOfEncoding(encoding, sendCodecs);
    const stream = {
      transceiverId: id,
      transportId,
      mid,
      kind,
      encodingIndex,
      rid: encoding.rid ?? '',
      ssrc,
      rtxSsrc: sendsAgain ? rtxSsrc : null,
      isActive: isSending && encoding.active,
      payloadType: codec?.payloadType ?? null,
      trackId: sender.track?.id ?? null,
      scalabilityMode: encoding.scalabilityMode ?? null,
      defaultScalabilityMode: defaultScalabilityMode(sender.sendEncodings, codec),
    };
    return { stream, codec };
  });
  return (native, timestamp) =>
    streams.flatMap(({ stream, codec }) => {
      const sent = native?.streams.find((each) => each.ssrc === stream.ssrc) ?? null;
      return [
        outboundRtpStats(stream, sent, timestamp),
        ...(sent?.remote ? [remoteInboundRtpStats(stream, sent.remote)] : []),
        ...(codec ? [codecStats({ ...codec, transportId, direction: 'send' }, timestamp)] : []),
      ];
    });
}

function receiverEntries(connection: Connection, transceiver: TransceiverSlots): Describe {
  const transportId = transportIdOf(connection, transceiver);
  const receiver = receiverSlotsOf(transceiver.receiver);
  const { track, attached } = receiver;
  const { mid, kind, id } = transceiver;
  if (transportId === null || mid === null || !attached) return () => [];
  const stream = { transceiverId: id, transportId, mid, kind, trackId: track.id };
  const codecs = expectedReception(receiver)?.receiveCodecs ?? [];
  return (snapshots, timestamp) => {
    const native = snapshots.get(transportId)?.receivers.find((each) => each.id === attached.stream.id);
    return (native?.streams ?? []).flatMap((received) => {
      const codec = codecs.find(({ payloadType }) => payloadType === received.payloadType);
      return [
        inboundRtpStats(stream, received, timestamp),
        ...(received.remote ? [remoteOutboundRtpStats(stream, received, received.remote)] : []),
        ...(codec ? [codecStats({ ...codec, transportId, direction: 'receive' }, timestamp)] : []),
      ];
    });
  };
}

/**
 * "The stats selection algorithm" for a sender or a receiver (https://w3c.github.io/webrtc-pc/#dfn-stats-selection-algorithm):
 * the streams that `isSelected` picks, and all that they refer to, directly or not.
 */
export function selectEntries(entries: readonly RTCStats[], isSelected: (entry: RTCStats) => boolean): RTCStats[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const selected = new Set<RTCStats>();
  const pending = entries.filter(isSelected);
  for (let entry = pending.pop(); entry; entry = pending.pop()) {
    if (selected.has(entry)) continue;
    selected.add(entry);
    for (const [name, value] of Object.entries(entry) as [string, unknown][]) {
      const referred = name.endsWith('Id') && typeof value === 'string' ? byId.get(value) : undefined;
      if (referred) pending.push(referred);
    }
  }
  return entries.filter((entry) => selected.has(entry));
}

/** What there is to tell of the streams of transceivers: https://w3c.github.io/webrtc-stats/ */
import { codecStats } from '../stats/types/codec';
import { mediaSourceStats } from '../stats/types/media-source';
import { outboundRtpStats } from '../stats/types/outbound-rtp';
import type { RTCStats } from '../webidl/generated/stats';
import type { Connection } from './connection';
import { senderSlotsOf } from './RTCRtpSender';
import type { TransceiverSlots } from './RTCRtpTransceiver';
import { codecOfEncoding } from './send-encodings';

/** Entries of all transceivers. Streams that are received are told of once a packet has come: there is none yet. */
export function mediaEntries(connection: Connection, timestamp: number): RTCStats[] {
  const entries: RTCStats[] = [];
  for (const transceiver of connection.transceivers.all) {
    const { track } = senderSlotsOf(transceiver.sender);
    if (track && !transceiver.stopped) {
      const source = { transceiverId: transceiver.id, trackId: track.id, kind: transceiver.kind };
      entries.push(mediaSourceStats(source, timestamp));
    }
    entries.push(...outboundEntries(connection, transceiver, timestamp));
  }
  // Sections of one transport share its codecs.
  return [...new Map(entries.map((entry) => [entry.id, entry])).values()];
}

/** One stream for each encoding, as soon as an answer says that it is sent. */
function outboundEntries(connection: Connection, transceiver: TransceiverSlots, timestamp: number): RTCStats[] {
  const { id, kind, mid, stopping, currentDirection } = transceiver;
  const isSending = currentDirection === 'sendrecv' || currentDirection === 'sendonly';
  const transportId = connection.session.media.find(({ transceiverId }) => transceiverId === id)?.transportId ?? null;
  if (!isSending || stopping || mid === null || transportId === null) return [];
  const sender = senderSlotsOf(transceiver.sender);
  const sendsAgain = sender.sendCodecs.some(({ mimeType }) => mimeType.toLowerCase() === `${kind}/rtx`);
  const ssrcs = connection.transceivers.ssrcsOf(sender);
  return sender.sendEncodings.flatMap((encoding, encodingIndex) => {
    const { ssrc, rtxSsrc } = ssrcs[encodingIndex]!;
    const codec = codecOfEncoding(encoding, sender.sendCodecs);
    const stream = {
      transceiverId: id,
      transportId,
      mid,
      kind,
      encodingIndex,
      rid: encoding.rid ?? '',
      ssrc,
      rtxSsrc: sendsAgain ? rtxSsrc : null,
      isActive: encoding.active,
      payloadType: codec?.payloadType ?? null,
      trackId: sender.track?.id ?? null,
      scalabilityMode: encoding.scalabilityMode ?? null,
    };
    return [
      outboundRtpStats(stream, timestamp),
      ...(codec ? [codecStats({ ...codec, transportId, direction: 'send' }, timestamp)] : []),
    ];
  });
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

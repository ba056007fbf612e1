import { performance } from 'node:perf_hooks';
import type { NativeIceStats, NativeRtpTransportStats } from '../binding/native-addon';
import { certificateStatsId, peerConnectionStatsId } from '../stats/stats-ids';
import { candidateStats } from '../stats/types/candidate';
import { candidatePairStats } from '../stats/types/candidate-pair';
import { localCertificateStats, remoteCertificateStats } from '../stats/types/certificate';
import { dataChannelStats } from '../stats/types/data-channel';
import { transportStats } from '../stats/types/transport';
import { createDOMException } from '../dom/dom-exception';
import { queueTask } from '../dom/queue-task';
import type { MediaStreamTrack } from '../mediacapture/MediaStreamTrack';
import * as webidl from '../webidl';
import type { RTCPeerConnectionStats, RTCStats } from '../webidl/generated/stats';
import type { Connection } from './connection';
import type { TransportPair } from './connection-transports';
import { mediaEntries, selectEntries } from './media-stats';
import { dtlsSlotsOf } from './RTCDtlsTransport';
import { iceSlotsOf } from './RTCIceTransport';
import { receiverSlotsOf, type ReceiverSlots } from './RTCRtpReceiver';
import { senderSlotsOf, type SenderSlots } from './RTCRtpSender';
import { RTCStatsReport } from './RTCStatsReport';

/** A sender or a receiver of the connection; null: all of it. */
export type StatsSelector = { readonly sender: SenderSlots } | { readonly receiver: ReceiverSlots } | null;

/**
 * Step 4 of https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-getstats: the sender or receiver that has the track.
 * None, or more than one, is an InvalidAccessError.
 */
export function selectorOf(connection: Connection, track: MediaStreamTrack, context: string): StatsSelector {
  const { all } = connection.transceivers;
  const senders = all.map(({ sender }) => senderSlotsOf(sender)).filter((sender) => sender.track === track);
  const receivers = all.map(({ receiver }) => receiverSlotsOf(receiver)).filter((receiver) => receiver.track === track);
  const [selector, another] = [
    ...senders.map((sender) => ({ sender })),
    ...receivers.map((receiver) => ({ receiver })),
  ];
  if (selector && !another) return selector;
  const reason = another ? 'More than one sender or receiver has' : 'No sender or receiver has';
  throw createDOMException(`${context}: ${reason} the track.`, 'InvalidAccessError');
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-getstats, the parallel steps */
export async function getStats(connection: Connection, selector: StatsSelector = null): Promise<RTCStatsReport> {
  // One native snapshot for each transport, all asked for at once.
  const pairs = connection.transports.pairs.filter(({ id }) => id !== null);
  const describeMedia = mediaEntries(connection);
  const rtpSnapshots = new Map<string, NativeRtpTransportStats>();
  const [snapshots] = await Promise.all([
    Promise.all(pairs.map(({ ice }) => ice.requestStats())),
    Promise.all(
      pairs.map(async ({ id, rtp }) => {
        const snapshot = await rtp.requestStats();
        if (snapshot) rtpSnapshots.set(id ?? '', snapshot);
      }),
    ),
  ]);
  const timestamp = performance.timeOrigin + performance.now();
  const entries: RTCStats[] = [connectionStats(connection, timestamp)];
  pairs.forEach((pair, index) => {
    const snapshot = snapshots[index];
    const rtp = rtpSnapshots.get(pair.id ?? '') ?? null;
    if (snapshot) entries.push(...transportEntries(pair, snapshot, rtp, timestamp));
  });
  entries.push(...connection.channels.describe().map((channel) => dataChannelStats(channel, timestamp)));
  entries.push(...describeMedia(rtpSnapshots, timestamp));
  const report = new RTCStatsReport(webidl.constructionKey, select(entries, selector));
  return new Promise((resolve) => {
    queueTask(() => {
      resolve(report);
    });
  });
}

/** https://w3c.github.io/webrtc-pc/#dfn-stats-selection-algorithm */
function select(entries: RTCStats[], selector: StatsSelector): RTCStats[] {
  if (selector === null) return entries;
  const type = 'sender' in selector ? 'outbound-rtp' : 'inbound-rtp';
  const { mid } = ('sender' in selector ? selector.sender : selector.receiver).transceiver;
  return selectEntries(entries, (entry) => entry.type === type && (entry as { mid?: string }).mid === mid);
}

function connectionStats({ channels }: Connection, timestamp: number): RTCPeerConnectionStats {
  return {
    id: peerConnectionStatsId,
    timestamp,
    type: 'peer-connection',
    dataChannelsOpened: channels.opened,
    dataChannelsClosed: channels.closed,
  };
}

function transportEntries(
  pair: TransportPair,
  ice: NativeIceStats,
  rtp: NativeRtpTransportStats | null,
  timestamp: number,
): RTCStats[] {
  const transportId = pair.id ?? '';
  const { certificate, info, role } = pair.dtls;
  const local = certificate && localCertificateStats(certificate, timestamp);
  const remote = remoteCertificateStats(info?.peerCertificates ?? [], timestamp);
  const { role: iceRole, state: iceState, localParameters } = iceSlotsOf(pair.rtcIce);
  const description = {
    transportId,
    iceRole,
    iceState,
    dtlsState: dtlsSlotsOf(pair.rtcDtls).state,
    dtlsRole: role,
    localUsernameFragment: localParameters?.usernameFragment ?? null,
    info,
    localCertificateId: local && certificateStatsId(local.fingerprint),
    remoteCertificateId: remote[0]?.id ?? null,
  };
  return [
    transportStats(description, ice, timestamp),
    ...ice.pairs.map((each) =>
      candidatePairStats(transportId, each, each.id === ice.selectedPairId ? rtp : null, timestamp),
    ),
    ...ice.candidates.map((each) => candidateStats(transportId, each, pair.ice.signalledAddresses, timestamp)),
    ...(local ? [local] : []),
    ...remote,
  ];
}

import { performance } from 'node:perf_hooks';
import type { NativeIceStats } from '../binding/native-addon';
import { certificateStatsId, peerConnectionStatsId } from '../stats/stats-ids';
import { candidateStats } from '../stats/types/candidate';
import { candidatePairStats } from '../stats/types/candidate-pair';
import { localCertificateStats, remoteCertificateStats } from '../stats/types/certificate';
import { dataChannelStats } from '../stats/types/data-channel';
import { transportStats } from '../stats/types/transport';
import { queueTask } from '../dom/queue-task';
import * as webidl from '../webidl';
import type { RTCPeerConnectionStats, RTCStats } from '../webidl/generated/stats';
import type { Connection } from './connection';
import type { TransportPair } from './connection-transports';
import { dtlsSlotsOf } from './RTCDtlsTransport';
import { iceSlotsOf } from './RTCIceTransport';
import { RTCStatsReport } from './RTCStatsReport';

/** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-getstats, the parallel steps with a null selector */
export async function getStats(connection: Connection): Promise<RTCStatsReport> {
  // One native snapshot for each transport, all asked for at once.
  const pairs = connection.transports.pairs.filter(({ id }) => id !== null);
  const snapshots = await Promise.all(pairs.map(({ ice }) => ice.requestStats()));
  const timestamp = performance.timeOrigin + performance.now();
  const entries: RTCStats[] = [connectionStats(connection, timestamp)];
  pairs.forEach((pair, index) => {
    const snapshot = snapshots[index];
    if (snapshot) entries.push(...transportEntries(pair, snapshot, timestamp));
  });
  entries.push(...connection.channels.describe().map((channel) => dataChannelStats(channel, timestamp)));
  const report = new RTCStatsReport(webidl.constructionKey, entries);
  return new Promise((resolve) => {
    queueTask(() => {
      resolve(report);
    });
  });
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

function transportEntries(pair: TransportPair, ice: NativeIceStats, timestamp: number): RTCStats[] {
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
    ...ice.pairs.map((each) => candidatePairStats(transportId, each, timestamp)),
    ...ice.candidates.map((each) => candidateStats(transportId, each, pair.ice.signalledAddresses, timestamp)),
    ...(local ? [local] : []),
    ...remote,
  ];
}

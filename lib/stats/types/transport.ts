import type { NativeDtlsInfo, NativeIceStats } from '../../binding/native-addon';
import type { RTCDtlsTransportState, RTCIceRole, RTCIceTransportState } from '../../webidl/generated/enums';
import type { RTCTransportStats } from '../../webidl/generated/stats';
import { candidatePairStatsId, transportStatsId } from '../stats-ids';

/** What the entry says beside the native counters. */
export interface TransportDescription {
  readonly transportId: string;
  readonly iceRole: RTCIceRole;
  readonly iceState: RTCIceTransportState;
  readonly dtlsState: RTCDtlsTransportState;
  readonly dtlsRole: 'client' | 'server' | null;
  readonly localUsernameFragment: string | null;
  readonly info: NativeDtlsInfo | null;
  readonly localCertificateId: string | null;
  readonly remoteCertificateId: string | null;
}

/** Where OpenSSL's name of a protection profile is not the one that IANA registered. */
const REGISTERED_PROFILES: ReadonlyMap<string, string> = new Map([
  ['SRTP_AES128_CM_SHA1_80', 'SRTP_AES128_CM_HMAC_SHA1_80'],
  ['SRTP_AES128_CM_SHA1_32', 'SRTP_AES128_CM_HMAC_SHA1_32'],
]);

/** https://w3c.github.io/webrtc-stats/#transportstats-dict* */
export function transportStats(
  description: TransportDescription,
  ice: NativeIceStats,
  timestamp: number,
): RTCTransportStats {
  const { transportId, info, localCertificateId, remoteCertificateId, localUsernameFragment } = description;
  return {
    id: transportStatsId(transportId),
    timestamp,
    type: 'transport',
    packetsSent: ice.packetsSent,
    packetsReceived: ice.packetsReceived,
    bytesSent: ice.bytesSent,
    bytesReceived: ice.bytesReceived,
    iceRole: description.iceRole,
    ...(localUsernameFragment === null ? {} : { iceLocalUsernameFragment: localUsernameFragment }),
    dtlsState: description.dtlsState,
    iceState: description.iceState,
    ...(ice.selectedPairId === ''
      ? {}
      : { selectedCandidatePairId: candidatePairStatsId(transportId, ice.selectedPairId) }),
    ...(localCertificateId === null ? {} : { localCertificateId }),
    ...(remoteCertificateId === null ? {} : { remoteCertificateId }),
    ...(info ? { tlsVersion: info.version, dtlsCipher: info.cipher } : {}),
    dtlsRole: description.dtlsRole ?? 'unknown',
    ...(info && info.srtpCipher !== ''
      ? { srtpCipher: REGISTERED_PROFILES.get(info.srtpCipher) ?? info.srtpCipher }
      : {}),
    selectedCandidatePairChanges: ice.selectedPairChanges,
  };
}

import type { NativeIceStats } from '../../binding/native-addon';
import type { RTCIceCandidateStats } from '../../webidl/generated/stats';
import { candidateStatsId, transportStatsId } from '../stats-ids';

/** https://w3c.github.io/webrtc-stats/#icecandidate-dict* */
export function candidateStats(
  transportId: string,
  candidate: NativeIceStats['candidates'][number],
  timestamp: number,
): RTCIceCandidateStats {
  const { remote, tcpType, relatedAddress, relayProtocol, url } = candidate;
  return {
    id: candidateStatsId(transportId, candidate.id, remote),
    timestamp,
    type: remote ? 'remote-candidate' : 'local-candidate',
    transportId: transportStatsId(transportId),
    // A remote address that was not signalled is not told (webrtc-stats, `address`).
    address: remote && candidate.type === 'prflx' ? null : candidate.address,
    port: candidate.port,
    protocol: candidate.protocol,
    candidateType: candidate.type,
    priority: candidate.priority,
    foundation: candidate.foundation,
    usernameFragment: candidate.usernameFragment,
    ...(tcpType === '' ? {} : { tcpType }),
    ...(relatedAddress === '' ? {} : { relatedAddress, relatedPort: candidate.relatedPort }),
    ...(remote || relayProtocol === '' ? {} : { relayProtocol }),
    ...(remote || url === '' ? {} : { url }),
  };
}

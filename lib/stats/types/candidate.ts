import type { NativeIceStats } from '../../binding/native-addon';
import type { RTCIceCandidateStats } from '../../webidl/generated/stats';
import { candidateStatsId, transportStatsId } from '../stats-ids';

/**
 * https://w3c.github.io/webrtc-stats/#icecandidate-dict*
 * @param signalledAddresses of remote candidates that the application, or the peer's descriptions, told us
 */
export function candidateStats(
  transportId: string,
  candidate: NativeIceStats['candidates'][number],
  signalledAddresses: ReadonlySet<string>,
  timestamp: number,
): RTCIceCandidateStats {
  const { remote, tcpType, relatedAddress, relayProtocol, url, usernameFragment } = candidate;
  return {
    id: candidateStatsId(transportId, candidate.id, remote),
    timestamp,
    type: remote ? 'remote-candidate' : 'local-candidate',
    transportId: transportStatsId(transportId),
    // A remote address that checks came from is told only once it has been signalled too (webrtc-stats, `address`).
    address:
      remote && candidate.type === 'prflx' && !signalledAddresses.has(candidate.address) ? null : candidate.address,
    port: candidate.port,
    protocol: candidate.protocol,
    candidateType: candidate.type,
    priority: candidate.priority,
    foundation: candidate.foundation,
    ...(usernameFragment === '' ? {} : { usernameFragment }),
    ...(tcpType === '' ? {} : { tcpType }),
    ...(relatedAddress === '' ? {} : { relatedAddress, relatedPort: candidate.relatedPort }),
    ...(remote || relayProtocol === '' ? {} : { relayProtocol }),
    ...(remote || url === '' ? {} : { url }),
  };
}

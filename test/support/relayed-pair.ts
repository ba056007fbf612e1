/** Two real peers with a bad network between them. */
import { RTCPeerConnection } from '../../lib';
import { UdpRelay, type Impairments } from './udp-relay';

export interface RelayedPair {
  relay: UdpRelay;
  left: RTCPeerConnection;
  right: RTCPeerConnection;
  close(): void;
}

/**
 * Two connections whose every datagram goes through a relay.
 * @param prepare called before the offer: create channels here
 */
export async function relayedPair(
  impairments: Impairments,
  prepare: (left: RTCPeerConnection, right: RTCPeerConnection) => void,
): Promise<RelayedPair> {
  const relay = await UdpRelay.open(impairments);
  const left = new RTCPeerConnection();
  const right = new RTCPeerConnection();
  const pass = (side: 0 | 1, from: RTCPeerConnection, to: RTCPeerConnection) => {
    from.onicecandidate = ({ candidate }) => {
      const stand = candidate?.candidate ? relay.stand(side, candidate.candidate) : null;
      if (stand) void to.addIceCandidate({ candidate: stand, sdpMid: candidate!.sdpMid });
    };
  };
  prepare(left, right);
  const offer = await left.createOffer();
  await Promise.all([left.setLocalDescription(offer), right.setRemoteDescription(offer as RTCSessionDescriptionInit)]);
  pass(0, left, right);
  const answer = await right.createAnswer();
  await Promise.all([
    right.setLocalDescription(answer),
    left.setRemoteDescription(answer as RTCSessionDescriptionInit),
  ]);
  pass(1, right, left);
  return {
    relay,
    left,
    right,
    close() {
      left.close();
      right.close();
      relay.close();
    },
  } satisfies RelayedPair;
}
type RTCSessionDescriptionInit = Parameters<RTCPeerConnection['setRemoteDescription']>[0];

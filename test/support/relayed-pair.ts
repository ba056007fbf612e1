/** Two real peers with a bad network between them. */
import { RTCPeerConnection } from '../../lib';
import { UdpRelay, type Impairments } from './udp-relay';

/** What every datagram of a pair goes through. */
export interface Relay {
  /** The candidate line to hand to the other peer instead of this one, or null for one to keep from it. */
  stand(side: 0 | 1, candidate: string): string | null;
  close(): unknown;
}

export interface RelayedPair<T extends Relay = UdpRelay> {
  relay: T;
  left: RTCPeerConnection;
  right: RTCPeerConnection;
  /** Resolves once nothing is left of the relay. */
  close(): Promise<void>;
}

type Prepare = (left: RTCPeerConnection, right: RTCPeerConnection) => void;

/**
 * Two connections whose every datagram goes through a relay.
 * @param prepare called before the offer: create channels and tracks here
 */
export async function relayedPair(impairments: Impairments, prepare: Prepare): Promise<RelayedPair> {
  return pairThrough(await UdpRelay.open(impairments), prepare);
}

export async function pairThrough<T extends Relay>(
  relay: T,
  prepare: Prepare,
  configuration?: ConstructorParameters<typeof RTCPeerConnection>[0],
): Promise<RelayedPair<T>> {
  const left = new RTCPeerConnection(configuration);
  const right = new RTCPeerConnection(configuration);
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
    async close() {
      left.close();
      right.close();
      await relay.close();
    },
  };
}
type RTCSessionDescriptionInit = Parameters<RTCPeerConnection['setRemoteDescription']>[0];

import type { NativeIceCandidate, NativeIceCandidateError } from '../binding/native-addon';
import { candidateText } from '../sdp/attributes/ice';
import { fromNativeCandidate } from '../transport/ice-candidate';
import * as webidl from '../webidl';
import type { RTCLocalIceCandidateInit } from '../webidl/generated/dictionaries';
import { RTCIceCandidate } from './RTCIceCandidate';
import { RTCIceCandidatePair } from './RTCIceCandidatePair';
import type { IceTransportSlots } from './RTCIceTransport';
import { RTCPeerConnectionIceErrorEvent } from './RTCPeerConnectionIceErrorEvent';

/** The section that a candidate is signalled for. */
type Place = Partial<Pick<RTCLocalIceCandidateInit, 'sdpMid' | 'sdpMLineIndex'>>;

/** https://w3c.github.io/webrtc-pc/#dfn-create-an-rtcicecandidate, of a candidate that was gathered */
export function createLocalCandidate(
  native: NativeIceCandidate,
  { sdpMid = null, sdpMLineIndex = null }: Place,
  line = fromNativeCandidate(native),
): RTCIceCandidate {
  const { usernameFragment, url, relayProtocol } = native;
  return new RTCIceCandidate({
    sdpMid,
    sdpMLineIndex,
    candidate: `candidate:${candidateText(line)}`,
    usernameFragment,
    url: url === '' ? null : url,
    relayProtocol: relayProtocol === '' ? null : relayProtocol,
  });
}

/** https://w3c.github.io/webrtc-pc/#event-icecandidateerror */
export function createCandidateErrorEvent(error: NativeIceCandidateError): RTCPeerConnectionIceErrorEvent {
  const { address, port, url, code, reason } = error;
  return new RTCPeerConnectionIceErrorEvent('icecandidateerror', {
    address: address === '' ? null : address,
    port: address === '' ? null : port,
    url,
    errorCode: code,
    errorText: reason,
  });
}

/** The pair that was selected: of the candidates that are known, or of new ones where they are peer-reflexive. */
export function createSelectedPair(
  { localCandidates, remoteCandidates }: IceTransportSlots,
  local: NativeIceCandidate,
  remote: NativeIceCandidate,
  sdpMid: string,
): RTCIceCandidatePair {
  const find = (native: NativeIceCandidate, known: readonly RTCIceCandidate[]): RTCIceCandidate => {
    const found = known.find(
      ({ address, port, type, protocol }) =>
        address === native.address &&
        port === native.port &&
        protocol === native.protocol &&
        // The agent may have met it before it was told: then it is peer-reflexive there until the telling arrives.
        (type === native.type || native.type === 'prflx'),
    );
    return found ?? createLocalCandidate(native, { sdpMid });
  };
  return new RTCIceCandidatePair(webidl.constructionKey, find(local, localCandidates), find(remote, remoteCandidates));
}

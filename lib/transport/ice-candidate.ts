import type { NativeIceCandidate } from '../binding/native-addon';
import type { Candidate } from '../sdp/attributes/candidate';

/** A gathered candidate as SDP and RTCIceCandidate have it. */
export function fromNativeCandidate(native: NativeIceCandidate): Candidate {
  const isTcp = native.protocol === 'tcp' && native.tcpType !== '';
  return {
    foundation: native.foundation,
    component: 1,
    protocol: native.protocol,
    priority: native.priority,
    address: native.address,
    port: native.port,
    type: native.type,
    ...(native.relatedAddress === '' ? {} : { relatedAddress: native.relatedAddress, relatedPort: native.relatedPort }),
    ...(isTcp ? { tcpType: native.tcpType as Exclude<NativeIceCandidate['tcpType'], ''> } : {}),
    ...(native.usernameFragment === '' ? {} : { usernameFragment: native.usernameFragment }),
    extensions: [],
  };
}

/** A peer's candidate for the ICE agent. */
export function toNativeCandidate(candidate: Candidate): NativeIceCandidate {
  return {
    foundation: candidate.foundation,
    priority: candidate.priority,
    protocol: candidate.protocol,
    address: candidate.address,
    port: candidate.port,
    type: candidate.type,
    tcpType: candidate.tcpType ?? '',
    relatedAddress: candidate.relatedAddress ?? '',
    relatedPort: candidate.relatedPort ?? 0,
    usernameFragment: candidate.usernameFragment ?? '',
    relayProtocol: '',
    url: '',
  };
}

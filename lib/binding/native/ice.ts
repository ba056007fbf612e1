import type { NativeTransportHandle } from './handle';

export type NativeIceTransportState =
  'new' | 'checking' | 'connected' | 'completed' | 'disconnected' | 'failed' | 'closed';

export interface NativeIceCandidate {
  foundation: string;
  priority: number;
  protocol: 'udp' | 'tcp';
  /** IP address, or for a remote candidate a name (`x.local`). */
  address: string;
  port: number;
  type: 'host' | 'srflx' | 'prflx' | 'relay';
  /** Empty when not TCP. */
  tcpType: '' | 'active' | 'passive' | 'so';
  /** Empty when there is none. */
  relatedAddress: string;
  relatedPort: number;
  usernameFragment: string;
  relayProtocol: '' | 'udp' | 'tcp' | 'tls';
  url: string;
}

export interface NativeIceCandidateError {
  address: string;
  port: number;
  url: string;
  code: number;
  reason: string;
}

export interface NativeIceServer {
  url: string;
  scheme: 'stun' | 'stuns' | 'turn' | 'turns';
  host: string;
  port: number;
  transport: 'udp' | 'tcp';
  username: string;
  password: string;
}

export interface NativeIceParameters {
  usernameFragment: string;
  password: string;
  iceLite: boolean;
}

export interface NativeIceOptions {
  servers: NativeIceServer[];
  relayOnly: boolean;
  portRangeBegin: number;
  portRangeEnd: number;
  /** Empty: every usable interface. */
  bindAddress: string;
  udpMux: boolean;
  includeLoopback: boolean;
  /** 'active': connections to a peer's passive candidates; 'listen': passive candidates, too. */
  tcp: 'off' | 'active' | 'listen';
  /** A PEM file of authorities for TLS servers, besides the system's; or empty. */
  extraAuthorities: string;
  /** Addresses, prefixes, names of interfaces (`*` at the end stands for anything); none allowed: all are. */
  allowedInterfaces: string[];
  excludedInterfaces: string[];
  /** `local` empty: every local address of the same family. */
  natAddresses: { external: string; local: string }[];
  /** 'host': in place of the local address; 'srflx': beside it. */
  natCandidateType: 'host' | 'srflx';
  /** Host candidates have names of multicast DNS in place of addresses. */
  mdnsCandidates: boolean;
  /** RFC 8445 section 2.5: answers checks and sends none. */
  lite: boolean;
}

export interface NativeIceCandidatePairStats {
  id: string;
  localCandidateId: string;
  remoteCandidateId: string;
  state: 'frozen' | 'waiting' | 'in-progress' | 'failed' | 'succeeded';
  nominated: boolean;
  packetsSent: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
  /** Milliseconds since the Unix epoch; 0: never. */
  lastPacketSentTimestamp: number;
  lastPacketReceivedTimestamp: number;
  /** Seconds. */
  totalRoundTripTime: number;
  /** Seconds; -1: not measured yet. */
  currentRoundTripTime: number;
  requestsReceived: number;
  requestsSent: number;
  responsesReceived: number;
  responsesSent: number;
  consentRequestsSent: number;
  packetsDiscardedOnSend: number;
  bytesDiscardedOnSend: number;
}

export interface NativeIceStats {
  pairs: NativeIceCandidatePairStats[];
  candidates: (NativeIceCandidate & { id: string; remote: boolean })[];
  selectedPairId: string;
  selectedPairChanges: number;
  packetsSent: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
}

export interface NativeIceTransport extends NativeTransportHandle {
  gather(): void;
  /** For a pool: gathering has no end before {@link gather}, and follows interfaces that come until then. */
  gatherAhead(): void;
  /**
   * @param localRestartFollows the peer's offer restarts ICE, and restart() will answer it: no checks before that. The
   * former parameters, given again instead, undo it. Default: false
   */
  setRemoteParameters(parameters: NativeIceParameters, localRestartFollows?: boolean): void;
  addRemoteCandidate(candidate: NativeIceCandidate): void;
  /** Drops the peer's parameters, candidates and all pairs; answered by an IceState event that says 'new'. */
  forgetRemote(): void;
  setRemoteEndOfCandidates(): void;
  start(role: 'controlling' | 'controlled'): void;
  setRole(role: 'controlling' | 'controlled'): void;
  /** Until the restart is completed, the former credentials, given again, undo it. */
  restart(local: NativeIceParameters, options: NativeIceOptions): void;
}

export interface NativeSocketAddress {
  address: string;
  port: number;
}

export interface NativeIcePortOpened {
  addresses: NativeSocketAddress[];
  /** Why the port could not be opened; empty when it is. */
  error: string;
}

export interface NativeUnknownRequest {
  localUsernameFragment: string;
  remoteUsernameFragment: string;
  local: NativeSocketAddress;
  remote: NativeSocketAddress;
}

/** A UDP port that connections share; it opens once it is made, and tells so by an event. It has no statistics. */
export type NativeIceUdpPort = NativeTransportHandle;

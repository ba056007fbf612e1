import { randomBytes } from 'node:crypto';
import { createJsepSession, type IceParameters, type JsepSession } from '../jsep/jsep-session';
import { expectDefaultCertificate, type NativeCertificate } from '../transport/certificate';
import type {
  RTCIceConnectionState,
  RTCIceGatheringState,
  RTCPeerConnectionState,
  RTCSignalingState,
} from '../webidl/generated/enums';
import { CandidatePool } from './candidate-pool';
import { ConnectionTransports } from './connection-transports';
import { DataChannels } from './data-channels';
import { updateNegotiationNeededFlag } from './negotiation-needed';
import type { ConnectionConfigurationInit, NonstandardConfiguration } from './nonstandard-configuration';
import { OperationsChain } from './operations-chain';
import { nativeCertificateOf } from './RTCCertificate';
import { type ConnectionConfiguration, iceOptions, setConfiguration } from './set-configuration';
import { PlayoutTime } from './playout-time';
import { RemoteStreams } from './remote-tracks';
import { rtpCapabilities } from './rtp-capabilities';
import { RtpTransceivers } from './rtp-transceivers';
import type { SctpLink } from './sctp-link';

/** Below 2^62, as RFC 9429 section 5.2.1 recommends. */
function newSessionId(): string {
  return (randomBytes(8).readBigUInt64BE() >> 2n).toString();
}

/**
 * The internal slots of an RTCPeerConnection (https://w3c.github.io/webrtc-pc/#constructor), which the algorithms of
 * this folder share. Nothing of it can be reached by scripts.
 */
export class Connection {
  /** The RTCPeerConnection, where events are fired. */
  readonly target: EventTarget;
  isClosed = false;
  configuration: ConnectionConfiguration;
  readonly nonstandard: NonstandardConfiguration;
  /** Encoded frames wait for createEncodedStreams() or a transform. */
  readonly holdsEncodedFrames: boolean;
  negotiationNeeded = false;
  updateNegotiationNeededFlagOnEmptyChain = false;
  readonly operations: OperationsChain;
  /** [[SignalingState]], the four descriptions, [[LastCreatedOffer]] and [[LastCreatedAnswer]]. */
  session: JsepSession;
  iceConnectionState: RTCIceConnectionState = 'new';
  iceGatheringState: RTCIceGatheringState = 'new';
  connectionState: RTCPeerConnectionState = 'new';
  /** The three states above as the last events told them. */
  readonly toldStates: {
    iceConnectionState: RTCIceConnectionState;
    iceGatheringState: RTCIceGatheringState;
    connectionState: RTCPeerConnectionState;
  } = { iceConnectionState: 'new', iceGatheringState: 'new', connectionState: 'new' };
  /** [[SctpTransport]], with the association below it. */
  sctp: SctpLink | null = null;
  lastStableStateSctp: SctpLink | null = null;
  localIceCredentialsToReplace: readonly IceParameters[] = [];
  /**
   * Those that were gathered for under other ICE servers or another policy: the next offer replaces them, too (RFC 9429
   * section 5.2.2), but nothing says that one is needed.
   */
  outdatedIceCredentials: readonly IceParameters[] = [];
  /** Candidates that are gathered ahead. */
  readonly pool = new CandidatePool();
  readonly transports: ConnectionTransports;
  /** [[DataChannels]] */
  readonly channels: DataChannels;
  readonly transceivers: RtpTransceivers;
  readonly remoteStreams = new RemoteStreams();
  /** For statistics. */
  readonly playoutTime = new PlayoutTime();
  /** Canonical name of all RTP streams that we send (RFC 7022). */
  readonly cname = randomBytes(12).toString('base64');
  /** The configured certificates, or the default one once it is made. */
  certificates: readonly NativeCertificate[];
  certificatesPending: Promise<void> | null = null;

  constructor(target: EventTarget, configuration: ConnectionConfigurationInit, nonstandard: NonstandardConfiguration) {
    this.target = target;
    this.configuration = setConfiguration(null, configuration, false);
    this.nonstandard = nonstandard;
    this.holdsEncodedFrames = configuration.encodedInsertableStreams;
    this.certificates = configuration.certificates.map(nativeCertificateOf);
    if (this.certificates.length === 0) expectDefaultCertificate();
    this.session = createJsepSession({
      bundlePolicy: configuration.bundlePolicy,
      rtcpMuxPolicy: configuration.rtcpMuxPolicy,
      sessionId: newSessionId(),
      capabilities: rtpCapabilities(),
      cname: this.cname,
      hasSharedPort: nonstandard.enableIceUdpMux,
      isIceLite: nonstandard.iceLite,
      receivesSimulcast: configuration.receiveSimulcast,
      alwaysOffersData: configuration.alwaysNegotiateDataChannels,
    });
    this.transports = new ConnectionTransports(this);
    this.fillPool();
    this.channels = new DataChannels(this);
    this.transceivers = new RtpTransceivers(this);
    this.operations = new OperationsChain(() => {
      // Steps 8.4 – 8.6 of "chain an operation".
      if (!this.updateNegotiationNeededFlagOnEmptyChain) return;
      this.updateNegotiationNeededFlagOnEmptyChain = false;
      updateNegotiationNeededFlag(this);
    });
  }

  /** "Set the ICE agent's prefetched candidate pool size" (step 9 of setting a configuration). */
  fillPool(): void {
    const { configuration, nonstandard } = this;
    if (configuration.dictionary.iceCandidatePoolSize === 0) return this.pool.discard();
    this.pool.fill(iceOptions(configuration, nonstandard), nonstandard.iceCredentials);
  }

  get signalingState(): RTCSignalingState {
    return this.isClosed ? 'closed' : this.session.signalingState;
  }
}

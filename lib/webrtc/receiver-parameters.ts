/** What RTCRtpReceiver tells of how it receives. */
import { performance } from 'node:perf_hooks';
import type { NativeRtpSource } from '../binding/native-addon';
import type { NegotiatedRtp } from '../jsep/rtp-types';
import type {
  RTCRtpContributingSource,
  RTCRtpReceiveParameters,
  RTCRtpSynchronizationSource,
} from '../webidl/generated/dictionaries';
import type { ReceiverSlots } from './RTCRtpReceiver';
import { toCodecDictionary } from './rtp-capabilities';

/** Milliseconds (https://w3c.github.io/webrtc-extensions/#dom-rtcrtpreceiver-jitterbuffertarget). */
const maxJitterBufferTarget = 4000;
/** Milliseconds that a source is told of after its last packet. */
const sourceLifetime = 10_000;

function receives(direction: NegotiatedRtp['direction']): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

/**
 * https://w3c.github.io/webrtc-pc/#dom-rtcrtpreceiver-getparameters. A receiver that is not to receive is prepared for
 * nothing: its lists are empty.
 */
export function getReceiveParameters({ transceiver, receiveCodecs }: ReceiverSlots): RTCRtpReceiveParameters {
  const { negotiated } = transceiver;
  if (!negotiated || !receives(negotiated.direction)) {
    return { headerExtensions: [], codecs: [], rtcp: { reducedSize: false } };
  }
  return {
    headerExtensions: negotiated.headerExtensions
      .filter(({ direction }) => receives(direction))
      .map(({ uri, id }) => ({ uri, id, encrypted: false })),
    // [[ReceiveCodecs]]
    codecs: receiveCodecs.map((codec) => ({ payloadType: codec.payloadType, ...toCodecDictionary(codec) })),
    rtcp: { reducedSize: negotiated.reducedSizeRtcp },
  };
}

/**
 * Those of the last ten seconds, the latest first
 * (https://w3c.github.io/webrtc-pc/#dom-rtcrtpreceiver-getcontributingsources).
 */
export function recentSources(
  sources: readonly NativeRtpSource[],
  isContributing: boolean,
  now = performance.timeOrigin + performance.now(),
): RTCRtpContributingSource[] {
  return sources
    .filter((source) => source.isContributing === isContributing && now - source.timestamp <= sourceLifetime)
    .sort((first, second) => second.timestamp - first.timestamp)
    .map(({ source, timestamp, rtpTimestamp, audioLevel, captureTimestamp, senderCaptureTimeOffset }) => ({
      timestamp,
      source,
      ...(audioLevel >= 0 && { audioLevel }),
      rtpTimestamp,
      ...(captureTimestamp !== undefined && { captureTimestamp }),
      ...(senderCaptureTimeOffset !== undefined && { senderCaptureTimeOffset }),
    }));
}

export function contributingSources({ attached }: ReceiverSlots): RTCRtpContributingSource[] {
  return recentSources(attached?.stream.sources() ?? [], true);
}

export function synchronizationSources({ attached }: ReceiverSlots): RTCRtpSynchronizationSource[] {
  return recentSources(attached?.stream.sources() ?? [], false);
}

/** The setter's check: null, or a time that the buffer can hold. */
export function checkJitterBufferTarget(target: number | null): void {
  if (target !== null && (target < 0 || target > maxJitterBufferTarget)) {
    throw new RangeError(
      `Failed to set the 'jitterBufferTarget' property on 'RTCRtpReceiver': ${String(target)} is not within 0 and ` +
        `${String(maxJitterBufferTarget)} milliseconds.`,
    );
  }
}

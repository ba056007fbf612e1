/** Kinds of event, as the addon numbers them (native/addon/event_kind.h mirrors this list). */
export const NativeEventKind = {
  /** value: IceTransportState */
  IceState: 1,
  /** number: calls of restart() until then; value: 'new' | 'gathering' | 'complete' */
  IceGatheringState: 2,
  /** value: NativeIceCandidate */
  IceCandidate: 3,
  /** value: NativeIceCandidateError */
  IceCandidateError: 4,
  /** value: {local: NativeIceCandidate, remote: NativeIceCandidate} */
  IceSelectedPair: 5,
  /** value: 'controlling' | 'controlled' */
  IceRole: 6,
  /** value: NativeIcePortOpened */
  IcePortOpened: 7,
  /** value: NativeUnknownRequest */
  IceUnknownRequest: 8,
  /** value: NativeDtlsStateChange */
  DtlsState: 10,
  /** value: NativeSctpStateChange */
  SctpState: 20,
  /** number: stream id; value: string (PPID 51, 56) */
  SctpString: 21,
  /** number: stream id; value: ArrayBuffer (PPID 53, 57), of the main realm */
  SctpBinary: 22,
  /** number: stream id; value: ArrayBuffer holding a DCEP message (PPID 50) */
  SctpControl: 23,
  /** number: stream id */
  SctpIncomingReset: 24,
  /** number: stream id */
  SctpOutgoingReset: 25,
  /** number: stream id; value: octets (number) that left the buffer */
  SctpBufferedAmountDecreased: 26,
  /** value: boolean: whether media comes, or its end was told */
  RtpReceiverFlow: 40,
  /** To a sender or receiver with a packet tap. number: 1 for RTCP; value: ArrayBuffer */
  RtpPacket: 43,
  /** value: NativeEncodedFrame, of a sender or receiver with a frame tap */
  EncodedFrame: 41,
  /**
   * value: rid. number 0: the peer asks a sender for a keyframe whose tap takes the requests; 1: the next frame that is
   * pushed should be one
   */
  KeyFrameRequest: 42,
  /** number: request id; value: NativeIceStats, NativeDtlsInfo or NativeSctpStats, as the asked handle has it */
  Stats: 30,
  /** target 0; number: request id; value: NativeCertificate, or string: why there is none */
  CertificateGenerated: 31,
  /** To a VideoSink. value: NativeVideoFrame, its data of the main realm */
  VideoFrame: 50,
  /** To an AudioSink. value: NativeAudioBlock, its data of the main realm */
  AudioBlock: 51,
  /** To a source. number: 1 when somebody takes its media from now on, 0 when nobody does */
  SourceDemand: 52,
  /** To a source that has an end. value: why it failed; empty when nothing is left of it */
  SourceEnded: 53,
} as const;

/**
 * Takes one event. Events cross the threads in batches, one wake-up for many; but each gets a call of its own, so that
 * the microtasks of one run before the next. An exception out of it becomes an uncaught one, and the rest still comes.
 * @param id handle id, or 0
 */
export type NativeDispatcher = (id: number, kind: number, number: number, value: unknown) => void;

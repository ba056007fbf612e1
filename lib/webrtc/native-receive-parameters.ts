/** What a receiver is to expect, as the engine wants to have it. */
import type { NativeReceiveCodec, NativeReceiveParameters } from '../binding/native-addon';
import { parseFormat } from '../jsep/codec-match';
import { receives } from '../jsep/media-direction';
import { offeredReception } from '../jsep/offered-reception';
import { PairResults } from '../jsep/pair-results';
import type { NegotiatedCodec, NegotiatedRtp } from '../jsep/rtp-types';
import { codecName, nativeFeedback } from './native-send-parameters';
import type { ReceiverSlots } from './RTCRtpReceiver';

interface ExpectedReception extends Pick<
  NegotiatedRtp,
  | 'sendCodecs'
  | 'receiveCodecs'
  | 'headerExtensions'
  | 'reducedSizeRtcp'
  | 'receiveRids'
  | 'remoteSsrcs'
  | 'remoteSsrcGroups'
> {
  readonly mid: string;
  readonly isReceiving: boolean;
}

const nothingFromPeer = { sendCodecs: [], receiveRids: [], remoteSsrcs: [], remoteSsrcGroups: [] } as const;

/** @param counterpart what the peer says of the same payload type: of H.264, what it begins with */
function nativeCodec(codec: NegotiatedCodec, counterpart: NegotiatedCodec | undefined): NativeReceiveCodec {
  const name = codecName(codec);
  const format = parseFormat(codec.sdpFmtpLine ?? '');
  return {
    name,
    payloadType: codec.payloadType,
    clockRate: codec.clockRate,
    channels: codec.channels ?? 1,
    associatedPayloadType: name === 'rtx' ? Number(format?.get('apt') ?? -1) : -1,
    feedback: nativeFeedback(codec),
    parameterSets: parseFormat(counterpart?.sdpFmtpLine ?? '')?.get('sprop-parameter-sets') ?? '',
  };
}

const nativeCodecs = new PairResults<
  readonly NegotiatedCodec[],
  readonly NegotiatedCodec[],
  readonly NativeReceiveCodec[]
>();

/** What may come in by the last answer, or by our offer if there was none; null before. */
export function expectedReception({ transceiver, connection }: ReceiverSlots): ExpectedReception | null {
  const { negotiated, mid } = transceiver;
  if (mid === null) return null;
  if (negotiated) return { ...negotiated, mid, isReceiving: receives(negotiated.direction) && transceiver.receptive };
  const offered = offeredReception(connection.session, mid);
  return offered && { ...nothingFromPeer, ...offered, mid, isReceiving: transceiver.receptive };
}

/** What comes in now; null before anything was offered or negotiated. */
export function nativeReceiveParameters(receiver: ReceiverSlots): NativeReceiveParameters | null {
  const { transceiver, connection, associatedRemoteMediaStreams } = receiver;
  const expected = expectedReception(receiver);
  if (!expected) return null;
  const { receiveCodecs, sendCodecs } = expected;
  const groups = expected.remoteSsrcGroups.filter(({ semantics }) => semantics === 'FID');
  return {
    mid: expected.mid,
    active: expected.isReceiving && !transceiver.stopping && !connection.isClosed,
    reducedSizeRtcp: expected.reducedSizeRtcp,
    headerExtensions: expected.headerExtensions
      .filter(({ direction }) => receives(direction))
      .map(({ uri, id }) => ({ uri, id })),
    codecs: nativeCodecs.get(receiveCodecs, sendCodecs, () =>
      receiveCodecs.map((codec) =>
        nativeCodec(
          codec,
          sendCodecs.find(({ payloadType }) => payloadType === codec.payloadType),
        ),
      ),
    ),
    rids: [...expected.receiveRids],
    sources: expected.remoteSsrcs.map(({ ssrc, cname }) => ({ ssrc, cname: cname ?? '' })),
    retransmissionGroups: groups.flatMap(({ ssrcs: [ssrc, rtxSsrc] }) =>
      ssrc !== undefined && rtxSsrc !== undefined ? [{ ssrc, rtxSsrc }] : [],
    ),
    // The tracks of one stream belong together (https://w3c.github.io/mediacapture-main/#mediastream).
    syncGroup: associatedRemoteMediaStreams[0]?.id ?? '',
  };
}

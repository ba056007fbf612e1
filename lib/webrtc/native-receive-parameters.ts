/** What a receiver is to expect, as the engine wants to have it. */
import type { NativeReceiveCodec, NativeReceiveParameters } from '../binding/native-addon';
import { parseFormat } from '../jsep/codec-match';
import { receives } from '../jsep/media-direction';
import type { NegotiatedCodec } from '../jsep/rtp-types';
import { codecName, nativeFeedback } from './native-send-parameters';
import type { ReceiverSlots } from './RTCRtpReceiver';

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

/** What comes in now; null before anything was negotiated. */
export function nativeReceiveParameters(receiver: ReceiverSlots): NativeReceiveParameters | null {
  const { transceiver, connection, associatedRemoteMediaStreams } = receiver;
  const { negotiated, mid } = transceiver;
  if (!negotiated || mid === null) return null;
  const groups = negotiated.remoteSsrcGroups.filter(({ semantics }) => semantics === 'FID');
  return {
    mid,
    active: receives(negotiated.direction) && transceiver.receptive && !transceiver.stopping && !connection.isClosed,
    reducedSizeRtcp: negotiated.reducedSizeRtcp,
    headerExtensions: negotiated.headerExtensions
      .filter(({ direction }) => receives(direction))
      .map(({ uri, id }) => ({ uri, id })),
    codecs: negotiated.receiveCodecs.map((codec) =>
      nativeCodec(
        codec,
        negotiated.sendCodecs.find(({ payloadType }) => payloadType === codec.payloadType),
      ),
    ),
    rids: [...negotiated.receiveRids],
    sources: negotiated.remoteSsrcs.map(({ ssrc, cname }) => ({ ssrc, cname: cname ?? '' })),
    retransmissionGroups: groups.flatMap(({ ssrcs: [ssrc, rtxSsrc] }) =>
      ssrc !== undefined && rtxSsrc !== undefined ? [{ ssrc, rtxSsrc }] : [],
    ),
    // The tracks of one stream belong together (https://w3c.github.io/mediacapture-main/#mediastream).
    syncGroup: associatedRemoteMediaStreams[0]?.id ?? '',
  };
}

/** A section of audio or video as text has it, whichever side began. */
import { attribute } from '../sdp/attributes/attribute-list';
import { serializeExtMap, type ExtMap } from '../sdp/attributes/extmap';
import { RECEIVER_RTT_FOR_ALL } from '../sdp/attributes/rtcp-xr';
import type { MediaDescription } from '../sdp/media-description';
import { sectionOf, transportAttributes, type SectionTransport } from './create-description';
import { sends } from './media-direction';
import type { JsepSession, LocalParameters } from './jsep-types';
import type { Direction, TransceiverView } from './rtp-types';
import { codecAttributes, isRtx, type SectionCodec } from './section-codecs';
import { layerAttributes } from './simulcast';
import { msidAttributes, msidsOf, ssrcAttributes } from './stream-identity';

export interface RtpSectionOptions {
  /** null: the peer's section had none, so ours has none. */
  readonly mid: string | null;
  readonly protocol: string;
  readonly direction: Direction;
  readonly codecs: readonly SectionCodec[];
  readonly extensions: readonly ExtMap[];
  /** Layers in the order of the encodings; empty: one stream without rid. */
  readonly sendRids: readonly string[];
  readonly receiveRids: readonly string[];
  readonly rtcpMux: boolean;
  readonly reducedSizeRtcp: boolean;
  /** Whether who only receives may measure the round trip, by extended reports (RFC 3611 section 5.1). */
  readonly receiverRtt: boolean;
  /** `a=extmap-allow-mixed` here, as the peer has it here and not at session level. */
  readonly allowsMixedExtensions: boolean;
  readonly transport: SectionTransport;
}

export function rtpSection(
  session: JsepSession,
  parameters: LocalParameters,
  view: TransceiverView,
  options: RtpSectionOptions,
): MediaDescription {
  const { direction, codecs, sendRids, receiveRids, transport } = options;
  const isSending = sends(direction);
  // Also when the peer does not want what we would send: negotiation would be needed for ever otherwise. As Chromium does.
  const msids = sends(view.direction) ? msidsOf(view) : [];
  // Layers with rids that the peer does not take: the first alone is sent.
  const sources = view.sendEncodings.every(({ rid }) => rid === null) ? view.ssrcs : view.ssrcs.slice(0, 1);
  // Sources stay while nothing is sent, as with Chromium: when they are told of a second time, after a pause, it decodes
  // them and shows nothing.
  const tellsSources = (isSending || view.hasSent === true) && sendRids.length === 0;
  return sectionOf(session, transport, {
    kind: view.kind,
    protocol: options.protocol,
    formats: codecs.map(({ payloadType }) => String(payloadType)),
    attributes: [
      ...(options.mid === null ? [] : [attribute('mid', options.mid)]),
      attribute('rtcp', '9 IN IP4 0.0.0.0'),
      ...transportAttributes(parameters, transport),
      ...(options.allowsMixedExtensions ? [attribute('extmap-allow-mixed')] : []),
      ...options.extensions.map((extension) => attribute('extmap', serializeExtMap(extension))),
      attribute(direction),
      ...msidAttributes(msids),
      ...(options.rtcpMux ? [attribute('rtcp-mux')] : []),
      ...(options.reducedSizeRtcp ? [attribute('rtcp-rsize')] : []),
      ...(options.receiverRtt ? [attribute('rtcp-xr', RECEIVER_RTT_FOR_ALL)] : []),
      ...codecAttributes(codecs),
      ...layerAttributes(sendRids, receiveRids),
      ...(tellsSources && sources.length > 0
        ? ssrcAttributes(sources, codecs.some(isRtx), session.options.cname, msids)
        : []),
    ],
  });
}

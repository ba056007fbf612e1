/** https://www.rfc-editor.org/rfc/rfc9429#section-5.2 */
import { hasAttribute } from '../sdp/attributes/attribute-list';
import type { MediaDescription } from '../sdp/media-description';
import { offeredCodecs, payloadTypePool } from './codec-negotiation';
import { dataSection, finishDescription, rejectedSection, type SectionTransport } from './create-description';
import { extensionsOf, headerExtensionPool, offeredExtensions } from './header-extensions';
import { inputsOf } from './last-created';
import { JsepError } from './jsep-error';
import type { CreatedDescription, JsepSession, LocalParameters } from './jsep-types';
import { sends } from './media-direction';
import { NumberAllocation } from './number-bindings';
import { layOutOffer, type OfferedSection } from './offer-layout';
import { planTransports } from './offer-transports';
import { rtpSection } from './rtp-section';
import type { TransceiverView } from './rtp-types';
import { codecsOf, type SectionCodec } from './section-codecs';
import { offeredSilence } from './silence-suppression';

const DATA_PROTOCOL = 'UDP/DTLS/SCTP';
const DATA_FORMATS = ['webrtc-datachannel'];
const RTP_PROTOCOL = 'UDP/TLS/RTP/SAVPF';
/** RFC 3264 section 6: a list of formats is never empty, and means nothing in a section that is rejected. */
const NO_FORMAT = ['0'];
/** Of sections that are new: one list for all of them. */
const NO_CODECS: readonly SectionCodec[] = [];

function offeredData(
  session: JsepSession,
  parameters: LocalParameters,
  { mid, before }: OfferedSection,
  transport: SectionTransport,
): MediaDescription {
  return dataSection(session, parameters, {
    mid,
    protocol: before?.media.protocol ?? DATA_PROTOCOL,
    formats: before?.media.formats ?? DATA_FORMATS,
    usesSctpMap: before !== null && hasAttribute(before.media, 'sctpmap'),
    transport,
  });
}

/** Layers to be sent: "if the length of [[SendEncodings]] is larger than 1" (createOffer's final steps). */
function offeredRids({ direction, sendEncodings }: TransceiverView): string[] {
  if (!sends(direction) || sendEncodings.length < 2) return [];
  return sendEncodings.flatMap(({ rid }) => (rid === null ? [] : [rid]));
}

/** Writes sections of audio and video; numbers that one took mean the same in the others. */
function mediaWriter(
  session: JsepSession,
  parameters: LocalParameters,
): (section: OfferedSection, view: TransceiverView, transport: SectionTransport) => MediaDescription {
  const { capabilities } = session.options;
  const payloadTypes = new NumberAllocation(session.payloadTypes, () => payloadTypePool(capabilities));
  const extensionIds = new NumberAllocation(session.headerExtensions, () => headerExtensionPool(capabilities));
  return ({ mid, before }, view, transport) => {
    const { codecs, headerExtensions } = capabilities[view.kind];
    const media = before?.media;
    return rtpSection(session, parameters, view, {
      mid,
      protocol: media?.protocol ?? RTP_PROTOCOL,
      direction: view.direction,
      codecs: offeredSilence(
        offeredCodecs(codecs, view, media === undefined ? NO_CODECS : codecsOf(media), payloadTypes),
        parameters.silenceSuppression,
      ),
      extensions: offeredExtensions(
        headerExtensions,
        view,
        media === undefined ? [] : extensionsOf(media),
        extensionIds,
      ),
      sendRids: offeredRids(view),
      receiveRids: [],
      rtcpMux: true,
      reducedSizeRtcp: true,
      receiverRtt: true,
      allowsMixedExtensions: false,
      transport,
    });
  };
}

export function createOffer(session: JsepSession, parameters: LocalParameters): CreatedDescription {
  if (session.signalingState !== 'stable' && session.signalingState !== 'have-local-offer') {
    throw new JsepError('InvalidStateError', `Cannot create an offer in state ${session.signalingState}`);
  }
  const layout = layOutOffer(session, parameters);
  const { byMid, bundle } = planTransports(session, parameters, layout);
  const writeMedia = mediaWriter(session, parameters);
  const offeredMids = new Map<string, string>();
  const media = layout.map((section) => {
    const { mid, use } = section;
    if (use.kind === 'rejected') return rejectedSection(use.section.media, mid);
    if (use.kind === 'unavailable') {
      offeredMids.set(use.view.id, mid);
      return rejectedSection({ kind: use.view.kind, protocol: RTP_PROTOCOL, formats: NO_FORMAT }, mid);
    }
    const transport = byMid.get(mid)!;
    if (use.kind === 'data') return offeredData(session, parameters, section, transport);
    offeredMids.set(use.view.id, mid);
    return writeMedia(section, use.view, transport);
  });
  const { origin, created } = finishDescription(session, {
    type: 'offer',
    media,
    mids: layout.map(({ mid }) => mid),
    bundleGroups: bundle.length > 0 ? [bundle] : [],
    allowsMixedExtensions: true,
  });
  const lastCreatedInputs = { ...session.lastCreatedInputs, offer: inputsOf(session, 'offer', parameters) };
  return {
    session: { ...session, origin, lastCreatedOffer: created, offeredMids, lastCreatedInputs },
    type: 'offer',
    sdp: created.text,
  };
}

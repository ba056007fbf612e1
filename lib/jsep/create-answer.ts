/** https://www.rfc-editor.org/rfc/rfc9429#section-5.3 */
import { attributeValue, hasAttribute } from '../sdp/attributes/attribute-list';
import { directionOf } from '../sdp/attributes/direction';
import type { Setup } from '../sdp/attributes/dtls';
import { hasReceiverRtt } from '../sdp/attributes/rtcp-xr';
import type { MediaDescription } from '../sdp/media-description';
import { answeredCodecs } from './codec-negotiation';
import {
  dataSection,
  finishDescription,
  proposedIce,
  rejectedSection,
  type SectionTransport,
} from './create-description';
import { answeredExtensions, extensionsOf } from './header-extensions';
import { JsepError } from './jsep-error';
import type {
  CreatedDescription,
  IceParameters,
  JsepDescription,
  JsepSession,
  JsepTransport,
  LocalParameters,
} from './jsep-types';
import { inputsOf } from './last-created';
import { intersected, receives, reversed, sends } from './media-direction';
import { mediaOfMid } from './media-places';
import { rtpSection, type RtpSectionOptions } from './rtp-section';
import type { TransceiverView } from './rtp-types';
import { analysisOf, sameIce, transportSection, type Analysis, type Section } from './section';
import { codecsOf } from './section-codecs';
import { answeredSilence } from './silence-suppression';
import { layersOf } from './simulcast';
import { dataSectionOf } from './transports';

/** RFC 8842 section 5.3: 'active' unless the offer, or the association that is running, says otherwise. */
function answeredSetup(offered: Setup | null, transport: JsepTransport | undefined): Setup {
  if (offered === 'active') return 'passive';
  if (offered === 'passive') return 'active';
  return transport?.dtlsRole === 'server' ? 'passive' : 'active';
}

function answeredIce(
  session: JsepSession,
  parameters: LocalParameters,
  carrier: Section,
  transport: JsepTransport | undefined,
): IceParameters {
  // The peer's restart is answered with new credentials of ours (RFC 8839 section 4.4.1.1.1).
  if (transport !== undefined && sameIce(transport.remoteIce, carrier.ice)) return transport.localIce;
  const proposed = proposedIce(session.lastCreatedAnswer, carrier.mid);
  const isFresh = proposed !== null && !session.transports.some(({ localIce }) => sameIce(localIce, proposed));
  return isFresh ? proposed : parameters.newIceParameters();
}

/** One for each group of accepted sections; the first section of a group carries what belongs to the transport. */
function transportsOf(
  session: JsepSession,
  parameters: LocalParameters,
  analysis: Analysis,
  groups: readonly (readonly string[])[],
): Map<string, SectionTransport> {
  const result = new Map<string, SectionTransport>();
  for (const mids of groups) {
    const existing = session.transports.find((transport) => transport.mids.includes(mids[0]!));
    const transport = existing ?? session.transports.find((each) => mids.some((mid) => each.mids.includes(mid)));
    const carrier = transportSection(analysis, mids[0]!)!;
    const ice = answeredIce(session, parameters, carrier, transport);
    const setup = answeredSetup(carrier.setup, transport);
    for (const [at, mid] of mids.entries()) {
      const candidatesOf = at === 0 ? [...mids, ...(transport?.mids ?? [])] : null;
      result.set(mid, { ice, setup, isBundleOnly: false, candidatesOf });
    }
  }
  return result;
}

type MediaAnswer = Omit<RtpSectionOptions, 'mid' | 'protocol' | 'transport'> & { readonly view: TransceiverView };

/** Of the layers that the peer wants, those that we have, in our order. */
function answeredSendRids(view: TransceiverView, offered: Section): string[] {
  const wanted = new Set(layersOf(offered.media, 'recv').map(({ rid }) => rid));
  return view.sendEncodings.flatMap(({ rid }) => (rid !== null && wanted.has(rid) ? [rid] : []));
}

/** What we answer to a section of audio or video; null when we reject it. */
function answerMedia(
  session: JsepSession,
  parameters: LocalParameters,
  offer: JsepDescription,
  section: Section,
): MediaAnswer | null {
  const id = mediaOfMid(session, section.mid)?.transceiverId;
  const view = parameters.transceivers.find((each) => each.id === id);
  if (!section.isLive || view === undefined || view.isStopped) return null;
  const { codecs, headerExtensions } = session.options.capabilities[view.kind];
  const direction = intersected(view.direction, reversed(directionOf(section.media, offer.model)));
  const offered = codecsOf(section.media);
  const answered = answeredSilence(
    answeredCodecs(codecs, view, direction, offered),
    offered,
    parameters.silenceSuppression,
  );
  if (answered.length === 0) return null;
  const { receivesSimulcast = false } = session.options;
  return {
    view,
    direction,
    codecs: answered,
    extensions: answeredExtensions(headerExtensions, view, extensionsOf(section.media)),
    sendRids: sends(direction) ? answeredSendRids(view, section) : [],
    receiveRids: receivesSimulcast && receives(direction) ? layersOf(section.media, 'send').map(({ rid }) => rid) : [],
    rtcpMux: hasAttribute((transportSection(analysisOf(offer), section.mid) ?? section).media, 'rtcp-mux'),
    reducedSizeRtcp: hasAttribute(section.media, 'rtcp-rsize'),
    receiverRtt: hasReceiverRtt(section.media),
    allowsMixedExtensions:
      hasAttribute(section.media, 'extmap-allow-mixed') && !hasAttribute(offer.model, 'extmap-allow-mixed'),
  };
}

/** The groups of sections that share a transport. `max-bundle` has one transport, that of the first accepted section. */
function groupsOf(session: JsepSession, analysis: Analysis, accepted: ReadonlySet<string>): string[][] {
  const groups = analysis.bundleGroups
    .map((mids) => mids.filter((mid) => accepted.has(mid)))
    .filter((mids) => mids.length > 0);
  const bundled = new Set(groups.flat());
  for (const mid of accepted) if (!bundled.has(mid)) groups.push([mid]);
  if (session.options.bundlePolicy !== 'max-bundle') return groups;
  const [first] = accepted;
  return groups.filter((mids) => mids.includes(first!));
}

export function createAnswer(session: JsepSession, parameters: LocalParameters): CreatedDescription {
  const offer = session.pendingRemote;
  if (
    offer === null ||
    (session.signalingState !== 'have-remote-offer' && session.signalingState !== 'have-local-pranswer')
  ) {
    throw new JsepError('InvalidStateError', `Cannot create an answer in state ${session.signalingState}`);
  }
  const analysis = analysisOf(offer);
  const data = dataSectionOf(offer);
  const media = new Map<string, MediaAnswer>();
  for (const section of analysis.sections) {
    const answer = section.mediaKind === null ? null : answerMedia(session, parameters, offer, section);
    if (answer !== null) media.set(section.mid, answer);
  }
  const acceptable = analysis.sections.filter((section) => section === data || media.has(section.mid));
  const groups = groupsOf(session, analysis, new Set(acceptable.map(({ mid }) => mid)));
  const transports = transportsOf(session, parameters, analysis, groups);

  const sections = analysis.sections.map((section): MediaDescription => {
    const { mid } = section;
    const givenMid = attributeValue(section.media, 'mid');
    const transport = transports.get(mid);
    if (transport === undefined) return rejectedSection(section.media, givenMid);
    const { protocol, formats } = section.media;
    const answer = media.get(mid);
    if (answer !== undefined) {
      return rtpSection(session, parameters, answer.view, { ...answer, mid: givenMid, protocol, transport });
    }
    const usesSctpMap = hasAttribute(section.media, 'sctpmap') && !formats.includes('webrtc-datachannel');
    return dataSection(session, parameters, { mid: givenMid, protocol, formats, usesSctpMap, transport });
  });
  const offeredGroups = new Set(analysis.bundleGroups.flat());
  const { origin, created } = finishDescription(session, {
    type: 'answer',
    media: sections,
    mids: offer.mids,
    bundleGroups: groups.filter(([mid]) => offeredGroups.has(mid!)),
    allowsMixedExtensions: hasAttribute(offer.model, 'extmap-allow-mixed'),
  });
  const lastCreatedInputs = { ...session.lastCreatedInputs, answer: inputsOf(session, 'answer', parameters) };
  return {
    session: { ...session, origin, lastCreatedAnswer: created, lastCreatedInputs },
    type: 'answer',
    sdp: created.text,
  };
}

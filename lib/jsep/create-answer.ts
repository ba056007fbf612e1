/** https://www.rfc-editor.org/rfc/rfc9429#section-5.3 */
import { attributeValue, hasAttribute } from '../sdp/attributes/attribute-list';
import type { Setup } from '../sdp/attributes/dtls';
import { dataSection, finishDescription, proposedIce, rejectedSection } from './create-description';
import { JsepError } from './jsep-error';
import type { CreatedDescription, IceParameters, JsepSession, JsepTransport, LocalParameters } from './jsep-types';
import { analysisOf, sameIce, transportSection, type Section } from './section';
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
  const proposed = proposedIce('answer', session.lastCreatedAnswer, carrier.mid);
  const isFresh = proposed !== null && !session.transports.some(({ localIce }) => sameIce(localIce, proposed));
  return isFresh ? proposed : parameters.newIceParameters();
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
  const accepted = new Set<string>();
  const media = analysis.sections.map((section) => {
    const givenMid = attributeValue(section.media, 'mid');
    if (section !== data) return rejectedSection(section.media, givenMid);
    accepted.add(section.mid);
    const transport = session.transports.find(({ mids }) => mids.includes(section.mid));
    const carrier = transportSection(analysis, section.mid) ?? section;
    return dataSection(session, parameters, {
      mid: givenMid,
      protocol: section.media.protocol,
      formats: section.media.formats,
      usesSctpMap: hasAttribute(section.media, 'sctpmap') && !section.media.formats.includes('webrtc-datachannel'),
      ice: answeredIce(session, parameters, carrier, transport),
      setup: answeredSetup(carrier.setup, transport),
    });
  });
  const groups = analysis.bundleGroups
    .map((mids) => mids.filter((mid) => accepted.has(mid)))
    .filter((mids) => mids.length > 0);
  const { origin, sdp } = finishDescription(session, media, groups, hasAttribute(offer.model, 'extmap-allow-mixed'));
  return { session: { ...session, origin, lastCreatedAnswer: sdp }, type: 'answer', sdp };
}

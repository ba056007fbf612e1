/** https://www.rfc-editor.org/rfc/rfc9429#section-5.2 */
import { hasAttribute } from '../sdp/attributes/attribute-list';
import type { MediaDescription } from '../sdp/media-description';
import { dataSection, finishDescription, proposedIce, rejectedSection } from './create-description';
import { JsepError } from './jsep-error';
import type { CreatedDescription, IceParameters, JsepSession, JsepTransport, LocalParameters } from './jsep-types';
import { analysisOf, sameIce } from './section';

const DATA_PROTOCOL = 'UDP/DTLS/SCTP';
const DATA_FORMATS = ['webrtc-datachannel'];

function isToBeReplaced(ice: IceParameters, parameters: LocalParameters): boolean {
  return parameters.iceRestart === true || (parameters.credentialsToReplace ?? []).some((each) => sameIce(each, ice));
}

function offeredIce(session: JsepSession, parameters: LocalParameters, mid: string): IceParameters {
  // Restarts are counted from what was negotiated: an offer that is pending already has its new credentials.
  const serves = (transport: JsepTransport): boolean => transport.mids.includes(mid);
  const negotiated = session.stable.transports.find(serves);
  if (negotiated === undefined) {
    return (
      session.transports.find(serves)?.localIce ??
      proposedIce('offer', session.lastCreatedOffer, mid) ??
      parameters.newIceParameters()
    );
  }
  return isToBeReplaced(negotiated.localIce, parameters) ? parameters.newIceParameters() : negotiated.localIce;
}

/** The lowest number that is no mid, now or before. */
function freshMid(session: JsepSession): string {
  const used = new Set([...(session.currentLocal?.mids ?? []), ...(session.currentRemote?.mids ?? [])]);
  let mid = session.nextMid;
  while (used.has(String(mid))) mid += 1;
  return String(mid);
}

export function createOffer(session: JsepSession, parameters: LocalParameters): CreatedDescription {
  if (session.signalingState !== 'stable' && session.signalingState !== 'have-local-offer') {
    throw new JsepError('InvalidStateError', `Cannot create an offer in state ${session.signalingState}`);
  }
  const local = session.currentLocal === null ? [] : analysisOf(session.currentLocal).sections;
  const remote = session.currentRemote === null ? [] : analysisOf(session.currentRemote).sections;

  const newDataSection = (mid: string): MediaDescription =>
    dataSection(session, parameters, {
      mid,
      protocol: DATA_PROTOCOL,
      formats: DATA_FORMATS,
      usesSctpMap: false,
      ice: offeredIce(session, parameters, mid),
      setup: 'actpass',
    });

  const isInUse = (index: number): boolean => local[index]?.isLive === true && remote[index]?.isLive === true;
  let needsData = parameters.hasDataChannels === true && session.stable.sctp === null;
  const bundled: string[] = [];
  const media = local.map((section, index) => {
    if (isInUse(index) && section.mid === session.stable.sctp?.mid) {
      bundled.push(section.mid);
      const usesSctpMap = hasAttribute(section.media, 'sctpmap');
      const { protocol, formats } = section.media;
      return dataSection(session, parameters, {
        mid: section.mid,
        protocol,
        formats,
        usesSctpMap,
        ice: offeredIce(session, parameters, section.mid),
        setup: 'actpass',
      });
    }
    // A section out of use is taken for what comes new (RFC 9429 section 5.2.2).
    if (needsData && !isInUse(index)) {
      needsData = false;
      const mid = freshMid(session);
      bundled.push(mid);
      return newDataSection(mid);
    }
    return rejectedSection(section.media, section.mid);
  });
  if (needsData) {
    const mid = freshMid(session);
    bundled.push(mid);
    media.push(newDataSection(mid));
  }
  const { origin, sdp } = finishDescription(session, media, bundled.length > 0 ? [bundled] : [], true);
  return { session: { ...session, origin, lastCreatedOffer: sdp }, type: 'offer', sdp };
}

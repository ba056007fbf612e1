import { hasAttribute } from '../sdp/attributes/attribute-list';
import { extensionsOf } from './header-extensions';
import type { JsepSession } from './jsep-types';
import type { NegotiatedRtp } from './rtp-types';
import { analysisOf } from './section';
import { codecsOf } from './section-codecs';

/** What may come in before an answer does. */
export type OfferedReception = Pick<NegotiatedRtp, 'receiveCodecs' | 'headerExtensions' | 'reducedSizeRtcp'>;

/**
 * What our pending offer says that a section can receive: "the offerer MUST be prepared to receive media" as soon as the
 * offer is set (https://www.rfc-editor.org/rfc/rfc9429#section-4.1.10), as media can overtake the answer. null: there is none.
 */
export function offeredReception(session: JsepSession, mid: string): OfferedReception | null {
  const { pendingLocal } = session;
  if (pendingLocal?.type !== 'offer') return null;
  const section = analysisOf(pendingLocal).byMid.get(mid);
  if (!section?.isLive) return null;
  return {
    receiveCodecs: codecsOf(section.media),
    headerExtensions: extensionsOf(section.media).map(({ uri, id, direction }) => ({
      uri,
      id,
      direction: direction ?? 'sendrecv',
    })),
    reducedSizeRtcp: hasAttribute(section.media, 'rtcp-rsize'),
  };
}

/** https://w3c.github.io/webrtc-pc/#dfn-check-if-negotiation-is-needed */
import { attributeValues } from '../sdp/attributes/attribute-list';
import { directionOf } from '../sdp/attributes/direction';
import { parseMsid } from '../sdp/attributes/msid';
import type { JsepDescription, JsepSession, NegotiationNeeds } from './jsep-types';
import { intersected, reversed, sends } from './media-direction';
import { mediaOfTransceiver } from './media-places';
import type { Direction, TransceiverView } from './rtp-types';
import { analysisOf, type Section } from './section';
import { dataSectionOf } from './transports';

/** As the description has it; a rejected section is inactive. */
function directionIn(description: JsepDescription | null, mid: string): Direction | null {
  const section = description === null ? undefined : analysisOf(description).byMid.get(mid);
  if (section === undefined) return null;
  return section.isLive ? directionOf(section.media, description!.model) : 'inactive';
}

/** Whether the `a=msid` lines tell other streams than the sender is in. */
function tellsOtherStreams({ media }: Section, { streamIds }: TransceiverView): boolean {
  const values = attributeValues(media, 'msid');
  if (values.length === 0) return true;
  const told = new Set(values.map((value) => parseMsid(value)?.streamId).filter((id) => id !== '-'));
  const wanted = new Set(streamIds);
  return told.size !== wanted.size || [...told].some((id) => id === undefined || !wanted.has(id));
}

/** Steps 5.1 to 5.4 for one transceiver. */
function isTransceiverChanged(session: JsepSession, description: JsepDescription, view: TransceiverView): boolean {
  const { currentLocal, currentRemote } = session;
  const mid = mediaOfTransceiver(session, view.id)?.mid;
  const section = mid === undefined ? undefined : analysisOf(description).byMid.get(mid);
  // 5.4 Stopped and associated, but its section is not rejected yet in the current descriptions.
  if (view.isStopped) {
    const isRejected = (each: JsepDescription | null): boolean =>
      each !== null && analysisOf(each).byMid.get(mid!)?.isLive === false;
    return section !== undefined && !isRejected(currentLocal) && !isRejected(currentRemote);
  }
  // 5.2 Not associated with a section of description.
  if (section === undefined) return true;
  // 5.3.1 Other streams.
  if (sends(view.direction) && tellsOtherStreams(section, view)) return true;
  const local = directionIn(currentLocal, section.mid);
  const remote = reversed(directionIn(currentRemote, section.mid) ?? 'inactive');
  // 5.3.2 We offered: neither what we said nor what the peer answered is what is wanted.
  if (description.type === 'offer') return local !== view.direction && remote !== view.direction;
  // 5.3.3 We answered: it is not what is wanted, as far as the offer lets it be.
  return local !== intersected(view.direction, remote);
}

export function isNegotiationNeeded(session: JsepSession, needs: NegotiationNeeds): boolean {
  // 2. Credentials are to be replaced.
  if ((needs.credentialsToReplace ?? []).length > 0) return true;
  // 3. Let description be [[CurrentLocalDescription]].
  const description = session.currentLocal;
  // 4. There are data channels, and no section for them.
  const hasDataSection = description !== null && dataSectionOf(description) !== null;
  if (needs.hasDataChannels === true && !hasDataSection) return true;
  return needs.transceivers.some((view) => {
    // 5.1 Stopping, and not stopped.
    if (view.isStopping && !view.isStopped) return true;
    if (description === null) return !view.isStopped;
    return isTransceiverChanged(session, description, view);
  });
}

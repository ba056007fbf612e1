/** Finding the place of a transceiver in the descriptions, or whose a section is: asked for each of hundreds. */
import { remembered } from '../sdp/memo';
import type { JsepSession } from './jsep-types';
import type { JsepMedia } from './rtp-types';

interface Places {
  readonly ofTransceivers: ReadonlyMap<string, JsepMedia>;
  readonly ofMids: ReadonlyMap<string, JsepMedia>;
}

const placesOf = remembered((media: readonly JsepMedia[]): Places => ({
  ofTransceivers: new Map(media.map((each) => [each.transceiverId, each])),
  ofMids: new Map(media.map((each) => [each.mid, each])),
}));

export function mediaOfTransceiver(session: Pick<JsepSession, 'media'>, transceiverId: string): JsepMedia | undefined {
  return placesOf(session.media).ofTransceivers.get(transceiverId);
}

export function mediaOfMid(session: Pick<JsepSession, 'media'>, mid: string): JsepMedia | undefined {
  return placesOf(session.media).ofMids.get(mid);
}

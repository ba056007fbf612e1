/** Finding the place of a transceiver in the descriptions, or whose a section is: asked for each of hundreds. */
import { createMemo } from '../sdp/memo';
import type { JsepSession } from './jsep-types';
import type { JsepMedia } from './rtp-types';

interface Places {
  readonly ofTransceivers: ReadonlyMap<string, JsepMedia>;
  readonly ofMids: ReadonlyMap<string, JsepMedia>;
}

const places = createMemo<readonly JsepMedia[], Places>();

function placesIn({ media }: Pick<JsepSession, 'media'>): Places {
  let found = places.get(media);
  if (found === undefined) {
    found = {
      ofTransceivers: new Map(media.map((each) => [each.transceiverId, each])),
      ofMids: new Map(media.map((each) => [each.mid, each])),
    };
    places.set(media, found);
  }
  return found;
}

export function mediaOfTransceiver(session: Pick<JsepSession, 'media'>, transceiverId: string): JsepMedia | undefined {
  return placesIn(session).ofTransceivers.get(transceiverId);
}

export function mediaOfMid(session: Pick<JsepSession, 'media'>, mid: string): JsepMedia | undefined {
  return placesIn(session).ofMids.get(mid);
}

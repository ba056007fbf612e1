/** The one way in which a description may be rewritten before it is set: other header extensions in its sections. */
import { parseSessionDescription } from '../sdp/parse';
import type { SdpAttribute, SessionDescription } from '../sdp/session-description';
import { serializeSessionDescription } from '../sdp/serialize';
import { isSdpError } from '../sdp/sdp-error';

const isExtension = ({ name }: SdpAttribute) => name === 'extmap';

function withoutExtensions(model: SessionDescription): string {
  const media = model.media.map((section) => ({
    ...section,
    attributes: section.attributes.filter((each) => !isExtension(each)),
  }));
  return serializeSessionDescription({ ...model, media });
}

/**
 * Whether a text differs from the one that was created in nothing but its a=extmap lines. Browsers' applications have asked
 * for extensions by such lines since before there was setHeaderExtensionsToNegotiate(), so that this is taken where
 * webrtc-pc would have an InvalidModificationError. Which of them come to be used is, as always, what the answer says.
 */
export function hasOnlyOtherExtensions(created: string, given: string): boolean {
  try {
    return withoutExtensions(parseSessionDescription(created)) === withoutExtensions(parseSessionDescription(given));
  } catch (error) {
    if (isSdpError(error)) return false;
    throw error;
  }
}

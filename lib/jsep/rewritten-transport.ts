/** What an application may write of transports into a created description before they begin. */
import { attribute, attributeValue } from '../sdp/attributes/attribute-list';
import { isIcePassword, isUsernameFragment } from '../sdp/attributes/ice-chars';
import type { MediaDescription } from '../sdp/media-description';
import type { SessionDescription } from '../sdp/session-description';
import type { IceParameters } from './jsep-types';
import { sameIce } from './section';

function iceOf(section: MediaDescription): IceParameters | null {
  const [usernameFragment, password] = [attributeValue(section, 'ice-ufrag'), attributeValue(section, 'ice-pwd')];
  return usernameFragment === null || password === null ? null : { usernameFragment, password };
}

function withValues(section: MediaDescription, values: ReadonlyMap<string, string>): MediaDescription {
  const attributes = section.attributes.map((each) => {
    const value = values.get(each.name);
    return value === undefined ? each : attribute(each.name, value);
  });
  return { ...section, attributes };
}

/**
 * What was created, with the credentials of ICE and the role of DTLS that were written into it:
 * - credentials of a generation that has not begun, in all sections that share a transport: libp2p's WebRTC-direct agrees on
 *   them without a signal;
 * - the role, before there is any transport.
 * @param begun credentials with which transports have begun to gather
 */
export function withGivenTransports(
  created: SessionDescription,
  given: SessionDescription,
  begun: readonly IceParameters[],
): SessionDescription {
  const written = new Map<string, IceParameters>();
  const media = created.media.map((section, index) => {
    const counterpart = given.media[index];
    const [ours, theirs] = [iceOf(section), counterpart === undefined ? null : iceOf(counterpart)];
    if (counterpart === undefined || ours === null || theirs === null) return section;
    const values = new Map<string, string>();
    const { usernameFragment, password } = written.get(ours.usernameFragment) ?? theirs;
    const isWellFormed = isUsernameFragment(usernameFragment) && isIcePassword(password);
    if (isWellFormed && !begun.some((each) => sameIce(each, ours))) {
      written.set(ours.usernameFragment, { usernameFragment, password });
      values.set('ice-ufrag', usernameFragment).set('ice-pwd', password);
    }
    const setup = attributeValue(counterpart, 'setup');
    if (begun.length === 0 && (setup === 'active' || setup === 'passive')) values.set('setup', setup);
    return withValues(section, values);
  });
  return { ...created, media };
}

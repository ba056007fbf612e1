/** Makes a recorded answer one to another offer, as its maker would have written it. */
import { attribute, attributeValue } from '../../lib/sdp/attributes/attribute-list';
import { midOf } from '../../lib/sdp/attributes/group';
import type { MediaDescription } from '../../lib/sdp/media-description';
import { parseSessionDescription } from '../../lib/sdp/parse';
import { serializeSessionDescription } from '../../lib/sdp/serialize';
import type { SdpAttribute } from '../../lib/sdp/session-description';
import { codecOf, extensionsOf, isRejected, isRtp } from './rtp-section';

/** Attributes that begin with a payload type. */
const OF_FORMATS = ['rtpmap', 'fmtp', 'rtcp-fb'];

function translateSection(given: MediaDescription, offered: MediaDescription): MediaDescription {
  const mid = midOf(offered)!;
  const withMid = given.attributes.map((one) => (one.name === 'mid' ? attribute('mid', mid) : one));
  if (!isRtp(given) || isRejected(given)) return { ...given, attributes: withMid };

  const types = new Map<string, string>();
  for (const payloadType of given.formats) {
    const codec = codecOf(given, payloadType);
    const ours = offered.formats.find((one) => codecOf(offered, one) === codec);
    if (ours !== undefined) types.set(payloadType, ours);
  }
  const offeredExtensions = extensionsOf(offered);
  const attributes = withMid.flatMap((one): SdpAttribute[] => {
    const value = one.value ?? '';
    if (OF_FORMATS.includes(one.name)) {
      const [payloadType, ...rest] = value.split(' ');
      const ours = types.get(payloadType!);
      if (ours === undefined) return payloadType === '*' ? [one] : [];
      const text = rest.join(' ').replace(/apt=(\d+)/, (whole, apt: string) => `apt=${types.get(apt) ?? apt}`);
      return [attribute(one.name, `${ours} ${text}`)];
    }
    if (one.name === 'extmap') {
      const [map] = extensionsOf({ ...given, attributes: [one] });
      const ours = offeredExtensions.find(({ uri }) => uri === map!.uri);
      return ours === undefined ? [] : [attribute('extmap', value.replace(/^\d+/, String(ours.id)))];
    }
    return [one];
  });
  return { ...given, formats: [...types.values()], attributes };
}

/** Both have the same kinds of sections in the same order. */
export function translateAnswer(answerText: string, offerText: string): string {
  const [answer, offer] = [parseSessionDescription(answerText), parseSessionDescription(offerText)];
  const media = answer.media.map((given, index) => translateSection(given, offer.media[index]!));
  const bundle = attributeValue(answer, 'group')?.split(' ').slice(1) ?? [];
  const mids = answer.media.flatMap((section, index) =>
    bundle.includes(midOf(section)!) ? [midOf(offer.media[index]!)!] : [],
  );
  const attributes = answer.attributes.map((one) =>
    one.name === 'group' ? attribute('group', ['BUNDLE', ...mids].join(' ')) : one,
  );
  return serializeSessionDescription({ ...answer, attributes, media });
}

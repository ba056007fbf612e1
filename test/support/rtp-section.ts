/** What tests want to know of a section of audio or video. */
import { attributeValues } from '../../lib/sdp/attributes/attribute-list';
import { parseExtMap } from '../../lib/sdp/attributes/extmap';
import type { MediaDescription } from '../../lib/sdp/media-description';

const STATIC_TYPES: Record<string, string> = { 0: 'pcmu/8000', 8: 'pcma/8000', 9: 'g722/8000', 13: 'cn/8000' };

/** Parameters of these tell codecs apart; the rest is negotiated by value. */
const TELLING: Record<string, RegExp> = {
  h264: /packetization-mode=\d|profile-level-id=\w{4}/gi,
  vp9: /profile-id=\d/g,
};

/**
 * What a payload type stands for, so that those of different descriptions can be compared: 'vp8/90000',
 * 'rtx/90000 of vp8/90000', 'h264/90000 packetization-mode=1 profile-level-id=42e0'.
 */
export function codecOf(section: MediaDescription, payloadType: string): string {
  const find = (name: string) =>
    attributeValues(section, name)
      .find((value) => value.startsWith(`${payloadType} `))
      ?.slice(payloadType.length + 1) ?? '';
  const name = (find('rtpmap').toLowerCase() || STATIC_TYPES[payloadType] || '').replace(/\/1$/, '');
  const parameters = find('fmtp');
  const apt = /apt=(\d+)/.exec(parameters);
  if (apt) return `${name} of ${codecOf(section, apt[1]!)}`;
  const telling = TELLING[name.split('/')[0]!];
  if (!telling) return name;
  // Without a profile browsers take constrained baseline.
  const defaults = name.startsWith('h264') ? ['packetization-mode=0', 'profile-level-id=42e0'] : ['profile-id=0'];
  const given = parameters.toLowerCase().match(telling) ?? [];
  const complete = defaults.map((one) => given.find((each) => each.startsWith(one.split('=')[0]!)) ?? one);
  return [name, ...complete].join(' ');
}

export const isRtp = ({ kind }: MediaDescription): boolean => kind === 'audio' || kind === 'video';

export const isRejected = (section: MediaDescription): boolean =>
  section.port === 0 && !section.attributes.some(({ name }) => name === 'bundle-only');

export const extensionsOf = (section: MediaDescription) =>
  attributeValues(section, 'extmap').map((value) => parseExtMap(value)!);

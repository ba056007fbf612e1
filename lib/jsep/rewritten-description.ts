/**
 * The ways in which a created description may be rewritten before it is set: those that change nothing on our side, and those
 * that take away of what the section would do, which is then negotiated from what is left, or have it receive.
 */
import { isDirection, directionOf } from '../sdp/attributes/direction';
import { parseFormatParameters, parseRtpMap } from '../sdp/attributes/rtpmap-fmtp';
import type { MediaDescription } from '../sdp/media-description';
import { parseSessionDescription } from '../sdp/parse';
import type { SdpAttribute, SdpLine, SessionDescription } from '../sdp/session-description';
import { serializeSessionDescription } from '../sdp/serialize';
import { isSdpError } from '../sdp/sdp-error';
import type { IceParameters } from './jsep-types';
import { sends } from './media-direction';
import { withGivenTransports } from './rewritten-transport';
import { withSourceLayers } from './source-layers';

/** The order of our attributes means nothing: that of formats is in the m= line, that of layers in a=simulcast. */
function inOneOrder(attributes: readonly SdpAttribute[]): SdpAttribute[] {
  const keyOf = ({ name, value }: SdpAttribute) => `${name}:${value ?? ''}`;
  return [...attributes].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const withoutBandwidth = (lines: readonly SdpLine[]) => lines.filter(({ type }) => type !== 'b');

/** RFC 8839 section 5.6: what our agent can do, which does not change by not being said. */
const isIceOptions = ({ name }: SdpAttribute) => name === 'ice-options';

/** Libraries lose the extension `ufrag` (RFC 8838 section 10), which says what the section says. */
function withoutFragment(attribute: SdpAttribute): SdpAttribute {
  const { name, value } = attribute;
  return name === 'candidate' && value !== null ? { name, value: value.replace(/ ufrag \S+/, '') } : attribute;
}

function payloadTypesOfOpus({ attributes }: MediaDescription): Set<string> {
  const maps = attributes.flatMap(({ name, value }) =>
    name === 'rtpmap' && value !== null ? [parseRtpMap(value)] : [],
  );
  return new Set(maps.flatMap((map) => (map?.encodingName.toLowerCase() === 'opus' ? [String(map.payloadType)] : [])));
}

/** `a=fmtp` without the rates that libwebrtc's senders read of a peer's description; null where nothing is left. */
function withoutRates(attribute: SdpAttribute): SdpAttribute | null {
  const { name, value } = attribute;
  const read = name === 'fmtp' ? parseFormatParameters(value ?? '') : null;
  if (!read?.parameters.includes('x-google-')) return attribute;
  const kept = read.parameters.split(';').filter((each) => !/^\s*x-google-[a-z]+-bitrate\s*=/.test(each));
  return kept.length > 0 ? { name, value: `${read.format} ${kept.join(';')}` } : null;
}

/** Among it wishes for what the peer sends, and names for ours (RFC 8866 sections 6.4, 6.5, 6.12; RFC 4796, RFC 4574). */
const FOR_PEER = new Set(['extmap', 'ice-options', 'ptime', 'maxptime', 'framerate', 'content', 'label']);

function withoutWhatOnlyThePeerReads(section: MediaDescription): MediaDescription {
  const opus = payloadTypesOfOpus(section);
  const isForPeer = ({ name, value }: SdpAttribute): boolean => {
    if (FOR_PEER.has(name)) return true;
    if (name === 'rtcp-fb') return value !== null && opus.has(value.replace(/ nack$/, ''));
    const format = name === 'fmtp' ? parseFormatParameters(value ?? '')?.format : undefined;
    return format !== undefined && opus.has(format);
  };
  const attributes = section.attributes.filter((each) => !isForPeer(each)).map(withoutFragment);
  return {
    ...section,
    linesAfterConnection: withoutBandwidth(section.linesAfterConnection),
    attributes: inOneOrder(attributes.map(withoutRates).filter((each) => each !== null)),
  };
}

const ofFormat = new Set(['rtpmap', 'fmtp', 'rtcp-fb']);

/**
 * What was created, less what was taken out of it: formats, which may be put in another order, with all that is said of them;
 * feedback; sending. Receiving may be taken out and put in: our codecs are said in any case.
 */
function withoutWhatWasTaken(created: MediaDescription, given: MediaDescription): MediaDescription {
  const kept = new Set(given.formats);
  const isSubset = kept.size === given.formats.length && given.formats.every((each) => created.formats.includes(each));
  if (!isSubset) return created;
  const said = new Set(given.attributes.map(({ name, value }) => `${name}:${value ?? ''}`));
  const isTaken = ({ name, value }: SdpAttribute): boolean => {
    const [format = ''] = (value ?? '').split(' ', 1);
    if (ofFormat.has(name) && format !== '*' && !kept.has(format)) return true;
    return name === 'rtcp-fb' && !said.has(`${name}:${value ?? ''}`);
  };
  const canTurn = sends(directionOf(created, created)) || !sends(directionOf(given, given));
  const attributes = created.attributes.filter((each) => !isTaken(each) && !(canTurn && isDirection(each.name)));
  const directions = canTurn ? given.attributes.filter(({ name }) => isDirection(name)) : [];
  return { ...created, formats: given.formats, attributes: [...attributes, ...directions] };
}

function commonForm(model: SessionDescription): string {
  return serializeSessionDescription({
    ...model,
    linesAfterConnection: withoutBandwidth(model.linesAfterConnection),
    attributes: inOneOrder(model.attributes.filter((each) => !isIceOptions(each))),
    media: model.media.map(withoutWhatOnlyThePeerReads),
  });
}

/**
 * Whether a text differs from the one that was created only in what is taken where webrtc-pc would have an
 * InvalidModificationError, as applications written for browsers need it. It changes nothing on our side:
 * - the order of attributes, and `ufrag` of candidates: libraries that parse descriptions and write them change both;
 * - `a=extmap` of sections: which come to be used is, as always, what the answer says;
 * - `b=`, `a=ice-options`, `a=ptime`, `a=maxptime`, `a=framerate`, `a=content`, `a=label`, and `a=fmtp` of Opus, whose
 *   parameters are wishes for what the peer sends (RFC 7587 section 6.1);
 * - `a=rtcp-fb` of Opus with `nack`, which allows feedback and asks for none (RFC 4585 section 4.2);
 * - rates in `a=fmtp` (`x-google-start-bitrate`), which are for who sends to us;
 * or takes something away, or puts it in another order:
 * - formats of the `m=` line, with their `a=rtpmap`, `a=fmtp`, `a=rtcp-fb`: which codecs, and which of them first;
 * - `a=rtcp-fb`, which are given and heeded where both sides say them;
 * - sending (to put a call on hold), and receiving, which may be put in, too: `a=sendonly` and the like;
 * or chooses for transports that have not begun, see {@link withGivenTransports}, or layers, see {@link withSourceLayers}.
 * @param begun credentials with which transports have begun to gather
 * @param settled mids of the sections that have been negotiated before
 */
export function isTakenForCreated(
  created: string,
  given: string,
  begun: readonly IceParameters[],
  settled: ReadonlySet<string>,
): boolean {
  try {
    const theirs = parseSessionDescription(given);
    const ours = withSourceLayers(
      withGivenTransports(parseSessionDescription(created), theirs, begun),
      theirs,
      settled,
    );
    const media = ours.media.map((section, index) => {
      const counterpart = theirs.media[index];
      return counterpart === undefined ? section : withoutWhatWasTaken(section, counterpart);
    });
    return commonForm({ ...ours, media }) === commonForm(theirs);
  } catch (error) {
    if (isSdpError(error)) return false;
    throw error;
  }
}

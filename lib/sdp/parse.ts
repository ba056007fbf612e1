/**
 * Text → model (RFC 8866). Strict and total: every text gives a model or throws an {@link SdpError}. Each character is
 * looked at a bounded number of times, so that the time is linear in the length, which is bounded (limits.ts).
 *
 * Laxer than the RFC where browsers are: a bare LF ends a line; in a media section `i= c= b= k=` may follow
 * attributes (a common rewriting inserts `b=` there); the last line need not be ended; lines without meaning for WebRTC are
 * kept whatever they say, `t=` among them, and so are `b=`, `a=rtcp`, and in media sections those of any other letter; the
 * session id and version in `o=` need not be numbers; a flag may have spaces behind it.
 */
import { attributeSyntaxError } from './attributes/attribute-grammar';
import { SDP_LIMITS } from './limits';
import type { MediaDescription } from './media-description';
import { SdpError } from './sdp-error';
import type { SdpAttribute, SdpConnection, SdpLine, SdpOrigin, SessionDescription } from './session-description';
import { cutAt, parseDecimal, splitFields, TOKEN, trimSpacesAtEnd } from './tokens';

/** Order of the lines of the session part; `t=` and `r=` alternate. */
const SESSION_ORDER: ReadonlyMap<string, number> = new Map([
  ['i', 1],
  ['u', 2],
  ['e', 3],
  ['p', 4],
  ['c', 5],
  ['b', 6],
  ['t', 7],
  ['r', 7],
  ['z', 8],
  ['k', 9],
  ['a', 10],
]);

const FORBIDDEN_CHARACTERS = /[\0\r]/;
const PROTOCOL = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+(?:\/[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+)*$/;

/** Walks over the lines without splitting the text first: a refused text costs no more than what was read of it. */
class LineReader {
  readonly #text: string;
  readonly #hasForbidden: boolean;
  #position = 0;
  /** Of the line last read, counted from 1. */
  line = 0;

  constructor(text: string) {
    this.#text = text;
    // Once for the whole: hardly any has them, and then the line is looked for.
    this.#hasForbidden = /\0|\r(?!\n)/.test(text);
  }

  /** Type and value of the next line, or null at the end. */
  next(): SdpLine | null {
    if (this.#position >= this.#text.length) return null;
    this.line += 1;
    const end = this.#text.indexOf('\n', this.#position);
    const stop = end < 0 ? this.#text.length : end;
    if (stop - this.#position > SDP_LIMITS.lineLength) throw this.error('line is too long');
    let text = this.#text.slice(this.#position, stop);
    if (text.endsWith('\r')) text = text.slice(0, -1);
    this.#position = end < 0 ? this.#text.length : end + 1;
    if (text === '') {
      if (this.#isBlankFrom(this.#position)) return null;
      throw this.error('empty line');
    }
    const type = text[0]!;
    if (text[1] !== '=' || type < 'a' || type > 'z') throw this.error('line does not start with a letter and "="');
    const value = text.slice(2);
    if (this.#hasForbidden && FORBIDDEN_CHARACTERS.test(value)) throw this.error('line contains NUL or a bare CR');
    return { type, value };
  }

  #isBlankFrom(position: number): boolean {
    for (let at = position; at < this.#text.length; at += 1) {
      if (this.#text[at] !== '\r' && this.#text[at] !== '\n') return false;
    }
    this.#position = this.#text.length;
    return true;
  }

  error(reason: string): SdpError {
    return new SdpError(Math.max(this.line, 1), reason);
  }
}

function parseOrigin(reader: LineReader, value: string): SdpOrigin {
  const fields = splitFields(value);
  const [username, sessionId, sessionVersion, networkType, addressType, unicastAddress] = fields;
  if (fields.length !== 6 || fields.includes('')) throw reader.error('o= needs six fields');
  return {
    username: username!,
    sessionId: sessionId!,
    sessionVersion: sessionVersion!,
    networkType: networkType!,
    addressType: addressType!,
    unicastAddress: unicastAddress!,
  };
}

function parseConnection(reader: LineReader, value: string): SdpConnection {
  const fields = splitFields(value);
  const [networkType, addressType, address] = fields;
  if (fields.length !== 3 || fields.includes('')) throw reader.error('c= needs three fields');
  if (!TOKEN.test(networkType!) || !TOKEN.test(addressType!)) throw reader.error('bad network or address type in c=');
  return { networkType: networkType!, addressType: addressType!, address: address! };
}

/** Attributes of one level, counted. */
class AttributeCollector {
  readonly attributes: SdpAttribute[] = [];
  #candidates = 0;
  #fingerprints = 0;

  add(reader: LineReader, text: string): void {
    const [given, value] = cutAt(text, ':');
    // Templates leave spaces behind flags, such as `a=rtcp-mux`.
    const name = value === null ? trimSpacesAtEnd(given) : given;
    // Names that we do not know need not be tokens: browsers pass over them, and what we do not know is kept as it is.
    if (!((name[0]! > ' ' && name[0]! <= '~') || /^[^\s\p{Cc}]/u.test(name))) throw reader.error('bad attribute name');
    if (this.attributes.length >= SDP_LIMITS.attributes) throw reader.error('too many attributes');
    if (name === 'candidate' && (this.#candidates += 1) > SDP_LIMITS.candidates) {
      throw reader.error('too many candidates');
    }
    if (name === 'fingerprint' && (this.#fingerprints += 1) > SDP_LIMITS.fingerprints) {
      throw reader.error('too many fingerprints');
    }
    const reason = attributeSyntaxError(name, value);
    if (reason !== null) throw reader.error(reason);
    this.attributes.push({ name, value });
  }
}

function parseMediaLine(
  reader: LineReader,
  value: string,
): Pick<MediaDescription, 'kind' | 'port' | 'portCount' | 'protocol' | 'formats'> {
  const [kind, portField, protocol, ...formats] = splitFields(value);
  if (kind === undefined || !TOKEN.test(kind)) throw reader.error('bad media in m=');
  const [portText, countText] = cutAt(portField ?? '', '/');
  const port = parseDecimal(portText, 0, 65535);
  const portCount = countText === null ? null : parseDecimal(countText, 1, 65535);
  if (port === null || (countText !== null && portCount === null)) throw reader.error('bad port in m=');
  if (protocol === undefined || !PROTOCOL.test(protocol)) throw reader.error('bad protocol in m=');
  if (formats.length === 0 || formats.length > SDP_LIMITS.formats) throw reader.error('too few or many formats in m=');
  if (!formats.every((format) => TOKEN.test(format))) throw reader.error('bad format in m=');
  return { kind, port, portCount, protocol, formats };
}

/** Reads the section whose `m=` line is given, up to the next one, which is returned. */
function parseMediaSection(reader: LineReader, mediaLine: SdpLine): [MediaDescription, SdpLine | null] {
  const media = parseMediaLine(reader, mediaLine.value);
  let title: string | null = null;
  const connections: SdpConnection[] = [];
  const linesAfterConnection: SdpLine[] = [];
  const collector = new AttributeCollector();
  let line = reader.next();
  for (; line !== null && line.type !== 'm'; line = reader.next()) {
    if (connections.length + linesAfterConnection.length > SDP_LIMITS.attributes) throw reader.error('too many lines');
    switch (line.type) {
      case 'i':
        if (title !== null) throw reader.error('i= occurs twice');
        title = line.value;
        break;
      case 'c':
        connections.push(parseConnection(reader, line.value));
        break;
      case 'a':
        collector.add(reader, line.value);
        break;
      default:
        // What has no meaning here, such as `y=` and `f=` of video surveillance: browsers pass over it.
        linesAfterConnection.push(line);
    }
  }
  const { kind, port, portCount, protocol, formats } = media;
  const { attributes } = collector;
  return [{ kind, port, portCount, protocol, formats, title, connections, linesAfterConnection, attributes }, line];
}

/**
 * @throws SdpError, and nothing else
 */
export function parseSessionDescription(text: string): SessionDescription {
  if (text.length > SDP_LIMITS.textLength) throw new SdpError(1, 'session description is too long');
  const reader = new LineReader(text);

  const expect = (type: string): string => {
    const line = reader.next();
    if (line === null || line.type !== type) throw reader.error(`expected ${type}=`);
    return line.value;
  };
  if (expect('v').trimEnd() !== '0') throw reader.error('the version in v= is not 0');
  const origin = parseOrigin(reader, expect('o'));
  const sessionName = expect('s');

  let connection: SdpConnection | null = null;
  const linesAfterName: SdpLine[] = [];
  const linesAfterConnection: SdpLine[] = [];
  const collector = new AttributeCollector();
  let rank = 0;
  let hasTime = false;
  let line = reader.next();
  for (; line !== null && line.type !== 'm'; line = reader.next()) {
    const lineRank = SESSION_ORDER.get(line.type);
    if (lineRank === undefined) throw reader.error(`${line.type}= is not allowed here`);
    if (lineRank < rank) throw reader.error(`${line.type}= is out of order`);
    if (lineRank >= 8 && !hasTime) throw reader.error('expected t=');
    if (line.type === 'r' && !hasTime) throw reader.error('r= without t=');
    rank = lineRank;
    if (linesAfterName.length + linesAfterConnection.length > SDP_LIMITS.attributes) {
      throw reader.error('too many lines');
    }
    if (line.type === 'a') {
      collector.add(reader, line.value);
    } else if (line.type === 'c') {
      if (connection !== null) throw reader.error('c= occurs twice');
      connection = parseConnection(reader, line.value);
    } else {
      if (line.type === 't') hasTime = true;
      (lineRank < 5 ? linesAfterName : linesAfterConnection).push(line);
    }
  }
  if (!hasTime) throw reader.error('expected t=');

  const media: MediaDescription[] = [];
  while (line !== null) {
    if (media.length >= SDP_LIMITS.mediaSections) throw reader.error('too many media sections');
    const [section, next] = parseMediaSection(reader, line);
    media.push(section);
    line = next;
  }
  return {
    origin,
    sessionName,
    linesAfterName,
    connection,
    linesAfterConnection,
    attributes: collector.attributes,
    media,
  };
}

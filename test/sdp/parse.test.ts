import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { SDP_LIMITS } from '../../lib/sdp/limits';
import { parseSessionDescription } from '../../lib/sdp/parse';
import { isSdpError } from '../../lib/sdp/sdp-error';
import { serializeSessionDescription } from '../../lib/sdp/serialize';
import type { SdpAttribute, SessionDescription } from '../../lib/sdp/session-description';

const FIXTURES = join(__dirname, 'fixtures');
const fixtures = (readdirSync(FIXTURES, { recursive: true }) as string[]).filter((name) => name.endsWith('.sdp'));
const read = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');

/** Line number and reason, or 'accepted'. */
function verdict(text: string): string {
  try {
    parseSessionDescription(text);
    return 'accepted';
  } catch (error) {
    if (!isSdpError(error)) throw error;
    return `${error.line}: ${error.reason}`;
  }
}

const HEAD = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0'];
const SECTION = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0'];
const text = (...lines: string[]): string => `${lines.join('\r\n')}\r\n`;

describe('descriptions of other implementations', () => {
  test.each(fixtures)('%s is read, and written as it was', (name) => {
    const original = read(name);
    const written = serializeSessionDescription(parseSessionDescription(original));
    expect(written).toBe(
      `${original
        .replace(/[\r\n]+$/, '')
        .split(/\r?\n/)
        .join('\r\n')}\r\n`,
    );
  });
});

describe('syntax', () => {
  test.each([
    ['', '1: expected v='],
    ['Invalid SDP', '1: line does not start with a letter and "="'],
    [text('v=1'), '1: the version in v= is not 0'],
    [text('v=0', 's=-'), '2: expected o='],
    [text('v=0', 'o=- 1 1 IN IP4'), '2: o= needs six fields'],
    [text(...HEAD.slice(0, 3)), '3: expected t='],
    [text(...HEAD.slice(0, 3), 'a=x'), '4: expected t='],
    [text(...HEAD, 'c=IN IP4 0.0.0.0'), '5: c= is out of order'],
    [text(...HEAD, 'x=1'), '5: x= is not allowed here'],
    [text(...HEAD, '', 'a=x'), '5: empty line'],
    [text(...HEAD, 'a= x'), '5: bad attribute name'],
    [text(...HEAD, 'a=x:\0'), '5: line contains NUL or a bare CR'],
    [text(...HEAD, 'a=x:1\ra=y'), '5: line contains NUL or a bare CR'],
    [text(...HEAD, 'm=audio'), '5: bad port in m='],
    [text(...HEAD, 'm=audio 65536 RTP/SAVPF 0'), '5: bad port in m='],
    [text(...HEAD, 'm=audio 9 RTP/SAVPF'), '5: too few or many formats in m='],
    [text(...HEAD, ...SECTION, 'X=0'), '7: line does not start with a letter and "="'],
    [text(...HEAD, ...SECTION, 'c=IN IP4'), '7: c= needs three fields'],
    [text(...HEAD, ...SECTION, 'a=mid:'), '7: bad value of a=mid'],
    [text(...HEAD, ...SECTION, 'a=mid'), '7: a=mid needs a value'],
    [text(...HEAD, ...SECTION, 'a=setup:both'), '7: bad value of a=setup'],
    [text(...HEAD, ...SECTION, 'a=fingerprint:sha-256 A:B'), '7: bad value of a=fingerprint'],
    [text(...HEAD, ...SECTION, 'a=candidate:1 1 udp'), '7: bad value of a=candidate'],
    [text(...HEAD, ...SECTION, 'a=sctp-port:70000'), '7: bad value of a=sctp-port'],
    [text(...HEAD, ...SECTION, 'a=max-message-size:-1'), '7: bad value of a=max-message-size'],
    [text(...HEAD, ...SECTION, 'a=rtpmap:200 opus/48000'), '7: bad value of a=rtpmap'],
  ])('%j', (given, expected) => {
    expect(verdict(given)).toBe(expected);
  });

  test.each([
    ['bare LF', text(...HEAD, ...SECTION).replaceAll('\r', '')],
    ['no end of the last line', text(...HEAD).trimEnd()],
    ['blank lines at the end', `${text(...HEAD)}\r\n\r\n`],
    ['b= behind attributes', text(...HEAD, ...SECTION, 'a=mid:0', 'b=AS:500')],
    ['unknown attributes', text(...HEAD, 'a=identity:x', ...SECTION, 'a=dtls-id:1', 'a=unheard-of: {}')],
    [
      'unknown transport and type of a candidate',
      text(...HEAD, ...SECTION, 'a=candidate:1 1 sctp 1 192.0.2.1 1 typ nat'),
    ],
    ['unknown hash function', text(...HEAD, ...SECTION, 'a=fingerprint:sha3-256 AB:CD')],
    ['bandwidth that is no number', text(...HEAD, ...SECTION, 'b=AS:abc', 'b=AS')],
    ['times that are no numbers', text(...HEAD.slice(0, 3), 't=a b', 't=0\t0')],
    ['a malformed port of RTCP', text(...HEAD, ...SECTION, 'a=rtcp:x', 'a=rtcp')],
    ['a session id and a version that are no numbers', text('v=0', 'o=x 6d1b9c5e-2a0e -1 IN IP4 h', 's=-', 't=0 0')],
    ['lines of other letters in a section', text(...HEAD, ...SECTION, 'y=0100000001', 'a=mid:0', 'f=v/2/5', 't=0 0')],
    ['setup in upper case', text(...HEAD, ...SECTION, 'a=setup:ACTPASS')],
    ['a malformed rid', text(...HEAD, ...SECTION, 'a=rid:1 foo', 'a=rid')],
    ['port with a count', text(...HEAD, 'm=audio 49170/2 RTP/AVP 31')],
    ['max-message-size beyond a double', text(...HEAD, ...SECTION, 'a=max-message-size:18446744073709551615')],
  ])('%s is accepted', (_, given) => {
    expect(verdict(given)).toBe('accepted');
  });
});

test('spaces behind a flag are no part of its name', () => {
  const { media } = parseSessionDescription(text(...HEAD, ...SECTION, 'a=rtcp-mux ', 'a=x:1 '));
  expect(media[0]!.attributes).toEqual([
    { name: 'rtcp-mux', value: null },
    { name: 'x', value: '1 ' },
  ]);
});

describe('limits', () => {
  const many = (count: number, line: string): string => text(...HEAD, ...SECTION, ...Array<string>(count).fill(line));
  test.each([
    ['10 MB', 'v'.repeat(10_000_000), '1: session description is too long'],
    ['a long line', text(...HEAD, `a=x:${'x'.repeat(SDP_LIMITS.lineLength)}`), '5: line is too long'],
    ['10,000 sections', text(...HEAD, ...Array<string>(10_000).fill('m=a 9 b c')), '1029: too many media sections'],
    ['10,000 candidates', many(10_000, 'a=candidate:1 1 udp 1 192.0.2.1 1 typ host'), '1031: too many candidates'],
    ['10,000 fingerprints', many(10_000, 'a=fingerprint:sha-1 AB:CD'), '71: too many fingerprints'],
    ['10,000 attributes', many(10_000, 'a=x'), '8199: too many attributes'],
    ['10,000 bandwidths', many(10_000, 'b=AS:1'), '8199: too many lines'],
    ['1,000 formats', text(...HEAD, `m=audio 9 RTP/AVP${' 0'.repeat(1000)}`), '5: too few or many formats in m='],
  ])('%s', (_, given, expected) => {
    expect(verdict(given)).toBe(expected);
  });

  test('hundreds of sections are taken as browsers write them', () => {
    const offer = read('chromium-156-audio-video-data-offer.sdp');
    const video = /m=video[^]*?(?=m=|$)/.exec(offer)![0];
    const meeting = text(...HEAD) + video.repeat(300);
    expect(meeting.length).toBeGreaterThan(1_100_000);
    expect(verdict(meeting)).toBe('accepted');
  });

  /** Counts characters handed out by string methods that scan: a stand-in for time that is the same on every machine. */
  test('work grows with the length, not with its square', () => {
    const scanned = (count: number): number => {
      let characters = 0;
      const original = String.prototype.slice;
      String.prototype.slice = function (this: string, ...range): string {
        const result = original.apply(this, range);
        characters += result.length;
        return result;
      };
      try {
        verdict(many(count, 'a=candidate:1 1 udp 1 192.0.2.1 1 typ host generation 0'));
        return characters;
      } finally {
        String.prototype.slice = original;
      }
    };
    const [small, large] = [scanned(100), scanned(1000)];
    expect(large).toBeGreaterThan(5 * small);
    expect(large).toBeLessThan(11 * small);
  });
});

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,11}$/);
const line = fc.stringMatching(/^[ -~]{1,24}$/).filter((each) => each.trim() === each);
const attributeArbitrary: fc.Arbitrary<SdpAttribute> = fc.oneof(
  fc.record({ name: word.map((name) => `x-${name}`), value: fc.option(line) }),
  fc.constantFrom<SdpAttribute>(
    { name: 'candidate', value: '1 1 udp 1 192.0.2.1 1 typ host generation 0' },
    { name: 'fingerprint', value: 'sha-1 AB:CD' },
    { name: 'rtcp-mux', value: null },
    { name: 'simulcast', value: 'send f;~h,q recv r' },
  ),
);
const connection = fc.constantFrom(
  { networkType: 'IN', addressType: 'IP4', address: '0.0.0.0' },
  { networkType: 'IN', addressType: 'IP6', address: '::1' },
);
const description: fc.Arbitrary<SessionDescription> = fc.record({
  origin: fc.record({
    username: fc.constant('-'),
    sessionId: fc.nat().map(String),
    sessionVersion: fc.nat().map(String),
    networkType: fc.constant('IN'),
    addressType: fc.constant('IP4'),
    unicastAddress: fc.constant('127.0.0.1'),
  }),
  sessionName: line,
  linesAfterName: fc.constantFrom(
    [],
    [{ type: 'i', value: 'x' }],
    [
      { type: 'u', value: 'y' },
      { type: 'e', value: 'z' },
    ],
  ),
  connection: fc.option(connection),
  linesAfterConnection: fc.constantFrom(
    [{ type: 't', value: '0 0' }],
    [
      { type: 'b', value: 'AS:5' },
      { type: 't', value: '1 2' },
    ],
  ),
  attributes: fc.array(attributeArbitrary, { maxLength: 5 }),
  media: fc.array(
    fc.record({
      kind: word,
      port: fc.nat(65535),
      portCount: fc.option(fc.integer({ min: 1, max: 9 })),
      protocol: fc.constantFrom('UDP/DTLS/SCTP', 'UDP/TLS/RTP/SAVPF', 'udp'),
      formats: fc.array(word, { minLength: 1, maxLength: 4 }),
      title: fc.option(line),
      connections: fc.array(connection, { maxLength: 2 }),
      linesAfterConnection: fc.constantFrom(
        [],
        [
          { type: 'b', value: 'TIAS:9' },
          { type: 'k', value: 'prompt' },
        ],
      ),
      attributes: fc.array(attributeArbitrary, { maxLength: 6 }),
    }),
    { maxLength: 4 },
  ),
});

test('an attribute that nobody knows is kept, whatever its name', () => {
  const odd = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=not a token:x y\r\na=(\r\n';
  expect(serializeSessionDescription(parseSessionDescription(odd))).toBe(odd);
});

describe('properties', () => {
  test('what is written is read as the same model', () => {
    fc.assert(
      fc.property(description, (model) => {
        expect(parseSessionDescription(serializeSessionDescription(model))).toEqual(model);
      }),
    );
  });

  test('any text is a model or an SdpError with a line of the text', () => {
    const seeds = fixtures.map(read);
    const mutated = fc
      .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(6000), fc.nat(8), fc.string({ maxLength: 4 }))))
      .map(([seed, cuts]) =>
        cuts.reduce((result, [at, length, insert]) => {
          const position = at % (result.length + 1);
          return result.slice(0, position) + insert + result.slice(position + length);
        }, seed),
      );
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated), (given) => {
        try {
          const model = parseSessionDescription(given);
          expect(parseSessionDescription(serializeSessionDescription(model))).toEqual(model);
        } catch (error) {
          if (!isSdpError(error)) throw error;
          expect(error.line).toBeGreaterThanOrEqual(1);
          expect(error.line).toBeLessThanOrEqual(given.split('\n').length);
        }
      }),
      { numRuns: 500 },
    );
  });
});

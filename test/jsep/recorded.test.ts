/**
 * Descriptions of other implementations (test/sdp/fixtures): each is read, answered by us with everything that it offers,
 * and written back as it was.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readDescription } from '../../lib/jsep/description-record';
import { parseSessionDescription } from '../../lib/sdp/parse';
import { serializeSessionDescription } from '../../lib/sdp/serialize';
import { resolveMids } from '../../lib/jsep/section';
import { MediaPeer } from './media-peer';

const ROOT = join(__dirname, '../sdp/fixtures');

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : path.endsWith('.sdp') ? [path] : [];
    })
    .sort();
}

const files = filesBelow(ROOT).map((path) => relative(ROOT, path));
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

test('there are recordings', () => {
  expect(files.length).toBeGreaterThan(50);
});

describe('round trip', () => {
  test.each(files)('%s', (name) => {
    const model = parseSessionDescription(read(name));
    expect(parseSessionDescription(serializeSessionDescription(model))).toEqual(model);
  });
});

describe('an offer is answered', () => {
  test.each(files.filter((name) => /offer[^/]*\.sdp$/.test(name)))('%s', (name) => {
    const peer = new MediaPeer('b');
    peer.setRemote('offer', read(name));
    for (const transceiver of peer.transceivers) transceiver.direction = 'sendrecv';
    peer.setLocal('answer');
    expect(peer.session.signalingState).toBe('stable');
    const offered = parseSessionDescription(read(name)).media;
    const answered = parseSessionDescription(peer.local).media;
    for (const [index, section] of offered.entries()) {
      const isRejected = section.port === 0 && !section.attributes.some(({ name: each }) => each === 'bundle-only');
      if (isRejected) expect(answered[index]!.port).toBe(0);
      else expect([index, answered[index]!.port]).not.toEqual([index, 0]);
      expect(answered[index]!.kind).toBe(section.kind);
      if (section.kind !== 'application')
        expect(section.formats).toEqual(expect.arrayContaining(answered[index]!.formats as string[]));
    }
  });
});

/** Whole sessions: we stand where the answerer stood, and answer each of the offerer's offers. */
const sessions = [...new Set(files.filter((name) => name.startsWith('sessions/')).map((name) => join(name, '..')))];

describe('all offers of one side, one after the other', () => {
  for (const side of ['a', 'b']) {
    test.each(sessions)(`%s, ${side}`, (session) => {
      const offers = files.filter((name) => join(name, '..') === session && name.endsWith(`${side}-offer.sdp`));
      const peer = new MediaPeer('c');
      for (const name of offers) {
        // What the other side added meanwhile is missing: such offers follow what we do not know of.
        if (parseSessionDescription(read(name)).media.length < (peer.session.currentRemote?.mids.length ?? 0)) return;
        peer.setRemote('offer', read(name));
        peer.setLocal('answer');
        expect(peer.session.signalingState).toBe('stable');
        expect(peer.needsNegotiation).toBe(false);
      }
    });
  }
});

/** Both sides' texts are given to one session, as if it had written those of side `a`. */
class Understudy extends MediaPeer {
  play(name: string): void {
    const text = read(name);
    const [, side, type] = /(a|b)-(offer|pranswer|answer)\.sdp$/.exec(name)!;
    if (side === 'b') {
      this.setRemote(type as 'offer', text);
      return;
    }
    const offeredMids = new Map<string, string>();
    for (const [index, mid] of resolveMids(parseSessionDescription(text), []).entries()) {
      const { kind } = parseSessionDescription(text).media[index]!;
      if (kind !== 'audio' && kind !== 'video') continue;
      const isKnown = this.session.media.some((media) => media.mid === mid);
      if (type === 'offer' && !isKnown) offeredMids.set(this.add(kind).id, mid);
    }
    const created = readDescription(type as 'offer', text, []);
    this.session = { ...this.session, lastCreatedOffer: created, lastCreatedAnswer: created, offeredMids };
    this.setLocal(type as 'offer', text);
  }
}

describe('whole sessions, played by one side', () => {
  test.each(sessions)('%s', (session) => {
    const understudy = new Understudy('a');
    for (const name of files.filter((each) => join(each, '..') === session)) {
      try {
        understudy.play(name);
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`);
      }
    }
    for (const { negotiated, transportId } of understudy.session.media) {
      if (understudy.session.signalingState !== 'stable') continue;
      expect(understudy.session.transports.map(({ id }) => id)).toContain(transportId);
      expect(negotiated!.receiveCodecs.length + negotiated!.sendCodecs.length).toBeGreaterThan(0);
    }
  });
});

import * as fc from 'fast-check';
import { isJsepError, needsImplicitRollback, type Direction, type JsepSession } from '../../lib/jsep/jsep-session';
import { codecsOf } from '../../lib/jsep/section-codecs';
import { parseSessionDescription } from '../../lib/sdp/parse';
import { CAPABILITIES, renumbered } from './capabilities';
import { MediaPeer, reversedDirection, type Transceiver } from './media-peer';

interface Message {
  readonly type: 'offer' | 'pranswer' | 'answer';
  readonly text: string;
}

const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** What must never change once it was agreed on. */
class Ledger {
  readonly #entries = new Map<string, string>();

  write(key: string, value: string): void {
    expect([key, this.#entries.get(key) ?? value]).toEqual([key, value]);
    this.#entries.set(key, value);
  }
}

/** An application with perfect negotiation, over an ordered channel. */
class Application {
  readonly peer: MediaPeer;
  readonly outbox: Message[] = [];
  readonly #ledger = new Ledger();
  /** An offer of the other side was passed over for ours, which has to be answered therefore. */
  isOwed = false;

  constructor(
    name: string,
    readonly isPolite: boolean,
    bundlePolicy: 'balanced' | 'max-compat' | 'max-bundle',
  ) {
    // The sides like different numbers, so that each has to keep to what the other one brought.
    const capabilities = isPolite ? renumbered(CAPABILITIES) : CAPABILITIES;
    this.peer = new MediaPeer(name, { bundlePolicy, capabilities });
  }

  get session(): JsepSession {
    return this.peer.session;
  }

  offer(): void {
    if (this.session.signalingState !== 'stable' && this.session.signalingState !== 'have-local-offer') return;
    this.peer.setLocal('offer');
    this.outbox.push({ type: 'offer', text: this.peer.local });
  }

  receive({ type, text }: Message, usesPranswer: boolean): void {
    if (type === 'offer') {
      if (!this.isPolite && this.session.signalingState !== 'stable') {
        this.isOwed = true;
        return;
      }
      this.peer.setRemote('offer', text);
      const answer = this.peer.createAnswer();
      if (usesPranswer) {
        this.peer.setLocal('pranswer', answer);
        this.outbox.push({ type: 'pranswer', text: answer });
      }
      this.peer.setLocal('answer', answer);
      this.outbox.push({ type: 'answer', text: this.peer.local });
    } else {
      // Of an offer that was replaced by a later one: the later one is answered, too.
      if (this.session.signalingState === 'stable' || !this.#answers(text)) return;
      this.peer.setRemote(type, text);
    }
    if (this.session.signalingState === 'stable') {
      this.isOwed = false;
      this.#check();
    }
  }

  #answers(text: string): boolean {
    const offered = this.session.pendingLocal?.model.media.length;
    return offered === parseSessionDescription(text).media.length;
  }

  /** After each exchange. */
  #check(): void {
    const { media, currentLocal, currentRemote } = this.session;
    for (const { mid, transceiverId, kind, mediaSectionIndex } of media) {
      this.#ledger.write(`mid ${mid}`, `${transceiverId} ${kind} ${mediaSectionIndex}`);
    }
    for (const description of [currentLocal!, currentRemote!]) {
      for (const section of description.model.media) {
        if (section.port === 0) continue;
        for (const { payloadType, meaning } of codecsOf(section)) {
          this.#ledger.write(`payload type ${payloadType}`, meaning);
          const numbers = section.formats.map(Number);
          expect(numbers.every((number) => number < 64 || number > 95)).toBe(true);
        }
        for (const { name, value } of section.attributes) {
          if (name === 'extmap') this.#ledger.write(`extension ${value!.split(/[ /]/)[0]}`, value!.split(' ')[1]!);
        }
      }
    }
  }
}

const step = fc.record({
  who: fc.nat(1),
  what: fc.constantFrom(
    ...(['add', 'add', 'addTrack', 'direction', 'stop', 'streams', 'prefer', 'offer', 'offer', 'restart'] as const),
    ...(['deliver', 'deliver', 'deliver', 'deliver', 'rollback', 'data'] as const),
  ),
  which: fc.nat(7),
  usesPranswer: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function act({ peer, outbox, isOwed }: Application, { what, which }: Step): void {
  const transceivers = peer.transceivers.filter(({ isStopping }) => !isStopping);
  const chosen: Transceiver | undefined = transceivers[which % Math.max(1, transceivers.length)];
  const kind = which % 2 === 0 ? 'audio' : 'video';
  switch (what) {
    case 'add': {
      const isSimulcast = kind === 'video' && which > 5;
      const rids = isSimulcast ? ['h', 'l'] : [null];
      const direction = DIRECTIONS[which % 4]!;
      if (peer.transceivers.length < 6) {
        peer.add(kind, { direction, sendEncodings: rids.map((rid) => ({ rid, isActive: true })) });
      }
      break;
    }
    case 'addTrack':
      if (peer.transceivers.length < 6) peer.add(kind, { isFromAddTrack: true, streamIds: ['stream'] });
      break;
    case 'direction':
      if (chosen) chosen.direction = DIRECTIONS[which % 4]!;
      break;
    case 'stop':
      if (chosen && which % 3 === 0) peer.stop(chosen);
      break;
    case 'streams':
      if (chosen) chosen.streamIds = which % 2 === 0 ? [] : [`stream-${which}`];
      break;
    case 'prefer':
      if (chosen) {
        // Not audio's first codec alone: both sides always have one in common.
        const { codecs } = CAPABILITIES[chosen.kind];
        chosen.preferredCodecs = which % 3 === 0 ? [] : [...codecs.slice(which % 2), ...codecs.slice(0, which % 2)];
      }
      break;
    case 'data':
      peer.hasDataChannels = true;
      break;
    case 'rollback': {
      // An offer that the other side has not seen yet, and for which none of its own was passed over, can be taken back.
      const last = outbox.findLastIndex(({ type }) => type === 'offer');
      const isAlone = outbox.filter(({ type }) => type === 'offer').length === 1;
      if (peer.session.signalingState === 'have-local-offer' && isAlone && !isOwed) {
        outbox.splice(last, 1);
        peer.rollback('local');
      }
      break;
    }
  }
}

function converge(sides: readonly [Application, Application], steps: readonly Step[]): void {
  const deliver = (to: number, usesPranswer: boolean): void => {
    const message = sides[1 - to]!.outbox.shift();
    if (message !== undefined) sides[to]!.receive(message, usesPranswer);
  };
  for (const each of steps) {
    const side = sides[each.who]!;
    if (each.what === 'deliver') deliver(each.who, each.usesPranswer);
    else if (each.what === 'offer' || each.what === 'restart') {
      side.peer.iceRestart = each.what === 'restart';
      if (side.session.signalingState === 'stable') side.offer();
      side.peer.iceRestart = false;
    } else act(side, each);
  }
  const flush = (): void => {
    while (sides.some(({ outbox }) => outbox.length > 0)) for (const who of [0, 1]) deliver(who, false);
  };
  flush();
  // Whoever needs it negotiates, until nobody does.
  for (let round = 0; round < 6 && sides.some(({ peer }) => peer.needsNegotiation); round += 1) {
    for (const side of sides) {
      if (side.peer.needsNegotiation) side.offer();
      flush();
    }
  }
}

function checkAgreement(sides: readonly [Application, Application]): void {
  const [a, b] = sides.map(({ session }) => session) as [JsepSession, JsepSession];
  expect([a.signalingState, b.signalingState]).toEqual(['stable', 'stable']);
  // Two that both want to send and not to receive offer for ever: an answer that cannot send has no a=msid (step 5.3.1).
  for (const { peer } of sides) {
    const isUnheard = peer.transceivers.some(
      (each) => each.direction === 'sendonly' && peer.currentDirection(each) === 'inactive',
    );
    expect(peer.needsNegotiation && !isUnheard).toBe(false);
  }
  if (a.currentLocal === null) return;
  expect(a.currentLocal.mids).toEqual(b.currentLocal!.mids);
  expect(a.currentLocal.model.media.map(({ kind }) => kind)).toEqual(
    b.currentLocal!.model.media.map(({ kind }) => kind),
  );
  expect(a.media.map(({ mid }) => mid)).toEqual(b.media.map(({ mid }) => mid));
  for (const [index, media] of a.media.entries()) {
    const counterpart = b.media[index]!;
    expect(reversedDirection(counterpart.negotiated!.direction)).toBe(media.negotiated!.direction);
    const numbers = (codecs: readonly { payloadType: number }[]): Set<number> =>
      new Set(codecs.map(({ payloadType }) => payloadType));
    expect(numbers(media.negotiated!.sendCodecs)).toEqual(numbers(counterpart.negotiated!.receiveCodecs));
    expect(media.negotiated!.sendRids).toBeNull();
  }
  // Everything is bundled in the end.
  expect(a.transports.length).toBe(a.media.length > 0 || a.sctp !== null ? 1 : 0);
  expect(b.transports.length).toBe(a.transports.length);
  expect(a.sctp === null).toBe(b.sctp === null);
  for (const { peer } of sides) {
    const live = peer.transceivers.filter(({ isStopped }) => !isStopped);
    expect(new Set(live.map(({ id }) => id))).toEqual(
      new Set(peer.session.media.map(({ transceiverId }) => transceiverId)),
    );
  }
}

test.each(['balanced', 'max-compat', 'max-bundle'] as const)('two sessions with media converge (%s)', (policy) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const sides = [new Application('a', false, policy), new Application('b', true, policy)] as const;
      converge(sides, steps);
      checkAgreement(sides);
    }),
    { numRuns: 150 },
  );
});

test('random calls in random states throw JsepErrors only, and a failed one changes nothing', () => {
  const call = fc.tuple(
    fc.constantFrom('local', 'remote', 'roll back local', 'roll back remote'),
    fc.nat(2),
    fc.nat(9),
    step,
  );
  fc.assert(
    fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
      const app = new Application('a', true, 'balanced');
      const other = new MediaPeer('b');
      other.add('audio');
      other.add('video');
      const texts = [other.createOffer(), 'v=0'];
      for (const [what, type, which, each] of calls) {
        if (each.what !== 'offer' && each.what !== 'restart' && each.what !== 'deliver')
          act(app, { ...each, what: each.what === 'rollback' ? 'data' : each.what });
        const { peer } = app;
        const kind = (['offer', 'pranswer', 'answer'] as const)[type]!;
        // A step of its own, which stays whatever becomes of the description.
        if (what === 'remote' && needsImplicitRollback(peer.session, kind)) peer.rollback('local');
        const before = peer.session;
        try {
          const text = texts[which % texts.length]!;
          if (what === 'local') peer.setLocal(kind, which > 4 ? text : undefined);
          else if (what === 'remote')
            peer.setRemote(kind, text.replaceAll('actpass', kind === 'offer' ? 'actpass' : 'active'));
          else peer.rollback(what === 'roll back local' ? 'local' : 'remote');
          if (peer.session.pendingLocal !== null) texts.push(peer.local);
        } catch (error) {
          if (!isJsepError(error)) throw error;
          expect(peer.session.media).toBe(before.media);
          expect(peer.session.transports).toBe(before.transports);
        }
      }
    }),
    { numRuns: 200 },
  );
});

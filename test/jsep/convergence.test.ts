import * as fc from 'fast-check';
import { isJsepError, type JsepSession } from '../../lib/jsep/jsep-session';
import { Peer } from './peer';

interface Message {
  readonly type: 'offer' | 'pranswer' | 'answer' | 'candidate';
  readonly text: string;
}

/** Perfect negotiation as an application writes it, over an ordered channel. */
class Application {
  readonly peer: Peer;
  readonly outbox: Message[] = [];
  ignoresOffer = false;
  #port = 1000;

  constructor(
    name: string,
    readonly isPolite: boolean,
  ) {
    this.peer = new Peer(name);
  }

  get session(): JsepSession {
    return this.peer.session;
  }

  offer(): void {
    if (this.session.signalingState !== 'stable') return;
    this.peer.setLocal('offer');
    this.outbox.push({ type: 'offer', text: this.peer.local });
  }

  gather(): void {
    if (this.session.transports.length > 0)
      this.outbox.push({ type: 'candidate', text: this.peer.gather((this.#port += 1)) });
  }

  receive(message: Message, usesPranswer: boolean): void {
    if (message.type === 'candidate') {
      try {
        this.peer.addCandidate(message.text, this.session.pendingRemote?.mids[0] ?? '0');
      } catch (error) {
        // Candidates of an offer that was ignored, or of one that its sender rolled back.
        if (!isJsepError(error) || (error.name !== 'OperationError' && error.name !== 'InvalidStateError')) throw error;
      }
      return;
    }
    if (message.type === 'offer') {
      this.ignoresOffer = !this.isPolite && this.session.signalingState !== 'stable';
      if (this.ignoresOffer) return;
      this.peer.setRemote('offer', message.text);
      const answer = this.peer.createAnswer();
      if (usesPranswer) {
        this.peer.setLocal('pranswer', answer);
        this.outbox.push({ type: 'pranswer', text: answer });
      }
      this.peer.setLocal('answer', answer);
      this.outbox.push({ type: 'answer', text: this.peer.local });
      return;
    }
    this.peer.setRemote(message.type, message.text);
  }
}

const step = fc.record({
  who: fc.nat(1),
  what: fc.constantFrom('offer', 'restart', 'deliver', 'deliver', 'deliver', 'gather', 'rollback', 'resize'),
  usesPranswer: fc.boolean(),
});

/** Every transport, association and role that effects made must be what the session says. */
function replay(peer: Peer): { transports: Set<string>; sctp: string | null } {
  const transports = new Set<string>();
  let sctp: string | null = null;
  for (const effect of peer.effects) {
    if (effect.kind === 'create-transport') {
      expect(transports.has(effect.transportId)).toBe(false);
      transports.add(effect.transportId);
    } else if (effect.kind === 'start-sctp') {
      expect(sctp).toBeNull();
      sctp = effect.sctp.transportId;
      expect(transports.has(sctp)).toBe(true);
    } else if (effect.kind === 'stop-sctp') {
      expect(sctp).toBe(effect.sctp.transportId);
      sctp = null;
    } else if (effect.kind !== 'update-sctp') {
      expect(transports.has(effect.transportId)).toBe(true);
      if (effect.kind === 'remove-transport') transports.delete(effect.transportId);
    }
  }
  return { transports, sctp };
}

test('two sessions driven by random calls agree once the channel is empty', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const sides = [new Application('a', false), new Application('b', true)] as const;
      const deliver = (to: number, usesPranswer: boolean): void => {
        const message = sides[1 - to]!.outbox.shift();
        if (message !== undefined) sides[to]!.receive(message, usesPranswer);
      };
      for (const { who, what, usesPranswer } of steps) {
        const side = sides[who]!;
        if (what === 'deliver') deliver(who, usesPranswer);
        else if (what === 'gather') side.gather();
        else if (what === 'resize') side.peer.maxMessageSize += 1;
        else if (what === 'rollback') {
          // An offer that the other side has not seen yet can be taken back.
          const last = side.outbox.findLastIndex(({ type }) => type === 'offer');
          if (side.session.signalingState === 'have-local-offer' && last >= 0) {
            side.outbox.splice(last);
            side.peer.rollback('local');
          }
        } else {
          side.peer.iceRestart = what === 'restart';
          side.offer();
          side.peer.iceRestart = false;
        }
      }
      const flush = (): void => {
        while (sides.some(({ outbox }) => outbox.length > 0)) for (const who of [0, 1]) deliver(who, false);
      };
      flush();
      for (const side of sides) {
        side.offer();
        flush();
      }

      const [a, b] = sides.map(({ session }) => session) as [JsepSession, JsepSession];
      expect([a.signalingState, b.signalingState]).toEqual(['stable', 'stable']);
      const [transportA, transportB] = [a.transports[0]!, b.transports[0]!];
      expect([a.transports.length, b.transports.length]).toEqual([1, 1]);
      expect(transportA.remoteIce).toEqual({ ...transportB.localIce, iceLite: false });
      expect(transportB.remoteIce).toEqual({ ...transportA.localIce, iceLite: false });
      expect(new Set([transportA.iceRole, transportB.iceRole]).size).toBe(2);
      expect(new Set([transportA.dtlsRole, transportB.dtlsRole])).toEqual(new Set(['client', 'server']));
      expect(a.sctp!.remoteMaxMessageSize).toBe(sides[1].peer.maxMessageSize);
      for (const { peer } of sides) {
        const made = replay(peer);
        expect(made.transports).toEqual(new Set(peer.session.transports.map(({ id }) => id)));
        expect(made.sctp).toBe(peer.session.sctp!.transportId);
        const restarts = peer.effects.filter((effect) => effect.kind === 'start-dtls' && effect.restart);
        expect(restarts).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});

test('random calls throw JsepErrors only, and leave the session in a state of the table', () => {
  const call = fc.tuple(
    fc.constantFrom('setLocal', 'setRemote', 'rollback', 'createOffer', 'createAnswer'),
    fc.constantFrom('offer', 'pranswer', 'answer'),
    fc.nat(3),
  );
  fc.assert(
    fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
      const peer = new Peer('a');
      const texts = [new Peer('b').createOffer(), 'v=0'];
      for (const [method, type, which] of calls) {
        try {
          const text = texts[which % texts.length]!;
          if (method === 'setLocal') peer.setLocal(type, which === 3 ? undefined : text);
          else if (method === 'setRemote')
            peer.setRemote(type, text.replace('actpass', type === 'offer' ? 'actpass' : 'active'));
          else if (method === 'rollback') peer.rollback(which % 2 === 0 ? 'local' : 'remote');
          else texts.push(peer[method as 'createOffer']());
        } catch (error) {
          if (!isJsepError(error)) throw error;
        }
        const { signalingState, pendingLocal, pendingRemote } = peer.session;
        expect([pendingLocal?.type ?? '', pendingRemote?.type ?? '']).toEqual(
          {
            stable: ['', ''],
            'have-local-offer': ['offer', ''],
            'have-remote-offer': ['', 'offer'],
            'have-local-pranswer': ['pranswer', 'offer'],
            'have-remote-pranswer': ['offer', 'pranswer'],
          }[signalingState],
        );
        replay(peer);
      }
    }),
    { numRuns: 300 },
  );
});

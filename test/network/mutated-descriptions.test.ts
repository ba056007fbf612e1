/** Broken descriptions reach a live connection: it refuses them with the Recommendation's errors, and stays as it was. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RTCError, RTCPeerConnection } from '../../lib';
import { nativeAddon } from '../../lib/binding/load';
import { connectPair, negotiate, once } from '../support/connect';
import { mutateDescription } from '../support/mutate-description';
import { seededRandom } from '../support/seeded-random.cjs';

type Type = 'offer' | 'answer' | 'pranswer';
type Channel = Awaited<ReturnType<typeof connectPair>>[0];

const FIXTURES = join(__dirname, '../sdp/fixtures');
const fixtures = (readdirSync(FIXTURES, { recursive: true }) as string[])
  .filter((name) => name.endsWith('.sdp'))
  .sort()
  .map((name) => readFileSync(join(FIXTURES, name), 'utf8'));

const seed = Number(process.env['SEED'] ?? 20261121);
const rounds = Number(process.env['ROUNDS'] ?? 400);
/** A description that takes longer than this to be refused or taken holds up everything else. */
const LONGEST_MS = 1_000;

/** Numbers for objects, so that identity can be compared with the rest. */
const numbers = new WeakMap<object, number>();
let lastNumber = 0;
function numberOf(object: object | null): number | null {
  if (object === null) return null;
  if (!numbers.has(object)) numbers.set(object, ++lastNumber);
  return numbers.get(object)!;
}

/** All that a description could have changed. */
function stateOf(pc: RTCPeerConnection) {
  return {
    signaling: pc.signalingState,
    connection: pc.connectionState,
    // It gets from one to the other by itself.
    ice: pc.iceConnectionState.replace('completed', 'connected'),
    gathering: pc.iceGatheringState,
    descriptions: [
      pc.currentLocalDescription,
      pc.currentRemoteDescription,
      pc.pendingLocalDescription,
      pc.pendingRemoteDescription,
    ].map((one) => one && `${one.type}\n${one.sdp}`),
    trickle: pc.canTrickleIceCandidates,
    sctp: pc.sctp && [numberOf(pc.sctp), pc.sctp.state, pc.sctp.maxMessageSize, numberOf(pc.sctp.transport)],
    transceivers: pc.getTransceivers().map((one) => ({
      number: numberOf(one),
      mid: one.mid,
      direction: one.direction,
      currentDirection: one.currentDirection,
      transports: [numberOf(one.sender.transport), numberOf(one.receiver.transport)],
      sends: JSON.stringify(one.sender.getParameters().codecs),
      encodings: JSON.stringify(one.sender.getParameters().encodings),
      receives: JSON.stringify(one.receiver.getParameters()),
      track: [one.receiver.track.muted, one.receiver.track.readyState],
    })),
  };
}

/** What the promise came to; the name is one of the Recommendation's, and a syntax error tells its line. */
async function outcomeOf(sdp: string, action: () => Promise<unknown>): Promise<string> {
  const started = performance.now();
  let outcome = 'resolved';
  try {
    await action();
  } catch (error) {
    outcome = (error as Error).name;
    expect(['OperationError', 'InvalidAccessError', 'InvalidStateError']).toContain(outcome);
    if (error instanceof RTCError) {
      expect(error.errorDetail).toBe('sdp-syntax-error');
      expect(error.sdpLineNumber).toBeGreaterThan(0);
      expect(error.sdpLineNumber).toBeLessThanOrEqual(sdp.split('\n').length);
      outcome = error.errorDetail;
    }
  }
  expect(performance.now() - started).toBeLessThan(LONGEST_MS);
  return outcome;
}

describe('mutated descriptions', () => {
  jest.setTimeout(120_000);
  const random = seededRandom(seed);
  const count = new Map<string, number>();
  const note = (outcome: string) => count.set(outcome, (count.get(outcome) ?? 0) + 1);
  let a: RTCPeerConnection;
  let b: RTCPeerConnection;
  let channel: Channel;

  async function connect(): Promise<void> {
    [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    for (const pc of [a, b]) for (const kind of ['audio', 'video']) pc.addTransceiver(kind);
    const [ours, theirs] = await connectPair(a, b);
    channel = ours;
    theirs.onmessage = ({ data }) => theirs.send(data);
    // What comes by itself has come, and the last candidates have been passed when descriptions have been again.
    for (const pc of [a, b]) while (pc.iceGatheringState !== 'complete') await once(pc, 'icegatheringstatechange');
    while (a.connectionState !== 'connected') await once(a, 'connectionstatechange');
    await negotiate(a, b);
  }
  const disconnect = () => [a, b].forEach((pc) => pc.close());

  async function expectFlow(): Promise<void> {
    const got = new Promise((done) =>
      channel.addEventListener('message', ({ data }: any) => done(data), { once: true }),
    );
    channel.send('still here');
    expect(await got).toBe('still here');
  }

  /** Half of them are the session's own, whose sections fit. */
  const text = (own: string) => {
    const other = fixtures[Math.floor(random() * fixtures.length)]!;
    return random() < 0.5 ? mutateDescription(own, other, random) : mutateDescription(other, own, random);
  };

  beforeEach(async () => {
    console.log(`mutated descriptions: SEED=${seed} ROUNDS=${rounds}, of ${fixtures.length}`);
    count.clear();
    await connect();
  });
  afterEach(() => {
    disconnect();
    console.log(JSON.stringify(Object.fromEntries(count)));
  });

  it('as offers leave the connection as it was, also after they were taken and rolled back', async () => {
    await b.setLocalDescription(await b.createOffer());
    const own = b.localDescription!.sdp;
    await b.setLocalDescription({ type: 'rollback' });
    for (let round = 0; round < rounds; round++) {
      const before = stateOf(a);
      const sdp = text(own);
      const outcome = await outcomeOf(sdp, () => a.setRemoteDescription({ type: 'offer', sdp }));
      note(outcome);
      if (outcome === 'resolved') {
        expect(a.signalingState).toBe('have-remote-offer');
        if (random() < 0.5) await a.createAnswer();
        await a.setRemoteDescription({ type: 'rollback' });
      }
      if (outcome === 'resolved' && a.getTransceivers().some(({ direction }) => direction === 'stopped')) {
        // What a rejected section has stopped does not begin again.
        disconnect();
        await connect();
        continue;
      }
      expect(stateOf(a)).toEqual(before);
      if (round % 50 === 0) await expectFlow();
    }
    await negotiate(a, b);
    await negotiate(b, a);
    await expectFlow();
  });

  it.each(['answer', 'pranswer'] as const)(
    'as %s leave it as it was, and waiting for a good one',
    async (type: Type) => {
      for (let round = 0; round < rounds; round++) {
        if (a.signalingState !== 'have-local-offer') {
          await a.setLocalDescription();
          await b.setRemoteDescription(a.localDescription!);
          await b.setLocalDescription();
        }
        const before = stateOf(a);
        const sdp = text(b.localDescription!.sdp);
        const outcome = await outcomeOf(sdp, () => a.setRemoteDescription({ type, sdp }));
        note(outcome);
        if (outcome !== 'resolved') {
          expect(stateOf(a)).toEqual(before);
          if (round % 50 === 0) await expectFlow();
          continue;
        }
        expect(a.signalingState).toBe(type === 'answer' ? 'stable' : 'have-remote-pranswer');
        // It may have been told of other fingerprints and addresses: nothing can be asked of it now, but to stay alive.
        await a.createOffer().catch((error: Error) => expect(error.name).toBe('InvalidStateError'));
        disconnect();
        await connect();
      }
      await expectFlow();
    },
  );

  it('are answered, where they make sense, and no handle is left behind', async () => {
    disconnect();
    const handles = nativeAddon().liveHandles();
    for (let round = 0; round < rounds / 3; round++) {
      const pc = new RTCPeerConnection();
      const own = fixtures[round % fixtures.length]!;
      const sdp = mutateDescription(own, fixtures[Math.floor(random() * fixtures.length)]!, random);
      const outcome = await outcomeOf(sdp, () => pc.setRemoteDescription({ type: 'offer', sdp }));
      note(outcome);
      if (outcome === 'resolved') {
        await pc.setLocalDescription();
        expect(pc.signalingState).toBe('stable');
        const sections = (one: string) =>
          one
            .split('\nm=')
            .slice(1)
            .map((section) => section.split(' ')[0]);
        expect(sections(pc.localDescription!.sdp)).toEqual(sections(sdp));
      }
      pc.close();
    }
    expect(nativeAddon().liveHandles()).toBeLessThanOrEqual(handles);
    await connect();
    await expectFlow();
  });
});

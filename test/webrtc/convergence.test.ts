import * as fc from 'fast-check';
import { MediaStream, RTCRtpReceiver, type RTCRtpTransceiver } from '../../lib';
import { PerfectPeer } from '../support/perfect-peer';
import { makeTrack, sectionsOf } from '../support/tracks';

type Kind = 'audio' | 'video';
type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One call of an application; `which` picks a transceiver, if there is any. */
type Call =
  | { readonly call: 'addTrack'; readonly kind: Kind; readonly streams: number }
  | { readonly call: 'addTransceiver'; readonly kind: Kind; readonly direction: Direction; readonly layers: number }
  | { readonly call: 'removeTrack' | 'stop' | 'setStreams' | 'replaceTrack' | 'preferOther'; readonly which: number }
  | { readonly call: 'direction'; readonly which: number; readonly direction: Direction }
  | { readonly call: 'createDataChannel' | 'restartIce' | 'offerAndRollback' };
interface Step {
  readonly side: 0 | 1;
  readonly does: Call;
  /** Turns of the event loop before the next step. */
  readonly turns: number;
}

const kind = fc.constantFrom<Kind>('audio', 'video');
const direction = fc.constantFrom<Direction>('sendrecv', 'sendonly', 'recvonly', 'inactive');
const which = fc.nat(7);
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ call: fc.constant('addTrack' as const), kind, streams: fc.nat(2) }),
  fc.record({ call: fc.constant('addTransceiver' as const), kind, direction, layers: fc.nat(3) }),
  fc.record({
    call: fc.constantFrom('removeTrack' as const, 'stop' as const, 'setStreams' as const, 'replaceTrack' as const),
    which,
  }),
  fc.record({ call: fc.constant('preferOther' as const), which }),
  fc.record({ call: fc.constant('direction' as const), which, direction }),
  fc.record({
    call: fc.constantFrom('createDataChannel' as const, 'restartIce' as const, 'offerAndRollback' as const),
  }),
);
const step: fc.Arbitrary<Step> = fc.record({
  side: fc.constantFrom(0 as const, 1 as const),
  does: call,
  turns: fc.constantFrom(0, 0, 1, 3, 12, 40),
});

const task = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function perform(peer: PerfectPeer, does: Call): Promise<void> {
  const { pc } = peer;
  const live = pc.getTransceivers().filter((each) => each.direction !== 'stopped');
  const pick = (index: number): RTCRtpTransceiver | undefined => live[index % Math.max(live.length, 1)];
  switch (does.call) {
    case 'addTrack':
      pc.addTrack(makeTrack(does.kind), ...Array.from({ length: does.streams }, () => new MediaStream()));
      break;
    case 'addTransceiver': {
      const layers = does.kind === 'video' ? does.layers : 0;
      const sendEncodings = Array.from({ length: layers }, (_, index) => ({ rid: `r${String(index)}` }));
      pc.addTransceiver(does.kind, { direction: does.direction, sendEncodings: sendEncodings as never });
      break;
    }
    case 'removeTrack': {
      const sender = pick(does.which)?.sender;
      if (sender) pc.removeTrack(sender);
      break;
    }
    case 'stop':
      pick(does.which)?.stop();
      break;
    case 'setStreams':
      pick(does.which)?.sender.setStreams(new MediaStream());
      break;
    case 'replaceTrack': {
      const transceiver = pick(does.which);
      // A transceiver may stop before its turn comes.
      const replaced = transceiver?.sender.replaceTrack(makeTrack(transceiver.receiver.track.kind));
      await replaced?.catch((error: unknown) => {
        if ((error as Error).name !== 'InvalidStateError') throw error;
      });
      break;
    }
    case 'preferOther': {
      const transceiver = pick(does.which);
      if (!transceiver) break;
      const [first, ...others] = RTCRtpReceiver.getCapabilities(transceiver.receiver.track.kind)!.codecs;
      transceiver.setCodecPreferences([...others, first!]);
      break;
    }
    case 'direction': {
      const transceiver = pick(does.which);
      if (transceiver) transceiver.direction = does.direction;
      break;
    }
    case 'createDataChannel':
      pc.createDataChannel('');
      break;
    case 'restartIce':
      pc.restartIce();
      break;
    case 'offerAndRollback':
      peer.exclusively(async () => {
        if (!peer.canOffer) return;
        peer.hasRolledBack = true;
        const offered = pc.setLocalDescription();
        const back = pc.setLocalDescription({ type: 'rollback' });
        await Promise.all([offered, back]);
      });
  }
}

/** Of two directions as one side sees them. */
function intersect(ours: string, theirs: string): string {
  const sends = ours.startsWith('send') && theirs.startsWith('send');
  const receives = /recv/.test(ours) && /recv/.test(theirs);
  if (sends) return receives ? 'sendrecv' : 'sendonly';
  return receives ? 'recvonly' : 'inactive';
}

const reverse = (given: string): string =>
  given === 'sendonly' ? 'recvonly' : given === 'recvonly' ? 'sendonly' : given;

/** What each payload type and each mid meant, in all descriptions of a side that were negotiated. */
function checkMeanings(descriptions: readonly string[]): void {
  const meanings = new Map<string, string>();
  const check = (name: string, meaning: string): void => {
    expect([name, meanings.get(name) ?? meaning]).toEqual([name, meaning]);
    meanings.set(name, meaning);
  };
  for (const sdp of descriptions) {
    const [, ...sections] = sdp.split(/^m=/m);
    sections.forEach((section, index) => {
      const mid = /^a=mid:(.*)$/m.exec(section)![1]!.trim();
      check(`mid ${mid}`, `${section.split(' ')[0]!} ${String(index)}`);
      for (const [, type, codec] of section.matchAll(/^a=rtpmap:(\d+) (.*)$/gm)) {
        check(`payload type ${type!}`, codec!.trim().toLowerCase());
      }
      for (const [, id, uri] of section.matchAll(/^a=extmap:(\d+)(?:\/\w+)? (\S+)/gm)) check(`extmap ${id!}`, uri!);
    });
  }
}

function checkAgreement(one: PerfectPeer, other: PerfectPeer): void {
  const [a, b] = [one.pc, other.pc];
  const withoutDirections = (description: { sdp: string } | null): string[] =>
    sectionsOf(description).map((each) => each.replace(/ (sendrecv|sendonly|recvonly|inactive)$/, ''));
  const sections = withoutDirections(a.currentLocalDescription);
  for (const description of [a.currentRemoteDescription, b.currentLocalDescription, b.currentRemoteDescription]) {
    expect(withoutDirections(description)).toEqual(sections);
  }
  const mids = a.getTransceivers().map(({ mid }) => mid);
  expect(new Set(mids).size).toBe(mids.length);
  expect(mids.sort()).toEqual(
    b
      .getTransceivers()
      .map(({ mid }) => mid)
      .sort(),
  );
  for (const transceiver of a.getTransceivers()) {
    const mirrored = b.getTransceivers().find(({ mid }) => mid === transceiver.mid)!;
    const { currentDirection, sender, receiver } = transceiver;
    expect(transceiver.mid).not.toBeNull();
    expect(currentDirection).toBe(intersect(transceiver.direction, reverse(mirrored.direction)));
    expect(mirrored.currentDirection).toBe(reverse(currentDirection!));
    expect(sender.transport).not.toBeNull();
    expect(receiver.transport).toBe(sender.transport);
    // The track is in those of the remote streams that the other side says, and in no other.
    const receives = currentDirection === 'sendrecv' || currentDirection === 'recvonly';
    const streams = [...one.remoteStreams.values()].filter((stream) => stream.getTracks().includes(receiver.track));
    const told = receives ? other.streamIdsOf(mirrored.mid!) : [];
    expect(streams.map(({ id }) => id).sort()).toEqual([...told].sort());
  }
}

describe('two connections, whatever is called on them', () => {
  it('come to agree', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('balanced' as const, 'max-compat' as const, 'max-bundle' as const),
        fc.array(step, { minLength: 1, maxLength: 14 }),
        async (bundlePolicy, steps) => {
          const peers = PerfectPeer.pair({ bundlePolicy, iceTransportPolicy: 'relay' });
          const calls: Promise<void>[] = [];
          for (const { side, does, turns } of steps) {
            calls.push(perform(peers[side], does));
            for (let turn = 0; turn < turns; turn += 1) await task();
          }
          await Promise.all(calls);
          await PerfectPeer.settle(...peers);
          try {
            expect(peers.flatMap(({ errors }) => errors.map(String))).toEqual([]);
            checkAgreement(...peers);
            checkAgreement(peers[1], peers[0]);
            for (const { descriptions } of peers) checkMeanings(descriptions);
          } finally {
            for (const { pc } of peers) pc.close();
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});

/** Random walks over the API of two connections: what is called, and what it comes to. */
import type * as peerwire from '../../lib';
import { seededRandom } from '../support/seeded-random.cjs';

type Realm = Pick<typeof peerwire, 'RTCPeerConnection' | 'MediaStream'>;
type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
/** Which description is meant: one that was created, or one in force, of either connection. */
interface Source {
  readonly of: 'offer' | 'answer' | 'local';
  readonly peer: number;
  /** To give it as another type. */
  readonly as?: 'offer' | 'answer' | 'pranswer';
}

/** A call of connection `peer`; numbers of transceivers are taken modulo how many there are. */
export type Call = { readonly peer: number } & (
  | { readonly do: 'addTransceiver'; readonly track: number | 'audio' | 'video'; readonly direction: Direction }
  | { readonly do: 'addTrack'; readonly track: number; readonly streams: readonly number[] }
  | { readonly do: 'removeTrack' | 'stop'; readonly at: number }
  | { readonly do: 'replaceTrack'; readonly at: number; readonly track: number | null }
  | { readonly do: 'setStreams'; readonly at: number; readonly streams: readonly number[] }
  | { readonly do: 'setDirection'; readonly at: number; readonly direction: Direction }
  | { readonly do: 'createDataChannel' | 'createOffer' | 'createAnswer' | 'close' }
  | { readonly do: 'setLocal' | 'setRemote'; readonly description: Source | 'implicit' | 'rollback' }
);

/** What a call came to. */
export interface Step {
  /** What it returned or threw, and the events since, those of the first connection before those of the second. */
  readonly told: readonly string[];
  readonly states: readonly string[];
}

/** The calls of a seed: negotiations, whole and broken off, with other calls between them. */
export function script(seed: number): Call[] {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const one = <T>(...list: T[]): T => list[below(list.length)]!;
  const direction = (): Direction => one('sendrecv', 'sendrecv', 'sendonly', 'recvonly', 'inactive');
  const streams = (): number[] => one([], [0], [1], [0, 1]);
  // Not both: see "a section for data is lost" among the deviations.
  const rollsBack = random() < 0.5;
  const other = (): Call => {
    const peer = below(2);
    const at = below(4);
    const track = below(4);
    const source = (): Source => ({ of: one('offer', 'answer', 'local'), peer: below(2) });
    const calls: Call[] = [
      { peer, do: 'addTransceiver', track: one(track, 'audio', 'video'), direction: direction() },
      { peer, do: 'addTrack', track, streams: streams() },
      { peer, do: 'removeTrack', at },
      { peer, do: 'stop', at },
      { peer, do: 'replaceTrack', at, track: one(track, null) },
      { peer, do: 'setStreams', at, streams: streams() },
      { peer, do: 'setDirection', at, direction: direction() },
      { peer, do: 'setDirection', at, direction: 'sendrecv' },
      { peer, do: one('createOffer', 'createAnswer') },
      { peer, do: 'setRemote', description: { ...source(), as: one('offer', 'answer', 'pranswer') } },
    ];
    if (rollsBack) calls.push({ peer, do: one('setLocal', 'setRemote'), description: 'rollback' });
    else calls.push({ peer, do: 'createDataChannel' }, { peer, do: one('createOffer', 'close') });
    return one(...calls);
  };
  const negotiation = (): Call[] => {
    const [a, b] = one([0, 1] as const, [1, 0] as const);
    const pranswer: Call[] = [
      { peer: b, do: 'createAnswer' },
      { peer: b, do: 'setLocal', description: { of: 'answer', peer: b, as: 'pranswer' } },
      { peer: a, do: 'setRemote', description: { of: 'local', peer: b } },
    ];
    const calls: Call[] = [
      { peer: a, do: 'setLocal', description: 'implicit' },
      { peer: b, do: 'setRemote', description: { of: 'local', peer: a } },
      ...(random() < 0.2 ? pranswer : []),
      { peer: b, do: 'setLocal', description: 'implicit' },
      { peer: a, do: 'setRemote', description: { of: 'local', peer: b } },
    ];
    return rollsBack && random() < 0.3 ? calls.slice(0, 1 + below(3)) : calls;
  };
  const calls: Call[] = [];
  for (let round = 0; round < 3; round++) {
    for (let left = 1 + below(4); left > 0; left--) calls.push(other());
    for (const call of negotiation()) calls.push(call, ...(random() < 0.1 ? [other()] : []));
  }
  return calls;
}

/**
 * Carries the calls out. Is run in a page as well, by its text: all that it needs is in it, or in `realm`.
 * @param quiet milliseconds without events after which a call is done with
 */
export async function walk(realm: Realm, calls: readonly Call[], quiet: number): Promise<Step[]> {
  const sleep = (ms: number): Promise<void> =>
    new Promise((done) => {
      setTimeout(done, ms);
    });
  let told: string[] = [];
  let pending = 0;
  let lastTold = 0;
  const tell = (peer: number, text: string): void => {
    lastTold = performance.now();
    told.push(`${peer} ${text}`);
  };
  const nameOf = (error: unknown): string => (error as Error).name;

  // Tracks of another connection, which never get anything to show.
  const studio = new realm.RTCPeerConnection();
  const tracks = ['audio', 'audio', 'video', 'video'].map((kind) => studio.addTransceiver(kind).receiver.track);
  const labels = new Map(tracks.map((track, index) => [track, `${track.kind}${index}`]));
  const streams = [new realm.MediaStream(), new realm.MediaStream()];
  // Ids by the order in which they appear.
  const ids = new Map(streams.map(({ id }, index) => [id, `stream${index}`]));
  const idOf = (id: string): string => {
    if (!ids.has(id)) ids.set(id, id === '-' ? '-' : `stream${ids.size}`);
    return ids.get(id)!;
  };

  const peers = [0, 1].map((peer) => {
    const pc = new realm.RTCPeerConnection();
    const known: ReturnType<typeof pc.getTransceivers> = [];
    const created = new Map<string, { type: 'offer' | 'answer'; sdp: string }>();
    const heard = new Set<unknown>();
    const look = (): void => {
      for (const transceiver of pc.getTransceivers()) {
        if (known.includes(transceiver)) continue;
        const { track } = transceiver.receiver;
        labels.set(track, `remote${peer}.${known.length}`);
        track.addEventListener('ended', () => {
          tell(peer, `ended ${labels.get(track)}`);
        });
        known.push(transceiver);
      }
    };
    pc.onnegotiationneeded = () => {
      tell(peer, `negotiationneeded ${pc.signalingState}`);
    };
    pc.onsignalingstatechange = () => {
      tell(peer, `signalingstatechange ${pc.signalingState}`);
    };
    pc.ontrack = (event) => {
      look();
      const { direction, currentDirection } = event.transceiver;
      const own = event.streams.map(({ id }) => idOf(id)).join();
      tell(peer, `track ${known.indexOf(event.transceiver)} [${own}] ${direction} ${currentDirection}`);
      for (const stream of event.streams) {
        if (heard.has(stream)) continue;
        heard.add(stream);
        stream.onremovetrack = ({ track }) => {
          tell(peer, `removetrack ${idOf(stream.id)} ${labels.get(track)}`);
        };
      }
    };
    return { pc, known, created, look };
  });

  const find = ({ of, peer, as }: Source): { type: 'offer' | 'answer' | 'pranswer'; sdp: string } | null => {
    const { pc, created } = peers[peer]!;
    const found = of === 'local' ? pc.localDescription : created.get(of);
    if (!found) return null;
    // Without candidates nothing gets connected, and all is told by the calls alone.
    const sdp = found.sdp.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, '');
    return { type: as ?? (found.type as 'offer'), sdp };
  };
  const carryOut = (call: Call): unknown => {
    const { pc, known, created } = peers[call.peer]!;
    const transceiver = 'at' in call ? known[call.at % Math.max(1, known.length)] : undefined;
    if ('at' in call && transceiver === undefined) return 'none';
    switch (call.do) {
      case 'addTransceiver': {
        const source = typeof call.track === 'number' ? tracks[call.track]! : call.track;
        pc.addTransceiver(source, { direction: call.direction });
        return 'added';
      }
      case 'addTrack': {
        const sender = pc.addTrack(tracks[call.track]!, ...call.streams.map((index) => streams[index]!));
        return pc.getTransceivers().findIndex((each) => each.sender === sender);
      }
      case 'removeTrack':
        pc.removeTrack(transceiver!.sender);
        return 'removed';
      case 'stop':
        // One that no description has yet: see docs/deviations.md.
        if (transceiver!.mid !== null || pc.signalingState === 'closed') transceiver!.stop();
        return 'stopped';
      case 'replaceTrack':
        return transceiver!.sender.replaceTrack(call.track === null ? null : tracks[call.track]!);
      case 'setStreams':
        transceiver!.sender.setStreams(...call.streams.map((index) => streams[index]!));
        return 'set';
      case 'setDirection':
        transceiver!.direction = call.direction;
        return transceiver!.direction;
      case 'createDataChannel':
        pc.createDataChannel('');
        return 'created';
      case 'createOffer':
        return pc.createOffer().then(({ sdp }) => void created.set('offer', { type: 'offer', sdp: sdp! }));
      case 'createAnswer':
        return pc.createAnswer().then(({ sdp }) => void created.set('answer', { type: 'answer', sdp: sdp! }));
      case 'close':
        pc.close();
        return 'closed';
      default: {
        const { description } = call;
        const isLocal = call.do === 'setLocal';
        if (description === 'implicit') return pc.setLocalDescription();
        if (description === 'rollback') {
          // On the side of its offer: see docs/deviations.md.
          if (pc.signalingState !== (isLocal ? 'have-local-offer' : 'have-remote-offer')) return 'none';
          tell(call.peer, 'rolled back');
          return isLocal ? pc.setLocalDescription({ type: 'rollback' }) : pc.setRemoteDescription({ type: 'rollback' });
        }
        const found = find(description);
        if (found === null) return 'none';
        return isLocal ? pc.setLocalDescription(found) : pc.setRemoteDescription(found);
      }
    }
  };

  const sections = (description: { type: string; sdp: string } | null): string => {
    if (description === null) return 'none';
    const [, ...media] = description.sdp.split(/^(?=m=)/m);
    const texts = media.map((section) => {
      const kind = section.slice(2, section.indexOf(' '));
      if (/^m=\S+ 0 /.test(section) && !section.includes('a=bundle-only')) return `${kind} rejected`;
      const direction = /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(section)?.[1] ?? '';
      const msids = direction.startsWith('send') ? [...section.matchAll(/^a=msid:(\S+)/gm)] : [];
      return `${kind} ${direction} ${msids.map(([, id]) => idOf(id!)).join()}`;
    });
    return `${description.type} (${texts.join('; ')})`;
  };
  const stateOf = ({ pc, look }: (typeof peers)[number]): string => {
    look();
    const transceivers = pc.getTransceivers().map(({ mid, direction, currentDirection, sender, receiver }) => {
      const hasMid = pc.signalingState === 'closed' ? '' : mid !== null;
      const track = sender.track && labels.get(sender.track);
      return `${hasMid} ${direction} ${currentDirection} ${track} ${receiver.track.readyState}`;
    });
    const local = [pc.pendingLocalDescription, pc.currentLocalDescription].map(sections);
    const remote = [pc.pendingRemoteDescription, pc.currentRemoteDescription].map(sections);
    return [pc.signalingState, `[${transceivers.join('; ')}]`, ...local, ...remote].join(', ');
  };

  const steps: Step[] = [];
  for (const call of calls) {
    lastTold = performance.now();
    try {
      const outcome = carryOut(call);
      if (outcome instanceof Promise) {
        pending++;
        const end = (text: string): void => {
          pending--;
          tell(call.peer, text);
        };
        outcome.then(
          () => {
            end('resolved');
          },
          (error: unknown) => {
            end(`rejected ${nameOf(error)}`);
          },
        );
      } else tell(call.peer, String(outcome));
    } catch (error) {
      tell(call.peer, `threw ${nameOf(error)}`);
    }
    while (pending > 0 || performance.now() - lastTold < quiet) await sleep(quiet / 2);
    const inOrder = ['0', '1'].flatMap((peer) => told.filter((text) => text.startsWith(peer)));
    told = [];
    steps.push({ told: inOrder, states: peers.map(stateOf) });
  }
  studio.close();
  for (const { pc } of peers) pc.close();
  return steps;
}

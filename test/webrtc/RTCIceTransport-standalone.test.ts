/** RTCIceTransport as scripts construct it: https://w3c.github.io/webrtc-ice/ */
import { liveNativeObjects } from '../../lib/binding/event-door';
import { RTCIceCandidate, RTCIceTransport, RTCPeerConnection } from '../../lib';
import { connectPair, once } from '../support/connect';

const LOOPBACK = { includeLoopback: true };
const PARAMETERS = { usernameFragment: 'abcd', password: 'p'.repeat(22) };
/** An address that nobody answers at (RFC 5737). */
const NOWHERE = { candidate: 'candidate:1 1 udp 2113929471 203.0.113.100 10100 typ host' };

const made: RTCIceTransport[] = [];
function make(): RTCIceTransport {
  const transport = new RTCIceTransport();
  made.push(transport);
  return transport;
}
afterEach(() => {
  for (const transport of made.splice(0)) transport.stop();
});

/** Each side's candidates go to the other as they come, the end of them as well. */
function trickle(a: RTCIceTransport, b: RTCIceTransport): void {
  a.onicecandidate = ({ candidate }: { candidate: RTCIceCandidate | null }) => b.addRemoteCandidate(candidate);
  b.onicecandidate = ({ candidate }: { candidate: RTCIceCandidate | null }) => a.addRemoteCandidate(candidate);
}

function history(transport: RTCIceTransport): string[] {
  const events: string[] = [];
  const note = (type: string, text: () => string): void => {
    transport.addEventListener(type, () => events.push(text()));
  };
  note('statechange', () => transport.state);
  note('gatheringstatechange', () => `gathering ${transport.gatheringState}`);
  note('selectedcandidatepairchange', () => 'pair');
  return events;
}

async function reaches(transport: RTCIceTransport, ...states: string[]): Promise<void> {
  while (!states.includes(transport.state)) await once(transport, 'statechange');
}

function join(a: RTCIceTransport, b: RTCIceTransport): Promise<unknown> {
  trickle(a, b);
  a.gather(LOOPBACK);
  b.gather(LOOPBACK);
  a.start(b.getLocalParameters()!, 'controlling');
  b.start(a.getLocalParameters()!, 'controlled');
  return Promise.all([reaches(a, 'completed'), reaches(b, 'completed')]);
}

function name(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).name;
  }
  return 'none';
}

describe('two transports in one process', () => {
  test('connect, complete, and tell so in order', async () => {
    const [a, b] = [make(), make()];
    const [first, second] = [history(a), history(b)];
    await join(a, b);
    for (const events of [first, second]) {
      const told = events.filter((event) => !event.startsWith('gathering'));
      // What start() and addRemoteCandidate() set themselves ("checking") is not told.
      expect(told[0]).toBe('pair');
      expect(told.filter((event) => event !== 'pair')).toEqual(['connected', 'completed']);
      expect(events.filter((event) => event.startsWith('gathering'))).toEqual(['gathering complete']);
    }
    expect([a.role, b.role]).toEqual(['controlling', 'controlled']);
    const { local, remote } = a.getSelectedCandidatePair()!;
    expect(a.getLocalCandidates()).toContain(local);
    expect(a.getRemoteCandidates()).toContain(remote);
    expect(b.getLocalCandidates().map(({ candidate }) => candidate)).toContain(remote.candidate);
    expect(a.getLocalParameters()).toEqual({
      usernameFragment: local.usernameFragment,
      password: expect.stringMatching(/^.{22,}$/) as string,
    });
  });

  test('connect whatever comes first: parameters and candidates before gather(), candidates before start()', async () => {
    const [a, b] = [make(), make()];
    a.start(b.getLocalParameters()!, 'controlling');
    const candidates: (RTCIceCandidate | null)[] = [];
    b.onicecandidate = ({ candidate }: { candidate: RTCIceCandidate | null }) => candidates.push(candidate);
    b.gather(LOOPBACK);
    await once(b, 'gatheringstatechange');
    for (const candidate of candidates) a.addRemoteCandidate(candidate);
    expect(a.state).toBe('checking');
    a.onicecandidate = ({ candidate }: { candidate: RTCIceCandidate | null }) => b.addRemoteCandidate(candidate);
    a.gather(LOOPBACK);
    await once(a, 'gatheringstatechange');
    b.start(a.getLocalParameters()!);
    expect(b.state).toBe('checking');
    await Promise.all([reaches(a, 'completed'), reaches(b, 'completed')]);
  });
});

describe('failure', () => {
  async function losesItsPeer(): Promise<void> {
    const [a, b] = [make(), make()];
    await join(a, b);
    const events = history(a);
    b.stop();
    await reaches(a, 'failed');
    // On the way it may look for other pairs again ("connected").
    expect(events.filter((event) => event.endsWith('ed') && event !== 'connected')).toEqual(['disconnected', 'failed']);
  }

  async function findsNobodyThenAnother(): Promise<void> {
    const [a, b] = [make(), make()];
    const events = history(a);
    a.gather(LOOPBACK);
    a.start(PARAMETERS, 'controlling');
    a.addRemoteCandidate(NOWHERE);
    a.addRemoteCandidate({});
    expect(a.state).toBe('checking');
    await reaches(a, 'failed');
    expect(events).toEqual(['gathering complete', 'failed']);
    b.onicecandidate = ({ candidate }: { candidate: RTCIceCandidate | null }) => a.addRemoteCandidate(candidate);
    a.start(b.getLocalParameters()!, 'controlling');
    expect(a.state).toBe('new');
    b.gather(LOOPBACK);
    for (const candidate of a.getLocalCandidates()) b.addRemoteCandidate(candidate);
    b.start(a.getLocalParameters()!);
    await Promise.all([reaches(a, 'connected', 'completed'), reaches(b, 'connected', 'completed')]);
  }

  test('of a peer that goes away is told in two steps; of one that was never there too, and start() revives', async () => {
    await Promise.all([losesItsPeer(), findsNobodyThenAnother()]);
  }, 60_000);
});

describe('start() with other parameters', () => {
  test('turns to another peer, with the local candidates of before', async () => {
    const [a, b, c] = [make(), make(), make()];
    await join(a, b);
    const local = a.getLocalCandidates();
    const parameters = a.getLocalParameters();
    const events = history(a);
    a.onicecandidate = b.onicecandidate = null;

    c.onicecandidate = ({ candidate }: { candidate: RTCIceCandidate | null }) => a.addRemoteCandidate(candidate);
    a.start(c.getLocalParameters()!, 'controlling');
    expect(a.state).toBe('new');
    expect(a.getSelectedCandidatePair()).toBeNull();
    expect(a.getRemoteCandidates()).toEqual([]);
    expect(a.getRemoteParameters()).toEqual(c.getLocalParameters());
    expect(a.getLocalCandidates()).toEqual(local);
    expect(a.getLocalParameters()).toEqual(parameters);
    // Late ones of the peer of before mean nothing.
    a.addRemoteCandidate(b.getLocalCandidates()[0]!);
    expect(a.getRemoteCandidates()).toEqual([]);
    c.gather(LOOPBACK);
    for (const candidate of local) c.addRemoteCandidate(candidate);
    c.addRemoteCandidate(null);
    c.start(a.getLocalParameters()!);
    await Promise.all([reaches(a, 'completed'), reaches(c, 'completed')]);
    expect(events.filter((event) => event !== 'pair')).toEqual(['connected', 'completed']);
    const { remote } = a.getSelectedCandidatePair()!;
    expect(c.getLocalCandidates().map(({ candidate }) => candidate)).toContain(remote.candidate);
  });

  test('with the same ones has no effect', async () => {
    const [a, b] = [make(), make()];
    await join(a, b);
    a.start(b.getLocalParameters()!, 'controlling');
    expect(a.state).toBe('completed');
    expect(a.getRemoteCandidates()).not.toEqual([]);
  });
});

describe('errors', () => {
  test('of arguments', () => {
    const a = make();
    expect(name(() => a.gather({ iceServers: [{ urls: 'http://x' }] }))).toBe('SyntaxError');
    expect(name(() => a.gather({ iceServers: [{ urls: 'turn:x' }] }))).toBe('InvalidAccessError');
    expect(name(() => a.gather({ iceServers: [{ urls: [] }] }))).toBe('SyntaxError');
    expect(name(() => a.gather({ gatherPolicy: 'none' as never }))).toBe('TypeError');
    expect(name(() => a.gather({ portRange: { min: 2, max: 1 } }))).toBe('TypeError');
    expect(a.gatheringState).toBe('new');
    expect(name(() => a.start())).toBe('TypeError');
    expect(name(() => a.start(PARAMETERS, 'unknown'))).toBe('TypeError');
    expect(name(() => a.start(PARAMETERS, 'leading' as never))).toBe('TypeError');
    expect(name(() => a.start({ ...PARAMETERS, password: 'short' }))).toBe('SyntaxError');
    expect([a.role, a.getRemoteParameters()]).toEqual(['unknown', null]);
    expect(name(() => a.addRemoteCandidate({ candidate: 'nonsense' }))).toBe('OperationError');
    expect(name(() => a.addRemoteCandidate(1 as never))).toBe('TypeError');
    const { gather, start, stop, addRemoteCandidate } = RTCIceTransport.prototype;
    for (const method of [gather, start, stop, addRemoteCandidate]) {
      expect(name(() => Reflect.apply(method, {}, []))).toBe('TypeError');
    }
  });

  test('of state', () => {
    const a = make();
    a.gather(LOOPBACK);
    expect(name(() => a.gather(LOOPBACK))).toBe('InvalidStateError');
    a.start(PARAMETERS, 'controlled');
    expect(name(() => a.start(PARAMETERS, 'controlling'))).toBe('InvalidStateError');
    const events = history(a);
    a.stop();
    a.stop();
    expect([events, a.state]).toEqual([['closed'], 'closed']);
    for (const late of [
      () => a.gather(),
      () => a.start(PARAMETERS),
      () => a.addRemoteCandidate(NOWHERE),
      () => a.addRemoteCandidate(null),
    ]) {
      expect(name(late)).toBe('InvalidStateError');
    }
  });

  test("a connection's transport is the connection's", async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    await connectPair(a, b);
    const transport = a.sctp!.transport.iceTransport;
    for (const action of [
      () => transport.gather(),
      () => transport.start(PARAMETERS),
      () => transport.stop(),
      () => transport.addRemoteCandidate(NOWHERE),
    ]) {
      expect(name(action)).toBe('InvalidStateError');
    }
    expect(transport.state).toMatch(/connected|completed/);
    a.close();
    b.close();
  });

  test('of gathering come to onerror', async () => {
    const a = make();
    const events: { type: string; errorCode: number; url: string }[] = [];
    a.onerror = (event: (typeof events)[0]) => events.push(event);
    a.gather({ iceServers: [{ urls: 'stun:nobody.invalid' }] });
    await once(a, 'gatheringstatechange');
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: 'icecandidateerror', errorCode: 701, url: 'stun:nobody.invalid' });
  });
});

test('nothing native is left of what was stopped', async () => {
  const before = liveNativeObjects();
  const [a, b] = [make(), make()];
  await join(a, b);
  a.stop();
  b.stop();
  expect(liveNativeObjects()).toEqual(before);
});

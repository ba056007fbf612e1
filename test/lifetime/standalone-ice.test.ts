/** What a standalone RTCIceTransport holds: the process while it is at work, nothing once it is stopped or dropped. */
import { once } from 'node:events';
import { measureProgram, runProgram, startProgram } from '../support/package-process';

const ENDS_WITHIN_MS = 10_000;

const TRANSPORTS = `
const { RTCIceTransport } = require('peerwire');
const options = { includeLoopback: true };
const until = async (transport, ...states) => {
  while (!states.includes(transport.state)) await new Promise((done) => transport.addEventListener('statechange', done, { once: true }));
};
const gathered = (transport) => new Promise((done) => transport.addEventListener('gatheringstatechange', done, { once: true }));
const pair = async () => {
  const a = new RTCIceTransport(), b = new RTCIceTransport();
  a.onicecandidate = ({ candidate }) => b.addRemoteCandidate(candidate);
  b.onicecandidate = ({ candidate }) => a.addRemoteCandidate(candidate);
  a.gather(options);
  b.gather(options);
  a.start(b.getLocalParameters(), 'controlling');
  b.start(a.getLocalParameters());
  await Promise.all([until(a, 'completed'), until(b, 'completed')]);
  return [a, b];
};
`;

const endsByItself: Record<string, string> = {
  'one that was only constructed': 'new RTCIceTransport();',
  'one that has gathered, and hears of nobody': `
    const transport = new RTCIceTransport();
    transport.gather(options);
    await gathered(transport);
    transport.start({ usernameFragment: 'abcd', password: 'p'.repeat(22) });`,
  'one that was started and never gathers': `
    const transport = new RTCIceTransport();
    transport.start({ usernameFragment: 'abcd', password: 'p'.repeat(22) });
    transport.addRemoteCandidate({ candidate: 'candidate:1 1 udp 1 203.0.113.1 10100 typ host' });`,
  'a stopped pair': 'for (const transport of await pair()) transport.stop();',
  'one that stops in its own event': `
    const [a, b] = await pair();
    a.onstatechange = () => b.stop();
    a.stop();`,
};

jest.setTimeout(6 * ENDS_WITHIN_MS);

describe('a process', () => {
  test.each(Object.keys(endsByItself))('ends by itself after %s', async (title) => {
    const result = await runProgram(TRANSPORTS + endsByItself[title]!, ENDS_WITHIN_MS);
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  test('is held by a connected pair', async () => {
    const child = startProgram(`${TRANSPORTS} await pair(); console.log('connected');`);
    const ended = once(child, 'exit');
    await once(child.stdout!, 'data');
    const first = await Promise.race([ended, new Promise((done) => setTimeout(done, 1_000, 'held'))]);
    child.kill('SIGKILL');
    expect(first).toBe('held');
    await ended;
  });
});

test('a dropped transport takes its sockets with it', async () => {
  const result = await measureProgram(
    `${TRANSPORTS}
     const { readdirSync } = require('node:fs');
     const sockets = () => readdirSync('/proc/self/fd').length;
     const burst = () => Promise.all(Array.from({ length: 20 }, () => {
       const transport = new RTCIceTransport();
       transport.gather(options);
       return gathered(transport).then(() => undefined);
     }));
     const collect = async (limit) => {
       for (let i = 0; i < 200 && sockets() > limit; i++) { gc(); await new Promise((done) => setTimeout(done, 10)); }
       return sockets();
     };
     await burst();
     const before = await collect(0);
     for (let i = 0; i < 5; i++) await burst();
     const held = sockets();
     const after = await collect(before);
     console.log(JSON.stringify({ released: after <= before, held: held > before }));`,
    3 * ENDS_WITHIN_MS,
  );
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(result.stdout)).toEqual({ released: true, held: true });
});

test('two processes connect, fall silent when one dies, and the other starts anew with a third', async () => {
  const peer = `${TRANSPORTS}
    const transport = new RTCIceTransport();
    transport.onicecandidate = ({ candidate }) => process.send({ candidate });
    transport.onstatechange = () => process.send({ state: transport.state });
    process.on('message', ({ parameters, role, candidate, stop }) => {
      if (stop) return transport.stop(), process.disconnect();
      if (parameters) transport.start(parameters, role);
      else transport.addRemoteCandidate(candidate);
    });
    process.send({ parameters: transport.getLocalParameters() });
    transport.gather(options);`;
  type Message = { parameters?: unknown; candidate?: unknown; state?: string };
  const start = () => {
    const child = startProgram(peer, { ipc: true });
    const seen: Message[] = [];
    const waiting: { wanted: (message: Message) => boolean; done: (message: Message) => void }[] = [];
    let forward: ((message: Message) => void) | null = null;
    child.on('message', (message: Message) => {
      seen.push(message);
      if ('candidate' in message) forward?.(message);
      for (const each of waiting.filter(({ wanted }) => wanted(message))) each.done(message);
    });
    const said = (wanted: (message: Message) => boolean): Promise<Message> => {
      const found = seen.find(wanted);
      return found ? Promise.resolve(found) : new Promise((done) => waiting.push({ wanted, done }));
    };
    return {
      child,
      said,
      next: (state: string): Promise<Message> =>
        new Promise((done) => waiting.push({ wanted: (message) => message.state === state, done })),
      parameters: () => said((message) => message.parameters !== undefined).then(({ parameters }) => parameters),
      /** What was gathered so far, and what will be. */
      candidatesTo: (take: (message: Message) => void) => {
        forward = take;
        for (const message of seen) if ('candidate' in message) take(message);
      },
    };
  };
  const introduce = async (a: ReturnType<typeof start>, b: ReturnType<typeof start>): Promise<void> => {
    const [first, second] = await Promise.all([a.parameters(), b.parameters()]);
    a.child.send({ parameters: second, role: 'controlling' });
    b.child.send({ parameters: first, role: 'controlled' });
    a.candidatesTo((message) => b.child.connected && b.child.send({ candidate: message.candidate }));
    b.candidatesTo((message) => a.child.connected && a.child.send({ candidate: message.candidate }));
  };
  const [a, b] = [start(), start()];
  let c: ReturnType<typeof start> | null = null;
  try {
    const together = [a.next('completed'), b.next('completed')];
    await introduce(a, b);
    await Promise.all(together);
    const lost = a.next('disconnected');
    b.child.kill('SIGKILL');
    await lost;
    c = start();
    const again = [a.next('completed'), c.next('completed')];
    await introduce(a, c);
    await Promise.all(again);
    const ends = [once(a.child, 'exit'), once(c.child, 'exit')];
    a.child.send({ stop: true });
    c.child.send({ stop: true });
    expect(await Promise.all(ends)).toEqual([
      [0, null],
      [0, null],
    ]);
  } finally {
    for (const each of [a, b, c]) each?.child.kill('SIGKILL');
  }
});

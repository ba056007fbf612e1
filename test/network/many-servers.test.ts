/** Long lists of STUN and TURN servers: all are asked at the same time, and each that fails has an error of its own. */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket as Stream } from 'node:net';
import { RTCPeerConnection } from '../../lib';
import { freePort, gathered, hasCoturn, startCoturn, type Coturn } from '../support/coturn';

/** Of each kind. */
const COUNT = 10;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const addressOf = (socket: Socket | Server) => (socket.address() as AddressInfo).port;

/** Takes every datagram and says nothing. */
async function silentPort(heard: Map<number, number>): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const port = addressOf(socket);
  socket.on('message', () => {
    if (!heard.has(port)) heard.set(port, performance.now());
  });
  closers.push(() => new Promise<void>((done) => socket.close(done)));
  return port;
}

/** Takes every connection and says nothing. */
async function silentListener(heard: Map<number, number>): Promise<number> {
  const streams: Stream[] = [];
  const server = createServer((stream) => {
    streams.push(stream);
    stream.on('error', () => {}); // the client leaves as it likes
    stream.once('data', () => heard.set(port, performance.now()));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const port = addressOf(server);
  closers.push(() => {
    for (const stream of streams) stream.destroy();
    return new Promise((done) => server.close(done));
  });
  return port;
}

const times = <T>(make: () => Promise<T>) => Promise.all(Array.from({ length: COUNT }, make));

(hasCoturn ? it : it.skip)(
  'one that works is found among forty that fail, in the time that one of them takes',
  async () => {
    const coturn: Coturn = await startCoturn();
    closers.push(() => coturn.stop());
    const heard = new Map<number, number>();
    const silent = await times(() => silentPort(heard));
    const mute = await times(() => silentListener(heard));
    const refusing = await times(freePort);
    const turn = { username: 'bench', credential: 'secret' };
    const failing = [
      ...silent.map((port) => ({ urls: `stun:127.0.0.1:${port}` })),
      ...mute.map((port) => ({ urls: `turn:127.0.0.1:${port}?transport=tcp`, ...turn })),
      ...refusing.map((port) => ({ urls: `turn:127.0.0.1:${port}?transport=tcp`, ...turn })),
      ...silent.map((port) => ({ urls: `turn:127.0.0.1:${port}`, ...turn })),
      { urls: `turn:127.0.0.1:${coturn.port}?transport=tcp`, username: 'nobody', credential: 'wrong' },
    ];
    const codeOf = ({ username }: { username?: string }) => (username === 'nobody' ? 401 : 701);
    const working = { urls: `turn:127.0.0.1:${coturn.port}?transport=udp`, ...turn };
    const began = performance.now();
    const { candidates, errors } = await gathered(RTCPeerConnection, {
      iceServers: [...failing.slice(0, 20), working, ...failing.slice(20)],
      iceTransportPolicy: 'all',
      bindAddress: '127.0.0.1',
      includeLoopback: true,
    });
    const took = performance.now() - began;
    const expected = failing.map((server) => `${server.urls} ${codeOf(server)}`);
    expect(errors.map(({ url, errorCode }) => `${url} ${errorCode}`).sort()).toEqual(expected.sort());
    for (const { errorText } of errors) expect(errorText).not.toBe('');
    const relays = candidates.filter(({ type }) => type === 'relay');
    expect(relays.map(({ url }) => url)).toEqual([working.urls]);
    // All of them were asked before the first had given up, and the last of them gave up with the first.
    expect(heard.size).toBe(2 * COUNT);
    console.log(
      `asked within ${(Math.max(...heard.values()) - began).toFixed(0)} ms, all ended in ${took.toFixed(0)} ms`,
    );
    expect(Math.max(...heard.values()) - began).toBeLessThan(5_000);
    expect(took).toBeLessThan(20_000);
  },
  60_000,
);

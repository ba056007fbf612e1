/**
 * Closed connections go with a collection of young objects: what outlives one is copied, and makes the collections of all
 * objects more frequent.
 */
import { measureProgram } from '../support/package-process';

/** No collection comes between: all that was made is young. */
const NODE_OPTIONS = ['--min-semi-space-size=64', '--max-semi-space-size=64'];
/** Of each connection, in octets, as an array that it refers to. */
const BALLAST = 64_000;

/**
 * Octets that each run of `cycle` leaves behind after collections of young objects. Handlers of its own are constants: V8 makes
 * functions that are written behind `object.member =` old objects, whoever writes it.
 */
async function leftByYoungCollections(cycle: string): Promise<number> {
  const result = await measureProgram(
    `const turn = () => new Promise(setImmediate);
     const laden = () => Object.assign(new RTCPeerConnection(), { ballast: new Array(${BALLAST / 8}).fill(0) });
     const cycle = async () => { ${cycle} };
     const RUNS = 50;
     for (let i = 0; i < 10; i++) await cycle();
     for (let i = 0; i < 5; i++) { gc(); await turn(); }
     const before = process.memoryUsage().heapUsed;
     for (let i = 0; i < RUNS; i++) await cycle();
     for (let i = 0; i < 5; i++) { await turn(); gc({ type: 'minor' }); }
     console.log((process.memoryUsage().heapUsed - before) / RUNS);`,
    60_000,
    NODE_OPTIONS,
  );
  expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
  return Number(result.stdout);
}

describe('a collection of young objects takes closed connections', () => {
  it('that have an event handler', async () => {
    const left = await leftByYoungCollections(`
      const connection = laden();
      const handler = () => connection;
      connection.onicecandidate = handler;
      connection.close();`);
    expect(left).toBeLessThan(BALLAST / 4);
  });

  it('that have a data channel', async () => {
    const left = await leftByYoungCollections(`
      const connection = laden();
      connection.createDataChannel('x');
      await turn();
      connection.close();`);
    expect(left).toBeLessThan(BALLAST / 4);
  });

  it('that had a track which lives on', async () => {
    const left = await leftByYoungCollections(`
      globalThis.track ??= new (require('peerwire').nonstandard.RTCVideoSource)().createTrack();
      const connection = laden();
      await connection.addTransceiver('video').sender.replaceTrack(track);
      connection.close();`);
    expect(left).toBeLessThan(BALLAST / 4);
  });

  it('that were connected', async () => {
    const left = await leftByYoungCollections(`
      const a = laden(), b = laden();
      const channel = a.createDataChannel('x');
      await join(a, b);
      await opened(channel);
      a.close();
      b.close();`);
    expect(left).toBeLessThan(BALLAST / 2);
  });
});

/** What many connections leave behind: memory, threads and file descriptors stay flat. */
import { measureProgram } from '../support/package-process';
import { mostGrowth } from '../support/sanitizers';

const MEASURE = `
  const fs = require('node:fs');
  const measure = () => {
    gc(); gc();
    return {
      rss: process.memoryUsage.rss(),
      threads: Number(/^Threads:\\s+(\\d+)/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]),
      fds: fs.readdirSync('/proc/self/fd').length,
    };
  };
  const settle = () => new Promise((done) => setTimeout(done, 300));
  /** Measures after a first round that warms up, and after each of three more. */
  const rounds = async (round) => {
    const all = [];
    for (let i = 0; i < 4; i++) { await round(); await settle(); all.push(measure()); }
    console.log(JSON.stringify(all));
  };`;

/** Young objects get all the room that they ever get in the first round: else it grows in the others, and looks like a leak. */
const NODE_OPTIONS = ['--max-semi-space-size=2'];

interface Measure {
  rss: number;
  threads: number;
  fds: number;
}

/**
 * Growth in octets of the round that grew least. The heap takes and gives back some ten megabytes as it likes; what
 * leaks grows in every round.
 */
const leastGrowth = (all: Measure[]) => Math.min(...all.slice(1).map(({ rss }, index) => rss - all[index]!.rss));

describe('many connections', () => {
  it('1,400 opened and closed pairs leave memory, threads and descriptors flat', async () => {
    const result = await measureProgram(
      `${MEASURE}
       const cycle = async () => { const { a, b } = await connectedPair(); a.close(); b.close(); };
       await rounds(async () => { for (let i = 0; i < 350; i++) await cycle(); });`,
      170_000,
      NODE_OPTIONS,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    const all = JSON.parse(result.stdout) as Measure[];
    expect(all[3]!.threads).toBeLessThanOrEqual(all[0]!.threads);
    expect(all[3]!.fds).toBeLessThanOrEqual(all[0]!.fds);
    // A leaked pair costs some 300 kB.
    expect(leastGrowth(all)).toBeLessThan(mostGrowth(350 * 5_000));
  }, 180_000);

  it('a closed pair is let go at once, by no timer later', async () => {
    const result = await measureProgram(
      `const refs = [];
       await (async () => {
         const { a, b } = await connectedPair();
         refs.push(new WeakRef(a), new WeakRef(b));
         a.close(); b.close();
       })();
       // What the native side has to say of the end takes turns of the loop.
       let turns = 0;
       while (turns < 50 && refs.some((ref) => ref.deref())) {
         await new Promise(setImmediate);
         gc();
         turns += 1;
       }
       console.log(JSON.stringify(turns));`,
      20_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(result.stdout)).toBeLessThan(50);
  });

  it('fifty channels opened and closed 240 times leave memory flat', async () => {
    const result = await measureProgram(
      `${MEASURE}
       const { a, b } = await connectedPair();
       const cycle = async () => {
         const channels = Array.from({ length: 50 }, (_, i) => a.createDataChannel('c' + i));
         await Promise.all(channels.map(opened));
         await Promise.all(channels.map((channel) => new Promise((done) => { channel.onclose = done; channel.close(); })));
       };
       await rounds(async () => { for (let i = 0; i < 60; i++) await cycle(); });
       a.close(); b.close();`,
      170_000,
      NODE_OPTIONS,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    // Others grow by 255 to 620 kB each time.
    expect(leastGrowth(JSON.parse(result.stdout))).toBeLessThan(mostGrowth(60 * 30_000));
  }, 180_000);

  it('candidates of offers that were never answered go with the next offer', async () => {
    const result = await measureProgram(
      `const { a, b } = await connectedPair();
       a.onicecandidate = null;
       const { iceTransport } = a.sctp.transport;
       const offers = [];
       for (let i = 0; i < 10; i++) {
         await a.setLocalDescription(await a.createOffer({ iceRestart: true }));
         while (iceTransport.gatheringState !== 'complete') await new Promise((done) => setTimeout(done, 5));
         offers.push(iceTransport.getLocalCandidates().map((candidate) => new WeakRef(candidate)));
       }
       const left = () => offers.filter((candidates) => candidates.some((each) => each.deref())).length;
       for (let i = 0; i < 50 && left() > 1; i++) { await new Promise(setImmediate); gc(); }
       console.log(JSON.stringify({ offered: offers.every(({ length }) => length > 0), left: left() }));
       a.close(); b.close();`,
      20_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(result.stdout)).toEqual({ offered: true, left: 1 });
  }, 30_000);

  it('a thousand connections abandoned without close() do not accumulate', async () => {
    const result = await measureProgram(
      `${MEASURE}
       const abandon = async () => {
         const pc = new RTCPeerConnection();
         pc.createDataChannel('x');
         await pc.setLocalDescription();
         await new Promise((done) => { pc.onicecandidate = ({ candidate }) => candidate ?? done(); });
       };
       for (let i = 0; i < 100; i++) await abandon();
       gc(); await settle(); gc(); await settle();
       const before = measure();
       for (let i = 0; i < 1000; i++) { await abandon(); if (i % 50 === 0) { gc(); await new Promise(setImmediate); } }
       gc(); await settle(); gc(); await settle();
       const after = measure();
       console.log(JSON.stringify({ before, after }));`,
      120_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    const { before, after } = JSON.parse(result.stdout);
    expect(after.fds).toBeLessThan(before.fds + 50);
    expect(after.rss - before.rss).toBeLessThan(mostGrowth(40_000_000));
  }, 130_000);
});

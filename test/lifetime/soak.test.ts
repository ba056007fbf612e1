/** What many connections leave behind: memory, threads and file descriptors stay flat. */
import { runProgram } from '../support/package-process';

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
  const settle = () => new Promise((done) => setTimeout(done, 300));`;

describe('many connections', () => {
  it('1,000 opened and closed pairs leave memory, threads and descriptors flat', async () => {
    const result = await runProgram(
      `${MEASURE}
       const cycle = async () => { const { a, b } = await connectedPair(); a.close(); b.close(); };
       for (let i = 0; i < 300; i++) await cycle();
       await settle();
       const before = measure();
       for (let i = 0; i < 1000; i++) await cycle();
       await settle();
       const after = measure();
       console.log(JSON.stringify({ before, after }));`,
      170_000,
      ['--expose-gc'],
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    const { before, after } = JSON.parse(result.stdout);
    expect(after.threads).toBeLessThanOrEqual(before.threads);
    expect(after.fds).toBeLessThanOrEqual(before.fds);
    // 2 KB a pair: the heap's own slack; a leaked transport costs a hundred times that.
    expect(after.rss - before.rss).toBeLessThan(1000 * 2_000 + 8_000_000);
  }, 180_000);

  it('fifty channels opened and closed a hundred times leave memory flat', async () => {
    const result = await runProgram(
      `${MEASURE}
       const { a, b } = await connectedPair();
       const cycle = async () => {
         const channels = Array.from({ length: 50 }, (_, i) => a.createDataChannel('c' + i));
         await Promise.all(channels.map(opened));
         await Promise.all(channels.map((channel) => new Promise((done) => { channel.onclose = done; channel.close(); })));
       };
       for (let i = 0; i < 100; i++) await cycle();
       await settle();
       const before = measure();
       for (let i = 0; i < 100; i++) await cycle();
       await settle();
       const after = measure();
       console.log(JSON.stringify({ before, after }));
       a.close(); b.close();`,
      170_000,
      ['--expose-gc'],
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    const { before, after } = JSON.parse(result.stdout);
    // Others grow by 255 to 620 kB each time.
    expect(after.rss - before.rss).toBeLessThan(100 * 30_000 + 4_000_000);
  }, 180_000);

  it('a thousand connections abandoned without close() do not accumulate', async () => {
    const result = await runProgram(
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
      ['--expose-gc'],
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    const { before, after } = JSON.parse(result.stdout);
    expect(after.fds).toBeLessThan(before.fds + 50);
    expect(after.rss - before.rss).toBeLessThan(40_000_000);
  }, 130_000);
});

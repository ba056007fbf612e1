/** Two processes that share nothing but a signalling channel. */
import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from '../support/package-process';

/** Joins with the other process over IPC; `channel` is open afterwards on both sides. */
const half = (offers: boolean, body: string) => `
  const { createHash } = require('node:crypto');
  const pc = new RTCPeerConnection();
  const early = [];
  pc.onicecandidate = ({ candidate }) => process.send({ candidate });
  process.on('message', async ({ description, candidate }) => {
    if (!description) return pc.remoteDescription ? pc.addIceCandidate(candidate) : early.push(candidate);
    await pc.setRemoteDescription(description);
    for (const each of early.splice(0)) await pc.addIceCandidate(each);
    if (description.type === 'offer') {
      await pc.setLocalDescription();
      process.send({ description: pc.localDescription });
    }
  });
  const finish = (result) => { process.send({ result }, () => { pc.close(); process.disconnect(); }); };
  let channel;
  ${
    offers
      ? `channel = pc.createDataChannel('x');
         await pc.setLocalDescription();
         process.send({ description: pc.localDescription });
         await opened(channel);`
      : `channel = await new Promise((done) => (pc.ondatachannel = (event) => done(event.channel)));`
  }
  ${body}`;

async function runPair(left: string, right: string): Promise<[unknown, unknown]> {
  const children = [startProgram(half(true, left), { ipc: true }), startProgram(half(false, right), { ipc: true })];
  try {
    const results = children.map(async (child, index) => {
      const other = children[1 - index]!;
      const result = new Promise((done) =>
        child.on('message', (message: { result?: unknown }) => {
          if ('result' in message) done(message.result);
          else if (other.connected) other.send(message);
        }),
      );
      const ended = once(child, 'exit');
      const value = await Promise.race([result, ended.then((exit) => ({ exit, stderr: text(child) }))]);
      expect(await ended).toEqual([0, null]);
      return value;
    });
    return (await Promise.all(results)) as [unknown, unknown];
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

const text = (child: ChildProcess) => String(child.stderr?.read() ?? '');

const SEND_ALL = `
  const sendAll = async (count, make) => {
    channel.bufferedAmountLowThreshold = 1 << 18;
    for (let index = 0; index < count; index++) {
      if (channel.bufferedAmount > 1 << 20) await new Promise((done) => (channel.onbufferedamountlow = done));
      channel.send(make(index));
    }
  };`;

/** Receives until '' comes, and answers with the digest of all. */
const DIGEST_ALL = `
  const hash = createHash('sha256');
  let count = 0;
  channel.onmessage = ({ data }) => {
    if (data === '') { channel.send(hash.digest('hex')); channel.onmessage = () => finish(count); return; }
    hash.update(typeof data === 'string' ? data : new Uint8Array(data));
    count++;
  };`;

/** After the data: ask for the digest, tell the other side to end, and compare. */
const COMPARE = `
  const received = new Promise((done) => (channel.onmessage = ({ data }) => done(data)));
  channel.send('');
  const same = (await received) === hash.digest('hex');
  channel.send('end');
  await new Promise((done) => (channel.onclose = done, pc.sctp.onstatechange = done));
  finish(same);`;

describe('between two processes', () => {
  it('100,000 messages arrive whole and in order', async () => {
    const sender = `${SEND_ALL}
      const hash = createHash('sha256');
      await sendAll(100_000, (index) => { const message = 'message ' + index; hash.update(message); return message; });
      ${COMPARE}`;
    expect(await runPair(sender, DIGEST_ALL)).toEqual([true, 100_000]);
  }, 60_000);

  it('256 KiB messages arrive whole and in order', async () => {
    const sender = `${SEND_ALL}
      const { randomBytes } = require('node:crypto');
      const hash = createHash('sha256');
      await sendAll(200, () => { const message = randomBytes(262144); hash.update(message); return message; });
      ${COMPARE}`;
    expect(await runPair(sender, DIGEST_ALL)).toEqual([true, 200]);
  }, 60_000);

  it('messages of every size around a packet, in both directions at once', async () => {
    const both = `
      const sizes = [];
      for (let size = 0; size <= 4200; size += 7) sizes.push(size);
      const wrong = [];
      let next = 0;
      channel.binaryType = 'arraybuffer';
      const all = new Promise((done) => {
        channel.onmessage = ({ data }) => {
          const bytes = new Uint8Array(data);
          const size = sizes[next++];
          if (bytes.length !== size || bytes.some((byte, i) => byte !== ((size + i) & 255))) wrong.push(size);
          if (next === sizes.length) done();
        };
      });
      for (const size of sizes) channel.send(Uint8Array.from({ length: size }, (_, i) => (size + i) & 255));
      await all;
      channel.close();
      await new Promise((done) => (channel.onclose = done));
      finish(wrong);`;
    expect(await runPair(both, both)).toEqual([[], []]);
  }, 30_000);

  it('a receiver whose thread stands still stops the sender, and loses nothing that was accepted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'peerwire-'));
    const gate = join(folder, 'gate');
    execFileSync('mkfifo', [gate]);
    const SIZE = 65_536;
    const TOTAL = 1_024;
    const sender = `
      const { writeFileSync } = require('node:fs');
      channel.bufferedAmountLowThreshold = 1 << 20;
      const message = new Uint32Array(${SIZE} / 4);
      let accepted = 0, refusals = 0;
      const fill = () => {
        while (accepted < ${TOTAL}) {
          message[0] = accepted;
          try {
            channel.send(message);
          } catch (error) {
            if (error.name !== 'OperationError') throw error;
            refusals++;
            return;
          }
          accepted++;
        }
      };
      // Until a second passes in which nothing leaves any more: the receiver takes nothing.
      fill();
      for (let last = -1; last !== accepted - channel.bufferedAmount / ${SIZE}; ) {
        last = accepted - channel.bufferedAmount / ${SIZE};
        await new Promise((done) => setTimeout(done, 1000));
        fill();
      }
      const stopped = { accepted, buffered: channel.bufferedAmount, refusals };
      writeFileSync(${JSON.stringify(gate)}, 'go on');
      while (accepted < ${TOTAL}) {
        await new Promise((done) => (channel.onbufferedamountlow = done));
        fill();
      }
      const end = await new Promise((done) => (channel.onmessage = ({ data }) => done(data)));
      channel.send('end');
      await new Promise((done) => (channel.onclose = done, pc.sctp.onstatechange = done));
      finish({ ...stopped, end });`;
    const receiver = `
      const { readFileSync } = require('node:fs');
      channel.binaryType = 'arraybuffer';
      let count = 0, wrong = 0, before, after;
      channel.onmessage = ({ data }) => {
        if (typeof data === 'string') return finish({ count, wrong, grown: after - before });
        if (count === 0) {
          before = process.memoryUsage.rss();
          readFileSync(${JSON.stringify(gate)}); // the thread stands still until the sender opens the other end
          after = process.memoryUsage.rss();
        }
        if (new Uint32Array(data)[0] !== count || data.byteLength !== ${SIZE}) wrong++;
        if (++count === ${TOTAL}) channel.send('all');
      };`;
    try {
      const [sent, received] = (await runPair(sender, receiver)) as [
        { accepted: number; buffered: number; refusals: number; end: string },
        { count: number; wrong: number; grown: number },
      ];
      expect(received).toMatchObject({ count: TOTAL, wrong: 0 });
      expect(sent.end).toBe('all');
      // The sender was stopped with a full buffer, and what had left it is within the windows on the way.
      expect(sent.refusals).toBeGreaterThan(0);
      expect(sent.buffered).toBeGreaterThan(15 << 20);
      expect(sent.accepted * SIZE - sent.buffered).toBeLessThan(12 << 20);
      expect(received.grown).toBeLessThan(40 << 20);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);
});

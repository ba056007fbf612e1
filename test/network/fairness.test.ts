/** Many connections that all send as fast as they can, and more than the path takes: each gets its share. */
import { once } from 'node:events';
import { RTCPeerConnection, type RTCDataChannel } from '../../lib';
import { startProgram } from '../support/package-process';

const FLOODING = 8;

/** The other ends: those before the last flood, the last one echoes. */
const ends = `
  const connections = [];
  process.on('message', async ({ index, description, candidate, go }) => {
    if (go) return connections.forEach(({ flood }) => flood());
    let one = connections[index];
    if (!one) {
      const pc = new RTCPeerConnection();
      one = connections[index] = { pc, early: [], flood() {} };
      pc.onicecandidate = ({ candidate }) => process.send({ index, candidate });
      pc.ondatachannel = ({ channel }) => {
        if (channel.label === 'echo') channel.onmessage = ({ data }) => channel.send(data);
        const message = new Uint8Array(16_384);
        channel.bufferedAmountLowThreshold = 1 << 20;
        if (channel.label === 'flood') one.flood = channel.onbufferedamountlow = () => {
          while (channel.bufferedAmount < 4 << 20) channel.send(message);
        };
      };
    }
    if (candidate !== undefined) {
      if (one.pc.remoteDescription) await one.pc.addIceCandidate(candidate);
      else one.early.push(candidate);
      return;
    }
    await one.pc.setRemoteDescription(description);
    for (const each of one.early.splice(0)) await one.pc.addIceCandidate(each);
    await one.pc.setLocalDescription();
    process.send({ index, description: one.pc.localDescription });
  });
  process.on('disconnect', () => connections.forEach(({ pc }) => pc.close()));`;

it('connections that flood share what there is, and one that is quiet is not held up', async () => {
  const child = startProgram(ends, { ipc: true });
  const connections: RTCPeerConnection[] = [];
  try {
    const open = (index: number, label: string) =>
      new Promise<RTCDataChannel>((done) => {
        const pc = (connections[index] = new RTCPeerConnection());
        const early: any[] = [];
        pc.addEventListener('icecandidate', (event) => {
          child.send({ index, candidate: (event as unknown as { candidate: object | null }).candidate });
        });
        child.on('message', (message: any) => {
          if (message.index !== index) return;
          if (message.description) {
            void pc.setRemoteDescription(message.description).then(() => {
              for (const each of early.splice(0)) void pc.addIceCandidate(each);
            });
          } else if (pc.remoteDescription) void pc.addIceCandidate(message.candidate);
          else early.push(message.candidate);
        });
        const channel = pc.createDataChannel(label);
        channel.addEventListener('open', () => done(channel));
        void pc.setLocalDescription().then(() => child.send({ index, description: pc.localDescription }));
      });
    const flooded = await Promise.all(Array.from({ length: FLOODING }, (_, index) => open(index, 'flood')));
    const echo = await open(FLOODING, 'echo');
    const octets = flooded.map(() => 0);
    const all = () => octets.reduce((sum, each) => sum + each, 0);
    let arrived: () => void = () => {};
    flooded.forEach((channel, index) => {
      channel.binaryType = 'arraybuffer';
      channel.onmessage = ({ data }: MessageEvent) => {
        octets[index]! += (data as ArrayBuffer).byteLength;
        arrived();
      };
    });
    const until = async (total: number) => {
      while (all() < total) await new Promise<void>((done) => (arrived = done));
    };
    child.send({ go: true });
    // All of them are under way, and have found what the path takes.
    await until(40e6);
    const before = [...octets];
    const start = all();
    const roundTrips: number[] = [];
    while (all() < start + 200e6) {
      const begun = performance.now();
      const echoed = new Promise((done) => (echo.onmessage = done));
      echo.send('x');
      await echoed;
      roundTrips.push(performance.now() - begun);
    }
    const shares = octets.map((each, index) => (each - before[index]!) / (all() - start));
    roundTrips.sort((one, other) => one - other);
    const [median, worst] = [roundTrips[roundTrips.length >> 1]!, roundTrips.at(-1)!];
    console.log(
      `shares ${shares.map((each) => `${(100 * each).toFixed(1)} %`).join(', ')}; ` +
        `round trip ${median.toFixed(1)} ms, at most ${worst.toFixed(1)} ms of ${roundTrips.length}`,
    );
    for (const share of shares) {
      expect(share).toBeGreaterThan(1 / FLOODING / 2);
      expect(share).toBeLessThan(2 / FLOODING);
    }
    expect(median).toBeLessThan(500);
  } finally {
    for (const each of connections) each.close();
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}, 120_000);

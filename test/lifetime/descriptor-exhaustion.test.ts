/** A process without a file descriptor to spare: errors that say so, nothing worse, and recovery. */
import { runProgram as run, type ProgramResult } from '../support/package-process';
import { reasonAgainstExhaustion } from '../support/sanitizers';

if (reasonAgainstExhaustion) console.log(`descriptor-exhaustion.test.ts is skipped: ${reasonAgainstExhaustion}`);

/**
 * Node.js 24 and later read NODE_EXTRA_CA_CERTS when they load what `MessageEvent` is a part of, which is with the first
 * message, and warn when they cannot.
 */
const runProgram = (source: string, limitMs: number): Promise<ProgramResult> =>
  run(source, limitMs, { NODE_EXTRA_CA_CERTS: undefined });

const EXHAUST = `
  const fs = require('fs');
  const held = [];
  const exhaust = () => {
    try { for (;;) held.push(fs.openSync('/dev/null')); } catch (error) { if (error.code !== 'EMFILE') throw error; }
  };
  const release = () => { for (const fd of held.splice(0)) fs.closeSync(fd); };`;

(reasonAgainstExhaustion ? describe.skip : describe)('without a file descriptor to spare', () => {
  it('the first connection says that there is no network thread, stays as it is, and works later', async () => {
    const { code, stdout, stderr } = await runProgram(
      `${EXHAUST}
      await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' }); // the addon is loaded
      exhaust();
      let error;
      const pc = new RTCPeerConnection();
      pc.createDataChannel('x');
      try {
        await pc.setLocalDescription();
      } catch (thrown) { error = thrown; }
      release();
      console.log(error?.name, error?.message, pc.signalingState, pc.sctp, pc.localDescription);
      const gathered = new Promise((done) => { pc.onicecandidate = ({ candidate }) => candidate ?? done(); });
      await pc.setLocalDescription();
      await gathered;
      console.log(pc.signalingState, pc.localDescription.sdp.includes('a=candidate'));
      pc.close();
      const { a, b } = await connectedPair();
      console.log('connected');
      a.close();
      b.close();`,
      30_000,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^\w*Error .*network thread could not be started stable null null\nhave-local-offer true\nconnected\n$/,
    );
  }, 40_000);

  it('gathering ends with an error for each address, and those connected go on', async () => {
    const { code, stdout, stderr } = await runProgram(
      `${EXHAUST}
      const { a, b, channel, remote } = await connectedPair();
      exhaust();
      const pc = new RTCPeerConnection();
      pc.createDataChannel('x');
      const errors = [];
      pc.onicecandidateerror = ({ errorCode, errorText }) => errors.push(errorCode + ' ' + errorText);
      const gathered = new Promise((done) => { pc.onicecandidate = ({ candidate }) => candidate ?? done(); });
      await pc.setLocalDescription();
      await gathered;
      const message = new Promise((done) => { remote.onmessage = ({ data }) => done(data); });
      channel.send('still here');
      console.log(await message);
      release();
      console.log([...new Set(errors)].join());
      for (const each of [a, b, pc]) each.close();`,
      30_000,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // The addresses are known for a while, since the connection before.
    expect(stdout).toMatch(
      /^still here\n701 (cannot bind a UDP socket|network interfaces cannot be listed): (Too many open files|No file descriptors available)\n$/,
    );
  }, 40_000);

  it('a file that FFmpeg plays ends its track, with a warning', async () => {
    const { code, stdout, stderr } = await runProgram(
      `${EXHAUST}
      const { mediaDevices, nonstandard } = require('peerwire');
      const folder = fs.mkdtempSync(require('path').join(require('os').tmpdir(), 'peerwire-ffmpeg-'));
      process.on('exit', () => fs.rmSync(folder, { recursive: true }));
      const streams = [{ codec_type: 'video', width: 64, height: 48, avg_frame_rate: '30/1' }];
      for (const [name, script] of [['ffprobe', "echo '" + JSON.stringify({ streams }) + "'"], ['ffmpeg', 'exit']])
        fs.writeFileSync(folder + '/' + name, '#!/bin/sh\\n' + script + '\\n', { mode: 0o755 });
      fs.writeFileSync(folder + '/film', 'neither picture nor sound');
      process.env.PEERWIRE_FFMPEG_DIR = folder;
      process.removeAllListeners('warning').on('warning', ({ message }) => console.log(message.replace(folder, '')));
      const disconnect = await nonstandard.connectFile(folder + '/film', { label: 'Film' });
      (await mediaDevices.getUserMedia({ video: true })).getTracks()[0].stop(); // from now on devices have labels
      const film = (await mediaDevices.enumerateDevices()).find(({ label }) => label === 'Film');
      const [track] = (await mediaDevices.getUserMedia({ video: { deviceId: film.deviceId } })).getVideoTracks();
      const ended = new Promise((done) => { track.onended = done; });
      exhaust();
      new nonstandard.RTCVideoSink(track);
      release();
      await ended;
      console.log('ended');
      disconnect();`,
      30_000,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Film could not be started: .*too many open files\nended\n$/);
  }, 40_000);
});

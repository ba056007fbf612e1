/** Peers that are gone for good: a path that never comes back, and a process that was killed. Both wait at the same time. */
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once as happens } from 'node:events';
import { createInterface } from 'node:readline';
import { RTCPeerConnection } from '../../lib';
import { relayedPair } from '../support/relayed-pair';
import { once } from '../support/connect';

type Connection = InstanceType<typeof RTCPeerConnection>;
const reaches = async (connection: Connection, state: string): Promise<void> => {
  while (connection.connectionState !== state) await once(connection, 'connectionstatechange');
};
const opens = async (channel: RTCDataChannel): Promise<void> => {
  if (channel.readyState !== 'open') await once(channel as never, 'open');
};
/** All states from now on. */
function statesOf(connection: Connection): string[] {
  const states: string[] = [];
  connection.addEventListener('connectionstatechange', () => states.push(connection.connectionState));
  return states;
}

async function endOfThePath(): Promise<void> {
  let channel!: RTCDataChannel;
  const pair = await relayedPair({ seed: 7 }, (left) => {
    channel = left.createDataChannel('x') as never;
  });
  try {
    await opens(channel);
    await Promise.all([reaches(pair.left, 'connected'), reaches(pair.right, 'connected')]);
    const states = [pair.left, pair.right].map(statesOf);
    pair.relay.blackout = true;
    await Promise.all([reaches(pair.left, 'failed'), reaches(pair.right, 'failed')]);
    expect(states).toEqual([
      ['disconnected', 'failed'],
      ['disconnected', 'failed'],
    ]);
    // What failed stays so, though the path is back: a restart is the application's to ask for (RFC 8445 section 9).
    pair.relay.blackout = false;
    channel.close();
    expect(pair.left.connectionState).toBe('failed');
  } finally {
    await pair.close();
  }
}

const peer = `
  const { RTCPeerConnection } = require(process.argv[1]);
  const pc = new RTCPeerConnection();
  const print = (line) => console.log(JSON.stringify(line));
  require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
    await pc.setRemoteDescription(JSON.parse(line));
    await pc.setLocalDescription();
    while (pc.iceGatheringState !== 'complete') await new Promise((done) => (pc.onicegatheringstatechange = done));
    print(pc.localDescription);
  });`;

async function killedProcess(): Promise<void> {
  const child = spawn(process.execPath, ['-e', peer, join(__dirname, '../..')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = new RTCPeerConnection();
  try {
    const channel = connection.createDataChannel('x');
    await connection.setLocalDescription();
    while (connection.iceGatheringState !== 'complete') await once(connection, 'icegatheringstatechange');
    child.stdin.write(`${JSON.stringify(connection.localDescription)}\n`);
    const [answer] = (await happens(createInterface({ input: child.stdout }), 'line')) as [string];
    await connection.setRemoteDescription(JSON.parse(answer) as RTCSessionDescriptionInit);
    await opens(channel as never);
    await reaches(connection, 'connected');
    const states = statesOf(connection);
    child.kill('SIGKILL');
    await happens(child, 'exit');
    await reaches(connection, 'failed');
    expect(states).toEqual(['disconnected', 'failed']);
  } finally {
    connection.close();
    child.kill('SIGKILL');
  }
}

it('a path that does not come back is disconnected, then failed; so is a peer whose process was killed', async () => {
  await Promise.all([endOfThePath(), killedProcess()]);
}, 150_000);

/**
 * Audio, video and data with media servers and libraries, in both roles: ICE and DTLS connect, and data flows.
 *
 * - pion, aiortc: where the set-up has put them (test/support/other-stacks.ts).
 * - webrtcbin: Debian's gstreamer1.0-plugins-{base,good,bad}, gstreamer1.0-nice, gir1.2-gst-plugins-bad-1.0 and python3-gi.
 * - Janus: Debian's janus.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, launchChromium } from '../support/chromium';
import { OurParty, PageParty, type Party } from './media-party';
import * as steps from './media-steps';
import { aiortcPython, noAiortc, noPion, pionAgent } from '../support/other-stacks';
import { startPage, startProgram, type RemoteAgent } from './remote-agent';

const agents = join(__dirname, 'agents');
const runs = (command: string, ...args: string[]) => spawnSync(command, args, { timeout: 20_000 }).status === 0;

interface Implementation {
  name: string;
  command: string[];
  /** null: it can be tested here. */
  missing: string | null;
  /** It offers what it has, without being told. */
  offersItsOwn?: boolean;
  noEcho?: string;
  noDirectionChanges?: string;
}

const gstreamer = ['/usr/bin/python3', 'python3'].find((one) =>
  runs(one, '-c', 'import gi; gi.require_version("GstWebRTC", "1.0"); from gi.repository import GstWebRTC'),
);
const janus = runs('janus', '--help') ? null : 'no Janus on this machine (Debian: apt-get install janus)';

const implementations: Implementation[] = [
  {
    name: 'pion',
    command: [pionAgent ?? ''],
    missing: noPion,
  },
  {
    name: 'aiortc',
    command: [aiortcPython, join(agents, 'aiortc_agent.py')],
    missing: noAiortc,
  },
  {
    name: 'webrtcbin',
    command: [gstreamer ?? '', join(agents, 'gstreamer_agent.py')],
    missing: gstreamer
      ? null
      : 'no GstWebRTC for Python on this machine (Debian: gir1.2-gst-plugins-bad-1.0, python3-gi)',
    noDirectionChanges: 'webrtcbin 1.22 refuses descriptions that change a direction',
  },
  ...['Janus', 'Janus with ICE-lite'].map((name) => ({
    name,
    command: [process.execPath, join(agents, 'janus-agent.mjs'), ...(name.includes('lite') ? ['ice-lite'] : [])],
    missing: janus,
    offersItsOwn: true,
    noEcho: 'its plugins echo no data',
  })),
  ...['@roamhq/wrtc', 'werift'].map((name) => {
    const folder = join(__dirname, '../../bench/node_modules');
    return {
      name,
      command: [process.execPath, join(agents, 'node-agent.mjs'), join(folder, 'x.js'), name],
      missing: existsSync(join(folder, name)) ? null : `${name} is not installed (npm install --prefix bench)`,
    };
  }),
];

describe.each(implementations)('$name', ({ name, command, missing, offersItsOwn, noEcho, noDirectionChanges }) => {
  if (missing !== null) {
    console.log(`media-agents.test.ts: ${name} is skipped: ${missing}`);
    it.skip('connects', () => {});
    return;
  }
  let agent: RemoteAgent;
  let page: RemoteAgent | undefined;
  let us: Party;
  let key: string;
  let serial = 0;
  jest.setTimeout(30_000);
  beforeAll(async () => {
    agent = await startProgram(command[0]!, command.slice(1));
    const chromium = findChromium();
    if (process.env['PEERWIRE_TEST_YARDSTICK'] && 'path' in chromium) {
      page = await startPage(async (url) => {
        const { context, close } = await launchChromium(chromium.path);
        await (await context.newPage()).goto(url);
        return close;
      });
    }
  });
  afterAll(() => Promise.all([agent.stop(), page?.stop()]));

  beforeEach(async () => {
    us = page ? await PageParty.open('ours', page) : new OurParty();
    key = `pc${++serial}`;
    await us.do(steps.watch);
    await agent.command('connect', { pc: key });
  });
  afterEach(async () => {
    await us.close();
    await agent.command('close', { pc: key });
  });

  /** Candidates wait until the description they belong to is there. */
  async function exchange(offerer: 'us' | 'them'): Promise<void> {
    let waiting: (() => void)[] | null = [];
    const late = (pass: () => void) => (waiting ? waiting.push(pass) : pass());
    const refused: unknown[] = [];
    us.onSend = ({ candidate }) =>
      late(() => void agent.command('candidate', { pc: key, candidate }).catch((error) => refused.push(error)));
    agent.onEvent = ({ event, pc, candidate }) => {
      if (event !== 'candidate' || pc !== key || !(candidate as { candidate?: string } | null)?.candidate) return;
      late(() => void us.do(steps.receive, { candidate }).catch((error) => refused.push(error)));
    };
    if (offerer === 'us') {
      const offer = await us.do(steps.makeDescription);
      await us.do(steps.accept, await agent.command('answer', { pc: key, description: offer }));
    } else {
      await us.do(steps.accept, await agent.command('offer', { pc: key }));
      await agent.command('accept', { pc: key, description: await us.do(steps.makeDescription) });
    }
    for (const pass of waiting) pass();
    waiting = null;
    await us.do(steps.connected);
    await agent.until(
      ({ event, pc, state }) => event === 'connection-state' && pc === key && state === 'connected',
      'connected',
    );
    expect(refused).toEqual([]);
  }

  it('answers our offer', async () => {
    await us.do(steps.addTrack, 'audio');
    await us.do(steps.addTrack, 'video');
    const echoed = noEcho ? null : us.do(steps.echo, 'echo');
    if (!noEcho) echoed!.catch(() => {});
    else await us.do((pc) => void pc.createDataChannel('x'));
    await exchange('us');
    const { signaling, remote, transceivers } = await us.do(steps.view);
    expect(signaling).toBe('stable');
    expect(remote.map(({ kind, isRejected }) => [kind, isRejected])).toEqual([
      ['audio', false],
      ['video', false],
      ['application', false],
    ]);
    for (const { currentDirection, transport } of transceivers) {
      expect(['sendonly', 'sendrecv']).toContain(currentDirection);
      expect(transport).toBe('connected');
    }
    if (echoed) expect(await echoed).toBe('echo');
  });

  it('is answered', async () => {
    if (!offersItsOwn) {
      await agent.command('transceiver', { pc: key, kind: 'audio', direction: 'sendrecv' });
      await agent.command('transceiver', { pc: key, kind: 'video', direction: 'sendonly' });
      await agent.command('channel', { pc: key, label: 'echo of theirs' });
    }
    await exchange('them');
    const { signaling, local, transceivers, tracks } = await us.do(steps.view);
    expect(signaling).toBe('stable');
    expect(local.map(({ kind, isRejected }) => [kind, isRejected])).toEqual([
      ['audio', false],
      ['video', false],
      ['application', false],
    ]);
    expect(transceivers.map(({ kind, currentDirection }) => [kind, currentDirection])).toEqual([
      ['audio', 'recvonly'],
      ['video', 'recvonly'],
    ]);
    expect(tracks.map(({ kind }) => kind)).toEqual(['audio', 'video']);
    if (!noEcho) expect(await us.do(steps.echo, 'echo')).toBe('echo');
  });

  if (offersItsOwn) return;
  it('is answered again, when it adds a section', async () => {
    await agent.command('transceiver', { pc: key, kind: 'audio', direction: 'sendrecv' });
    await exchange('them');
    if (!noDirectionChanges) await us.do(steps.addTrack, 'audio');
    await agent.command('transceiver', { pc: key, kind: 'video', direction: 'sendrecv' });
    await exchange('them');
    const { signaling, connection, transceivers } = await us.do(steps.view);
    expect({ signaling, connection }).toEqual({ signaling: 'stable', connection: 'connected' });
    expect(transceivers.map(({ kind, currentDirection }) => [kind, currentDirection])).toEqual([
      ['audio', noDirectionChanges ? 'recvonly' : 'sendrecv'],
      ['video', 'recvonly'],
    ]);
  });
});

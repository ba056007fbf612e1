/**
 * The commands of agent.mjs on a Janus of its own: `node janus-agent.mjs [ice-lite]`. Its echo test answers; its streaming
 * plugin offers (audio, video and data, sendonly; nothing is ever sent). With `videoroom` in the configuration of
 * `connect` the room's publisher answers, and its subscriber offers one section for each codec of the room.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const print = (object) => process.stdout.write(`${JSON.stringify(object)}\n`);
const folder = mkdtempSync(join(tmpdir(), 'peerwire-janus-'));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

const port = await freePort();
const write = (name, text) => writeFileSync(join(folder, `janus.${name}.jcfg`), text);
write(
  'transport.http',
  `general: { json = "plain" base_path = "/janus" http = true ip = "127.0.0.1" port = ${port} }\n`,
);
const mountpoint = `
everything: {
  type = "rtp" id = 1 description = "audio, video and data" audio = true video = true data = true
  audioport = ${await freePort()} audiopt = 111 audiocodec = "opus"
  videoport = ${await freePort()} videopt = 100 videocodec = "vp8"
  dataport = ${await freePort()}
}
`;
write('plugin.streaming', mountpoint);
const room = `
room-1: {
  description = "every codec" publishers = 100 dummy_publisher = true
  audiocodec = "opus,g722,pcmu,pcma" videocodec = "vp8,vp9,h264,av1"
}
`;
write('plugin.videoroom', room);
writeFileSync(
  join(folder, 'janus.jcfg'),
  `
general: { configs_folder = "${folder}" debug_level = 3 }
nat: { ice_lite = ${process.argv.includes('ice-lite')} ice_enforce_list = "127.0.0.1,lo" ice_ignore_list = "vmnet" full_trickle = true }
media: { ipv6 = false }
plugins: { disable = "libjanus_sip.so,libjanus_nosip.so,libjanus_voicemail.so,libjanus_recordplay.so,libjanus_audiobridge.so,libjanus_lua.so,libjanus_duktape.so" }
transports: { disable = "libjanus_websockets.so,libjanus_pfunix.so,libjanus_mqtt.so,libjanus_rabbitmq.so,libjanus_nanomsg.so" }
loggers: { disable = "libjanus_jsonlog.so" }
events: { broadcast = false }
`,
);
const janus = spawn('janus', ['-F', folder, '-C', join(folder, 'janus.jcfg')], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
function end(code) {
  janus.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}
janus.on('exit', (code) => end(code ?? 1));
process.on('SIGTERM', () => end(0));

let transactions = 0;
async function request(path, body) {
  const init = body && { method: 'POST', body: JSON.stringify({ ...body, transaction: `t${++transactions}` }) };
  const answer = await (await fetch(`http://127.0.0.1:${port}/janus${path}`, init)).json();
  if (answer.janus === 'error') throw new Error(answer.error.reason);
  return answer;
}

/** One handle of one plugin. */
class Connection {
  #key;
  #path = '';
  #session = '';
  #waiting = [];
  #isInRoom;

  constructor(key, isInRoom) {
    this.#key = key;
    this.#isInRoom = isInRoom;
  }

  async #attach(plugin) {
    if (this.#path) return;
    this.#session = `/${(await request('', { janus: 'create' })).data.id}`;
    const { data } = await request(this.#session, { janus: 'attach', plugin: `janus.plugin.${plugin}` });
    this.#path = `${this.#session}/${data.id}`;
    void this.#poll();
  }

  async #poll() {
    for (;;) {
      let event;
      try {
        event = await request(`${this.#session}?maxev=1`);
      } catch {
        return; // the session is gone
      }
      const state = { webrtcup: 'connected', hangup: 'closed' }[event.janus];
      if (state) print({ event: 'connection-state', pc: this.#key, state });
      if (event.janus === 'trickle' && event.candidate?.candidate) {
        print({ event: 'candidate', pc: this.#key, candidate: event.candidate });
      }
      if (event.janus === 'event') this.#waiting.shift()?.(event);
    }
  }

  /** The plugin's answer, which comes as an event. */
  async #message(body, jsep = undefined) {
    const answered = new Promise((done) => this.#waiting.push(done));
    await request(this.#path, { janus: 'message', body, ...(jsep && { jsep }) });
    const event = await answered;
    const { error } = event.plugindata.data;
    if (error) throw new Error(error);
    return event.jsep;
  }

  async answer(description) {
    if (this.#isInRoom) {
      await this.#attach('videoroom');
      await this.#message({ request: 'join', ptype: 'publisher', room: 1 });
      return this.#message({ request: 'publish' }, description);
    }
    await this.#attach('echotest');
    return this.#message({ audio: true, video: true }, description);
  }

  async offer() {
    if (this.#isInRoom) {
      await this.#attach('videoroom');
      const listed = await request(this.#path, {
        janus: 'message',
        body: { request: 'listparticipants', room: 1 },
      });
      const feed = listed.plugindata.data.participants.find(({ dummy }) => dummy).id;
      return this.#message({ request: 'join', ptype: 'subscriber', room: 1, streams: [{ feed }] });
    }
    await this.#attach('streaming');
    return this.#message({ request: 'watch', id: 1 });
  }

  async accept(description) {
    await this.#message({ request: 'start' }, description);
  }

  async candidate(candidate) {
    await request(this.#path, { janus: 'trickle', candidate });
  }

  async close() {
    if (this.#path) await request(this.#path, { janus: 'hangup' });
    if (this.#session) await request(this.#session, { janus: 'destroy' });
  }
}

const connections = new Map();
const commands = {
  connect: ({ pc, configuration }) => void connections.set(pc, new Connection(pc, configuration?.videoroom === true)),
  answer: ({ pc, description }) => connections.get(pc).answer(description),
  offer: ({ pc, iceRestart }) => {
    if (iceRestart) throw new Error('the agent restarts nothing');
    return connections.get(pc).offer();
  },
  accept: ({ pc, description }) => connections.get(pc).accept(description),
  candidate: ({ pc, candidate }) => connections.get(pc).candidate(candidate),
  close: ({ pc }) => connections.get(pc).close(),
};

for (let tries = 0; ; tries++) {
  try {
    await request('/info');
    break;
  } catch (error) {
    if (tries === 100) throw error;
    await new Promise((done) => setTimeout(done, 50));
  }
}
createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { id, op, ...parameters } = JSON.parse(line);
    try {
      if (!commands[op]) throw new Error(`no such command: ${op}`);
      print({ id, result: (await commands[op](parameters)) ?? null });
    } catch (error) {
      print({ id, error: String(error?.message ?? error) });
    }
  })
  .on('close', () => end(0));
print({ event: 'ready' });

/** Media with GStreamer's webrtcbin, which offers, since its payload types are those of its pipeline. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { agentFlowSuite } from './agent-flow-suite';
import { startProgram } from './remote-agent';

const works = (python: string, script: string) => spawnSync(python, ['-c', script], { timeout: 20_000 }).status === 0;
const elements = ['vp8enc', 'x264enc', 'opusenc', 'avenc_g722', 'nicesrc', 'webrtcbin'];
const script = `
import gi
for name in ("Gst", "GstWebRTC"): gi.require_version(name, "1.0")
from gi.repository import Gst, GstWebRTC
Gst.init(None)
assert all(Gst.ElementFactory.find(name) for name in ${JSON.stringify(elements)})`;
const python = ['/usr/bin/python3', 'python3'].find((one) => works(one, script));

agentFlowSuite({
  name: 'webrtcbin',
  missing: python
    ? null
    : 'no GStreamer with webrtcbin and its codecs on this machine (Debian: gstreamer1.0-plugins-{base,good,bad,ugly}, ' +
      'gstreamer1.0-nice, gstreamer1.0-libav, gir1.2-gst-plugins-bad-1.0, python3-gi)',
  start: () => startProgram(python!, [join(__dirname, 'agents', 'gstreamer_agent.py')]),
  codecs: ['VP8', 'VP9', 'H.264', 'Opus', 'PCMU', 'PCMA', 'G.722'],
  offerer: 'them',
});

import { LineChart } from './chart.js';
import { FileTransfer } from './lib/file-transfer.mjs';
import { PageMedia } from './media.js';
import { PeerSession } from './lib/peer-session.mjs';

const element = (id) => document.getElementById(id);
const measureMs = 4000;
const sampleMs = 250;
const retryMs = 1000;

const chart = new LineChart(element('chart'), { lines: { down: '--blue', up: '--green' }, unit: 'MB/s', least: 1 });
const media = new PageMedia(showError);
let session;
let offerer = new URLSearchParams(location.search).get('offerer') === 'page' ? 'page' : 'node';
let attempt = 0;

// --- connection -------------------------------------------------------------------------------------------------

/** Opens signalling and a connection; when either ends, another attempt follows until the offerer is switched. */
function connect() {
  attempt += 1;
  const thisAttempt = attempt;
  const begun = performance.now();
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/signal`);
  const current = new PeerSession({
    RTCPeerConnection,
    offers: offerer === 'page',
    signal: (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message)),
    events: {
      onState: () => {
        if (thisAttempt !== attempt) return;
        showState();
        if (['failed', 'closed'].includes(current.connectionState)) retry();
      },
      onOpen: () => {
        element('connect-time').textContent = (performance.now() - begun).toFixed(0);
        element('error').hidden = true;
        showState();
        void showPair();
        media.open(current);
      },
      onStream: (name, stream) => thisAttempt === attempt && media.show(name, stream),
      onStreamEnd: (name) => thisAttempt === attempt && media.hide(name),
      onStatistics: (statistics) => thisAttempt === attempt && media.receiveStatistics(statistics),
      onChat: (text) => showMessage('node', text),
      onError: showError,
    },
  });
  session = current;
  showState();

  const retry = () => {
    if (thisAttempt !== attempt) return;
    attempt += 1;
    current.close();
    socket.close();
    showState();
    setTimeout(connect, retryMs);
  };
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify({ hello: { offerer } }));
    current.start().catch(showError);
  });
  socket.addEventListener('message', ({ data }) => void current.receiveSignal(JSON.parse(data)));
  socket.addEventListener('close', retry);
  connect.stop = () => {
    attempt += 1;
    current.close();
    socket.close();
  };
}

function showState() {
  const state = session.connectionState;
  const badge = element('state');
  badge.dataset.state = state;
  badge.dataset.open = String(session.isOpen);
  badge.textContent = state === 'new' ? 'connecting' : state === 'closed' ? 'not connected' : state;
  for (const control of document.querySelectorAll('#measure, #chat-form *, #file-input')) {
    control.disabled = !session.isOpen || (control.id === 'measure' && measuring);
  }
  if (session.isOpen) return;
  media.shut(session);
  for (const id of ['pair-local', 'pair-remote', 'round-trip']) element(id).textContent = '–';
}

async function showPair() {
  const pair = await session.selectedPair();
  if (!pair) return;
  element('pair-local').textContent = pair.local;
  element('pair-remote').textContent = pair.remote;
}

function showError(error) {
  element('error').textContent = `${error.name}: ${error.message}`;
  element('error').hidden = false;
}

for (const choice of document.querySelectorAll('input[name=offerer]')) {
  choice.checked = choice.value === offerer;
  choice.addEventListener('change', () => {
    offerer = choice.value;
    history.replaceState(null, '', `?offerer=${offerer}`);
    connect.stop();
    connect();
  });
}

// --- throughput -------------------------------------------------------------------------------------------------

let measuring = false;
let last = { session: undefined, time: 0, down: 0, up: 0 };

setInterval(() => {
  const now = performance.now();
  const { bytesReceived: down, bytesSent: up } = session;
  const seconds = (now - last.time) / 1000;
  const sameSession = last.session === session;
  const downRate = sameSession ? Math.max(0, down - last.down) / seconds : 0;
  const upRate = sameSession ? Math.max(0, up - last.up) / seconds : 0;
  last = { session, time: now, down, up };
  chart.add(now, { down: downRate / 1e6, up: upRate / 1e6 });
  element('rate-down').textContent = (downRate / 1e6).toFixed(1);
  element('rate-up').textContent = (upRate / 1e6).toFixed(1);
  if (session.isOpen && session.roundTripMs !== undefined) {
    element('round-trip').textContent = session.roundTripMs.toFixed(1);
  }
}, sampleMs);
setInterval(() => session.isOpen && void showPair(), 2000);

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

element('measure').addEventListener('click', async () => {
  const measured = session;
  measuring = true;
  showState();
  measured.requestFlood(true);
  await pause(measureMs);
  measured.requestFlood(false);
  await pause(500);
  const flood = measured.startFlood();
  await pause(measureMs);
  measured.stopFlood();
  await flood;
  measuring = false;
  showState();
});

// --- chat -------------------------------------------------------------------------------------------------------

function showMessage(from, text) {
  const messages = element('messages');
  const item = document.createElement('li');
  item.dataset.from = from;
  item.textContent = text;
  messages.append(item);
  messages.scrollTop = messages.scrollHeight;
}

element('chat-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = element('chat-text');
  if (!field.value.trim() || !session.isOpen) return;
  session.sendChat(field.value);
  showMessage('page', field.value);
  field.value = '';
});

// --- file -------------------------------------------------------------------------------------------------------

const formatBytes = (bytes) =>
  bytes < 1e3 ? `${bytes} bytes` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

async function sendFile(file) {
  const current = session;
  const box = element('transfer');
  const result = element('file-result');
  box.hidden = false;
  box.dataset.state = 'busy';
  element('file-input').disabled = true;
  element('file-name').textContent = `${file.name}, ${formatBytes(file.size)}`;
  result.textContent = 'computing the checksum';
  element('file-checksum').textContent = '';
  const bars = { sent: element('progress-sent'), received: element('progress-received') };
  for (const bar of Object.values(bars)) bar.value = 0;
  const counted = { sent: 0, received: 0 };
  try {
    const channel = await current.openFileChannel(file.name);
    const transfer = new FileTransfer(channel, (direction, done, total) => {
      bars[direction].value = total > 0 ? done / total : 1;
      current.countFileBytes(direction, done - counted[direction]);
      counted[direction] = done;
      result.textContent = direction === 'sent' ? 'on its way to Node' : 'on its way back';
    });
    const begun = performance.now();
    const sent = await transfer.send(file, file.name);
    const { blob, sha256 } = await transfer.receive();
    channel.close();
    for (const bar of Object.values(bars)) bar.value = 1;
    const seconds = (performance.now() - begun) / 1000;
    const equal = sha256 === sent && blob.size === file.size;
    box.dataset.state = equal ? 'verified' : 'failed';
    result.textContent = equal ? `✓ came back the same in ${seconds.toFixed(2)} s` : 'it came back changed';
    element('file-checksum').textContent = `SHA-256 ${sha256}`;
  } catch (error) {
    box.dataset.state = 'failed';
    result.textContent = error.message;
  } finally {
    showState();
  }
}

element('file-input').addEventListener('change', ({ target }) => {
  const [file] = target.files;
  target.value = '';
  if (file) void sendFile(file);
});
const drop = element('drop');
drop.addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('over');
});
drop.addEventListener('dragleave', () => drop.classList.remove('over'));
drop.addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  const [file] = event.dataTransfer.files;
  if (file && !element('file-input').disabled) void sendFile(file);
});

connect();

#!/usr/bin/env node
/**
 * A second Node.js peer, in a process of its own: does in the terminal what the page does in a browser.
 * argv: address of the signalling server, who offers ('node': the peer there, 'page': this one).
 */
import { mediaDevices, RTCPeerConnection } from 'peerwire';
import WebSocket from 'ws';
import { FileTransfer } from './file-transfer.mjs';
import { MediaStatistics } from './media-statistics.mjs';
import { invertedLuma, SoundWatch, PictureWatch } from './media-watch.mjs';
import { PeerSession } from './peer-session.mjs';

const [server, offerer] = process.argv.slice(2);
const measureMs = 3000;
const sampleMs = 100;
const connectTimeoutMs = 15_000;
const mediaMs = 4000;
const fileBytes = 8 * 1024 * 1024;

const interactive = process.stdout.isTTY === true;
const say = (text) => process.stdout.write(`${interactive ? '\r\x1b[K' : ''}${text}\n`);
const sparkline = (values) => {
  const highest = Math.max(...values, 1);
  return values.map((value) => '▁▂▃▄▅▆▇█'[Math.min(7, Math.floor((value / highest) * 8))]).join('');
};
const bar = (done, total) => {
  const filled = Math.round((done / total) * 30);
  return `${'█'.repeat(filled)}${'░'.repeat(30 - filled)} ${Math.round((done / total) * 100)} %`;
};
/** A line that is written over while something goes on; left out where the terminal cannot. */
const sayWhileGoingOn = (text) => interactive && process.stdout.write(`\r\x1b[K${text}`);

const socket = new WebSocket(`${server.replace(/^http/, 'ws')}/signal`);
const opened = deferred();
/** Of the Node peer: its camera, and this peer's own, changed. */
const streams = { camera: deferred(), processed: deferred() };
const replies = [];
let onReply;
let lastState = 'new';
let stopped = false;

const session = new PeerSession({
  RTCPeerConnection,
  offers: offerer === 'page',
  signal: (message) => socket.send(JSON.stringify(message)),
  events: {
    onState: () => {
      if (session.connectionState === lastState) return;
      lastState = session.connectionState;
      say(`  state      ${lastState}`);
      if (lastState === 'failed' || lastState === 'closed') opened.reject(new Error(`the connection is ${lastState}`));
    },
    onOpen: () => opened.resolve(),
    onStream: (name, stream) => streams[name]?.resolve(stream),
    onChat: (text) => {
      say(`  Node peer  “${text}”`);
      replies.push(text);
      onReply?.();
    },
    onError: (error) => opened.reject(error),
  },
});

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

/** Resolves with the next chat message that has not been taken yet. */
function nextReply() {
  if (replies.length > 0) return Promise.resolve(replies.shift());
  return new Promise((resolve) => {
    onReply = () => resolve(replies.shift());
  });
}

async function chat() {
  await nextReply();
  for (const text of ['hello', 'who are you?']) {
    say(`  this peer  “${text}”`);
    session.sendChat(text);
    await nextReply();
  }
}

const inTime = (promise, what) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come in time`)), connectTimeoutMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** Ends early when the peer is stopped. */
async function forAWhile(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end && !stopped) {
    await new Promise((resolve) => setTimeout(resolve, sampleMs));
    sayWhileGoingOn(
      `  media      ${bar(Math.min(milliseconds, milliseconds - end + performance.now()), milliseconds)}`,
    );
  }
}

/** The Node peer's camera, and the own one there and back: each frame's number is read from its picture. */
async function showMedia() {
  const own = await mediaDevices.getUserMedia({ video: { width: 640, height: 360, frameRate: 30 }, audio: true });
  const watches = [];
  const watch = (of) => watches.push(of) && of;
  try {
    session.request({ effect: { picture: 'invert', sound: 'robot' } });
    const sent = watch(new PictureWatch(own));
    await session.startMedia('camera', own);
    const camera = await inTime(streams.camera.promise, "the Node peer's camera");
    const processed = await inTime(streams.processed.promise, 'the own camera');
    const pictures = { node: watch(new PictureWatch(camera)), back: watch(new PictureWatch(processed, invertedLuma)) };
    const sounds = { node: watch(new SoundWatch(camera)), back: watch(new SoundWatch(processed)) };
    await inTime(
      Promise.all([...Object.values(pictures), ...Object.values(sounds)].map(({ begun }) => begun)),
      'media',
    );
    const statistics = new MediaStatistics();
    statistics.sample(await session.statistics());
    for (const one of watches) one.reset();
    await forAWhile(mediaMs);
    const numbers = statistics.sample(await session.statistics());
    sayPicture('camera    ', 'of the Node peer', pictures.node, sounds.node);
    sayPicture('own camera', 'inverted by the Node peer', pictures.back, sounds.back);
    const delay = pictures.back.delayAfter(sent);
    say(
      `  numbers    in ${numbers.receivedKbit.toFixed(0)} kbit/s, out ${numbers.sentKbit.toFixed(0)} kbit/s, round trip ` +
        `${numbers.roundTripMs?.toFixed(1) ?? '–'} ms, loss ${numbers.lossPercent.toFixed(1)} %, ` +
        `camera to there and back ${delay?.toFixed(0) ?? '–'} ms`,
    );
  } finally {
    for (const one of watches) one.stop();
    for (const track of own.getTracks()) track.stop();
  }
}

function sayPicture(title, what, pictures, sounds) {
  const { frames, unreadable, backwards, size, first, last } = pictures;
  const rate = (frames * 1000) / mediaMs;
  say(
    `  ${title} ${what}: ${rate.toFixed(0)} frames/s of ${size}, numbers ${first}…${last} read, ` +
      `sound ${sounds.loudness.toFixed(0)} dBFS`,
  );
  if (frames === 0 || unreadable > frames / 10 || backwards > 0) {
    throw new Error(`${title.trim()}: of ${frames} frames ${unreadable} had no number, ${backwards} came out of order`);
  }
  if (!(sounds.loudness > -60)) throw new Error(`${title.trim()}: silence`);
}

async function sendFile() {
  const octets = new Uint8Array(fileBytes);
  for (let at = 0; at < fileBytes; at += 65536) crypto.getRandomValues(octets.subarray(at, at + 65536));
  const channel = await session.openFileChannel('noise.bin');
  const begun = performance.now();
  const arrows = { sent: 'there', received: 'back ' };
  const transfer = new FileTransfer(channel, (direction, done, total) => {
    sayWhileGoingOn(`  file       ${arrows[direction]} ${bar(done, total)}`);
  });
  const sent = await transfer.send(new Blob([octets]), 'noise.bin');
  const { blob, sha256 } = await transfer.receive();
  channel.close();
  if (sha256 !== sent || blob.size !== fileBytes) throw new Error('the file came back changed');
  const ms = performance.now() - begun;
  say(
    `  file       ${fileBytes / 1048576} MiB there and back in ${ms.toFixed(0)} ms, SHA-256 ${sha256.slice(0, 16)}… equal`,
  );
}

async function measure(title, bytesNow) {
  const rates = [];
  let last = bytesNow();
  const begun = performance.now();
  const first = last;
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const now = bytesNow();
      rates.push(now - last);
      last = now;
      sayWhileGoingOn(`  ${title}  ${sparkline(rates)}`);
      if (performance.now() - begun >= measureMs || stopped) {
        clearInterval(timer);
        resolve();
      }
    }, sampleMs);
  });
  const megabytesPerSecond = (last - first) / 1e3 / (performance.now() - begun);
  say(`  ${title}  ${sparkline(rates)}  ${megabytesPerSecond.toFixed(1)} MB/s`);
}

async function run() {
  const timer = setTimeout(() => opened.reject(new Error('no connection in time')), connectTimeoutMs);
  await opened.promise.finally(() => clearTimeout(timer));
  const pair = await session.selectedPair();
  if (pair) say(`  pair       ${pair.local} ⇄ ${pair.remote}`);
  await chat();
  if (session.roundTripMs !== undefined) say(`  round trip ${session.roundTripMs.toFixed(2)} ms`);
  await showMedia();
  await sendFile();
  session.requestFlood(true);
  await measure('receiving', () => session.bytesReceived);
  session.requestFlood(false);
  const flood = session.startFlood();
  await measure('sending  ', () => session.bytesSent);
  session.stopFlood();
  await flood;
}

function stop() {
  stopped = true;
  session.close();
  socket.close();
}
process.on('SIGINT', stop);
process.on('SIGTERM', stop);

socket.on('open', () => {
  say('A second Node.js peer, in a process of its own, does what the page does:');
  socket.send(JSON.stringify({ hello: { offerer } }));
  session.start().catch(opened.reject);
});
socket.on('message', (text) => void session.receiveSignal(JSON.parse(text)));
socket.on('error', (error) => opened.reject(error));
socket.on('close', () => session.close());

try {
  await run();
  say('  done       every step went well');
} catch (error) {
  if (!stopped) {
    say(`  failed     ${error.message}`);
    process.exitCode = 1;
  }
} finally {
  stop();
}

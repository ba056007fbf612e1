/** Camera, microphone, screen and loudspeaker of a page, for test cards (test/support/test-card.ts) and tones. */

let context;
/** One for the page: browsers allow few. */
function audio() {
  context ??= new AudioContext();
  return context;
}

const flashSeconds = 0.1;

function canvas(card, width, height) {
  const element = Object.assign(document.createElement('canvas'), { width, height });
  const drawing = element.getContext('2d', { willReadFrequently: true });
  drawing.fillRect(0, 0, width, height);
  const [track] = element.captureStream().getVideoTracks();
  const show = (picture) => drawing.putImageData(new ImageData(card.toRgba(picture), width, height), 0, 0);
  return { track, show, close() {} };
}

/** Chromium takes pictures of a canvas in full range; these stay as they are. */
function generator() {
  const track = new MediaStreamTrackGenerator({ kind: 'video' });
  const writer = track.writable.getWriter();
  const show = ({ width, height, data }) => {
    const timestamp = Math.round(performance.now() * 1000);
    const colorSpace = { primaries: 'smpte170m', transfer: 'smpte170m', matrix: 'smpte170m', fullRange: false };
    const init = { format: 'I420', codedWidth: width, codedHeight: height, timestamp, colorSpace };
    if (writer.desiredSize > 0) void writer.write(new VideoFrame(data, init));
  };
  return { track, show, close: () => void writer.close().catch(() => {}) };
}

/**
 * A card and a sound of one clock, as a studio of test/support/studio.ts makes them.
 * @returns the stream, and how to end it
 */
export async function openStudio(
  card,
  { width = 320, height = 240, framesPerSecond = 25, hertz = 440, audio: hasAudio = true, video: hasVideo = true },
) {
  // Without a device a browser may run no AudioContext: pictures alone need none.
  const ctx = hasAudio ? audio() : null;
  await ctx?.resume();
  const now = () => (ctx ? ctx.currentTime : performance.now() / 1000);
  const start = now() + 0.05;
  const tracks = [];
  const closers = [];
  if (hasAudio) {
    const buffer = ctx.createBuffer(1, ctx.sampleRate, ctx.sampleRate);
    const samples = buffer.getChannelData(0);
    for (let at = 0; at < samples.length; at++) {
      const time = at / ctx.sampleRate;
      const beep = time < flashSeconds ? 0.4 * Math.sin(2 * Math.PI * 1000 * time) : 0;
      samples[at] = beep + 0.15 * Math.sin(2 * Math.PI * hertz * time);
    }
    const source = new AudioBufferSourceNode(ctx, { buffer, loop: true });
    const destination = new MediaStreamAudioDestinationNode(ctx, { channelCount: 1 });
    source.connect(destination);
    source.start(start);
    tracks.push(...destination.stream.getAudioTracks());
    closers.push(() => source.stop());
  }
  if (hasVideo) {
    const { track, show, close } =
      typeof MediaStreamTrackGenerator === 'undefined' ? canvas(card, width, height) : generator();
    let drawn = -1;
    const draw = () => {
      const number = Math.floor((now() - start) * framesPerSecond);
      if (number < 0 || number === drawn) return;
      drawn = number;
      show(card.draw(width, height, number, (number / framesPerSecond) % 1 < flashSeconds));
    };
    const timer = setInterval(draw, 4);
    tracks.push(track);
    closers.push(() => {
      clearInterval(timer);
      close();
    });
  }
  return { stream: new MediaStream(tracks), close: () => closers.forEach((close) => close()) };
}

/** Shows the video of a stream, and gives each picture to `take(picture, time)`. */
export function watchVideo(card, track, stream, take) {
  const video = Object.assign(document.createElement('video'), {
    autoplay: true,
    playsInline: true,
    srcObject: stream,
    muted: true,
  });
  document.body.append(video);
  const canvas = document.createElement('canvas');
  const drawing = canvas.getContext('2d', { willReadFrequently: true });
  let isOver = false;
  const look = (now) => {
    if (isOver) return;
    const { videoWidth: width, videoHeight: height } = video;
    if (width > 0) {
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      drawing.drawImage(video, 0, 0);
      take(card.fromRgba(drawing.getImageData(0, 0, width, height).data, width, height), now);
    }
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  void video.play();
  return () => {
    isOver = true;
    video.remove();
  };
}

const tap = `registerProcessor('tap', class extends AudioWorkletProcessor {
  process([[channel]]) {
    if (channel) this.port.postMessage({ samples: channel.slice(), at: currentTime });
    return true;
  }
});`;
let tapped;

/** Gives the first channel of a track to `take(samples, sampleRate, time)`, `time` being when it came, or sounds. */
export async function watchAudio(track, stream, take) {
  // Chromium decodes remote sound for media elements alone; what they decode can then be tapped.
  const element = Object.assign(new Audio(), { muted: true, srcObject: new MediaStream([track]) });
  void element.play();
  const stop =
    typeof MediaStreamTrackProcessor === 'undefined' ? await tapInContext(track, take) : readFrames(track, take);
  return () => {
    stop();
    element.srcObject = null;
  };
}

/** As it comes, before any loudspeaker's buffer. */
function readFrames(track, take) {
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  const read = async () => {
    const { value, done } = await reader.read();
    if (done) return;
    const samples = new Float32Array(value.numberOfFrames);
    value.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
    take(samples, value.sampleRate, performance.now());
    value.close();
    await read();
  };
  void read();
  return () => void reader.cancel();
}

async function tapInContext(track, take) {
  const ctx = audio();
  await ctx.resume();
  tapped ??= ctx.audioWorklet.addModule(URL.createObjectURL(new Blob([tap], { type: 'text/javascript' })));
  await tapped;
  const source = ctx.createMediaStreamSource(new MediaStream([track]));
  const node = new AudioWorkletNode(ctx, 'tap', { numberOfOutputs: 1 });
  // Of the clock of pictures: the least distance seen between the two.
  let offset = Infinity;
  node.port.onmessage = ({ data: { samples, at } }) => {
    offset = Math.min(offset, performance.now() - at * 1000);
    take(samples, ctx.sampleRate, at * 1000 + offset);
  };
  source.connect(node).connect(ctx.destination);
  return () => source.disconnect();
}

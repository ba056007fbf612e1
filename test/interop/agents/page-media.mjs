/** Camera, microphone, screen and loudspeaker of a page, for test cards (test/support/test-card.ts) and tones. */

let context;
/** One for the page: browsers allow few. */
function audio() {
  context ??= new AudioContext();
  return context;
}

const flashSeconds = 0.1;

/**
 * A card and a sound of one clock, as a studio of test/support/studio.ts makes them.
 * @returns the stream, and how to end it
 */
export async function openStudio(card, { width = 320, height = 240, framesPerSecond = 25, hertz = 440, audio: hasAudio = true, video: hasVideo = true }) {
  const ctx = audio();
  await ctx.resume();
  const start = ctx.currentTime + 0.05;
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
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const drawing = canvas.getContext('2d', { willReadFrequently: true });
    let drawn = -1;
    const draw = () => {
      const number = Math.floor((ctx.currentTime - start) * framesPerSecond);
      if (number < 0 || number === drawn) return;
      drawn = number;
      const picture = card.draw(width, height, number, (number / framesPerSecond) % 1 < flashSeconds);
      drawing.putImageData(new ImageData(card.toRgba(picture), width, height), 0, 0);
    };
    drawing.fillRect(0, 0, width, height);
    const timer = setInterval(draw, 4);
    tracks.push(...canvas.captureStream().getVideoTracks());
    closers.push(() => clearInterval(timer));
  }
  return { stream: new MediaStream(tracks), close: () => closers.forEach((close) => close()) };
}

/** Shows the video of a stream, and gives each picture to `take(picture, time)`. */
export function watchVideo(card, track, stream, take) {
  const video = Object.assign(document.createElement('video'), { autoplay: true, playsInline: true, srcObject: stream, muted: true });
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

/** Gives the first channel of a track to `take(samples, sampleRate, time)`. */
export async function watchAudio(track, stream, take) {
  const ctx = audio();
  await ctx.resume();
  // Chromium decodes remote sound for media elements alone; what they decode can then be tapped.
  const element = Object.assign(new Audio(), { muted: true, srcObject: new MediaStream([track]) });
  void element.play();
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
  return () => {
    source.disconnect();
    element.srcObject = null;
  };
}

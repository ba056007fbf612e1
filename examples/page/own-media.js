/** What the page sends: camera and microphone, or, where there are none, a picture and a tone of its own making. */
const constraints = {
  video: { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 30, max: 30 } },
  audio: true,
};
const toneHz = 220;
const drawnFramesPerSecond = 25;

/** @returns {Promise<{stream: MediaStream, note?: string}>} note: why it is not camera and microphone */
export async function openOwnMedia() {
  if (!navigator.mediaDevices) {
    return drawn('Browsers give cameras to pages from this machine or over HTTPS only; here is a drawn picture.');
  }
  try {
    return { stream: await navigator.mediaDevices.getUserMedia(constraints) };
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return drawn(`The camera was not given (${error.name}); here is a drawn picture.`);
  }
}

/** A clock hand that turns once in two seconds, with a low tone. Ends with its picture's track. */
function drawn(note) {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const context = canvas.getContext('2d');
  const sound = new AudioContext();
  const tone = new OscillatorNode(sound, { frequency: toneHz });
  const destination = new MediaStreamAudioDestinationNode(sound, { channelCount: 1 });
  tone.connect(new GainNode(sound, { gain: 0.2 })).connect(destination);
  tone.start();

  const stream = canvas.captureStream(drawnFramesPerSecond);
  const [picture] = stream.getVideoTracks();
  stream.addTrack(destination.stream.getAudioTracks()[0]);
  const timer = setInterval(() => {
    if (picture.readyState === 'ended') {
      clearInterval(timer);
      void sound.close();
      return;
    }
    draw(context, performance.now());
  }, 1000 / drawnFramesPerSecond);
  return { stream, note };
}

function draw(context, time) {
  const { width, height } = context.canvas;
  const turn = (time / 2000) * 2 * Math.PI;
  context.fillStyle = `hsl(${(time / 50) % 360} 60% 32%)`;
  context.fillRect(0, 0, width, height);
  context.strokeStyle = '#fff';
  context.lineWidth = 10;
  context.lineCap = 'round';
  context.beginPath();
  context.arc(width / 2, height / 2, height * 0.36, 0, 2 * Math.PI);
  context.moveTo(width / 2, height / 2);
  context.lineTo(width / 2 + Math.sin(turn) * height * 0.3, height / 2 - Math.cos(turn) * height * 0.3);
  context.stroke();
}

/**
 * What the two sides of a session in a page do. `a` and `b` are RTCPeerConnections; `exchange('a')` lets a offer and b
 * answer. Tracks come from a canvas and an audio graph, so that no permission is asked for.
 */

const audioTrack = () => new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
function videoTrack() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
  canvas.getContext('2d').fillRect(0, 0, 8, 8);
  return canvas.captureStream(5).getVideoTracks()[0];
}

const simulcast = [{ rid: 'q', scaleResolutionDownBy: 4 }, { rid: 'h', scaleResolutionDownBy: 2 }, { rid: 'f' }];

function addAudioVideo(pc) {
  const stream = new MediaStream([audioTrack(), videoTrack()]);
  for (const track of stream.getTracks()) pc.addTrack(track, stream);
}

function prefer(transceiver, ...mimeTypes) {
  const { codecs } = RTCRtpReceiver.getCapabilities(transceiver.receiver.track.kind);
  const wanted = mimeTypes.flatMap((mimeType) =>
    codecs.filter((codec) => codec.mimeType.toLowerCase() === mimeType.toLowerCase()),
  );
  transceiver.setCodecPreferences(wanted);
}

export const scenarios = {
  async 'audio-video-data'({ a, b, exchange }) {
    addAudioVideo(a);
    addAudioVideo(b);
    a.createDataChannel('x');
    await exchange('a');
  },
  async gathered({ a, b, exchange }) {
    addAudioVideo(a);
    a.createDataChannel('x');
    b.addTransceiver('audio');
    await exchange('a', { complete: true });
  },
  async recvonly({ a, b, exchange }) {
    a.addTransceiver('audio', { direction: 'recvonly' });
    a.addTransceiver('video', { direction: 'recvonly' });
    addAudioVideo(b);
    await exchange('a');
  },
  async directions({ a, exchange }) {
    for (const direction of ['sendonly', 'recvonly', 'inactive', 'sendrecv']) {
      a.addTransceiver('audio', { direction });
      a.addTransceiver('video', { direction });
    }
    await exchange('a');
  },
  async streams({ a, exchange }) {
    const streams = [new MediaStream(), new MediaStream()];
    a.addTrack(audioTrack(), ...streams);
    a.addTrack(videoTrack(), streams[1]);
    a.addTrack(videoTrack());
    a.addTransceiver('video', { streams });
    await exchange('a');
  },
  async simulcast({ a, exchange }) {
    a.addTransceiver('audio');
    a.addTransceiver(videoTrack(), { direction: 'sendonly', sendEncodings: simulcast });
    await exchange('a');
  },
  async 'simulcast-paused'({ a, exchange }) {
    const sendEncodings = simulcast.map((encoding) => ({ ...encoding, active: encoding.rid !== 'h' }));
    a.addTransceiver(videoTrack(), { sendEncodings });
    await exchange('a');
  },
  'max-bundle': {
    configuration: { bundlePolicy: 'max-bundle' },
    async run({ a, exchange }) {
      addAudioVideo(a);
      a.createDataChannel('x');
      await exchange('a');
    },
  },
  'max-compat': {
    configuration: { bundlePolicy: 'max-compat' },
    async run({ a, exchange }) {
      addAudioVideo(a);
      a.addTransceiver('video');
      a.createDataChannel('x');
      await exchange('a');
    },
  },
  async 'media-later'({ a, b, exchange }) {
    a.createDataChannel('x');
    await exchange('a');
    addAudioVideo(a);
    await exchange('a');
    b.addTransceiver('video', { direction: 'sendonly' });
    await exchange('b');
  },
  async recycle({ a, b, exchange }) {
    addAudioVideo(a);
    a.createDataChannel('x');
    await exchange('a');
    a.getTransceivers()[1].stop();
    await exchange('a');
    a.addTransceiver('audio');
    await exchange('a');
    b.getTransceivers()[0].stop();
    await exchange('b');
    b.addTransceiver('video');
    await exchange('b');
  },
  async 'stopped-by-answerer'({ a, b, exchange }) {
    a.addTransceiver('audio');
    a.addTransceiver('video');
    await exchange('a', { beforeAnswer: () => b.getTransceivers()[0].stop() });
    b.addTransceiver('audio');
    await exchange('b');
  },
  async hold({ a, b, exchange }) {
    addAudioVideo(a);
    addAudioVideo(b);
    await exchange('a');
    for (const transceiver of a.getTransceivers()) transceiver.direction = 'sendonly';
    await exchange('a');
    for (const transceiver of b.getTransceivers()) transceiver.direction = 'inactive';
    await exchange('b');
    for (const pc of [a, b]) for (const transceiver of pc.getTransceivers()) transceiver.direction = 'sendrecv';
    await exchange('a');
  },
  async 'remove-track'({ a, exchange }) {
    addAudioVideo(a);
    await exchange('a');
    a.removeTrack(a.getSenders()[1]);
    await exchange('a');
    a.addTrack(videoTrack(), new MediaStream());
    a.addTrack(videoTrack(), new MediaStream());
    await exchange('a');
  },
  async 'ice-restart'({ a, b, exchange }) {
    addAudioVideo(a);
    a.createDataChannel('x');
    await exchange('a');
    a.restartIce();
    await exchange('a');
    b.restartIce();
    await exchange('b');
  },
  async 'codec-preferences'({ a, exchange }) {
    prefer(a.addTransceiver('audio'), 'audio/PCMU', 'audio/opus');
    prefer(a.addTransceiver('video'), 'video/VP9', 'video/rtx');
    prefer(a.addTransceiver('video'), 'video/H264', 'video/VP8');
    await exchange('a');
  },
  async 'codec-preferences-of-answerer'({ a, b, exchange }) {
    a.addTransceiver('audio');
    a.addTransceiver('video');
    await exchange('a', {
      beforeAnswer() {
        prefer(b.getTransceivers()[0], 'audio/G722', 'audio/opus', 'audio/telephone-event');
        prefer(b.getTransceivers()[1], 'video/H264', 'video/rtx', 'video/VP8');
      },
    });
    await exchange('b');
  },
  async red({ a, exchange }) {
    prefer(a.addTransceiver('audio'), 'audio/red', 'audio/opus');
    await exchange('a');
  },
  async pranswer({ a, b, exchange }) {
    addAudioVideo(a);
    await exchange('a', { provisional: () => (b.getTransceivers()[0].direction = 'sendrecv') });
  },
  async 'offer-to-receive'({ exchange }) {
    await exchange('a', { options: { offerToReceiveAudio: true, offerToReceiveVideo: true } });
  },
  async 'header-extensions'({ a, b, exchange }) {
    const change = (transceiver, fits, to) =>
      transceiver.setHeaderExtensionsToNegotiate(
        transceiver
          .getHeaderExtensionsToNegotiate()
          .map((one) => (fits.test(one.uri) ? { ...one, direction: to } : one)),
      );
    change(a.addTransceiver('audio'), /audio-level/, 'recvonly');
    change(a.addTransceiver('video'), /toffset|playout-delay|timing/, 'stopped');
    await exchange('a', {
      beforeAnswer: () => change(b.getTransceivers()[1], /abs-send-time|transport-wide/, 'stopped'),
    });
  },
  /** What applications write into descriptions before they pass them on. */
  async munged({ a, b, exchange }) {
    addAudioVideo(a);
    addAudioVideo(b);
    await exchange('a', {
      munge: (sdp) =>
        sdp
          .replace(/(useinbandfec=1)/, '$1;stereo=1;sprop-stereo=1;maxaveragebitrate=510000;cbr=1;usedtx=1')
          .replace(/(m=audio[^]*?c=IN IP4 0\.0\.0\.0\r\n)/, '$1b=AS:64\r\n')
          .replace(/(m=video[^]*?c=IN IP4 0\.0\.0\.0\r\n)/, '$1b=TIAS:2500000\r\nb=AS:2500\r\n')
          .replace(/a=fmtp:(\d+) (profile-id=0|max-fs=)/, 'a=fmtp:$1 x-google-start-bitrate=800;$2')
          .replace(/a=rtcp-fb:\d+ (goog-remb|transport-cc)\r\n/g, ''),
    });
  },
};

async function gathered(pc) {
  while (pc.iceGatheringState !== 'complete') {
    await new Promise((done) => pc.addEventListener('icegatheringstatechange', done, { once: true }));
  }
}

/** Runs one; resolves with its descriptions, named '01a-offer', '02b-answer', …: number, side, type. */
export async function run(scenario) {
  const { configuration = {}, run: steps = scenario } = scenario;
  const pcs = { a: new RTCPeerConnection(configuration), b: new RTCPeerConnection(configuration) };
  const descriptions = {};
  const pass = async (from, to, description, { complete, munge = (sdp) => sdp }) => {
    await pcs[from].setLocalDescription(description);
    if (complete) await gathered(pcs[from]);
    const { type, sdp } = complete ? pcs[from].localDescription : description;
    const passed = { type, sdp: munge(sdp) };
    const number = String(Object.keys(descriptions).length + 1).padStart(2, '0');
    descriptions[`${number}${from}-${type}`] = passed.sdp;
    await pcs[to].setRemoteDescription(passed);
  };
  const exchange = async (from, options = {}) => {
    const to = from === 'a' ? 'b' : 'a';
    await pass(from, to, await pcs[from].createOffer(options.options), options);
    if (options.provisional) {
      await pass(to, from, { type: 'pranswer', sdp: (await pcs[to].createAnswer()).sdp }, options);
      options.provisional();
    }
    options.beforeAnswer?.();
    await pass(to, from, await pcs[to].createAnswer(), options);
  };
  try {
    await steps({ ...pcs, exchange });
  } finally {
    pcs.a.close();
    pcs.b.close();
  }
  return descriptions;
}

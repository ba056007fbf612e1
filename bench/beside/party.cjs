/**
 * One end of a call, the same code in a page of Chromium and in a process of ours: it sends or receives a picture and a sound,
 * and tells what its statistics say. What differs is `media`: where tracks come from, and where they go.
 */
'use strict';

const width = 640;
const height = 360;

/** A picture at `seconds`: texture that moves, and another one each five seconds, as after a cut. RGBA. */
function paint(pixels, seconds) {
  const scene = Math.floor(seconds / 5);
  const [shiftX, shiftY] = [Math.round(seconds * (40 + 25 * (scene % 3))), Math.round(seconds * 30)];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const [u, v] = [x + shiftX, y + shiftY + 97 * scene];
      const grain = (Math.imul(u >> 2, 73) ^ Math.imul(v >> 2, 151) ^ scene) & 31;
      pixels[at] = ((u * v) >> 9) & 255;
      pixels[at + 1] = (128 + 90 * Math.sin(u / (17 + scene)) + grain) & 255;
      pixels[at + 2] = ((u ^ v) + grain) & 255;
      pixels[at + 3] = 255;
    }
  }
}

class Party {
  constructor(media) {
    this.media = media;
    this.connection = new media.RTCPeerConnection();
  }

  async offer(mimeType) {
    const { connection, media } = this;
    const [audio, video] = await media.openTracks({ paint, width, height, framesPerSecond: 30 });
    connection.addTransceiver(audio, { direction: 'sendonly' });
    const transceiver = connection.addTransceiver(video, { direction: 'sendonly' });
    const wanted = [mimeType, 'video/rtx'];
    transceiver.setCodecPreferences(media.videoCodecs().filter((codec) => wanted.includes(codec.mimeType)));
    return this.describe();
  }

  async answer(offer) {
    this.connection.ontrack = ({ track }) => this.media.play(track);
    await this.connection.setRemoteDescription(offer);
    return this.describe();
  }

  async accept(answer) {
    await this.connection.setRemoteDescription(answer);
  }

  async describe() {
    const { connection } = this;
    await connection.setLocalDescription();
    await new Promise((done) => {
      const look = () => connection.iceGatheringState === 'complete' && done();
      connection.onicegatheringstatechange = look;
      look();
    });
    const { type, sdp } = connection.localDescription;
    return { type, sdp };
  }

  async statistics() {
    const rows = [...(await this.connection.getStats()).values()];
    const row = (type, kind) => rows.find((one) => one.type === type && one.kind === kind) ?? {};
    return { video: row('inbound-rtp', 'video'), audio: row('inbound-rtp', 'audio') };
  }

  close() {
    this.media.close();
    this.connection.close();
  }
}

module.exports = { Party };

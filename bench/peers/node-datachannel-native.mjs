/** node-datachannel's own names, shaped as the little of RTCPeerConnection that bench/process.mjs calls. */
import nodeDataChannel from 'node-datachannel';

class NativeChannel {
  #channel;
  onopen = null;
  onmessage = null;
  onbufferedamountlow = null;

  constructor(channel) {
    this.#channel = channel;
    channel.onOpen(() => this.onopen?.());
    channel.onMessage((data) => this.onmessage?.({ data }));
    channel.onBufferedAmountLow(() => this.onbufferedamountlow?.());
  }

  get readyState() {
    return this.#channel.isOpen() ? 'open' : 'connecting';
  }
  get bufferedAmount() {
    return this.#channel.bufferedAmount();
  }
  set bufferedAmountLowThreshold(value) {
    this.#channel.setBufferedAmountLowThreshold(value);
  }
  send(data) {
    if (typeof data === 'string') this.#channel.sendMessage(data);
    else this.#channel.sendMessageBinary(data);
  }
}

class NativePeer {
  #peer = new nodeDataChannel.PeerConnection('bench', { iceServers: [] });
  #described;
  onicecandidate = null;
  ondatachannel = null;

  constructor() {
    this.#described = new Promise((resolve) => {
      this.#peer.onLocalDescription((sdp, type) => resolve({ sdp, type }));
    });
    this.#peer.onLocalCandidate((candidate, sdpMid) => this.onicecandidate?.({ candidate: { candidate, sdpMid } }));
    this.#peer.onDataChannel((channel) => this.ondatachannel?.({ channel: new NativeChannel(channel) }));
  }

  createDataChannel(label) {
    return new NativeChannel(this.#peer.createDataChannel(label));
  }
  createOffer() {
    return this.#described;
  }
  createAnswer() {
    return this.#described;
  }
  async setLocalDescription() {}
  async setRemoteDescription({ sdp, type }) {
    this.#peer.setRemoteDescription(sdp, type);
  }
  async addIceCandidate({ candidate, sdpMid }) {
    this.#peer.addRemoteCandidate(candidate, sdpMid);
  }
  close() {
    this.#peer.close();
  }
}

export const createNativePeer = () => new NativePeer();

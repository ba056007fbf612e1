/** The event classes and their dictionaries. How these declarations are written: see index.d.ts. */
/* eslint-disable no-var -- written as lib.dom is */

import type { RTCDataChannel, RTCError, RTCIceCandidate } from './index.js';
import type { MediaStream, MediaStreamTrack } from './mediacapture.js';
import type { PlatformEvent } from './platform.js';
import type { PlatformRtpReceiver, PlatformRtpTransceiver, RTCRtpReceiver, RTCRtpTransceiver } from './rtp.js';

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

export interface RTCPeerConnectionIceEventInit extends EventInit {
  candidate?: RTCIceCandidate | null;
  url?: string | null;
}

export interface RTCPeerConnectionIceErrorEventInit extends EventInit {
  address?: string | null;
  errorCode: number;
  errorText?: string;
  port?: number | null;
  url?: string;
}

export interface RTCDataChannelEventInit extends EventInit {
  channel: RTCDataChannel;
}

export interface RTCErrorEventInit extends EventInit {
  error: RTCError;
}

export interface RTCDTMFToneChangeEventInit extends EventInit {
  tone?: string;
}

export interface RTCTrackEventInit extends EventInit {
  receiver: PlatformRtpReceiver;
  streams?: MediaStream[];
  track: MediaStreamTrack;
  transceiver: PlatformRtpTransceiver;
}

/** https://w3c.github.io/webrtc-pc/#rtcdatachannelevent */
export interface RTCDataChannelEvent extends PlatformEvent {
  readonly channel: RTCDataChannel;
}
export declare var RTCDataChannelEvent: {
  prototype: RTCDataChannelEvent;
  new (type: string, eventInitDict: RTCDataChannelEventInit): RTCDataChannelEvent;
};

/** https://w3c.github.io/webrtc-pc/#rtcerrorevent-interface */
export interface RTCErrorEvent extends PlatformEvent {
  readonly error: RTCError;
}
export declare var RTCErrorEvent: {
  prototype: RTCErrorEvent;
  new (type: string, eventInitDict: RTCErrorEventInit): RTCErrorEvent;
};

/** https://w3c.github.io/webrtc-pc/#rtcpeerconnectioniceerrorevent */
export interface RTCPeerConnectionIceErrorEvent extends PlatformEvent {
  readonly address: string | null;
  readonly errorCode: number;
  readonly errorText: string;
  readonly port: number | null;
  readonly url: string;
}
export declare var RTCPeerConnectionIceErrorEvent: {
  prototype: RTCPeerConnectionIceErrorEvent;
  new (type: string, eventInitDict: RTCPeerConnectionIceErrorEventInit): RTCPeerConnectionIceErrorEvent;
};

/** https://w3c.github.io/webrtc-pc/#rtcpeerconnectioniceevent */
export interface RTCPeerConnectionIceEvent extends PlatformEvent {
  readonly candidate: RTCIceCandidate | null;
  /** Always there; optional because lib.dom has no such member. */
  readonly url?: string | null;
}
export declare var RTCPeerConnectionIceEvent: {
  prototype: RTCPeerConnectionIceEvent;
  new (type: string, eventInitDict?: RTCPeerConnectionIceEventInit): RTCPeerConnectionIceEvent;
};

/** https://w3c.github.io/webrtc-pc/#rtcdtmftonechangeevent */
export interface RTCDTMFToneChangeEvent extends PlatformEvent {
  readonly tone: string;
}
export declare var RTCDTMFToneChangeEvent: {
  prototype: RTCDTMFToneChangeEvent;
  new (type: string, eventInitDict?: RTCDTMFToneChangeEventInit): RTCDTMFToneChangeEvent;
};

/** https://w3c.github.io/webrtc-pc/#rtctrackevent */
export interface RTCTrackEvent extends PlatformEvent {
  readonly receiver: RTCRtpReceiver;
  readonly streams: ReadonlyArray<MediaStream>;
  readonly track: MediaStreamTrack;
  readonly transceiver: RTCRtpTransceiver;
}
export declare var RTCTrackEvent: {
  prototype: RTCTrackEvent;
  new (type: string, eventInitDict: RTCTrackEventInit): RTCTrackEvent;
};

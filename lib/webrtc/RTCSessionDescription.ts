import * as webidl from '../webidl';
import { type RTCSessionDescriptionInit, toRTCSessionDescriptionInit } from '../webidl/generated/dictionaries';
import type { RTCSdpType } from '../webidl/generated/enums';

const INTERFACE = 'RTCSessionDescription';
const context = webidl.constructorContext(INTERFACE);
const toSdpType = webidl.enumerationOrIgnore(['offer', 'pranswer', 'answer', 'rollback'] as const);

/**
 * A session description as it was applied. https://w3c.github.io/webrtc-pc/#rtcsessiondescription-class
 * The attributes are read-only there, but not in Chromium and Firefox: applications rewrite what they signal in place.
 */
export class RTCSessionDescription {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #type in value);
  }

  #type: RTCSdpType;
  #sdp: string;

  constructor(descriptionInitDict: Partial<RTCSessionDescriptionInit> & Pick<RTCSessionDescriptionInit, 'type'>) {
    webidl.requireArguments(arguments.length, 1, context);
    const init = toRTCSessionDescriptionInit(descriptionInitDict, context);
    this.#type = init.type;
    this.#sdp = init.sdp;
  }

  get type(): RTCSdpType {
    return this.#type;
  }

  set type(value: RTCSdpType) {
    this.#type = toSdpType(value, webidl.setterContext('type', INTERFACE)) ?? this.#type;
  }

  get sdp(): string {
    return this.#sdp;
  }

  set sdp(value: string) {
    this.#sdp = webidl.DOMString(value, webidl.setterContext('sdp', INTERFACE));
  }

  toJSON(): RTCSessionDescriptionInit {
    return { type: this.#type, sdp: this.#sdp };
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCSessionDescription: RTCSessionDescription;
  }
}

import * as webidl from '../webidl';
import { type RTCSessionDescriptionInit, toRTCSessionDescriptionInit } from '../webidl/generated/dictionaries';
import type { RTCSdpType } from '../webidl/generated/enums';

const context = webidl.constructorContext('RTCSessionDescription');

/** A session description as it was applied. https://w3c.github.io/webrtc-pc/#rtcsessiondescription-class */
export class RTCSessionDescription {
  static {
    webidl.defineInterface('RTCSessionDescription', this, (value) => #type in value);
  }

  readonly #type: RTCSdpType;
  readonly #sdp: string;

  constructor(descriptionInitDict: Partial<RTCSessionDescriptionInit> & Pick<RTCSessionDescriptionInit, 'type'>) {
    webidl.requireArguments(arguments.length, 1, context);
    const init = toRTCSessionDescriptionInit(descriptionInitDict, context);
    this.#type = init.type;
    this.#sdp = init.sdp;
  }

  get type(): RTCSdpType {
    return this.#type;
  }

  get sdp(): string {
    return this.#sdp;
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

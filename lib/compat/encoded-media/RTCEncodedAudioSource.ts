import type { EventHandler } from '../../dom/event-handler';
import { EventTarget } from '../../dom/realm';
import { createTrack, type MediaStreamTrack } from '../../mediacapture/MediaStreamTrack';
import * as webidl from '../../webidl';
import type { RTCEncodedSourceInit, RTCRtpCodecParameters } from '../../webidl/generated/dictionaries';
import { EncodedTrackSource } from './encoded-track-source';
import { type RTCEncodedSourceFrame, sourceMimeType, toSourceFrame } from './source-frame';

const INTERFACE = 'RTCEncodedAudioSource';

/** Makes tracks of audio that a program has encoded; senders packetize it as it is (docs/nonstandard.md). */
export class RTCEncodedAudioSource extends EventTarget {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #source in value);
  }

  declare oncodecchange: EventHandler;

  readonly #source: EncodedTrackSource;

  constructor(init: RTCEncodedSourceInit) {
    const context = webidl.constructorContext(INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const mimeType = sourceMimeType('audio', init, context);
    super();
    this.#source = new EncodedTrackSource('audio', mimeType, this);
  }

  get mimeType(): string {
    return this.#source.mimeType;
  }

  createTrack(): MediaStreamTrack {
    const source = this.#source;
    return createTrack({ kind: source.kind, label: source.label, source });
  }

  /** What its senders have negotiated, one entry for each; they take frames where the mimeType is that of the source. */
  getCodecs(): RTCRtpCodecParameters[] {
    return this.#source.codecs;
  }

  /** @returns how many senders took the frame */
  push(frame: RTCEncodedSourceFrame): number {
    const source = this.#source;
    const context = webidl.operationContext('push', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    return source.push(toSourceFrame('audio', source.mimeType, frame, context));
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    RTCEncodedAudioSource: RTCEncodedAudioSource;
  }
}

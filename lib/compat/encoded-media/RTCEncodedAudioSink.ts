import type { EventHandler } from '../../dom/event-handler';
import { EventTarget } from '../../dom/realm';
import type { MediaStreamTrack } from '../../mediacapture/MediaStreamTrack';
import * as webidl from '../../webidl';
import type { RTCRtpReceiver } from '../../webrtc/RTCRtpReceiver';
import type { RTCRtpSender } from '../../webrtc/RTCRtpSender';
import { feedOf } from './encoded-feed-of';
import { FrameSubscription } from './frame-subscription';

const INTERFACE = 'RTCEncodedAudioSink';

/** Shows the frames of audio of a receiver, a sender or a track as they are before they are decoded (docs/nonstandard.md). */
export class RTCEncodedAudioSink extends EventTarget {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #subscription in value);
  }

  declare onframe: EventHandler;

  readonly #subscription: FrameSubscription;

  constructor(source: RTCRtpReceiver | RTCRtpSender | MediaStreamTrack) {
    const context = webidl.constructorContext(INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const feed = feedOf(source, 'audio', context);
    super();
    this.#subscription = new FrameSubscription(feed, this);
  }

  get stopped(): boolean {
    return this.#subscription.isStopped;
  }

  /** For good. */
  stop(): void {
    this.#subscription.stop();
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    RTCEncodedAudioSink: RTCEncodedAudioSink;
  }
}

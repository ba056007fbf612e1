/** Our side of a media session. */
import { MediaStream, RTCPeerConnection, RTCRtpReceiver } from '../../lib';
import { createTrack } from '../../lib/mediacapture/MediaStreamTrack';
import type { Message, StepContext } from './media-steps';
import * as ourMedia from './our-media';
import type { Party, Step } from './party';

export { PageParty } from './page-party';
export type { Party } from './party';
export type Configuration = ConstructorParameters<typeof RTCPeerConnection>[0];

export class OurParty implements Party {
  readonly name = 'peerwire';
  readonly pc: RTCPeerConnection;
  onSend: (message: Message) => void = () => {};
  readonly #context: StepContext = {
    media: ourMedia,
    send: (message) => this.onSend(message),
    receive: () => {},
    track: (kind) =>
      createTrack({
        kind,
        label: 'test',
        source: { kind, label: 'test', capabilities: () => ({}), settings: () => ({}), stop: () => {} },
      }),
    stream: (...tracks) => new MediaStream(tracks),
    codecs: (kind) => RTCRtpReceiver.getCapabilities(kind)!.codecs,
  };

  constructor(configuration?: Configuration) {
    this.pc = new RTCPeerConnection(configuration);
  }

  async do<A extends unknown[], R>(step: Step<A, R>, ...args: A): Promise<R> {
    return step(this.pc, this.#context, ...args);
  }

  close(): Promise<unknown> {
    return Promise.resolve(this.pc.close());
  }
}

/** A sender whose track comes encoded: it takes the frames as they are, and sends them without an encoder. */
import type { EncodedCodec, EncodedSink, EncodedSource, SourceFrame } from '../media/encoded-source';
import type { RtpSender } from '../media/rtp-sender';
import { type MediaStreamTrack, trackSlotsOf } from '../mediacapture/MediaStreamTrack';
import type { SenderSlots } from './RTCRtpSender';
import { codecOfEncoding } from './send-encodings';

/** One sender at one source, for as long as it sends that source's track over one stream. */
export class SenderSink implements EncodedSink {
  readonly source: EncodedSource;
  readonly stream: RtpSender;
  readonly #sender: SenderSlots;
  #codec: EncodedCodec | null = null;

  constructor(sender: SenderSlots, source: EncodedSource, stream: RtpSender) {
    this.source = source;
    this.stream = stream;
    this.#sender = sender;
    this.#codec = this.#negotiated();
    stream.onsourcekeyframewanted = (rid) => {
      if (rid === '') source.keyFrameRequested(this);
      else source.keyFrameRequested(this, rid);
    };
    stream.setPushed(true);
    source.addSink(this);
  }

  get codec(): EncodedCodec | null {
    return this.#codec;
  }

  push(frame: SourceFrame): void {
    const { track } = this.#sender;
    if (!track?.enabled || track.readyState === 'ended') return;
    this.stream.pushFrame({
      data: frame.data,
      isKeyframe: frame.type === 'key',
      timestamp: frame.timestamp,
      width: frame.width ?? 0,
      height: frame.height ?? 0,
      rotation: frame.rotation ?? 0,
      temporalIndex: frame.temporalIndex ?? -1,
      rid: frame.rid ?? '',
      captureTime: frame.captureTime ?? -1,
      audioLevel: frame.audioLevel ?? -1,
    });
  }

  /** To be called when something was negotiated or set. */
  update(): void {
    const codec = this.#negotiated();
    if (JSON.stringify(codec) === JSON.stringify(this.#codec)) return;
    this.#codec = codec;
    this.source.codecChanged(this);
  }

  close(): void {
    this.stream.onsourcekeyframewanted = null;
    this.stream.setPushed(false);
    this.source.removeSink(this);
  }

  #negotiated(): EncodedCodec | null {
    const [encoding] = this.#sender.sendEncodings;
    const codec = encoding && codecOfEncoding(encoding, fittingFirst(this.#sender, this.#sender.sendCodecs));
    if (!codec) return null;
    const { mimeType, clockRate, payloadType, channels, sdpFmtpLine } = codec;
    return {
      mimeType,
      clockRate,
      payloadType,
      ...(channels === undefined ? {} : { channels }),
      ...(sdpFmtpLine === undefined ? {} : { sdpFmtpLine }),
    };
  }
}

/** What is coded already is sent as it is, where that was negotiated, whatever is liked better. */
export function fittingFirst<Codec extends { readonly mimeType: string }>(
  { track }: SenderSlots,
  codecs: readonly Codec[],
): readonly Codec[] {
  const wanted = encodedSourceOf(track)?.mimeType.toLowerCase();
  if (wanted === undefined) return codecs;
  const fits = ({ mimeType }: Codec) => mimeType.toLowerCase() === wanted;
  return [...codecs.filter(fits), ...codecs.filter((codec) => !fits(codec))];
}

export function encodedSourceOf(track: MediaStreamTrack | null): EncodedSource | null {
  return (track && trackSlotsOf(track).source.encodedSource) ?? null;
}

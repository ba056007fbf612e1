const wrap = 2 ** 32;

/** Ticks of a second; of codecs that we do not know, that of video. */
export function clockRateOf(mimeType: string): number {
  const [kind, codec = ''] = mimeType.toLowerCase().split('/');
  if (kind !== 'audio') return 90_000;
  // G.722 is sampled at 16 kHz, and counted at 8 (RFC 3551 section 4.5.2).
  return codec === 'opus' || codec === 'red' ? 48_000 : 8000;
}

/** RTP timestamps of one stream as microseconds that do not wrap, beginning with 0. */
export class RtpTimeline {
  #last: number | null = null;
  #ticks = 0;

  microseconds(rtpTimestamp: number, clockRate: number): number {
    if (this.#last !== null) {
      // The nearest one: frames may come out of order a little.
      const step = (((rtpTimestamp - this.#last) % wrap) + wrap) % wrap;
      this.#ticks += step < wrap / 2 ? step : step - wrap;
    }
    this.#last = rtpTimestamp;
    return Math.round((this.#ticks * 1e6) / clockRate);
  }
}

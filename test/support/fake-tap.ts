import type { EncodedFrame, EncodedFrameTap, WrittenFrame } from '../../lib/media/encoded-frames';

/** An engine without media: frames are made by hand, and what is written is kept. */
export class FakeTap implements EncodedFrameTap {
  onkeyframerequest: ((rid?: string) => void) | null = null;
  reader: ((frame: EncodedFrame) => void) | null = null;
  readonly written: WrittenFrame[] = [];
  readonly keyFrameRequests: (readonly string[] | undefined)[] = [];
  #nextToken = 1;
  #tell: (() => void) | null = null;

  setReader(reader: ((frame: EncodedFrame) => void) | null): void {
    this.reader = reader;
  }

  write(frame: WrittenFrame): void {
    this.written.push(frame);
    this.#tell?.();
  }

  requestKeyFrame(rids?: readonly string[]): void {
    this.keyFrameRequests.push(rids);
    this.#tell?.();
  }

  /** @returns its token; 0 where nobody reads */
  emit(members: Partial<EncodedFrame> = {}): number {
    const token = this.#nextToken++;
    this.reader?.({ ...videoFrame(token), ...members });
    return this.reader ? token : 0;
  }

  /** Resolves when it holds, after something came back. */
  async until(holds: (tap: FakeTap) => boolean): Promise<void> {
    while (!holds(this)) {
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
  }

  /** `token: octets` of what was written. */
  get texts(): string[] {
    return this.written.map(({ token, data }) => `${String(token)}: ${[...new Uint8Array(data)].join()}`);
  }
}

export function videoFrame(token: number): EncodedFrame {
  return {
    kind: 'video',
    type: token === 1 ? 'key' : 'delta',
    data: Uint8Array.of(token, 2, 3).buffer,
    mimeType: 'video/VP8',
    payloadType: 96,
    rtpTimestamp: token * 3000,
    ssrc: 1234,
    contributingSources: [],
    token,
    frameId: token,
    dependencies: token === 1 ? [] : [token - 1],
    width: 640,
    height: 360,
    spatialIndex: 0,
    temporalIndex: 0,
  };
}

export function audioFrame(token: number): EncodedFrame {
  return {
    kind: 'audio',
    type: 'key',
    data: Uint8Array.of(token).buffer,
    mimeType: 'audio/opus',
    payloadType: 111,
    rtpTimestamp: token * 960,
    ssrc: 4321,
    contributingSources: [7, 8],
    token,
    sequenceNumber: 65_530 + token,
    audioLevel: 20,
    receiveTime: performance.timeOrigin + 1000,
    captureTime: performance.timeOrigin + 900,
    senderCaptureTimeOffset: 5,
  };
}

import type { EncodedFrame } from '../../media/encoded-frames';
import * as webidl from '../../webidl';
import { type EncodedFrameSlots, slotsForFrame } from './encoded-frame-slots';
import { audioFrameSlotsOf, RTCEncodedAudioFrame } from './RTCEncodedAudioFrame';
import { RTCEncodedVideoFrame, videoFrameSlotsOf } from './RTCEncodedVideoFrame';

export type RTCEncodedFrame = RTCEncodedVideoFrame | RTCEncodedAudioFrame;

/** The object that scripts get for a frame. */
export function createEncodedFrame(frame: EncodedFrame, owner: object): RTCEncodedFrame {
  const slots = slotsForFrame(frame, owner);
  return frame.kind === 'video'
    ? new RTCEncodedVideoFrame(webidl.constructionKey, slots)
    : new RTCEncodedAudioFrame(webidl.constructionKey, slots);
}

/** null: the value is no frame. */
export function encodedFrameSlotsOf(value: unknown): EncodedFrameSlots | null {
  return videoFrameSlotsOf(value) ?? audioFrameSlotsOf(value);
}

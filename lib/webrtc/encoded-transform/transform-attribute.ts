import { createDOMException } from '../../dom/dom-exception';
import * as webidl from '../../webidl';
import type { EncodedFrameStage, FrameTransform } from './encoded-frame-stage';
import { EncodedStreams, type RTCEncodedStreams } from './encoded-streams';
import { sframeDecryptorTransformOf, type RTCRtpSFrameDecryptor } from './RTCRtpSFrameDecryptor';
import { type RTCRtpSFrameEncryptor, sframeEncryptorTransformOf } from './RTCRtpSFrameEncryptor';
import { type RTCRtpScriptTransform, scriptTransformPortOf } from './RTCRtpScriptTransform';
import { type SFrameTransform, sframeTransformOf, lockStreamsOf } from './SFrameTransform';

export type RTCRtpSenderTransform = RTCRtpSFrameEncryptor | RTCRtpScriptTransform | SFrameTransform;
export type RTCRtpReceiverTransform = RTCRtpSFrameDecryptor | RTCRtpScriptTransform | SFrameTransform;

/** As much of a sender's or a receiver's slots as this is about. */
export interface TransformSlots<Transform> {
  readonly encodedFrames: EncodedFrameStage;
  /** [[transform]] */
  transform: Transform | null;
}

/** [[owner]] of transforms that were in use once. */
const owners = new WeakMap<FrameTransform, EncodedFrameStage>();

/** The "union" of what can be set, as the transform behind it. @throws TypeError */
function behind(value: object, side: 'sender' | 'receiver', context: string): FrameTransform {
  const sframe = side === 'sender' ? sframeEncryptorTransformOf : sframeDecryptorTransformOf;
  const transform = scriptTransformPortOf(value) ?? sframe(value) ?? sframeTransformOf(value);
  if (!transform) throw webidl.conversionError(context, 'The provided value is not a transform for it.');
  return transform;
}

/** https://w3c.github.io/webrtc-encoded-transform/#dom-rtcrtpsender-transform */
export function setTransform<Transform extends object>(
  slots: TransformSlots<Transform>,
  value: unknown,
  context: string,
): void {
  const { encodedFrames } = slots;
  // 1., 2.
  const object = webidl.nullable(webidl.object)(value, context);
  const transform = object && behind(object, encodedFrames.side, context);
  // By the letter the same again is an error, too; web-platform-tests set it twice.
  if (object === slots.transform) return;
  if (encodedFrames.transform instanceof EncodedStreams) {
    throw createDOMException(`${context}: createEncodedStreams() was called.`, 'InvalidStateError');
  }
  if (transform) {
    // 3. A transform has one owner, for ever.
    if (owners.has(transform)) {
      throw createDOMException(`${context}: The transform is, or was, in use elsewhere.`, 'InvalidStateError');
    }
    // 4., 5. Its streams, where scripts can have hold of them.
    lockStreamsOf(object);
    // 6.
    owners.set(transform, encodedFrames);
  }
  // 9.
  slots.transform = object as Transform | null;
  // 7., 8., 10.
  encodedFrames.setTransform(transform);
}

/** Chromium's createEncodedStreams(): once, and instead of a transform. */
export function createEncodedStreams(slots: TransformSlots<object>, context: string): RTCEncodedStreams {
  const { encodedFrames } = slots;
  if (encodedFrames.transform) {
    throw createDOMException(`${context}: There are streams or a transform already.`, 'InvalidStateError');
  }
  const encoded = new EncodedStreams();
  encodedFrames.setTransform(encoded);
  return encoded.streams;
}

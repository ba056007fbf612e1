import type { EncodedFeed } from '../../media/encoded-source';
import { trackSlotsOf, type MediaStreamTrack } from '../../mediacapture/MediaStreamTrack';
import * as webidl from '../../webidl';
import { receiverSlotsOf, type RTCRtpReceiver } from '../../webrtc/RTCRtpReceiver';
import { type RTCRtpSender, senderSlotsOf } from '../../webrtc/RTCRtpSender';

function anyFeedOf(value: unknown, context: string): EncodedFeed {
  if (webidl.isInterface('RTCRtpReceiver', value)) return receiverSlotsOf(value as RTCRtpReceiver).encodedFrames;
  if (webidl.isInterface('RTCRtpSender', value)) return senderSlotsOf(value as RTCRtpSender).encodedFrames;
  const track = webidl.interfaceConverter('MediaStreamTrack')(value, context);
  const { encodedFeed } = trackSlotsOf(track).source;
  if (!encodedFeed) throw webidl.conversionError(context, 'The media of this track is not encoded anywhere.');
  return encodedFeed;
}

/** @throws TypeError for what has no encoded frames of that kind */
export function feedOf(
  value: RTCRtpReceiver | RTCRtpSender | MediaStreamTrack,
  kind: 'audio' | 'video',
  context: string,
): EncodedFeed {
  const feed = anyFeedOf(value, context);
  if (feed.kind !== kind) throw webidl.conversionError(context, `Its media is not ${kind}.`);
  return feed;
}

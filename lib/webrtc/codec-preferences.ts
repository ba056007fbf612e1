import { createDOMException } from '../dom/dom-exception';
import { codecsMatch, isResilienceCodec } from '../jsep/codec-match';
import type { MediaKind, RtpCodec } from '../jsep/rtp-types';
import { rtpCapabilities } from './rtp-capabilities';

/**
 * setCodecPreferences() (https://w3c.github.io/webrtc-pc/#dom-rtcrtptransceiver-setcodecpreferences).
 * @returns what becomes [[PreferredCodecs]]
 */
export function checkCodecPreferences(kind: MediaKind, codecs: readonly RtpCodec[]): readonly RtpCodec[] {
  // 3. Nothing preferred: the default.
  if (codecs.length === 0) return [];
  // 4. The first of those that are the same.
  const preferred = codecs.filter((codec, index) => codecs.findIndex((each) => codecsMatch(each, codec)) === index);
  // 5. – 7. Each must be one that can be sent or received.
  const capabilities = rtpCapabilities()[kind].codecs;
  for (const codec of preferred) {
    if (!capabilities.some((capability) => codecsMatch(capability, codec))) {
      throw createDOMException(
        `Failed to execute 'setCodecPreferences' on 'RTCRtpTransceiver': '${codec.mimeType}' is not one of the codecs of ` +
          'getCapabilities().',
        'InvalidModificationError',
      );
    }
  }
  // 8. There must be something to offer.
  if (preferred.every(isResilienceCodec)) {
    throw createDOMException(
      "Failed to execute 'setCodecPreferences' on 'RTCRtpTransceiver': The codecs are only RTX, RED, FEC or comfort noise.",
      'InvalidModificationError',
    );
  }
  // 9.
  return preferred;
}

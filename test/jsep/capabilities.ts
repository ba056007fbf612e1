/** What a build of ours can do, as the engine sees it. */
import type { RtpCapabilities, RtpCodecCapability, RtpHeaderExtensionCapability } from '../../lib/jsep/jsep-session';

const FEEDBACK = ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'];

function audio(name: string, clockRate: number, preferredPayloadType: number, rest = {}): RtpCodecCapability {
  return {
    mimeType: `audio/${name}`,
    clockRate,
    channels: 1,
    canSend: true,
    canReceive: true,
    rtcpFeedback: [],
    preferredPayloadType,
    ...rest,
  };
}

function video(name: string, preferredPayloadType: number, sdpFmtpLine?: string): RtpCodecCapability {
  return {
    mimeType: `video/${name}`,
    clockRate: 90000,
    ...(sdpFmtpLine !== undefined && { sdpFmtpLine }),
    canSend: true,
    canReceive: true,
    rtcpFeedback: name === 'rtx' ? [] : FEEDBACK,
    preferredPayloadType,
  };
}

function extension(uri: string, preferredId: number): RtpHeaderExtensionCapability {
  return { uri, preferredId, direction: 'sendrecv' };
}

const h264 = (mode: number, profile: string): string =>
  `level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}`;

export const MID_EXTENSION = 'urn:ietf:params:rtp-hdrext:sdes:mid';
export const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
export const RID_EXTENSION = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id';

/** The same under other numbers, which mean something else there, and in another order. */
export function renumbered({ audio: ears, video: eyes }: RtpCapabilities): RtpCapabilities {
  const turn = ({ codecs, headerExtensions }: RtpCapabilities['audio']): RtpCapabilities['audio'] => ({
    codecs: codecs
      .map((codec, at) => {
        const { preferredPayloadType } = codecs[(at + 2) % codecs.length]!;
        return {
          ...codec,
          preferredPayloadType: codec.clockRate === 8000 ? codec.preferredPayloadType : preferredPayloadType,
        };
      })
      .reverse(),
    headerExtensions: headerExtensions.map((each, at) => ({
      ...each,
      preferredId: headerExtensions[(at + 1) % headerExtensions.length]!.preferredId,
    })),
  });
  return { audio: turn(ears), video: turn(eyes) };
}

export const CAPABILITIES: RtpCapabilities = {
  audio: {
    codecs: [
      audio('opus', 48000, 111, {
        channels: 2,
        sdpFmtpLine: 'minptime=10;useinbandfec=1',
        rtcpFeedback: ['transport-cc'],
      }),
      audio('red', 48000, 63, { channels: 2 }),
      audio('G722', 8000, 9),
      audio('PCMU', 8000, 0),
      audio('PCMA', 8000, 8),
      audio('telephone-event', 48000, 110),
      audio('telephone-event', 8000, 126),
    ],
    headerExtensions: [extension(AUDIO_LEVEL, 1), extension(MID_EXTENSION, 4)],
  },
  video: {
    codecs: [
      video('VP8', 96),
      video('rtx', 97),
      video('VP9', 98, 'profile-id=0'),
      video('H264', 106, h264(1, '42e01f')),
      video('H264', 108, h264(0, '42e01f')),
      video('AV1', 45, 'level-idx=5;profile=0;tier=0'),
    ],
    headerExtensions: [
      extension('urn:3gpp:video-orientation', 13),
      extension(MID_EXTENSION, 4),
      extension(RID_EXTENSION, 10),
    ],
  },
};

import type { MediaKind } from '../jsep/rtp-types';
import type { EncodedFeed } from '../media/encoded-source';
import { AudioProgramSource, VideoProgramSource } from '../mediacapture/program-source';
import type { TrackSource } from '../mediacapture/track-source';
import type { MediaTrackSettings } from '../webidl/generated/dictionaries';

class RemoteVideoSource extends VideoProgramSource {
  /** A track has a size as soon as it is there, and before the first picture that is nothing, as in Chromium. */
  override settings(): MediaTrackSettings {
    return { width: 0, height: 0, ...super.settings() };
  }
}

/** What Opus is decoded to. */
const opusRate = 48_000;

class RemoteAudioSource extends AudioProgramSource {
  /**
   * Opus is decoded in two channels whatever is sent, as in browsers, and that is what a track tells. (Sinks get one as
   * long as nothing was sent in two.)
   */
  override settings(): MediaTrackSettings {
    const settings = super.settings();
    return settings.sampleRate === opusRate ? { ...settings, channelCount: 2 } : settings;
  }
}

/**
 * What the peer sends in one media section ("a remote source provided by receiver"): the receiver delivers into it. "Since
 * receiver.track.stop() does not implicitly stop receiver", the end of its tracks ends nothing but the delivery.
 */
export function createRemoteSource(kind: MediaKind, encodedFeed: EncodedFeed): TrackSource {
  const label = `remote ${kind}`;
  const source = kind === 'video' ? new RemoteVideoSource({ label }) : new RemoteAudioSource({ label });
  return Object.assign(source, { encodedFeed });
}

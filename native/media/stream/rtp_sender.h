// What one RTCRtpSender sends over a transport: its encodings, each an RTP stream with an encoder of its own. Network
// thread only, but for the frames, which come on threads of their own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "media/stream/encoded_frame.h"
#include "media/stream/media_parameters.h"
#include "media/stream/stream_stats.h"
#include "media/track/media_track.h"

namespace peerwire {

class RtpTransport;

/// Told on the network thread, or on a thread of the pool.
class RtpSenderObserver {
 public:
  virtual ~RtpSenderObserver() = default;
  /// A coded frame that write_frame() is to give back, while there is a tap.
  virtual void on_encoded_frame(TappedFrame frame) = 0;
  /// The peer asked for a keyframe of the encoding, and nobody but the observer sees to it.
  virtual void on_keyframe_request(const std::string& rid) = 0;
  /// Of a sender whose frames are pushed: the next one should be a keyframe.
  virtual void on_source_keyframe_wanted(const std::string& rid) = 0;
};

class RtpSender {
 public:
  virtual ~RtpSender() = default;
  /// `transport` outlives it. `id` is what statistics call it.
  static std::unique_ptr<RtpSender> create(RtpTransport& transport, MediaKind kind, uint32_t id,
                                           std::shared_ptr<RtpSenderObserver> observer);

  virtual void configure(SendParameters parameters) = 0;
  /// One of them, as the kind has it; null: nothing is sent.
  virtual void set_track(std::shared_ptr<VideoTrack> video, std::shared_ptr<AudioTrack> audio) = 0;
  /// Whether frames come by push_frame() and not from the track.
  virtual void set_pushed(bool pushed) = 0;
  /// Dropped while the encoding does not send.
  virtual void push_frame(PushedFrame frame) = 0;
  /// RFC 4733. `tone` is one of 0-9, A-D, #, *.
  virtual void play_tone(char tone, int duration_ms) = 0;
  /// Of all encodings, or of those with these rids.
  virtual void request_keyframe(const std::vector<std::string>& rids) = 0;
  /// What was given out before can still be written. @param takes_keyframe_requests the encoder makes a keyframe only
  /// when request_keyframe() says so, but for the first
  virtual void set_tap(bool active, bool takes_keyframe_requests) = 0;
  /// Sends what the tap was given, with other octets. In ascending order of tokens; one that is not known is ignored.
  virtual void write_frame(WrittenFrame frame) = 0;
  virtual SenderStats stats() const = 0;
};

}  // namespace peerwire

// What one RTCRtpReceiver receives over a transport: the RTP streams of its section, decoded into a source. Network
// thread only, but for sources(), which any thread may ask.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "media/stream/encoded_frame.h"
#include "media/stream/media_parameters.h"
#include "media/stream/packet_tap.h"
#include "media/stream/stream_stats.h"
#include "media/track/media_track.h"
#include "rtp/header_extensions.h"

namespace peerwire {

class RtpTransport;

/// Told on the network thread, or on a thread of the pool.
class RtpReceiverObserver : public PacketTap {
 public:
  /// The first packet has come; or, with false, the peer has said that no more do.
  virtual void on_flow(bool flows) = 0;
  virtual void on_encoded_frame(TappedFrame frame) = 0;
};

/// An RTP stream that was heard: RTCRtpContributingSource.
struct RtpSource {
  uint32_t source = 0;
  bool is_contributing = false;
  double timestamp_ms = 0;  // Unix epoch
  uint32_t rtp_timestamp = 0;
  double audio_level = -1;  // linear; -1: not known
  std::optional<AbsCaptureTime> capture_time;
};

class RtpSourceTable;

class RtpReceiver {
 public:
  virtual ~RtpReceiver() = default;
  /// Frames go into the source of the kind.
  static std::unique_ptr<RtpReceiver> create(RtpTransport& transport, MediaKind kind, uint32_t id,
                                             std::shared_ptr<VideoSource> video, std::shared_ptr<AudioSource> audio,
                                             std::shared_ptr<RtpSourceTable> table,
                                             std::shared_ptr<RtpReceiverObserver> observer);

  virtual void configure(ReceiveParameters parameters) = 0;
  /// Milliseconds; -1: as the buffer sees fit.
  virtual void set_jitter_buffer_target(double target_ms) = 0;
  virtual void request_keyframe() = 0;
  /// Whether the observer sees RTP that comes in, and RTCP that goes out for it.
  virtual void set_packet_tap(bool active) = 0;
  /// As if it had come.
  virtual void write_packet(Bytes packet, bool is_rtcp) = 0;
  /// What was given out before can still be written.
  virtual void set_tap(bool active) = 0;
  /// In ascending order of tokens; one that is not known is ignored.
  virtual void write_frame(WrittenFrame frame) = 0;
  virtual ReceiverStats stats(int64_t now_us) = 0;
};

}  // namespace peerwire

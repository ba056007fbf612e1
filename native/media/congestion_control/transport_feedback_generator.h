// What we tell the sender of the arrival of its packets: transport-wide feedback
// (draft-holmer-rmcat-transport-wide-cc-extensions-01).
#pragma once

#include <deque>
#include <vector>

#include "media/congestion_control/congestion_types.h"
#include "rtp/rtcp/rtcp_packet.h"
#include "rtp/rtp_packet.h"

namespace peerwire::congestion {

class TransportFeedbackGenerator {
 public:
  explicit TransportFeedbackGenerator(uint32_t sender_ssrc) : sender_ssrc_(sender_ssrc) {}

  /// A packet with a transport-wide sequence number has come. `ends_frame`: it carries a marker, so that no more may
  /// come for a while.
  void on_packet(uint16_t sequence_number, uint32_t ssrc, size_t size, bool ends_frame, int64_t arrival_us);

  /// When process() should next be called; kUnlimited: when a packet has come.
  int64_t next_us() const;
  /// What is due, each small enough for one datagram.
  std::vector<rtcp::TransportFeedback> process(int64_t now_us);
  int64_t interval_us() const { return interval_us_; }

 private:
  static constexpr int64_t kMissing = kNever;

  int64_t end() const { return first_ + static_cast<int64_t>(arrivals_.size()); }
  bool store(int64_t number, int64_t arrival_us);
  void adapt_interval(size_t size, int64_t arrival_us);
  void drop_reported(int64_t now_us);
  rtcp::TransportFeedback build(int64_t& from);

  const uint32_t sender_ssrc_;
  uint32_t media_ssrc_ = 0;
  Unwrapper<uint16_t> unwrapper_;
  std::deque<int64_t> arrivals_;  // by sequence number, kMissing where none came
  int64_t first_ = 0;             // number of arrivals_.front()
  int64_t unreported_ = 0;        // the next feedback begins here
  bool pending_ = false;
  uint8_t feedback_count_ = 0;
  int64_t last_feedback_us_ = kNever;
  int64_t interval_us_ = 100'000;
  bool frame_ended_ = false;
  size_t window_bytes_ = 0;
  int64_t window_began_us_ = kNever;
};

}  // namespace peerwire::congestion

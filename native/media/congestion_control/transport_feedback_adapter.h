// Remembers what was sent and joins it with transport-wide feedback
// (draft-holmer-rmcat-transport-wide-cc-extensions-01).
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "media/congestion_control/congestion_types.h"
#include "rtp/rtcp/rtcp_packet.h"
#include "rtp/rtp_packet.h"

namespace peerwire::congestion {

class TransportFeedbackAdapter {
 public:
  /// A packet has left. Numbers are consecutive; one that jumps far begins a new history.
  void add_packet(uint16_t sequence_number, size_t size, int probe_cluster_id, int64_t now_us);

  /// What is new in `feedback`, in order of sequence number. Says nothing twice: duplicated and overlapping feedback
  /// adds only what was not known; packets never sent, or sent too long ago, are skipped. Valid until the next call.
  std::span<const PacketResult> process(const rtcp::TransportFeedback& feedback, int64_t now_us);

  /// Octets sent after the newest packet that any feedback spoke of.
  size_t in_flight() const { return in_flight_; }
  /// Another path: what is in flight belongs to the old one.
  void clear();

 private:
  enum class State : uint8_t { kGap, kSent, kLost, kReceived };
  struct Entry {
    int64_t send_time_us = 0;
    uint32_t size = 0;
    int probe_cluster_id = kNotAProbe;
    State state = State::kGap;
  };

  int64_t end() const { return first_ + static_cast<int64_t>(history_.size()); }
  int64_t arrival_base(int32_t reference_time, int64_t now_us);
  void acknowledge_through(int64_t sequence_number);
  void drop_front();

  Unwrapper<uint16_t> unwrapper_;
  std::deque<Entry> history_;
  int64_t first_ = 0;           // of history_
  int64_t unacknowledged_ = 0;  // the first one that counts as in flight
  size_t in_flight_ = 0;
  bool has_reference_ = false;
  int32_t last_reference_ = 0;
  int64_t base_us_ = 0;
  std::vector<PacketResult> results_;
};

}  // namespace peerwire::congestion

// Packets of one stream that were sent lately: to be sent again when the peer asks (RFC 4585 generic NACK, RFC 4588),
// and as payload of probes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "media/congestion_control/congestion_types.h"
#include "rtp/rtp_packet.h"

namespace peerwire {

class RtxCache {
 public:
  struct Limits {
    /// Up to 32,768, rounded up to a power of two: packets with numbers this far apart do not coexist.
    size_t packets = 2'048;
    size_t bytes = size_t{4} << 20;
    /// At least; three round trips, if that is longer. Of a stream with few packets three times as long: what a path
    /// lost while it was gone for some seconds is sent again, and no keyframe is needed.
    int64_t age_us = 1'000'000;
    size_t few_packets = 600;
  };

  RtxCache();
  explicit RtxCache(Limits limits);

  void set_rtt(int64_t rtt_us) { rtt_us_ = rtt_us; }
  /// A packet was sent for the first time.
  void insert(std::shared_ptr<const RtpPacketToSend> packet, size_t size, int64_t now_us);
  /// The packet, if it may be sent again now: not within three quarters of a round trip of the last time, for that one
  /// may be on its way (who asks again after a whole one may have measured a shorter one), and not while it waits to
  /// leave. on_resent() tells that it has left.
  std::shared_ptr<const RtpPacketToSend> take_for_resend(uint16_t sequence_number, int64_t now_us);
  void on_resent(uint16_t sequence_number, int64_t now_us);
  /// Those that waited to leave will not.
  void forget_waiting();
  /// The newest of those sent least often that have at most `max_size` octets; null: there is none. Counts as sent.
  std::shared_ptr<const RtpPacketToSend> take_for_padding(size_t max_size, int64_t now_us);
  /// The peer has it: it need not be kept.
  void acknowledge(uint16_t sequence_number);
  void clear();

  size_t packets() const { return packets_; }
  size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::shared_ptr<const RtpPacketToSend> packet;
    size_t size = 0;
    int64_t last_sent_us = 0;
    int64_t first_sent_us = 0;
    uint32_t resent = 0;
    uint16_t sequence_number = 0;
    bool waits = false;  // to leave, since last_sent_us
  };

  Entry& slot(uint16_t sequence_number) { return entries_[sequence_number & (entries_.size() - 1)]; }
  void drop(Entry& entry);
  void grow_to_hold(uint16_t number);
  void drop_oldest();
  void drop_old(int64_t now_us);

  const Limits limits_;
  const size_t most_;
  std::vector<Entry> entries_;  // by the low bits of the number; grows up to most_
  int64_t rtt_us_ = 0;
  size_t packets_ = 0;
  size_t bytes_ = 0;
  uint16_t oldest_ = 0;
  uint16_t newest_ = 0;
};

}  // namespace peerwire

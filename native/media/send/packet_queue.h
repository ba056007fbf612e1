// Packets that wait for the pacer: by kind, then in turn among streams by weight, in order within a stream.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "rtp/rtp_packet.h"

namespace peerwire {

/// In the order in which they leave.
enum class PacketKind : uint8_t { kAudio, kRetransmission, kVideo, kPadding };
constexpr size_t kPacketKinds = 4;

PacketKind kind_of(const RtpPacketToSend& packet);

class PacketQueue {
 public:
  struct Queued {
    std::unique_ptr<RtpPacketToSend> packet;
    size_t size = 0;
    int64_t queued_us = 0;
  };

  void push(std::unique_ptr<RtpPacketToSend> packet, size_t size, int64_t now_us);
  /// The next of any kind, or of audio alone. Not of an empty queue.
  Queued pop();
  bool empty() const { return packets_ == 0; }
  bool has(PacketKind kind) const { return !waiting_[static_cast<size_t>(kind)].empty(); }
  size_t packets() const { return packets_; }
  size_t bytes() const { return bytes_; }
  size_t bytes_of(PacketKind kind) const { return bytes_of_[static_cast<size_t>(kind)]; }
  /// How long the packets that wait have waited, on average.
  int64_t average_wait_us(int64_t now_us) const;
  int64_t oldest_us() const;

  /// Streams of one kind share the rate in this proportion; 1 unless it is set.
  void set_weight(uint32_t ssrc, double weight) { streams_[ssrc].weight = weight; }
  /// Drops what waits of a stream.
  void drop_waiting(uint32_t ssrc);
  /// Drops what waits of a stream, and forgets it.
  void remove_stream(uint32_t ssrc);
  void clear();

 private:
  struct Stream {
    double weight = 1;
    /// Octets sent by weight, since a common beginning: who has the least is next.
    double turn = 0;
    std::array<std::deque<Queued>, kPacketKinds> queues;
  };

  std::map<uint32_t, Stream> streams_;
  std::array<std::vector<Stream*>, kPacketKinds> waiting_;  // streams that have packets of a kind
  size_t packets_ = 0;
  size_t bytes_ = 0;
  std::array<size_t, kPacketKinds> bytes_of_{};
  double turn_ = 0;  // of the stream that was served last
  int64_t base_us_ = 0;
  int64_t sum_queued_us_ = 0;  // since base_us_
};

}  // namespace peerwire

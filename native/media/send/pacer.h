// Spreads packets over time, so that a large frame does not fill the queues of the path: audio at once, then
// retransmissions, video and padding at the pacing rate, and probes at theirs. On the network thread; time is an
// argument.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "media/congestion_control/congestion_types.h"
#include "media/send/packet_queue.h"
#include "media/send/probe_sender.h"

namespace peerwire {

class Pacer {
 public:
  struct Packet {
    std::unique_ptr<RtpPacketToSend> packet;
    size_t size = 0;  // on the wire
  };

  /// Where packets go. Calls come from process() alone; they may enqueue, but not call process().
  class Output {
   public:
    virtual ~Output() = default;
    /// `probe_cluster_id`: what congestion control is to be told, or congestion::kNotAProbe.
    virtual void send_paced(std::unique_ptr<RtpPacketToSend> packet, size_t size, int probe_cluster_id) = 0;
    /// Packets of padding, of about `bytes` together; none, if no stream can make them now.
    virtual std::vector<Packet> make_padding(size_t bytes) = 0;
  };

  explicit Pacer(Output& output) : output_(output) {}

  /// False: the queue is full, and the packet is lost.
  bool enqueue(std::unique_ptr<RtpPacketToSend> packet, size_t size, int64_t now_us);
  /// Weight of a stream among those of its kind; 1 unless it is set.
  void set_stream_weight(uint32_t ssrc, double weight) { queue_.set_weight(ssrc, weight); }
  /// Drops what waits of a stream.
  void drop_waiting(uint32_t ssrc) { queue_.drop_waiting(ssrc); }
  /// Drops what waits of it, and forgets it.
  void remove_stream(uint32_t ssrc) { queue_.remove_stream(ssrc); }

  void set_rates(int64_t pacing_bps, int64_t padding_bps, int64_t now_us);
  void add_probes(std::span<const congestion::ProbeCluster> clusters, int64_t now_us);
  /// While paused nothing leaves.
  void set_paused(bool paused) { paused_ = paused; }
  /// Nothing that waits may wait longer than this, on average: the rate grows if need be.
  void set_queue_limit(int64_t limit_us) { queue_limit_us_ = limit_us; }

  /// Sends what is due. Call at next_us(), or whenever packets were enqueued.
  void process(int64_t now_us);
  /// When process() should be called next; kUnlimited: when a packet or a probe comes.
  int64_t next_us(int64_t now_us) const;

  size_t queued_packets() const { return queue_.packets(); }
  size_t queued_bytes() const { return queue_.bytes(); }
  /// How long the last packet of the queue will wait at the present rate.
  int64_t expected_queue_us() const;

 private:
  void advance(int64_t now_us);
  void adapt_rate(int64_t now_us);
  bool may_send_media() const;
  size_t send_next(int probe_cluster_id);
  void account(size_t size);
  void send_probe(int64_t now_us);
  bool send_padding(size_t bytes, int64_t now_us);

  Output& output_;
  PacketQueue queue_;
  ProbeSender probes_;
  int64_t pacing_bps_ = 0;
  int64_t padding_bps_ = 0;
  int64_t adjusted_bps_ = 0;  // pacing_bps_, or more when packets wait too long
  int64_t queue_limit_us_ = 2'000'000;
  double media_debt_ = 0;    // octets
  double padding_debt_ = 0;  // octets
  int64_t last_us_ = congestion::kNever;
  bool paused_ = false;
  bool seen_packet_ = false;
};

}  // namespace peerwire

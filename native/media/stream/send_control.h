// What leaves a transport, and when: congestion control, pacing, and the sharing of the bitrate among streams. Network
// thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "media/congestion_control/congestion_controller.h"
#include "media/send/bitrate_allocator.h"
#include "media/send/pacer.h"
#include "media/stream/bitrate_meter.h"

namespace peerwire {

class SendControl final : private Pacer::Output {
 public:
  class Output {
   public:
    virtual ~Output() = default;
    /// Gives it to the network now; with the number, where transport-wide feedback is wanted of it. Octets on the wire;
    /// 0: it could not be sent.
    virtual size_t send_now(std::unique_ptr<RtpPacketToSend> packet, std::optional<uint16_t> transport_sequence_number,
                            int64_t now_us) = 0;
    virtual bool wants_transport_feedback(const RtpPacketToSend& packet) const = 0;
    /// Of about that size; null: none.
    /// @param is_queue_empty all packets that streams have numbered are sent, so that one more can follow them
    virtual std::unique_ptr<RtpPacketToSend> make_padding(size_t octets, bool is_queue_empty, int64_t now_us) = 0;
    /// Octets on the wire that it will take.
    virtual size_t size_of(const RtpPacketToSend& packet) const = 0;
    virtual void add_streams(std::vector<BitrateAllocator::Audio>& audio,
                             std::vector<BitrateAllocator::Video>& video) = 0;
    virtual void set_bitrates(const BitrateAllocator::Share& share) = 0;
  };

  SendControl(Output& output, int64_t now_us);

  void on_network_available(bool available, int64_t now_us);
  /// Packets take another path: what was measured of the one before says nothing of it.
  void on_route_change(int64_t now_us);
  /// The same `start_bps` as before does not begin anew.
  void set_estimate_wishes(const congestion::EstimateWishes& wishes, int64_t now_us);
  void enqueue(std::unique_ptr<RtpPacketToSend> packet, int64_t now_us);
  void remove_stream(uint32_t ssrc) {
    pacer_.remove_stream(ssrc);
    controller_.forget_stream(ssrc);
  }
  /// Drops what waits of a stream to be sent.
  void drop_waiting(uint32_t ssrc) { pacer_.drop_waiting(ssrc); }
  /// The path has a queue, and less is sent until it has drained.
  bool is_draining() const { return target_.target_bps < target_.estimate_bps; }
  void set_stream_weight(uint32_t ssrc, double weight) { pacer_.set_stream_weight(ssrc, weight); }

  void on_transport_feedback(const rtcp::TransportFeedback& feedback, int64_t now_us);
  void on_remb(uint64_t bitrate_bps, int64_t now_us);
  void on_report_blocks(std::span<const rtcp::ReportBlock> blocks, std::optional<int64_t> rtt_us, int64_t now_us);

  /// Streams have come, gone, or want other rates.
  void allocate(int64_t now_us);
  /// The same, the next time that process() is called.
  void want_allocation() { next_allocation_us_ = 0; }
  /// Does what is due; when it wants to be called again.
  int64_t process(int64_t now_us);

  /// Of the path; 0: not known.
  int64_t rtt_us() const { return target_.rtt_us; }
  /// Bits a second; 0: no estimate.
  int64_t available_bps() const { return target_.estimate_bps; }

 private:
  // Pacer::Output
  void send_paced(std::unique_ptr<RtpPacketToSend> packet, size_t size, int probe_cluster_id) override;
  std::vector<Pacer::Packet> make_padding(size_t octets) override;
  void update_rates(int64_t now_us);
  /// Of a rate of the path, what is left for what encoders make.
  int64_t for_encoders(int64_t bps) const;

  Output& output_;
  congestion::CongestionController controller_;
  Pacer pacer_;
  BitrateAllocator allocator_;
  BitrateMeter sent_;             // padding apart
  BitrateMeter beside_encoders_;  // of it, headers and what is sent again
  congestion::TargetRate target_;
  congestion::EstimateWishes wishes_;
  uint16_t transport_sequence_number_ = 0;
  int64_t now_us_ = 0;
  int64_t next_process_us_ = 0;
  int64_t next_allocation_us_ = 0;
  bool available_ = false;
  bool is_idle_ = true;
};

}  // namespace peerwire

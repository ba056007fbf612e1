// A sender with a synthetic encoder, pacer and congestion control, and the receiver that answers it, over a simulated
// link.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "media/congestion_control/congestion_controller.h"
#include "media/congestion_control/receive_side_estimator.h"
#include "media/congestion_control/simulated_link.h"
#include "media/congestion_control/transport_feedback_generator.h"
#include "media/send/pacer.h"

namespace peerwire::test {

/// What takes the place of the synthetic encoder.
class FrameCoder {
 public:
  struct Frame {
    size_t bytes = 0;  // 0: none this time
    bool is_keyframe = false;
  };
  virtual ~FrameCoder() = default;
  virtual Frame code(int64_t bps, int64_t sustained_bps, int64_t now_us) = 0;
};

struct CallSettings {
  int64_t max_bps = 2'500'000;     // what the encoder can use
  bool transport_feedback = true;  // false: REMB and receiver reports alone
  bool audio = true;
  int64_t return_delay_us = 25'000;
  double feedback_loss = 0;
  double frame_variation = 0.2;     // of the sizes of frames
  int64_t encoder_lag_us = 50'000;  // a new rate takes effect this much later
  uint64_t seed = 1;
  FrameCoder* coder = nullptr;
};

class SimulatedCall : public Pacer::Output {
 public:
  SimulatedCall(SimulatedLink& link, CallSettings settings, int64_t now_us);

  /// Once a millisecond.
  void tick(int64_t now_us);
  const congestion::TargetRate& target() const { return target_; }
  congestion::CongestionController& controller() { return controller_; }
  int64_t received_bytes() const { return received_bytes_; }
  int64_t pacer_queue_us() const { return pacer_.expected_queue_us(); }

  void send_paced(std::unique_ptr<RtpPacketToSend> packet, size_t size, int probe_cluster_id) override;
  std::vector<Pacer::Packet> make_padding(size_t bytes) override;

 private:
  struct Answer {
    int64_t at_us = 0;
    std::function<void(int64_t)> apply;
  };
  struct Rate {
    int64_t at_us = 0;
    int64_t bps = 0;
  };

  void encode(int64_t now_us);
  void receive(const SimulatedLink::Packet& packet, int64_t arrival_us);
  void answer(int64_t now_us);
  void apply(int64_t now_us);

  SimulatedLink& link_;
  const CallSettings settings_;
  SeededRandom random_;
  congestion::CongestionController controller_;
  Pacer pacer_;
  congestion::TransportFeedbackGenerator feedback_{1};
  congestion::ReceiveSideEstimator remb_{1};
  std::function<void(const SimulatedLink::Packet&, int64_t)> deliver_;
  congestion::TargetRate target_;
  std::deque<Rate> encoder_rates_;
  int64_t encoder_bps_ = 0;
  std::deque<Answer> answers_;
  int64_t now_us_ = 0;
  int64_t next_frame_us_ = 0;
  int64_t next_audio_us_ = 0;
  int64_t next_process_us_ = 0;
  int64_t next_report_us_ = 0;
  uint16_t next_sequence_number_ = 0;
  int64_t sent_packets_ = 0;
  int64_t received_packets_ = 0;
  int64_t highest_received_ = -1;
  Unwrapper<uint16_t> unwrapper_;
  int64_t received_bytes_ = 0;
};

/// One row of a plot.
struct Sample {
  int64_t time_us = 0;
  int64_t link_bps = 0;
  int64_t estimate_bps = 0;
  int64_t target_bps = 0;
  int64_t received_bps = 0;
  int64_t queue_us = 0;
  int64_t pacer_us = 0;
};

struct Step {
  int64_t at_us = 0;
  std::function<void(LinkSettings&)> change;
};

/// Runs `call` (the first) and the others for `duration_us`; a sample each 50 ms. Changes happen on the way.
std::vector<Sample> run(SimulatedLink& link, std::vector<SimulatedCall*> calls, int64_t duration_us,
                        std::vector<Step> steps);

}  // namespace peerwire::test

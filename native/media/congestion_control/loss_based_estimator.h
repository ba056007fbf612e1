// The rate that loss allows: tells loss that the path has anyway from loss that comes of sending too much, by maximum
// likelihood over some seconds of observations (libwebrtc's "loss based bandwidth estimation v2").
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "media/congestion_control/congestion_types.h"

namespace peerwire::congestion {

class LossBasedEstimator {
 public:
  /// Which of the two estimates holds, and where that of loss goes.
  enum class State { kDelayBased, kDecreasing, kIncreasingWithPadding };
  struct Result {
    int64_t bandwidth_bps = kUnlimited;
    State state = State::kDelayBased;
  };

  void set_limits(int64_t min_bps, int64_t max_bps);
  void set_acknowledged_bitrate(int64_t bps) { acknowledged_bps_ = bps; }
  /// A probe, or a reset, has told the rate.
  void set_estimate(int64_t bps);
  /// Every result of a feedback, in order of sequence number. `queue_stands`: what is lost now may well be so because
  /// a queue overflows.
  void update(std::span<const PacketResult> results, int64_t delay_based_bps, bool application_limited,
              bool queue_stands, int64_t now_us);

  bool is_ready() const;
  const Result& result() const { return result_; }
  double average_loss() const { return average_loss_; }

 private:
  static constexpr int kWindow = 15;
  struct Channel {
    double inherent_loss = 0.01;
    double bandwidth_bps = 0;  // 0: not known
  };
  struct Observation {
    int id = -1;
    double kilobytes = 0;
    double lost_kilobytes = 0;
    double sending_bps = 0;
  };

  struct Missing {
    int64_t sequence_number = 0;
    double kilobytes = 0;
    int64_t reported_us = 0;
    bool queue_stood = false;
  };

  bool observe(std::span<const PacketResult> results, int64_t now_us);
  void take_back(int64_t sequence_number, int64_t now_us);
  void give_up_missing(int64_t now_us);
  double ordinary_loss() const;
  double weight(const Observation& observation) const;
  double median_sending_bps() const;
  double compute_average_loss() const;
  double instant_upper_bps() const;
  double instant_lower_bps() const;
  double inherent_loss_bound(double bandwidth_bps) const;
  double feasible_inherent_loss(const Channel& channel) const;
  std::vector<Channel> candidates(double delay_based_bps, bool application_limited) const;
  Channel best_candidate(double delay_based_bps, bool application_limited) const;
  void newton_step(Channel& channel) const;
  double objective(const Channel& channel) const;
  double high_bandwidth_bias(double bandwidth_bps) const;
  bool is_increasing(double old_bps, double new_bps) const;
  void bound_while_limited(Channel& best) const;
  void decide(double bounded_bps, double delay_based_bps);

  int64_t min_bps_ = 30'000;
  int64_t max_bps_ = kUnlimited;
  std::optional<int64_t> acknowledged_bps_;
  Channel current_;
  Result result_;
  std::array<Observation, kWindow> observations_{};
  std::array<double, kWindow> weights_ = make_weights();
  int observation_count_ = 0;
  double average_loss_ = 0;
  // The observation that is being made.
  double partial_kilobytes_ = 0;
  double partial_lost_kilobytes_ = 0;
  /// Reported as lost, but perhaps only late: in order of report. Lost for good after what reordering takes here.
  std::deque<Missing> missing_;
  int64_t reordering_us_ = 0;
  bool queue_stands_ = false;
  double queue_share_ = 0;  // of what was lost lately: how much while a queue stood
  int64_t last_send_us_ = kNever;
  int64_t padding_since_us_ = kNever;
  double padding_bps_ = 0;
  int64_t recovering_since_us_ = kNever;
  double limit_in_window_bps_ = 0;  // 0: no limit

  static std::array<double, kWindow> make_weights();
};

}  // namespace peerwire::congestion

// How steadily frames were shown: freezes and pauses of
// https://w3c.github.io/webrtc-stats/#dom-rtcinboundrtpstreamstats
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace peerwire {

class RenderStatistics {
 public:
  struct Totals {
    uint32_t frames = 0;
    uint32_t freeze_count = 0;
    int64_t total_freezes_us = 0;
    uint32_t pause_count = 0;
    int64_t total_pauses_us = 0;
    int64_t total_inter_frame_delay_us = 0;
    double total_squared_inter_frame_delay_s2 = 0;
  };
  /// A frame was decoded and handed on.
  void on_frame(int64_t now_us);
  /// Nothing is to be shown for now: the time until the next frame is neither a freeze nor a pause.
  void interrupt() { last_us_.reset(); }
  const Totals& totals() const { return totals_; }

 private:
  static constexpr size_t kWindow = 30;

  Totals totals_;
  std::optional<int64_t> last_us_;
  std::array<int64_t, kWindow> delays_{};
  size_t next_ = 0;
  size_t count_ = 0;
  int64_t sum_us_ = 0;
};

}  // namespace peerwire

// When to ask for a keyframe (PLI, https://www.rfc-editor.org/rfc/rfc4585#section-6.3.1): at once, and again while none
// comes, but never faster than one could.
#pragma once

#include <cstdint>
#include <optional>

namespace peerwire {

class KeyframeRequester {
 public:
  static constexpr int64_t kMinIntervalUs = 200'000;
  static constexpr int64_t kMaxIntervalUs = 1'000'000;

  /// Whether to send a request now, given whether one is needed.
  bool take(bool is_needed, int64_t now_us);
  /// When take(true) says yes next.
  int64_t next_us(int64_t now_us) const;
  void on_keyframe();
  void set_rtt(int64_t rtt_us) { rtt_us_ = rtt_us; }
  uint32_t sent() const { return sent_; }

 private:
  int64_t interval_us() const;

  int64_t rtt_us_ = 100'000;
  std::optional<int64_t> last_us_;
  int unanswered_ = 0;
  uint32_t sent_ = 0;
};

}  // namespace peerwire

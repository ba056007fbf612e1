// Coded frames that are out of the engine for a while, by token. Bounded: who does not give frames back loses the
// oldest ones.
#pragma once

#include <atomic>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

namespace peerwire {

template <typename Frame>
class FrameTap {
 public:
  /// Some seconds of frames.
  static constexpr size_t kMaxFrames = 256;

  uint64_t put(Frame frame) {
    if (frames_.size() >= kMaxFrames) frames_.erase(frames_.begin());
    const uint64_t token = ++last_token();
    frames_.emplace(token, std::move(frame));
    return token;
  }
  /// Each once, in order: those before it are not given back any more. Nothing for a token that is not known, or is
  /// another tap's.
  std::optional<Frame> take(uint64_t token) {
    const auto found = frames_.find(token);
    if (found == frames_.end()) return std::nullopt;
    std::optional<Frame> frame(std::move(found->second));
    frames_.erase(frames_.begin(), std::next(found));
    return frame;
  }

 private:
  /// Of all taps: when one takes the place of another, what comes back late is not mistaken.
  static std::atomic<uint64_t>& last_token() {
    static std::atomic<uint64_t> token{0};
    return token;
  }

  std::map<uint64_t, Frame> frames_;
};

}  // namespace peerwire

// Temporal layers, L1T2 and L1T3 of https://w3c.github.io/webrtc-svc/#scalabilitymodes*, over two reference buffers:
// one that only the base layer writes, and one that only the middle (or the higher of two) writes.
#pragma once

namespace peerwire {

/// What one frame refers to and writes. Every frame refers to the base buffer.
struct TemporalStep {
  int layer = 0;
  bool updates_base = false;
  bool refers_to_second = false;
  bool updates_second = false;
  /// Above the base layer, and refers to nothing above it.
  bool is_sync = false;

  bool is_discardable() const { return !updates_base && !updates_second; }
};

/// The steps of a stream, repeating after eight frames. A keyframe is the first step.
class TemporalPattern {
 public:
  explicit TemporalPattern(int layers) : layers_(layers) {}

  int layers() const { return layers_; }
  /// Of the frame that is to be encoded.
  const TemporalStep& step() const;
  void restart() { index_ = 0; }
  /// The frame was encoded. Not called when it was dropped: its place is the next one's.
  void advance() { index_ = (index_ + 1) % kLength; }

  static constexpr int kLength = 8;

 private:
  int layers_;
  int index_ = 0;
};

/// Part of the whole rate that the layers up to `layer` have together, percent.
int cumulative_rate_percent(int layers, int layer);
/// The layers up to `layer` have every n-th frame.
int frame_rate_divisor(int layers, int layer);

}  // namespace peerwire

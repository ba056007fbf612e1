#include "media/stream/quality_adaptation.h"

#include <algorithm>

namespace peerwire {
namespace {

constexpr int kMaxSteps = 5;
constexpr double kSmoothing = 0.05;
/// Nothing is changed again before its effect can be seen.
constexpr int64_t kAdaptIntervalUs = 2'000'000;
constexpr int64_t kRecoverIntervalUs = 5'000'000;
/// Pictures that grow and shrink by turns are worse than small ones, and each change costs a keyframe.
constexpr int64_t kLongestPatienceUs = 160'000'000;
constexpr double kHighLoad = 0.85;
constexpr double kLowLoad = 0.45;
/// libwebrtc's threshold of its quality scaler.
constexpr double kManyDropped = 0.6;

/// Quantizers between which quality is neither bad nor wasted: libwebrtc's thresholds of its quality scaler.
struct QpRange {
  int low;
  int high;
};
QpRange qp_range(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::kVp8:
      return {29, 95};
    case VideoCodec::kVp9:
      return {96, 185};
    case VideoCodec::kH264:
      return {24, 37};
    case VideoCodec::kAv1:
      return {145, 205};
  }
  return {0, 255};
}

}  // namespace

void QualityAdaptation::Ladder::step_down(int64_t now_us) {
  ++steps;
  const bool was_too_early = recovered_us >= 0 && now_us - recovered_us < 2 * std::max(patience_us, kRecoverIntervalUs);
  patience_us = was_too_early ? std::min(std::max(patience_us, kRecoverIntervalUs) * 2, kLongestPatienceUs) : 0;
}

void QualityAdaptation::Ladder::step_up(int64_t now_us) {
  --steps;
  recovered_us = now_us;
}

bool QualityAdaptation::may_recover(const Ladder& ladder, int64_t now_us) const {
  return ladder.steps > 0 && now_us - changed_us_ >= std::max(ladder.patience_us, kRecoverIntervalUs);
}

void QualityAdaptation::on_resized() {
  qp_ = -1;
  dropped_ = 0;
}

void QualityAdaptation::on_frame(VideoCodec codec, bool was_coded, int qp, double load, int64_t now_us) {
  dropped_ += ((was_coded ? 0 : 1) - dropped_) * kSmoothing;
  if (was_coded && qp >= 0) qp_ = qp_ < 0 ? qp : qp_ + (qp - qp_) * kSmoothing;
  if (changed_us_ < 0) changed_us_ = now_us;
  if (now_us - changed_us_ < kAdaptIntervalUs) return;
  const QpRange range = qp_range(codec);
  const int before = steps();
  if (load > kHighLoad && cpu_.steps < kMaxSteps) {
    cpu_.step_down(now_us);
  } else if (load < kLowLoad && may_recover(cpu_, now_us)) {
    cpu_.step_up(now_us);
  } else if ((qp_ > range.high || dropped_ > kManyDropped) && quality_.steps < kMaxSteps) {
    quality_.step_down(now_us);
  } else if (qp_ >= 0 && qp_ < range.low && dropped_ < kManyDropped / 2 && may_recover(quality_, now_us)) {
    quality_.step_up(now_us);
  }
  if (steps() == before) return;
  changed_us_ = now_us;
  on_resized();
}

}  // namespace peerwire

// How rate control, and the sizes that follow it, fare with what real encoders make of it: keyframes as large as they
// are, frames that come and go. Virtual time, so that the machine does not matter.
#include "media/stream/real_encoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace peerwire::test {
namespace {

constexpr int64_t kWide = 2'000'000, kNarrow = 300'000;
constexpr int64_t kPhaseUs = 15'000'000;

class RealEncoderOverALink : public testing::TestWithParam<VideoCodec> {};

/// Of the samples between two times, in the order of `value`.
template <typename Value>
double quantile(const std::vector<Sample>& samples, int64_t from_us, int64_t to_us, double part, Value value) {
  std::vector<double> values;
  for (const Sample& sample : samples) {
    if (sample.time_us >= from_us && sample.time_us < to_us) values.push_back(static_cast<double>(value(sample)));
  }
  std::sort(values.begin(), values.end());
  return values.at(static_cast<size_t>(part * static_cast<double>(values.size() - 1)));
}

TEST_P(RealEncoderOverALink, FollowsStepsOfTheRate) {
  LinkSettings link_settings;
  link_settings.rate_bps = kWide;
  SimulatedLink link(link_settings, 1);
  RealEncoder encoder(GetParam(), 640, 480);
  CallSettings call_settings;
  call_settings.coder = &encoder;
  SimulatedCall call(link, call_settings, 1'000'000'000);
  const auto samples = run(link, {&call}, 3 * kPhaseUs,
                           {{kPhaseUs, [](LinkSettings& settings) { settings.rate_bps = kNarrow; }},
                            {2 * kPhaseUs, [](LinkSettings& settings) { settings.rate_bps = kWide; }}});
  const auto distance = [](const Sample& sample) {
    const auto link_bps = static_cast<double>(sample.link_bps);
    return std::abs(static_cast<double>(sample.estimate_bps) - link_bps) / link_bps;
  };
  for (int phase = 0; phase < 3; ++phase) {
    SCOPED_TRACE(phase);
    const int64_t begin = phase * kPhaseUs, settled = begin + 5'000'000, end = begin + kPhaseUs;
    // Within a fifth of the link within five seconds of the step, and, but for moments, from then on.
    EXPECT_LE(quantile(samples, begin, settled, 0, distance), 0.2);
    EXPECT_LE(quantile(samples, settled, end, 0.5, distance), 0.2);
    EXPECT_LE(quantile(samples, settled, end, 0.75, distance), 0.25);
    const auto queue = [](const Sample& sample) { return sample.queue_us; };
    // VP8 at rates from 285 to 315 kbit/s: 0.12 to 0.25 s, by where its large pictures happen to fall.
    EXPECT_LE(quantile(samples, settled, end, 0.95, queue), 300'000);
  }
  EXPECT_EQ(encoder.stats().height, 480);
}

std::string name_of(const testing::TestParamInfo<VideoCodec>& info) {
  constexpr const char* kNames[] = {"VP8", "VP9", "H264", "AV1"};
  return kNames[static_cast<size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Codecs, RealEncoderOverALink,
                         testing::Values(VideoCodec::kVp8, VideoCodec::kVp9, VideoCodec::kH264, VideoCodec::kAv1),
                         name_of);

}  // namespace
}  // namespace peerwire::test

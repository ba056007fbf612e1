#include "media/stream/picture_size.h"

#include <algorithm>
#include <cmath>

namespace peerwire {
namespace {

constexpr int kMinSide = 64;

/// What a size needs to begin with, and to look well: alone, and as a layer of a simulcast. After libwebrtc's defaults
/// for VP8 (video/config/encoder_stream_factory, EncoderInfoSettings; video/config/simulcast), rounded.
struct Step {
  int64_t pixels;
  uint32_t start_bps;
  uint32_t useful_bps;
  BitrateRange layer;
};
constexpr Step kSteps[] = {
    {320 * 180, 0, 500'000, {30'000, 150'000, 200'000}},
    {480 * 270, 100'000, 800'000, {100'000, 350'000, 450'000}},
    {640 * 480, 200'000, 1'700'000, {150'000, 500'000, 700'000}},
    {960 * 540, 500'000, 2'000'000, {350'000, 1'200'000, 1'200'000}},
    {1280 * 720, 900'000, 2'500'000, {600'000, 2'500'000, 2'500'000}},
    {1920 * 1080, 2'000'000, 5'000'000, {800'000, 4'000'000, 5'000'000}},
    {2560 * 1440, 4'000'000, 9'000'000, {1'500'000, 7'000'000, 9'000'000}},
    {4096 * 2304, 8'000'000, 20'000'000, {3'000'000, 15'000'000, 20'000'000}},
};

const Step& step_of(int64_t pixels) {
  for (const Step& step : kSteps) {
    if (pixels <= step.pixels) return step;
  }
  return kSteps[std::size(kSteps) - 1];
}

int64_t pixels_of(PictureSize size) {
  return int64_t{size.width} * size.height;
}

/// What pictures cost beside those of 30 a second that move.
double effort(double framerate, bool is_detail) {
  return std::sqrt(std::clamp(framerate / 30.0, 0.5, 2.0)) * (is_detail ? 1.5 : 1);
}

PictureSize scaled(PictureSize size, double factor) {
  const auto side = [factor](int length) { return std::max(1, static_cast<int>(std::floor(length * factor + 1e-6))); };
  return {side(size.width), side(size.height)};
}

PictureSize asked_size(PictureSize captured, const EncodingParameters& encoding) {
  if (encoding.max_width > 0 && encoding.max_height > 0) {
    const bool is_turned = (captured.width < captured.height) != (encoding.max_width < encoding.max_height);
    const int max_width = is_turned ? encoding.max_height : encoding.max_width;
    const int max_height = is_turned ? encoding.max_width : encoding.max_height;
    const double factor = std::min(
        {1.0, static_cast<double>(max_width) / captured.width, static_cast<double>(max_height) / captured.height});
    return factor < 1 ? scaled(captured, factor) : captured;
  }
  return encoding.scale_down_by > 1 ? scaled(captured, 1 / encoding.scale_down_by) : captured;
}

/// What a spatial layer needs to be worth sending, and to look well below another one: less than alone, since it is
/// built on those below. As libwebrtc shares rates among layers (modules/video_coding/codecs/vp9/svc_config.cc).
struct LayerNeed {
  double least_bps;
  double good_bps;
};
LayerNeed layer_need(int64_t pixels, double framerate, bool is_detail) {
  const auto area = static_cast<double>(pixels);
  const double least_bps = std::max(30'000.0, 600 * std::sqrt(area) - 95'000);
  const double most_bps = 1.6 * area + 50'000;
  return {least_bps, (least_bps + most_bps) / 2 * effort(framerate, is_detail)};
}

int64_t macroblocks_of(PictureSize size) {
  return int64_t{(size.width + 15) / 16} * ((size.height + 15) / 16);
}

}  // namespace

PictureSize wanted_size(PictureSize captured, const EncodingParameters& encoding) {
  const PictureSize asked = asked_size(captured, encoding);
  if (encoding.max_macroblocks <= 0 || macroblocks_of(asked) <= encoding.max_macroblocks) return asked;
  double factor = std::sqrt(static_cast<double>(encoding.max_macroblocks) / static_cast<double>(macroblocks_of(asked)));
  PictureSize fitting = scaled(asked, factor);
  while (macroblocks_of(fitting) > encoding.max_macroblocks && (fitting.width > 16 || fitting.height > 16)) {
    factor *= 0.98;
    fitting = scaled(asked, factor);
  }
  return {std::max(2, fitting.width & ~1), std::max(2, fitting.height & ~1)};
}

PictureSize reduced_size(PictureSize size, int steps) {
  if (steps <= 0) return size;
  const double factor = std::pow(0.75, steps);
  const double least = std::min(1.0, static_cast<double>(kMinSide) / std::min(size.width, size.height));
  const PictureSize smaller = scaled(size, std::max(factor, least));
  return {std::max(2, smaller.width & ~1), std::max(2, smaller.height & ~1)};
}

int64_t pixels_for_bitrate(uint32_t bitrate_bps) {
  int64_t pixels = kSteps[0].pixels;
  for (const Step& step : kSteps) {
    if (bitrate_bps >= step.start_bps) pixels = step.pixels;
  }
  return pixels;
}

BitrateRange bitrate_range(PictureSize size, double framerate, bool is_detail, bool is_simulcast) {
  const Step& step = step_of(pixels_of(size));
  BitrateRange range = step.layer;
  if (!is_simulcast) {
    range = {};
    range.useful_bps = step.useful_bps;
    range.good_bps = step.useful_bps / 4 * 3;
  }
  const double factor = effort(framerate, is_detail);
  range.good_bps = static_cast<uint32_t>(range.good_bps * factor);
  range.useful_bps = static_cast<uint32_t>(range.useful_bps * factor);
  return range;
}

BitrateRange layered_bitrate_range(const ScalabilityMode& mode, PictureSize size, double framerate, bool is_detail) {
  BitrateRange all{0, 0, 0};
  for (int layer = 0; layer < mode.spatial_layers; ++layer) {
    const LayerSize scaled = layer_size(mode, layer, size.width, size.height);
    const BitrateRange range = bitrate_range({scaled.width, scaled.height}, framerate, is_detail, true);
    if (layer == 0) all.least_bps = range.least_bps;
    all.good_bps += range.good_bps;
    all.useful_bps += range.useful_bps;
  }
  return all;
}

ScalabilityMode fitting_scalability(const ScalabilityMode& mode, PictureSize size) {
  constexpr int kMinLongSide = 240;
  constexpr int kMinShortSide = 135;
  const auto [short_side, long_side] = std::minmax(size.width, size.height);
  ScalabilityMode fitting = mode;
  while (fitting.spatial_layers > 1) {
    const LayerScale scale = layer_scale(fitting, 0);
    if (long_side * scale.numerator / scale.denominator >= kMinLongSide &&
        short_side * scale.numerator / scale.denominator >= kMinShortSide) {
      break;
    }
    --fitting.spatial_layers;
  }
  return fitting;
}

int affordable_spatial_layers(const ScalabilityMode& mode, PictureSize size, double framerate, bool is_detail,
                              LayerBudget budget, int current) {
  // A layer that comes costs a keyframe of the whole picture.
  constexpr double kHysteresis = 1.2;
  double below_bps = 0;
  int layers = 0;
  while (layers < mode.spatial_layers) {
    const LayerSize scaled = layer_size(mode, layers, size.width, size.height);
    const LayerNeed need = layer_need(pixels_of({scaled.width, scaled.height}), framerate, is_detail);
    double needed_bps = below_bps + need.least_bps;
    if (current > 0 && layers >= current) {
      // Never more than there can be: it would not come back from a path that was narrow once, or from the start.
      const double most_bps = budget.most_bps > 0 ? budget.most_bps : INFINITY;
      needed_bps = std::max(needed_bps, std::min(needed_bps * kHysteresis, most_bps));
    }
    if (layers > 0 && budget.bitrate_bps < needed_bps) break;
    below_bps += need.good_bps;
    ++layers;
  }
  return layers;
}

}  // namespace peerwire

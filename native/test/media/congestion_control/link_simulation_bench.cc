// Writes how a call follows its link, as CSV for plots:
//   congestion_bench [--loss 0.05] [--jitter-ms 50] [--reorder] [--delay-ms 25] [--queue 100000] [--remb] [--seed 1]
//                    [--seconds 60] [--step 20:300000 --step 40:2000000] [--flows 1] [--max 2500000]
//                    [--codec vp8|vp9|h264|av1 --height 480]: a real encoder in place of the synthetic one
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "media/congestion_control/simulated_call.h"
#include "media/stream/real_encoder.h"

namespace {

std::optional<peerwire::VideoCodec> codec_called(const char* name) {
  using peerwire::VideoCodec;
  constexpr std::pair<const char*, VideoCodec> kCodecs[] = {
      {"vp8", VideoCodec::kVp8}, {"vp9", VideoCodec::kVp9}, {"h264", VideoCodec::kH264}, {"av1", VideoCodec::kAv1}};
  for (const auto& [known, codec] : kCodecs) {
    if (std::strcmp(known, name) == 0) return codec;
  }
  return std::nullopt;
}

}  // namespace

int main(int count, char** arguments) {
  using namespace peerwire;
  test::LinkSettings link_settings;
  test::CallSettings call_settings;
  int64_t seconds = 60;
  int flows = 1;
  std::optional<VideoCodec> codec;
  int height = 480;
  std::vector<test::Step> steps;
  for (int index = 1; index < count; ++index) {
    const std::string name = arguments[index];
    if (name == "--remb") {
      call_settings.transport_feedback = false;
      continue;
    }
    if (name == "--reorder") {
      link_settings.reorders = true;
      continue;
    }
    if (index + 1 >= count) {
      std::fprintf(stderr, "congestion_bench: %s needs a value\n", name.c_str());
      return 2;
    }
    const char* value = arguments[++index];
    if (name == "--loss") {
      link_settings.loss = std::atof(value);
    } else if (name == "--jitter-ms") {
      link_settings.jitter_us = std::atoll(value) * 1000;
    } else if (name == "--delay-ms") {
      link_settings.delay_us = call_settings.return_delay_us = std::atoll(value) * 1000;
    } else if (name == "--queue") {
      link_settings.queue_bytes = static_cast<size_t>(std::atoll(value));
    } else if (name == "--rate") {
      link_settings.rate_bps = std::atoll(value);
    } else if (name == "--max") {
      call_settings.max_bps = std::atoll(value);
    } else if (name == "--seed") {
      call_settings.seed = static_cast<uint64_t>(std::atoll(value));
    } else if (name == "--seconds") {
      seconds = std::atoll(value);
    } else if (name == "--codec" && (codec = codec_called(value))) {
    } else if (name == "--height") {
      height = std::max(64, std::atoi(value));
    } else if (name == "--flows") {
      flows = std::atoi(value);
    } else if (name == "--step" && std::strchr(value, ':')) {
      const int64_t rate = std::atoll(std::strchr(value, ':') + 1);
      steps.push_back({std::atoll(value) * 1'000'000, [rate](test::LinkSettings& now) { now.rate_bps = rate; }});
    } else {
      std::fprintf(stderr, "congestion_bench: what is %s %s?\n", name.c_str(), value);
      return 2;
    }
  }
  test::SimulatedLink link(link_settings, call_settings.seed);
  std::vector<std::unique_ptr<test::SimulatedCall>> calls;
  std::vector<test::SimulatedCall*> views;
  std::vector<std::unique_ptr<test::RealEncoder>> encoders;
  for (int flow = 0; flow < std::max(1, flows); ++flow) {
    if (codec) {
      encoders.push_back(std::make_unique<test::RealEncoder>(*codec, height * 4 / 3, height));
      call_settings.coder = encoders.back().get();
    }
    calls.push_back(std::make_unique<test::SimulatedCall>(link, call_settings, 1'000'000'000));
    views.push_back(calls.back().get());
    ++call_settings.seed;
  }
  std::puts("time_s,link_bps,estimate_bps,target_bps,received_bps,queue_ms,pacer_ms");
  for (const auto& sample : test::run(link, views, seconds * 1'000'000, steps)) {
    std::printf("%.2f,%lld,%lld,%lld,%lld,%.1f,%.1f\n", static_cast<double>(sample.time_us) / 1e6,
                static_cast<long long>(sample.link_bps), static_cast<long long>(sample.estimate_bps),
                static_cast<long long>(sample.target_bps), static_cast<long long>(sample.received_bps),
                static_cast<double>(sample.queue_us) / 1e3, static_cast<double>(sample.pacer_us) / 1e3);
  }
  for (const auto& encoder : encoders) {
    const auto stats = encoder->stats();
    std::fprintf(stderr, "%llu frames, %llu of them keyframes, %u changes of size, %llu dropped, now %dx%d\n",
                 static_cast<unsigned long long>(stats.frames_encoded),
                 static_cast<unsigned long long>(stats.keyframes_encoded), stats.resolution_changes,
                 static_cast<unsigned long long>(stats.frames_dropped), stats.width, stats.height);
  }
  return 0;
}

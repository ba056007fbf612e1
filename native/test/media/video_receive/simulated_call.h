// A sender, a network and a VideoReceiveBuffer in virtual time: loss, jitter, reordering, rate, NACK with RTX, PLI.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "media/packetization/packetizer.h"
#include "media/receive/video_receive_buffer.h"
#include "media/video_receive/synthetic_video.h"
#include "rtp/rtp_packet.h"

namespace peerwire {

struct CallSettings {
  VideoCodec codec = VideoCodec::kVp8;
  int temporal_layers = 1;
  double loss = 0;
  double feedback_loss = 0;
  int64_t rtt_us = 50'000;
  int64_t jitter_us = 0;     // uniform, a packet
  bool keeps_order = false;  // a queue: jitter delays what is behind, too
  bool nack = true;
  bool has_dependency_descriptor = true;
  int framerate = 30;
  size_t keyframe_size = 30'000;
  size_t frame_size = 5'000;
  uint32_t seed = 1;
  uint16_t first_sequence = 65'000;
  uint32_t first_timestamp = 0xfffff000;
  int64_t decode_us = 3'000;
};

class SimulatedCall {
 public:
  explicit SimulatedCall(CallSettings settings)
      : settings_(settings),
        random_(settings.seed),
        encoder_(settings.codec, settings.temporal_layers, settings.seed),
        sequence_(settings.first_sequence) {
    packetizer_ = Packetizer::create({.codec = settings.codec, .first_picture_id = 32'700, .first_tl0_index = 250});
    if (settings.has_dependency_descriptor) extensions_.set(RtpExtension::kDependencyDescriptor, 5);
    VideoReceiveSettings receive;
    receive.payload_types[kPayloadType] = {settings.codec, {}};
    receive.payload_types[kOtherPayloadType] = {VideoCodec::kVp8, {}};
    receive.extensions = extensions_;
    receive.nack = settings.nack;
    buffer = std::make_unique<VideoReceiveBuffer>(receive);
    buffer->set_rtt(settings.rtt_us / 1000);
  }

  static constexpr int64_t kStartUs = 1'000'000'000;
  static constexpr uint8_t kPayloadType = 96;
  static constexpr uint8_t kOtherPayloadType = 97;

  /// Runs on for so long.
  void run(int64_t duration_us) {
    const int64_t end = now_us + duration_us;
    while (true) {
      const int64_t due = events_.empty() ? INT64_MAX : events_.begin()->first;
      const int64_t timeout = buffer->next_timeout_us(now_us);
      const int64_t next = std::min({due, next_frame_us_, std::max(timeout, now_us)});
      if (next > end) break;
      // A timeout that does not move time must not come for ever.
      if (next == now_us) {
        ASSERT_LT(++turns_at_once_, 10'000) << "a timeout that never ends";
      } else {
        turns_at_once_ = 0;
      }
      now_us = next;
      if (next_frame_us_ <= now_us) {
        send_frame();
      } else if (due <= now_us) {
        auto action = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        action();
      }
      poll();
    }
    now_us = end;
  }

  struct Released {
    EncodedVideoFrame frame;
    int64_t at_us;
  };

  std::unique_ptr<VideoReceiveBuffer> buffer;
  SyntheticDecoder decoder;
  std::vector<Released> released;
  int64_t now_us = kStartUs;
  uint32_t keyframe_requests = 0;
  /// Behind the beginning, where what was sent before the first packet that arrived cannot be asked for.
  uint32_t later_keyframe_requests = 0;
  uint32_t nacked = 0;
  uint64_t packets_sent = 0;
  uint32_t ssrc = 0x1234;
  uint8_t payload_type = kPayloadType;
  bool is_sending = true;
  bool ignores_keyframe_requests = false;
  bool retransmits = true;
  /// Asked of every packet that is sent the first time: true loses it.
  std::function<bool(const RtpPacketToSend&)> loses;

  SyntheticEncoder& encoder() { return encoder_; }
  CallSettings& settings() { return settings_; }
  void force_keyframe() { wants_keyframe_ = true; }
  void jump_sequence(uint16_t by) { sequence_ = static_cast<uint16_t>(sequence_ + by); }
  void jump_timestamp(uint32_t by) { timestamp_offset_ += by; }
  void change_codec(VideoCodec codec, uint8_t type) {
    encoder_ = SyntheticEncoder(codec, 1, settings_.seed + 77);
    packetizer_ = Packetizer::create({.codec = codec});
    payload_type = type;
    decoder = {};
  }
  void restart_ssrc() {
    ssrc += 1;
    sequence_ = static_cast<uint16_t>(random_());
    timestamp_offset_ += static_cast<uint32_t>(random_());
    history_.clear();
    wants_keyframe_ = true;
  }

  int64_t longest_gap_us(int64_t from_us = 0) const {
    int64_t longest = 0;
    for (size_t i = 1; i < released.size(); ++i) {
      if (released[i - 1].at_us >= from_us) longest = std::max(longest, released[i].at_us - released[i - 1].at_us);
    }
    if (!released.empty()) longest = std::max(longest, now_us - released.back().at_us);
    return longest;
  }

 private:
  void at(int64_t when_us, std::function<void()> action) { events_.emplace(when_us, std::move(action)); }
  bool chance(double probability) { return std::uniform_real_distribution<>(0, 1)(random_) < probability; }

  void send_frame() {
    const int64_t interval_us = 1'000'000 / settings_.framerate;
    next_frame_us_ = now_us + interval_us;
    if (!is_sending) return;
    const bool is_keyframe = wants_keyframe_;
    wants_keyframe_ = false;
    const auto timestamp =
        static_cast<uint32_t>(settings_.first_timestamp + timestamp_offset_ + (now_us - kStartUs) * 9 / 100);
    const bool is_big = is_keyframe || packets_sent == 0;
    const size_t size = (is_big ? settings_.keyframe_size : settings_.frame_size) * (50 + random_() % 100) / 100;
    const auto frame = encoder_.encode(is_keyframe, timestamp, size);
    decoder.on_sent(frame);
    int64_t send_us = now_us;
    for (VideoPayload& each : packetizer_->packetize(frame.encoded, {.max_payload_size = 1100})) {
      auto packet = std::make_shared<RtpPacketToSend>();
      packet->header = {each.is_last, payload_type, sequence_, timestamp, ssrc, {}};
      packet->payload = std::move(each.payload);
      if (!each.dependency_descriptor.empty()) {
        packet->set_extension(RtpExtension::kDependencyDescriptor, each.dependency_descriptor);
      }
      history_[sequence_++] = packet;
      // Paced: 20 Mbit/s.
      send_us += 500;
      send(packet, send_us, false);
    }
  }

  void send(const std::shared_ptr<RtpPacketToSend>& packet, int64_t when_us, bool is_retransmission) {
    ++packets_sent;
    if (chance(settings_.loss) || (!is_retransmission && loses && loses(*packet))) return;
    int64_t arrival_us = when_us + settings_.rtt_us / 2;
    if (settings_.jitter_us > 0)
      arrival_us += static_cast<int64_t>(random_() % static_cast<uint64_t>(settings_.jitter_us));
    if (settings_.keeps_order) arrival_us = last_arrival_us_ = std::max(arrival_us, last_arrival_us_);
    at(arrival_us, [this, octets = packet->serialize(extensions_), is_retransmission] {
      const auto view = RtpPacketView::parse(octets);
      ASSERT_TRUE(view);
      buffer->on_packet(*view, is_retransmission, now_us);
    });
  }

  void poll() {
    for (EncodedVideoFrame& frame : buffer->take_due(now_us)) {
      EXPECT_EQ(decoder.decode(frame), SyntheticDecoder::Outcome::kGood) << "frame " << released.size();
      released.push_back({std::move(frame), now_us});
      buffer->on_frame_decoded(settings_.decode_us, now_us + settings_.decode_us);
    }
    const auto numbers = buffer->take_nacks(now_us);
    if (!numbers.empty()) {
      nacked += static_cast<uint32_t>(numbers.size());
      if (!chance(settings_.feedback_loss)) {
        at(now_us + settings_.rtt_us / 2, [this, numbers] {
          for (const uint16_t number : numbers) {
            const auto found = history_.find(number);
            if (found != history_.end() && retransmits) send(found->second, now_us, true);
          }
        });
      }
    }
    if (buffer->take_keyframe_request(now_us)) {
      ++keyframe_requests;
      if (now_us > kStartUs + 500'000) ++later_keyframe_requests;
      if (!chance(settings_.feedback_loss)) {
        at(now_us + settings_.rtt_us / 2, [this] { wants_keyframe_ = wants_keyframe_ || !ignores_keyframe_requests; });
      }
    }
  }

  CallSettings settings_;
  std::mt19937 random_;
  SyntheticEncoder encoder_;
  std::unique_ptr<Packetizer> packetizer_;
  RtpExtensionMap extensions_;
  std::multimap<int64_t, std::function<void()>> events_;
  std::map<uint16_t, std::shared_ptr<RtpPacketToSend>> history_;
  uint16_t sequence_;
  uint32_t timestamp_offset_ = 0;
  int64_t next_frame_us_ = kStartUs;
  int64_t last_arrival_us_ = 0;
  bool wants_keyframe_ = false;
  int turns_at_once_ = 0;
};

}  // namespace peerwire

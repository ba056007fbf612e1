// Any sequence of packets, times and settings: bounded in memory and turns, frames in order, no timeout in the past
// that never ends.
#include <algorithm>

#include "media/receive/video_receive_buffer.h"

namespace peerwire {
namespace {

constexpr VideoCodec kCodecs[] = {VideoCodec::kVp8, VideoCodec::kVp9, VideoCodec::kH264, VideoCodec::kAv1};

class Input {
 public:
  Input(const uint8_t* octets, size_t size) : rest_(octets, size) {}
  bool empty() const { return rest_.empty(); }
  uint8_t octet() {
    if (rest_.empty()) return 0;
    const uint8_t value = rest_[0];
    rest_ = rest_.subspan(1);
    return value;
  }
  ByteView take(size_t count) {
    const ByteView out = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(out.size());
    return out;
  }

 private:
  ByteView rest_;
};

void run(Input input) {
  VideoReceiveSettings settings;
  for (uint8_t i = 0; i < 4; ++i) settings.payload_types[static_cast<uint8_t>(96 + i)] = {kCodecs[i], {}};
  settings.extensions.set(RtpExtension::kDependencyDescriptor, 1);
  settings.extensions.set(RtpExtension::kPlayoutDelay, 2);
  settings.extensions.set(RtpExtension::kVideoOrientation, 3);
  settings.nack = (input.octet() & 1) != 0;
  VideoReceiveBuffer buffer(settings);
  int64_t now_us = 1'000'000;
  uint16_t sequence = 65'530;
  uint32_t timestamp = 0;
  uint32_t ssrc = 1;
  while (!input.empty()) {
    const uint8_t control = input.octet();
    if (control & 0x01) timestamp += 3000;
    if (control & 0x02) now_us += int64_t{input.octet()} * 1000;
    if (control & 0x04) sequence = static_cast<uint16_t>(sequence + static_cast<int8_t>(input.octet()));
    if ((control & 0x78) == 0x78) {
      switch (input.octet() % 6) {
        case 0:
          ++ssrc;
          break;
        case 1:
          sequence = static_cast<uint16_t>(sequence + input.octet() * 256);
          break;
        case 2:
          timestamp += uint32_t{input.octet()} << 24;
          break;
        case 3:
          buffer.on_decode_failed();
          break;
        case 4:
          buffer.set_target_delay(input.octet() * 20);
          break;
        default:
          buffer.set_rtt(input.octet() * 10);
          break;
      }
    }
    RtpPacketToSend packet;
    packet.header = {
        (control & 0x80) != 0, static_cast<uint8_t>(96 + (control >> 3 & 3)), sequence++, timestamp, ssrc, {}};
    if (control & 0x20) packet.set_extension(RtpExtension::kDependencyDescriptor, input.take(input.octet() % 32));
    const ByteView payload = input.take(input.octet());
    packet.payload.assign(payload.begin(), payload.end());
    const Bytes octets = packet.serialize(settings.extensions);
    if (const auto view = RtpPacketView::parse(octets)) buffer.on_packet(*view, (control & 0x40) != 0, now_us);
    if (control & 0x02) buffer.on_frame_decoded(int64_t{control} * 100, now_us);
    for (const EncodedVideoFrame& frame : buffer.take_due(now_us)) {
      if (frame.data.empty() || frame.render_time_us < now_us) __builtin_trap();
    }
    if (buffer.take_nacks(now_us).size() > NackGenerator::kMaxMissing) __builtin_trap();
    buffer.take_keyframe_request(now_us);
    // Everything that was due has been taken.
    if (buffer.next_timeout_us(now_us) <= now_us && !buffer.take_due(now_us).empty()) __builtin_trap();
  }
  // Time alone brings it to rest.
  for (int turns = 0; turns < 100'000; ++turns) {
    const int64_t next_us = buffer.next_timeout_us(now_us);
    if (next_us == VideoReceiveBuffer::kNever) return;
    now_us = std::max(next_us, now_us + 1);
    buffer.take_due(now_us);
    buffer.take_nacks(now_us);
    buffer.take_keyframe_request(now_us);
  }
  __builtin_trap();
}

}  // namespace
}  // namespace peerwire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  peerwire::run({octets, size});
  return 0;
}

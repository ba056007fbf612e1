// Whatever comes, in whatever order and at whatever times: a block of 10 ms goes out, and the counters make sense.
#include "media/receive/audio_jitter_buffer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using namespace peerwire;
  AudioJitterBuffer buffer;
  const auto configure = [&] {
    buffer.set_payload_type(0, {AudioCodec::kOpus, 48000, 2});
    buffer.set_payload_type(1, {AudioCodec::kPcmu, 8000, 1});
    buffer.set_payload_type(2, {AudioCodec::kG722, 8000, 1});
    buffer.set_payload_type(3, {AudioCodec::kComfortNoise, 8000, 1});
    buffer.set_payload_type(4, {AudioCodec::kTelephoneEvent, 8000, 1});
    buffer.set_payload_type(5, {AudioCodec::kOpus, 48000, 1});
    buffer.set_payload_type(6, {AudioCodec::kRed, 48000, 1});
  };
  configure();
  int64_t now_us = 1'000'000;
  AudioJitterBuffer::PacketHeader header;
  size_t at = 0;
  const auto next = [&]() -> uint8_t { return at < size ? octets[at++] : 0; };
  while (at < size) {
    const uint8_t operation = next();
    switch (operation % 8) {
      case 0:
      case 1:
      case 2: {
        header.payload_type = operation / 8 % 8;
        const uint8_t leap = next();
        header.timestamp += leap < 200 ? leap % 8 * 160u : leap < 250 ? 0u - leap % 8 * 160u : 1u << (next() % 32);
        header.is_redundant = (operation & 0x40) != 0;
        if (operation & 0x80) header.ssrc = next() & 1;
        const size_t length = std::min<size_t>(next(), size - at);
        buffer.insert(header, {octets + at, length}, now_us);
        at += length;
        break;
      }
      case 3:
        now_us += next() * 5000;
        break;
      case 4:
        buffer.set_base_minimum_delay_us(next() * 16'000);
        buffer.set_minimum_delay_us(next() * 1000);
        buffer.set_maximum_delay_us(next() * 16'000);
        break;
      case 5:
        if (operation > 200) buffer.reset();
        if (operation < 50) buffer.keep_payload_types({});
        configure();
        static_cast<void>(buffer.take_tones());
        break;
      default:
        for (int i = operation / 16; i >= 0; --i, now_us += 10'000) {
          const AudioBlock block = buffer.get_block(now_us);
          if (block.frames() * 100 != static_cast<size_t>(block.sample_rate)) __builtin_trap();
        }
    }
    const AudioReceiveStats& stats = buffer.stats();
    if (stats.silent_concealed_samples > stats.concealed_samples || buffer.packets() > 500) __builtin_trap();
    if (!(stats.audio_level >= 0 && stats.audio_level <= 1) || !(stats.jitter_buffer_delay_s >= 0)) __builtin_trap();
    if (buffer.target_delay_us() < 0 || buffer.target_delay_us() > 4'080'000) __builtin_trap();
  }
  return 0;
}

// Any sequence of payloads tells of tones that begin and end in turn.
#include "media/codec/telephone_event.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using namespace peerwire;
  TelephoneEventReceiver receiver;
  std::vector<ReceivedTone> tones;
  int64_t now_us = 0;
  uint32_t timestamp = 0;
  while (size >= 3) {
    timestamp += static_cast<uint32_t>(static_cast<int8_t>(octets[0])) * 160u * (octets[1] & 0x40 ? 1000u : 1u);
    now_us += octets[1] * 1000;
    const size_t length = std::min<size_t>(octets[2] % 8, size - 3);
    receiver.receive({octets + 3, length}, timestamp, octets[1] & 0x80 ? 48000 : 8000, now_us, tones);
    receiver.poll(now_us, tones);
    octets += 3 + length;
    size -= 3 + length;
  }
  receiver.finish(tones);
  bool is_sounding = false;
  for (const ReceivedTone& tone : tones) {
    if (tone.is_end != is_sounding || tone.duration_ms < 0) __builtin_trap();
    is_sounding = !is_sounding;
  }
  if (is_sounding) __builtin_trap();
  return 0;
}

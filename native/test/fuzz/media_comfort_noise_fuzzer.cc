// Any octets describe noise that is finite and of the level that was said, or describe none.
#include "media/codec/comfort_noise.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using namespace peerwire;
  NoiseGenerator generator;
  std::vector<int16_t> made;
  while (size > 0) {
    const size_t length = std::min<size_t>(octets[0] % 20, size - 1);
    const auto noise = parse_comfort_noise({octets + 1, length});
    octets += 1 + length;
    size -= 1 + length;
    if (!noise) continue;
    Bytes again;
    serialize_comfort_noise(*noise, again);
    const auto reread = parse_comfort_noise(again);
    if (!reread || reread->level != noise->level || reread->order != noise->order) __builtin_trap();
    generator.set(*noise);
    if (noise->order % 2) generator.settle();
    made.clear();
    generator.generate(80, 2, made);
    if (made.size() != 160) __builtin_trap();
    static_cast<void>(describe_noise(made.data(), made.size(), noise->order));
  }
  return 0;
}

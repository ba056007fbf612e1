// Any octets are a RED payload or are none; blocks lie inside it, in order.
#include "media/packetization/red.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using namespace peerwire;
  const auto blocks = split_red({octets, size}, 0x12345678);
  if (!blocks) return 0;
  size_t total = 0;
  for (const RedBlock& block : *blocks) {
    total += block.payload.size();
    if (block.payload.data() + block.payload.size() > octets + size) __builtin_trap();
  }
  if (total > size || blocks->empty() || !blocks->back().is_primary) __builtin_trap();
  RedJoiner joiner(111, 2);
  for (const RedBlock& block : *blocks) {
    const Bytes joined = joiner.join(block.payload, block.timestamp);
    if (!split_red(joined, block.timestamp)) __builtin_trap();
  }
  return 0;
}

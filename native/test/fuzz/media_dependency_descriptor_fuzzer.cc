// Any octets are a dependency descriptor or are none, also on top of a structure that another one brought.
#include "media/packetization/dependency_descriptor.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using namespace peerwire;
  DependencyDescriptorReader reader;
  ByteView input{octets, size};
  while (!input.empty()) {
    const size_t length = input[0] < input.size() - 1 ? input[0] : input.size() - 1;
    const auto descriptor = reader.parse(input.subspan(1, length));
    if (descriptor && (descriptor->spatial_index > 7 || descriptor->temporal_index > 7 ||
                       descriptor->references.count > FrameReferences::kMax)) {
      __builtin_trap();
    }
    input = input.subspan(1 + length);
  }
  return 0;
}

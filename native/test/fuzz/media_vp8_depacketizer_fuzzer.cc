// Any payloads are a picture or are none: parsing and assembling never go out of bounds, and what comes out can be
// packetized again.
#include "fuzz/media_depacketizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  peerwire::fuzz_depacketizer(peerwire::VideoCodec::kVp8, {octets, size});
  return 0;
}

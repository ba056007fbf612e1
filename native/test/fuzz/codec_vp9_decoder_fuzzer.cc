// Any octets are a frame or fail; decoding them never goes out of bounds.
#include "fuzz/decoder_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  peerwire::test::fuzz_decoder(peerwire::VideoCodec::kVp9, octets, size);
  return 0;
}

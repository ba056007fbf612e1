#include "transport/ice/random_source.h"

#include <openssl/rand.h>

#include <cstdlib>

namespace peerwire::ice {
namespace {

class SystemRandom : public RandomSource {
 public:
  void fill(std::span<uint8_t> out) override {
    // Without randomness every check could be forged: nothing sensible is left to do.
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
  }
};

}  // namespace

TransactionId RandomSource::transaction_id() {
  TransactionId id;
  fill(id);
  return id;
}

uint64_t RandomSource::u64() {
  uint8_t octets[8];
  fill(octets);
  uint64_t value = 0;
  for (uint8_t octet : octets) value = value << 8 | octet;
  return value;
}

double RandomSource::unit() {
  return static_cast<double>(u64() >> 11) * 0x1.0p-53;
}

RandomSource& RandomSource::system() {
  static SystemRandom random;
  return random;
}

}  // namespace peerwire::ice

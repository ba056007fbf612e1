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

std::string random_uuid(RandomSource& random) {
  uint8_t octets[16];
  random.fill(octets);
  octets[6] = static_cast<uint8_t>((octets[6] & 0x0f) | 0x40);
  octets[8] = static_cast<uint8_t>((octets[8] & 0x3f) | 0x80);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < sizeof octets; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[octets[i] >> 4];
    text += kDigits[octets[i] & 15];
  }
  return text;
}

}  // namespace peerwire::ice

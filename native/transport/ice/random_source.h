// Where transaction ids, tie-breakers and jitter come from: the system's generator, or a seeded one in tests.
#pragma once

#include <cstdint>
#include <span>

#include "transport/ice/stun_message.h"

namespace peerwire::ice {

class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(std::span<uint8_t> out) = 0;

  TransactionId transaction_id();
  uint64_t u64();
  /// Uniform in [0, 1).
  double unit();
  /// `base` changed by at most `share` of it in either direction.
  template <typename D>
  D jittered(D base, double share) {
    const double factor = 1.0 + share * (2.0 * unit() - 1.0);
    return D(static_cast<typename D::rep>(static_cast<double>(base.count()) * factor));
  }

  /// Cryptographically random; stateless, usable anywhere.
  static RandomSource& system();
};

/// A random UUID (RFC 9562 section 5.4), in lower case.
std::string random_uuid(RandomSource& random);

}  // namespace peerwire::ice

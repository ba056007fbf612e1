// Bits, most significant first, as H.264, VP9, AV1 and the dependency descriptor write them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace peerwire {

/// Reading beyond the end gives zeros and makes ok() false for good.
class BitReader {
 public:
  explicit BitReader(ByteView data) : data_(data) {}

  /// `count` up to 32.
  uint32_t read(int count) {
    uint32_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 1 | bit();
    return value;
  }
  bool flag() { return bit() != 0; }
  void skip(size_t count) {
    if (count > data_.size() * 8 - position_) {
      ok_ = false;
      position_ = data_.size() * 8;
    } else {
      position_ += count;
    }
  }
  /// ue(v), H.264 section 9.1; the same as uvlc() of AV1, section 4.10.3.
  uint32_t exponential_golomb() {
    int zeros = 0;
    while (ok_ && !flag()) {
      if (++zeros > 31) {
        ok_ = false;
        return 0;
      }
    }
    return ok_ ? (1u << zeros) - 1 + read(zeros) : 0;
  }
  int32_t signed_exponential_golomb() {
    const uint32_t code = exponential_golomb();
    return code & 1 ? static_cast<int32_t>(code / 2 + 1) : -static_cast<int32_t>(code / 2);
  }
  /// ns(n) of AV1, section 4.10.7: a value below `count`.
  uint32_t non_symmetric(uint32_t count) {
    int width = 0;
    for (uint32_t rest = count; rest != 0; rest >>= 1) ++width;
    if (width == 0) return 0;
    const uint32_t short_codes = (1u << width) - count;
    const uint32_t value = read(width - 1);
    return value < short_codes ? value : (value << 1) - short_codes + bit();
  }
  bool ok() const { return ok_; }
  size_t bits_left() const { return data_.size() * 8 - position_; }

 private:
  uint32_t bit() {
    if (position_ >= data_.size() * 8) {
      ok_ = false;
      return 0;
    }
    const uint32_t value = data_[position_ / 8] >> (7 - position_ % 8) & 1;
    ++position_;
    return value;
  }

  ByteView data_;
  size_t position_ = 0;
  bool ok_ = true;
};

/// Appends to `out`; the last octet is filled up with zeros.
class BitWriter {
 public:
  explicit BitWriter(Bytes& out) : out_(out) {}

  void write(uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) {
      if (used_ == 0) out_.push_back(0);
      out_.back() = static_cast<uint8_t>(out_.back() | (value >> i & 1) << (7 - used_));
      used_ = (used_ + 1) % 8;
    }
  }
  void non_symmetric(uint32_t value, uint32_t count) {
    int width = 0;
    for (uint32_t rest = count; rest != 0; rest >>= 1) ++width;
    if (width == 0) return;
    const uint32_t short_codes = (1u << width) - count;
    if (value < short_codes) {
      write(value, width - 1);
    } else {
      write(value + short_codes, width);
    }
  }

 private:
  Bytes& out_;
  int used_ = 0;
};

}  // namespace peerwire

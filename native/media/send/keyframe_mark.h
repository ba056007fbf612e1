// Where the last keyframe of a stream began, by 16-bit sequence numbers, which come round again.
#pragma once

#include <cstdint>
#include <optional>

namespace peerwire {

class KeyframeMark {
 public:
  /// A keyframe's first packet gets this number.
  void set(uint16_t number) { number_ = number; }
  /// To be told of each frame's: a number is before or behind another one only as long as both are near.
  void on_next_number(uint16_t number) {
    if (number_ && static_cast<uint16_t>(number - *number_) > kFar) number_.reset();
  }
  /// The keyframe was sent after the packet of that number.
  bool is_after(uint16_t number) const { return number_ && static_cast<int16_t>(number - *number_) < 0; }

 private:
  /// So that what was sent this long ago and may still be asked for is not mistaken, nor is what is to come.
  static constexpr uint16_t kFar = 0x4000;

  std::optional<uint16_t> number_;
};

}  // namespace peerwire

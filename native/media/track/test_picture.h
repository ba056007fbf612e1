// What fake cameras and screens show: bars in the device's colours, the frame's number for machines
// (media/track/frame_code.h) and for people, the time of day, a field that flashes in the first tenth of each second,
// and below it a landscape that passes by with a box that goes to and fro.
#pragma once

#include <cstdint>
#include <memory>

#include "media/frame/video_frame.h"
#include "media/track/picture_paint.h"

namespace peerwire {

/// For how long picture and sound say that a second of the monotonic clock has begun.
constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kFlashUs = 100'000;

class TestPicture {
 public:
  /// `device` chooses the colours.
  explicit TestPicture(uint32_t device) : device_(device) {}

  struct Moment {
    uint32_t number = 0;
    /// By the monotonic clock.
    int64_t time_us = 0;
    /// Milliseconds since midnight, UTC, or any other time to show.
    int64_t time_of_day_ms = 0;
  };
  std::shared_ptr<I420Buffer> draw(int width, int height, const Moment& moment);

  /// The field that is white in the flash and black otherwise.
  static Rectangle flash_area(int width, int height);

 private:
  void prepare(int width, int height);
  void draw_landscape(I420Buffer& picture, int64_t time_us) const;

  const uint32_t device_;
  /// What stays the same from picture to picture of a size.
  std::shared_ptr<I420Buffer> background_;
  std::shared_ptr<I420Buffer> landscape_;
};

}  // namespace peerwire

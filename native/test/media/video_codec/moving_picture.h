// A picture that moves, drawn: the same for the same number, so that what was decoded can be compared with it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>

#include "media/frame/video_frame.h"

namespace peerwire::test {

/// Gradients that drift, with a textured square that runs around in them.
inline VideoFrame moving_picture(int width, int height, int number) {
  auto buffer = I420Buffer::allocate(width, height);
  const int side = std::max(2, height / 3);
  const int left = (number * 3) % std::max(1, width - side + 1);
  const int top = (number * 2) % std::max(1, height - side + 1);
  for (int y = 0; y < height; y++) {
    uint8_t* row = buffer->y() + y * buffer->stride_y();
    for (int x = 0; x < width; x++) {
      int value = 60 + (x + number) * 80 / std::max(1, width) + y * 60 / std::max(1, height);
      const int in_x = x - left;
      const int in_y = y - top;
      if (in_x >= 0 && in_x < side && in_y >= 0 && in_y < side) value = ((in_x / 4 + in_y / 4) % 2) ? 200 : 90;
      row[x] = static_cast<uint8_t>(std::clamp(value, 16, 235));
    }
  }
  for (int y = 0; y < buffer->chroma_height(); y++) {
    for (int x = 0; x < buffer->chroma_width(); x++) {
      const int drift = number % 64;
      buffer->u()[y * buffer->stride_uv() + x] =
          static_cast<uint8_t>(96 + (x * 32 / buffer->chroma_width()) + drift / 2);
      buffer->v()[y * buffer->stride_uv() + x] =
          static_cast<uint8_t>(160 - (y * 32 / buffer->chroma_height()) - drift / 2);
    }
  }
  VideoFrame frame;
  frame.buffer = std::move(buffer);
  frame.capture_time_us = int64_t{number} * 1'000'000 / 30;
  return frame;
}

/// The same with noise all over: it takes as many bits as there are.
inline VideoFrame noisy_picture(int width, int height, int number) {
  VideoFrame frame = moving_picture(width, height, number);
  auto& buffer = const_cast<I420Buffer&>(*frame.buffer);
  uint32_t state = static_cast<uint32_t>(number) * 2654435761u + 1;
  for (int y = 0; y < height; y++) {
    uint8_t* row = buffer.y() + y * buffer.stride_y();
    for (int x = 0; x < width; x++) {
      state = state * 1664525u + 1013904223u;
      row[x] = static_cast<uint8_t>(std::clamp(row[x] + static_cast<int>(state >> 28) - 8, 16, 235));
    }
  }
  return frame;
}

/// Peak signal-to-noise ratio of all three planes, dB; 0 when the sizes differ.
inline double psnr(const I420Buffer& one, const I420Buffer& other) {
  if (one.width() != other.width() || one.height() != other.height()) return 0;
  double squares = 0;
  const auto add = [&](const uint8_t* a, int stride_a, const uint8_t* b, int stride_b, int width, int height) {
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        const double difference = int{a[y * stride_a + x]} - int{b[y * stride_b + x]};
        squares += difference * difference;
      }
    }
  };
  add(one.y(), one.stride_y(), other.y(), other.stride_y(), one.width(), one.height());
  add(one.u(), one.stride_uv(), other.u(), other.stride_uv(), one.chroma_width(), one.chroma_height());
  add(one.v(), one.stride_uv(), other.v(), other.stride_uv(), one.chroma_width(), one.chroma_height());
  const double mean = squares / static_cast<double>(one.packed_size());
  return mean == 0 ? 100 : 10 * std::log10(255.0 * 255.0 / mean);
}

}  // namespace peerwire::test

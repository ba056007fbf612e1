// A picture on its way through the engine: I420, in a pooled buffer that is shared and no longer changed once it was
// sent on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace peerwire {

/// Three planes. Width and height may be odd; the chroma planes are rounded up.
class I420Buffer {
  struct Private {};  // constructors are for the functions below

 public:
  /// In memory of a pool of the process (media/frame/frame_memory.h). Contents are undefined. 1 to 16,384 pixels each
  /// way. Strides are multiples of 64, so that rows begin aligned. Any thread.
  static std::shared_ptr<I420Buffer> allocate(int width, int height);
  /// Planes in memory of somebody else, as decoders give them; `owner` keeps it. Strides may be any.
  static std::shared_ptr<const I420Buffer> wrap(int width, int height, const uint8_t* y, int stride_y, const uint8_t* u,
                                                const uint8_t* v, int stride_uv, std::shared_ptr<const void> owner);

  I420Buffer(Private, int width, int height, uint8_t* y, int stride_y, uint8_t* u, uint8_t* v, int stride_uv,
             std::shared_ptr<const void> owner);

  int width() const { return width_; }
  int height() const { return height_; }
  int chroma_width() const { return (width_ + 1) / 2; }
  int chroma_height() const { return (height_ + 1) / 2; }
  /// Octets from one row to the next.
  int stride_y() const { return stride_y_; }
  int stride_uv() const { return stride_uv_; }
  uint8_t* y() { return y_; }
  uint8_t* u() { return u_; }
  uint8_t* v() { return v_; }
  const uint8_t* y() const { return y_; }
  const uint8_t* u() const { return u_; }
  const uint8_t* v() const { return v_; }

  /// Octets of the picture without padding: width * height plus twice the chroma plane.
  size_t packed_size() const;
  /// Copies without padding, Y, U, V; `to` takes packed_size() octets.
  void copy_packed_to(uint8_t* to) const;
  /// Fills the buffer from the same layout.
  void copy_packed_from(const uint8_t* from);

 private:
  int width_;
  int height_;
  int stride_y_;
  int stride_uv_;
  uint8_t* y_;
  uint8_t* u_;
  uint8_t* v_;
  std::shared_ptr<const void> owner_;
};

/// Cheap to copy.
struct VideoFrame {
  std::shared_ptr<const I420Buffer> buffer;
  /// When it was captured, by the engine's monotonic clock (base/clock.h). Of a received frame: when it is to be shown.
  int64_t capture_time_us = 0;
  /// Degrees clockwise by which it has to be turned to be upright: 0, 90, 180, 270.
  int rotation = 0;
  /// Of a received frame.
  std::optional<uint32_t> rtp_timestamp;
  /// Of a received frame, by the clock of the sender, milliseconds since 1900 (NTP); once a sender report has come.
  std::optional<int64_t> capture_ntp_ms;
  /// What a program that made it calls its time, microseconds of no clock that we know: for those who get it locally.
  std::optional<int64_t> program_time_us;

  int width() const { return buffer ? buffer->width() : 0; }
  int height() const { return buffer ? buffer->height() : 0; }
};

/// A new frame with the same times and rotation, scaled (libyuv, box filter) to `width` x `height`; the same frame if
/// it has that size.
VideoFrame scale_frame(const VideoFrame& frame, int width, int height);
/// A black picture with the frame's size, times and rotation.
VideoFrame black_frame(const VideoFrame& frame);

}  // namespace peerwire

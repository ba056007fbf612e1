#include "media/frame/video_frame.h"

#include <libyuv.h>

#include <algorithm>
#include <cassert>
#include <new>
#include <utility>

#include "media/frame/frame_memory.h"

namespace peerwire {
namespace {

[[maybe_unused]] constexpr int kMaxDimension = 16384;
constexpr int kRowAlignment = static_cast<int>(FrameMemoryPool::kAlignment);

constexpr int kMaxShrink = 16;

constexpr int aligned(int value) {
  return (value + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
}

}  // namespace

I420Buffer::I420Buffer(Private, int width, int height, uint8_t* y, int stride_y, uint8_t* u, uint8_t* v, int stride_uv,
                       std::shared_ptr<const void> owner)
    : width_(width),
      height_(height),
      stride_y_(stride_y),
      stride_uv_(stride_uv),
      y_(y),
      u_(u),
      v_(v),
      owner_(std::move(owner)) {}

std::shared_ptr<I420Buffer> I420Buffer::allocate(int width, int height) {
  assert(width >= 1 && width <= kMaxDimension && height >= 1 && height <= kMaxDimension &&
         "the caller has checked the size of the picture");
  const int stride_y = aligned(width);
  const int stride_uv = aligned((width + 1) / 2);
  const size_t luma = static_cast<size_t>(stride_y) * static_cast<size_t>(height);
  const size_t chroma = static_cast<size_t>(stride_uv) * static_cast<size_t>((height + 1) / 2);
  auto memory = FrameMemoryPool::instance().allocate(luma + 2 * chroma);
  if (!memory) throw std::bad_alloc();
  uint8_t* const y = memory.get();
  return std::make_shared<I420Buffer>(Private{}, width, height, y, stride_y, y + luma, y + luma + chroma, stride_uv,
                                      std::move(memory));
}

std::shared_ptr<const I420Buffer> I420Buffer::wrap(int width, int height, const uint8_t* y, int stride_y,
                                                   const uint8_t* u, const uint8_t* v, int stride_uv,
                                                   std::shared_ptr<const void> owner) {
  // The result is const: nobody writes through these.
  return std::make_shared<const I420Buffer>(Private{}, width, height, const_cast<uint8_t*>(y), stride_y,
                                            const_cast<uint8_t*>(u), const_cast<uint8_t*>(v), stride_uv,
                                            std::move(owner));
}

size_t I420Buffer::packed_size() const {
  return static_cast<size_t>(width_) * static_cast<size_t>(height_) +
         2 * static_cast<size_t>(chroma_width()) * static_cast<size_t>(chroma_height());
}

void I420Buffer::copy_packed_to(uint8_t* to) const {
  const size_t luma = static_cast<size_t>(width_) * static_cast<size_t>(height_);
  const size_t chroma = static_cast<size_t>(chroma_width()) * static_cast<size_t>(chroma_height());
  libyuv::CopyPlane(y_, stride_y_, to, width_, width_, height_);
  libyuv::CopyPlane(u_, stride_uv_, to + luma, chroma_width(), chroma_width(), chroma_height());
  libyuv::CopyPlane(v_, stride_uv_, to + luma + chroma, chroma_width(), chroma_width(), chroma_height());
}

void I420Buffer::copy_packed_from(const uint8_t* from) {
  const size_t luma = static_cast<size_t>(width_) * static_cast<size_t>(height_);
  const size_t chroma = static_cast<size_t>(chroma_width()) * static_cast<size_t>(chroma_height());
  libyuv::CopyPlane(from, width_, y_, stride_y_, width_, height_);
  libyuv::CopyPlane(from + luma, chroma_width(), u_, stride_uv_, chroma_width(), chroma_height());
  libyuv::CopyPlane(from + luma + chroma, chroma_width(), v_, stride_uv_, chroma_width(), chroma_height());
}

VideoFrame scale_frame(const VideoFrame& frame, int width, int height) {
  if (frame.width() == width && frame.height() == height) return frame;
  // libyuv's sums become too coarse where hundreds of pixels become one.
  if (frame.width() > kMaxShrink * width || frame.height() > kMaxShrink * height) {
    const int between_width = std::max(width, (frame.width() + kMaxShrink - 1) / kMaxShrink);
    const int between_height = std::max(height, (frame.height() + kMaxShrink - 1) / kMaxShrink);
    return scale_frame(scale_frame(frame, between_width, between_height), width, height);
  }
  const I420Buffer& from = *frame.buffer;
  auto to = I420Buffer::allocate(width, height);
  libyuv::I420Scale(from.y(), from.stride_y(), from.u(), from.stride_uv(), from.v(), from.stride_uv(), from.width(),
                    from.height(), to->y(), to->stride_y(), to->u(), to->stride_uv(), to->v(), to->stride_uv(), width,
                    height, libyuv::kFilterBox);
  VideoFrame scaled = frame;
  scaled.buffer = std::move(to);
  return scaled;
}

VideoFrame black_frame(const VideoFrame& frame) {
  auto to = I420Buffer::allocate(frame.width(), frame.height());
  libyuv::I420Rect(to->y(), to->stride_y(), to->u(), to->stride_uv(), to->v(), to->stride_uv(), 0, 0, to->width(),
                   to->height(), 16, 128, 128);
  VideoFrame black = frame;
  black.buffer = std::move(to);
  return black;
}

}  // namespace peerwire

#include "media/track/test_picture.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "media/track/frame_code.h"

namespace peerwire {
namespace {

/// Places in hundredths of the height.
constexpr int kTextTop = 43;
constexpr int kTextHeight = 9;
constexpr int kFlashTop = 54;
constexpr int kFlashHeight = 9;
constexpr int kLandscapeTop = 65;
/// The landscape comes back to where it was after so many pixels, and passes at so many a second.
constexpr int kLandscapePeriod = 256;
constexpr int64_t kLandscapeSpeed = 64;
constexpr int64_t kBoxPeriodUs = 4'000'000;

/// Colours of equal brightness steps, turned by the device.
YuvColour bar_colour(uint32_t device, int bar) {
  static constexpr std::array<YuvColour, 7> kBars = {
      {{180, 128, 128}, {162, 44, 142}, {131, 156, 44}, {112, 72, 58}, {84, 184, 198}, {65, 100, 212}, {35, 212, 114}}};
  return kBars[(static_cast<size_t>(bar) + device) % kBars.size()];
}

/// Noise that is the same for the same place.
uint32_t hash(uint32_t x, uint32_t y) {
  uint32_t value = x * 0x9e3779b1u ^ y * 0x85ebca6bu;
  value ^= value >> 15;
  value *= 0x2c1b3c6du;
  value ^= value >> 12;
  value *= 0x297a2d39u;
  return value ^ (value >> 15);
}

/// Hills between random heights on a grid, that join after kLandscapePeriod.
uint8_t hill(int x, int y, int grid) {
  const auto corner = [&](int column, int row) {
    const auto wrapped = static_cast<uint32_t>(column % (kLandscapePeriod / grid));
    return static_cast<int>(hash(wrapped, static_cast<uint32_t>(row)) & 0xff);
  };
  const int column = x / grid;
  const int row = y / grid;
  const int right = x % grid;
  const int down = y % grid;
  const int top = corner(column, row) * (grid - right) + corner(column + 1, row) * right;
  const int bottom = corner(column, row + 1) * (grid - right) + corner(column + 1, row + 1) * right;
  return static_cast<uint8_t>((top * (grid - down) + bottom * down) / (grid * grid));
}

int part(int whole, int hundredths) {
  return whole * hundredths / 100;
}

}  // namespace

Rectangle TestPicture::flash_area(int width, int height) {
  return {part(width, 10), part(height, kFlashTop), part(width, 80), std::max(1, part(height, kFlashHeight))};
}

void TestPicture::prepare(int width, int height) {
  if (background_ && background_->width() == width && background_->height() == height) return;
  background_ = I420Buffer::allocate(width, height);
  for (int bar = 0; bar < 7; ++bar) {
    const int left = width * bar / 7;
    fill(*background_, {left, 0, width * (bar + 1) / 7 - left, height}, bar_colour(device_, bar));
  }
  const int rows = std::max(2, height - part(height, kLandscapeTop));
  landscape_ = I420Buffer::allocate(std::min(16'384, width + kLandscapePeriod), rows);
  I420Buffer& land = *landscape_;
  for (int y = 0; y < rows; ++y) {
    uint8_t* line = land.y() + static_cast<size_t>(y) * land.stride_y();
    for (int x = 0; x < land.width(); ++x)
      line[x] = static_cast<uint8_t>(40 + (hill(x, y, 32) + hill(x, y, 8)) * 3 / 10);
  }
  const YuvColour colour = bar_colour(device_, 2);
  std::memset(land.u(), colour.u, static_cast<size_t>(land.stride_uv()) * land.chroma_height());
  std::memset(land.v(), colour.v, static_cast<size_t>(land.stride_uv()) * land.chroma_height());
}

void TestPicture::draw_landscape(I420Buffer& picture, int64_t time_us) const {
  const int top = picture.height() - std::min(picture.height(), landscape_->height());
  const auto passed = static_cast<int>((time_us / 1000 * kLandscapeSpeed / 1000) % kLandscapePeriod);
  const int shift = std::min(passed, landscape_->width() - picture.width());
  for (int row = top; row < picture.height(); ++row) {
    std::memcpy(picture.y() + static_cast<size_t>(row) * picture.stride_y(),
                landscape_->y() + static_cast<size_t>(row - top) * landscape_->stride_y() + shift,
                static_cast<size_t>(picture.width()));
  }
  for (int row = (top + 1) / 2; row < picture.chroma_height(); ++row) {
    const size_t from = static_cast<size_t>(row - (top + 1) / 2) * landscape_->stride_uv();
    const size_t to = static_cast<size_t>(row) * picture.stride_uv();
    std::memcpy(picture.u() + to, landscape_->u() + from, static_cast<size_t>(picture.chroma_width()));
    std::memcpy(picture.v() + to, landscape_->v() + from, static_cast<size_t>(picture.chroma_width()));
  }
  const int side = std::max(2, part(picture.height(), 18));
  const int room = std::max(0, picture.width() - side);
  const int64_t phase = time_us % kBoxPeriodUs;
  const int64_t way = std::min(phase, kBoxPeriodUs - phase);
  const auto x = static_cast<int>(room * way / (kBoxPeriodUs / 2));
  fill(picture, {x, top + (picture.height() - top - side) / 2, side, side}, bar_colour(device_, 5));
}

std::shared_ptr<I420Buffer> TestPicture::draw(int width, int height, const Moment& moment) {
  prepare(width, height);
  auto picture = I420Buffer::allocate(width, height);
  const size_t y_size = static_cast<size_t>(picture->stride_y()) * picture->height();
  const size_t uv_size = static_cast<size_t>(picture->stride_uv()) * picture->chroma_height();
  std::memcpy(picture->y(), background_->y(), y_size);
  std::memcpy(picture->u(), background_->u(), uv_size);
  std::memcpy(picture->v(), background_->v(), uv_size);
  draw_landscape(*picture, moment.time_us);
  write_frame_code(*picture, moment.number);

  const int64_t of_day = ((moment.time_of_day_ms % 86'400'000) + 86'400'000) % 86'400'000;
  char text[48];
  std::snprintf(text, sizeof text, "%u %02d:%02d:%02d.%03d", moment.number, static_cast<int>(of_day / 3'600'000),
                static_cast<int>(of_day / 60'000 % 60), static_cast<int>(of_day / 1000 % 60),
                static_cast<int>(of_day % 1000));
  int size = std::max(5, part(height, kTextHeight - 2));
  while (size > 5 && text_width(size, text) > part(width, 96)) --size;
  fill(*picture, {part(width, 2), part(height, kTextTop), part(width, 96), part(height, kTextHeight)}, kBlack);
  draw_text(*picture, part(width, 3), part(height, kTextTop + 1), size, text, kWhite);

  const bool flashes = ((moment.time_us % kSecondUs) + kSecondUs) % kSecondUs < kFlashUs;
  fill(*picture, flash_area(width, height), flashes ? kWhite : kBlack);
  return picture;
}

}  // namespace peerwire

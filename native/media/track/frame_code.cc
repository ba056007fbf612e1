#include "media/track/frame_code.h"

#include "media/track/picture_paint.h"

namespace peerwire {
namespace {

constexpr int kColumns = 10;
constexpr int kRows = 4;
/// Parts of the hundred: where the fields begin, and how large they are. The margin around them is half a field.
constexpr int kLeft = 10;
constexpr int kTop = 5;
constexpr int kField = 8;

/// The edges of a field, as fill() rounds them.
Rectangle field(const I420Buffer& picture, int column, int row) {
  const int left = (kLeft + column * kField) * picture.width() / 100;
  const int right = (kLeft + (column + 1) * kField) * picture.width() / 100;
  const int top = (kTop + row * kField) * picture.height() / 100;
  const int bottom = (kTop + (row + 1) * kField) * picture.height() / 100;
  return {left, top, right - left, bottom - top};
}

/// The mean of the inner half of a field, each way: its edges are blurred by scaling and coding.
int brightness(const I420Buffer& picture, const Rectangle& area) {
  const int left = area.x + area.width / 4;
  const int right = std::max(left + 1, area.x + area.width - area.width / 4);
  const int top = area.y + area.height / 4;
  const int bottom = std::max(top + 1, area.y + area.height - area.height / 4);
  int64_t sum = 0;
  for (int row = top; row < bottom; ++row) {
    const uint8_t* line = picture.y() + static_cast<size_t>(row) * picture.stride_y();
    for (int column = left; column < right; ++column) sum += line[column];
  }
  return static_cast<int>(sum / ((right - left) * (bottom - top)));
}

}  // namespace

uint8_t frame_code_check(uint32_t number) {
  uint8_t check = 0xff;
  for (int shift = 24; shift >= 0; shift -= 8) {
    check = static_cast<uint8_t>(check ^ (number >> shift));
    for (int bit = 0; bit < 8; ++bit) {
      check = static_cast<uint8_t>((check << 1) ^ ((check & 0x80) ? 0x07 : 0));
    }
  }
  return check;
}

void write_frame_code(I420Buffer& picture, uint32_t number) {
  const int width = picture.width();
  const int height = picture.height();
  const int x = (kLeft - kField / 2) * width / 100;
  const int y = (kTop - kField / 2) * height / 100;
  fill(picture, {x, y, (kColumns + 1) * kField * width / 100, (kRows + 1) * kField * height / 100}, kGrey);
  const uint64_t bits = (static_cast<uint64_t>(number) << 8) | frame_code_check(number);
  for (int index = 0; index < kColumns * kRows; ++index) {
    const bool is_set = (bits >> (kColumns * kRows - 1 - index)) & 1;
    fill(picture, field(picture, index % kColumns, index / kColumns), is_set ? kWhite : kBlack);
  }
}

std::optional<uint32_t> read_frame_code(const I420Buffer& picture) {
  if (picture.width() < 2 * 100 / kField || picture.height() < 2 * 100 / kField) return std::nullopt;
  uint64_t bits = 0;
  for (int index = 0; index < kColumns * kRows; ++index) {
    bits = (bits << 1) | (brightness(picture, field(picture, index % kColumns, index / kColumns)) >= kGrey.y ? 1 : 0);
  }
  const auto number = static_cast<uint32_t>(bits >> 8);
  if (frame_code_check(number) != (bits & 0xff)) return std::nullopt;
  return number;
}

}  // namespace peerwire

#include "media/track/picture_paint.h"

#include <algorithm>
#include <cstring>

namespace peerwire {
namespace {

void fill_plane(uint8_t* plane, int stride, int left, int top, int right, int bottom, uint8_t value) {
  for (int row = top; row < bottom; ++row) {
    std::memset(plane + static_cast<size_t>(row) * stride + left, value, static_cast<size_t>(right - left));
  }
}

/// Segments of a digit: top, upper left, upper right, middle, lower left, lower right, bottom; one bit each.
constexpr uint8_t kDigits[10] = {0b1110111, 0b0010010, 0b1011101, 0b1011011, 0b0111010,
                                 0b1101011, 0b1101111, 0b1010010, 0b1111111, 0b1111011};

int digit_width(int height) {
  return std::max(3, height * 6 / 10);
}

int narrow_width(int height) {
  return std::max(1, height / 6);
}

int gap_width(int height) {
  return std::max(1, height / 8);
}

bool is_narrow(char character) {
  return character == ':' || character == '.';
}

void draw_digit(I420Buffer& picture, int x, int y, int height, int digit, YuvColour colour) {
  const int width = digit_width(height);
  const int thick = std::max(1, height / 7);
  const int half = height / 2;
  const Rectangle segments[7] = {{x, y, width, thick},
                                 {x, y, thick, half},
                                 {x + width - thick, y, thick, half},
                                 {x, y + half - thick / 2, width, thick},
                                 {x, y + half, thick, height - half},
                                 {x + width - thick, y + half, thick, height - half},
                                 {x, y + height - thick, width, thick}};
  for (int index = 0; index < 7; ++index) {
    if (kDigits[digit] & (0b1000000 >> index)) fill(picture, segments[index], colour);
  }
}

}  // namespace

void fill(I420Buffer& picture, Rectangle area, YuvColour colour) {
  const int left = std::clamp(area.x, 0, picture.width());
  const int top = std::clamp(area.y, 0, picture.height());
  const int right = std::clamp(area.x + area.width, left, picture.width());
  const int bottom = std::clamp(area.y + area.height, top, picture.height());
  if (left == right || top == bottom) return;
  fill_plane(picture.y(), picture.stride_y(), left, top, right, bottom, colour.y);
  const int chroma_right = (right + 1) / 2;
  const int chroma_bottom = (bottom + 1) / 2;
  fill_plane(picture.u(), picture.stride_uv(), left / 2, top / 2, chroma_right, chroma_bottom, colour.u);
  fill_plane(picture.v(), picture.stride_uv(), left / 2, top / 2, chroma_right, chroma_bottom, colour.v);
}

void draw_text(I420Buffer& picture, int x, int y, int height, std::string_view text, YuvColour colour) {
  for (const char character : text) {
    const int dot = narrow_width(height);
    if (character >= '0' && character <= '9') {
      draw_digit(picture, x, y, height, character - '0', colour);
    } else if (character == ':') {
      fill(picture, {x, y + height / 4, dot, dot}, colour);
      fill(picture, {x, y + height * 3 / 4 - dot, dot, dot}, colour);
    } else if (character == '.') {
      fill(picture, {x, y + height - dot, dot, dot}, colour);
    }
    x += (is_narrow(character) ? dot : digit_width(height)) + gap_width(height);
  }
}

int text_width(int height, std::string_view text) {
  int width = 0;
  for (const char character : text) {
    width += (is_narrow(character) ? narrow_width(height) : digit_width(height)) + gap_width(height);
  }
  return width;
}

}  // namespace peerwire

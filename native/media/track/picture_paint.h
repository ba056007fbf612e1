// Rectangles of one colour, and digits made of them: all that test pictures are drawn with.
#pragma once

#include <cstdint>
#include <string_view>

#include "media/frame/video_frame.h"

namespace peerwire {

struct YuvColour {
  uint8_t y = 16;
  uint8_t u = 128;
  uint8_t v = 128;
};

constexpr YuvColour kBlack{16, 128, 128};
constexpr YuvColour kGrey{126, 128, 128};
constexpr YuvColour kWhite{235, 128, 128};

struct Rectangle {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// What lies outside of the picture is left out. Where odd edges cut a pixel of the colour planes, it is painted.
void fill(I420Buffer& picture, Rectangle area, YuvColour colour);
/// Digits, ':' and '.' in seven segments, each as high as `height`, from the left; blanks and others leave room. Its
/// width is text_width().
void draw_text(I420Buffer& picture, int x, int y, int height, std::string_view text, YuvColour colour);
int text_width(int height, std::string_view text);

}  // namespace peerwire

// A number in a picture that machines can read, after coding, scaling and change of frame rate.
//
// Four rows of ten fields, black for 0 and white for 1, from the upper left: the bits of the number, the highest first,
// then those of a check sum. They lie in a frame of grey, between a tenth and nine tenths of the width, and from a
// twentieth to nine twentieths of the height: a field is 8 % of the width by 8 % of the height, 12 by 7 pixels at
// 160 by 90.
#pragma once

#include <cstdint>
#include <optional>

#include "media/frame/video_frame.h"

namespace peerwire {

/// The check sum: CRC-8 (polynomial 0x07, first value 0xff) of the number's four octets, the highest first. A picture
/// without any number in it does not have one by chance, nor do a black and a white one.
uint8_t frame_code_check(uint32_t number);

void write_frame_code(I420Buffer& picture, uint32_t number);
/// Nothing when there is none, or when it cannot be read.
std::optional<uint32_t> read_frame_code(const I420Buffer& picture);

}  // namespace peerwire

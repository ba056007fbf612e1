// Any octets are the value of an extension or are none; what is read can be written again.
#include "rtp/header_extensions.h"

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using namespace peerwire;
  const ByteView value{octets, size};
  if (const auto time = decode_abs_send_time(value)) {
    const int64_t us = abs_send_time_us(*time);
    require(us >= 0 && us <= kAbsSendTimeWrapUs);
    require(to_abs_send_time(us) == *time);
    require(abs_send_time_difference_us(*time, *time) == 0);
  }
  if (const auto number = decode_transport_sequence_number(value)) {
    const auto again = encode_transport_sequence_number(*number);
    require(again[0] == octets[0] && again[1] == octets[1]);
  }
  if (const auto level = decode_audio_level(value)) require(encode_audio_level(*level)[0] == octets[0]);
  if (const auto levels = decode_csrc_audio_levels(value)) require(levels->count == size);
  if (const auto orientation = decode_video_orientation(value)) {
    require(encode_video_orientation(*orientation)[0] == (octets[0] & 15));
  }
  if (const auto delay = decode_playout_delay(value))
    require(decode_playout_delay(encode_playout_delay(*delay)) == delay);
  if (const auto time = decode_abs_capture_time(value)) {
    const auto again = decode_abs_capture_time(encode_abs_capture_time(*time));
    require(again && again->ntp_time == time->ntp_time && again->clock_offset == time->clock_offset.value_or(0));
  }
  if (const auto text = decode_stream_text(value)) require(!text->empty() && text->size() <= size);
  return 0;
}

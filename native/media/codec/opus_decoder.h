// Opus (RFC 6716), decoded at 48 kHz, with its own concealment and in-band FEC.
#pragma once

#include <memory>

#include "media/codec/audio_codec.h"

namespace peerwire {

std::unique_ptr<AudioDecoder> create_opus_decoder(int channels);

}  // namespace peerwire

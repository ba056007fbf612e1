// ITU-T G.711: logarithmic 8-bit companding of sound at 8 kHz. https://www.itu.int/rec/T-REC-G.711
#pragma once

#include <memory>

#include "media/codec/audio_codec.h"

namespace peerwire {

enum class G711Law { kMu, kA };

/// One sample. `linear` is 16 bits, of which the laws use 14 (mu) and 13 (A).
uint8_t g711_compress(G711Law law, int16_t linear);
int16_t g711_expand(G711Law law, uint8_t code);

std::unique_ptr<AudioEncoder> create_g711_encoder(G711Law law, const AudioEncoderSettings& settings);
std::unique_ptr<AudioDecoder> create_g711_decoder(G711Law law);

}  // namespace peerwire

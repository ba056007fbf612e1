// Opus (RFC 6716) as RFC 7587 carries it.
#pragma once

#include <memory>
#include <string>

#include "media/codec/audio_codec.h"

namespace peerwire {

/// Speech is coded for intelligibility (VOIP), music and stereo for fidelity (AUDIO), as libwebrtc chooses. A packet
/// time that Opus does not have becomes the next shorter one.
std::unique_ptr<AudioEncoder> create_opus_encoder(const AudioEncoderSettings& settings, std::string* error);

}  // namespace peerwire

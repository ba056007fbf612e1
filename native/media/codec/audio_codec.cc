#include "media/codec/audio_codec.h"

#include <algorithm>

#include "media/codec/g711.h"
#include "media/codec/g722.h"
#include "media/codec/opus_decoder.h"
#include "media/codec/opus_encoder.h"

namespace peerwire {

std::unique_ptr<AudioEncoder> AudioEncoder::create(const AudioEncoderSettings& settings, std::string* error) {
  [[maybe_unused]] AudioEncoderSettings limited = settings;
  const int longest = settings.codec == AudioCodec::kOpus ? 120 : 60;
  limited.packet_time_ms = std::clamp(settings.packet_time_ms, 10, longest) / 10 * 10;
  switch (settings.codec) {
#ifndef PEERWIRE_WITHOUT_OPUS
    case AudioCodec::kOpus:
      return create_opus_encoder(limited, error);
#endif
#ifndef PEERWIRE_WITHOUT_G711
    case AudioCodec::kPcmu:
      return create_g711_encoder(G711Law::kMu, limited);
    case AudioCodec::kPcma:
      return create_g711_encoder(G711Law::kA, limited);
#endif
#ifndef PEERWIRE_WITHOUT_G722
    case AudioCodec::kG722:
      return create_g722_encoder(limited);
#endif
    default:
      if (error) *error = "this build has no encoder for the codec";
      return nullptr;
  }
}

std::unique_ptr<AudioDecoder> AudioDecoder::create(AudioCodec codec, int channels) {
  switch (codec) {
#ifndef PEERWIRE_WITHOUT_OPUS
    case AudioCodec::kOpus:
      return create_opus_decoder(channels == 2 ? 2 : 1);
#endif
#ifndef PEERWIRE_WITHOUT_G711
    case AudioCodec::kPcmu:
      return create_g711_decoder(G711Law::kMu);
    case AudioCodec::kPcma:
      return create_g711_decoder(G711Law::kA);
#endif
#ifndef PEERWIRE_WITHOUT_G722
    case AudioCodec::kG722:
      return create_g722_decoder();
#endif
    default:
      static_cast<void>(channels);
      return nullptr;
  }
}

}  // namespace peerwire

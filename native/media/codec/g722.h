// ITU-T G.722 at 64 kbit/s: two sub-bands of sound at 16 kHz, each coded by adaptive differences.
// https://www.itu.int/rec/T-REC-G.722. Names in capitals are the recommendation's.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "media/codec/audio_codec.h"

namespace peerwire {

/// Adaptive predictor and scale factor of one band (blocks 3 and 4), the same in encoder and decoder.
class G722Band {
 public:
  explicit G722Band(int first_scale) : scale_(first_scale) {}

  int scale() const { return scale_; }            // DET
  int prediction() const { return prediction_; }  // S
  /// Blocks 3L and 3H: the logarithmic scale moves by `step`, within `limit`; `shift` is 8 in the lower band, 10 in the
  /// higher.
  void adapt_scale(int step, int limit, int shift);
  /// Block 4: takes the quantized difference and predicts the next sample.
  void predict(int difference);

 private:
  int prediction_ = 0;
  int zero_prediction_ = 0;             // SZ
  int log_scale_ = 0;                   // NB
  int scale_;                           // DET
  std::array<int, 3> reconstructed_{};  // RLT
  std::array<int, 3> partial_{};        // PLT
  std::array<int, 3> poles_{};          // AL, from 1
  std::array<int, 7> zeros_{};          // BL, from 1
  std::array<int, 7> differences_{};    // DLT
};

/// History of the quadrature mirror filters, a window that moves through twice its length.
class G722FilterBank {
 public:
  /// Shifts two values in.
  void push(int first, int second);
  /// Sums over the even and the odd taps.
  void filter(int& even, int& odd) const;

 private:
  static constexpr size_t kTaps = 24;
  std::array<int, 2 * kTaps> values_{};
  size_t at_ = 0;
};

class G722EncoderState {
 public:
  /// Two samples make one octet.
  uint8_t encode(int16_t first, int16_t second);

 private:
  G722FilterBank filters_;
  G722Band low_{32};
  G722Band high_{8};
};

class G722DecoderState {
 public:
  void decode(uint8_t code, int16_t& first, int16_t& second);

 private:
  G722FilterBank filters_;
  G722Band low_{32};
  G722Band high_{8};
};

std::unique_ptr<AudioEncoder> create_g722_encoder(const AudioEncoderSettings& settings);
std::unique_ptr<AudioDecoder> create_g722_decoder();

}  // namespace peerwire

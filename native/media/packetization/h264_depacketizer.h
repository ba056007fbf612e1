// H.264 payloads to Annex B: https://www.rfc-editor.org/rfc/rfc6184#section-5. Single NAL units, STAP-A and FU-A, which
// is all that packetization modes 0 and 1 have.
#pragma once

#include <map>

#include "media/packetization/depacketizer.h"
#include "media/packetization/h264_bitstream.h"

namespace peerwire {

class H264Depacketizer final : public Depacketizer {
 public:
  explicit H264Depacketizer(std::string_view sprop_parameter_sets = {});
  std::optional<PayloadDescription> parse(ByteView payload) const override;
  /// Puts the parameter sets that an IDR picture needs before it, when it comes without.
  bool assemble(std::span<const ByteView> media, EncodedVideoFrame& frame) override;

 private:
  struct StoredSps {
    Bytes nal;
    h264::SequenceParameters parameters;
  };
  struct StoredPps {
    Bytes nal;
    uint32_t sps_id = 0;
  };
  struct Picture;

  void store(ByteView nal);
  bool add_unit(ByteView nal, Picture& picture);
  bool begin_picture_unit(ByteView nal, Picture& picture);

  std::map<uint32_t, StoredSps> sps_;  // at most 32
  std::map<uint32_t, StoredPps> pps_;  // at most 256
};

}  // namespace peerwire

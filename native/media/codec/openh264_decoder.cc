// H.264 by OpenH264. Nothing is concealed: what does not decode is asked for again as a keyframe.
#include <codec_api.h>
#include <libyuv.h>

#include <array>
#include <climits>
#include <utility>

#include "media/codec/codec_factories.h"
#include "media/codec/openh264_slices.h"

namespace peerwire {
namespace {

class OpenH264Decoder final : public VideoDecoder {
 public:
  OpenH264Decoder() = default;
  ~OpenH264Decoder() override { close(); }
  OpenH264Decoder(const OpenH264Decoder&) = delete;
  OpenH264Decoder& operator=(const OpenH264Decoder&) = delete;

  bool decode(const EncodedVideoFrame& frame, std::optional<VideoFrame>& out) override;
  const char* implementation() const override { return "OpenH264"; }

 private:
  /// What is to be known of a frame when it comes out, which may be after others (B slices).
  struct Pending {
    uint64_t id = 0;
    EncodedVideoFrame frame;  // without its octets
  };

  bool open();
  void close();
  const EncodedVideoFrame& remember(const EncodedVideoFrame& frame);
  const EncodedVideoFrame& recall(uint64_t id) const;

  ISVCDecoder* decoder_ = nullptr;
  bool needs_keyframe_ = true;
  bool has_b_slices_ = false;
  uint64_t next_id_ = 1;
  std::array<Pending, 32> pending_;  // more than the format's 16 pictures
};

bool OpenH264Decoder::open() {
  if (WelsCreateDecoder(&decoder_) != 0 || !decoder_) {
    decoder_ = nullptr;
    return false;
  }
  int quiet = WELS_LOG_QUIET;
  decoder_->SetOption(DECODER_OPTION_TRACE_LEVEL, &quiet);
  SDecodingParam parameters{};
  parameters.eEcActiveIdc = ERROR_CON_DISABLE;
  parameters.sVideoProperty.size = sizeof parameters.sVideoProperty;
  parameters.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
  parameters.uiTargetDqLayer = UCHAR_MAX;
  if (decoder_->Initialize(&parameters) != cmResultSuccess) {
    close();
    return false;
  }
  return true;
}

void OpenH264Decoder::close() {
  if (!decoder_) return;
  decoder_->Uninitialize();
  WelsDestroyDecoder(decoder_);
  decoder_ = nullptr;
}

const EncodedVideoFrame& OpenH264Decoder::remember(const EncodedVideoFrame& frame) {
  Pending& pending = pending_[next_id_ % pending_.size()];
  pending.id = next_id_++;
  pending.frame.rotation = frame.rotation;
  pending.frame.render_time_us = frame.render_time_us;
  pending.frame.rtp_timestamp = frame.rtp_timestamp;
  pending.frame.capture_ntp_ms = frame.capture_ntp_ms;
  return pending.frame;
}

const EncodedVideoFrame& OpenH264Decoder::recall(uint64_t id) const {
  const Pending& pending = pending_[id % pending_.size()];
  return pending.id == id ? pending.frame : pending_[(next_id_ - 1) % pending_.size()].frame;
}

bool OpenH264Decoder::decode(const EncodedVideoFrame& frame, std::optional<VideoFrame>& out) {
  out.reset();
  if (frame.data.empty() || frame.data.size() > INT_MAX) return false;
  const H264Slices slices = find_h264_slices(frame.data);
  if (needs_keyframe_ && !slices.has_idr) return false;
  if (slices.has_b) has_b_slices_ = true;
  // A decoder that failed begins anew: its buffers may hold pictures from before.
  if (needs_keyframe_) {
    close();
    has_b_slices_ = slices.has_b;
  }
  if (!decoder_ && !open()) return false;
  remember(frame);

  uint8_t* planes[3] = {};
  SBufferInfo picture{};
  picture.uiInBsTimeStamp = next_id_ - 1;
  DECODING_STATE state =
      decoder_->DecodeFrameNoDelay(frame.data.data(), static_cast<int>(frame.data.size()), planes, &picture);
  // Beyond the baseline profile the library waits for one more picture, which only B slices need.
  if (state == dsErrorFree && picture.iBufferStatus != 1 && !has_b_slices_) {
    state = decoder_->FlushFrame(planes, &picture);
  }
  if (state != dsErrorFree) {
    needs_keyframe_ = true;
    return false;
  }
  needs_keyframe_ = false;
  if (picture.iBufferStatus != 1 || !planes[0] || !planes[1] || !planes[2]) return true;

  const SSysMEMBuffer& memory = picture.UsrData.sSystemBuffer;
  if (memory.iWidth < 1 || memory.iHeight < 1 || int64_t{memory.iWidth} * memory.iHeight > kMaxDecodedPixels) {
    needs_keyframe_ = true;
    return false;
  }
  // The library's pictures live until its next call.
  auto buffer = I420Buffer::allocate(memory.iWidth, memory.iHeight);
  libyuv::I420Copy(planes[0], memory.iStride[0], planes[1], memory.iStride[1], planes[2], memory.iStride[1],
                   buffer->y(), buffer->stride_y(), buffer->u(), buffer->stride_uv(), buffer->v(), buffer->stride_uv(),
                   memory.iWidth, memory.iHeight);
  out = decoded_frame(recall(picture.uiOutYuvTimeStamp), std::move(buffer));
  return true;
}

}  // namespace

std::unique_ptr<VideoDecoder> create_openh264_decoder() {
  return std::make_unique<OpenH264Decoder>();
}

}  // namespace peerwire

// VP8 and VP9 by libvpx. VP9 decodes into blocks of the frame pool, which become the frames without being copied.
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include <libyuv.h>

#include <cassert>
#include <new>
#include <utility>

#include "media/codec/codec_factories.h"
#include "media/frame/frame_memory.h"

namespace peerwire {
namespace {

using Block = std::shared_ptr<uint8_t>;

/// A picture with its borders, of libvpx: 160 pixels all around. What is asked for beyond is hostile.
constexpr size_t kMaxBlock = static_cast<size_t>(kMaxDecodedPixels) * 2;

class VpxDecoder final : public VideoDecoder {
 public:
  VpxDecoder(VideoCodec codec, vpx_codec_iface_t* codec_interface, int threads)
      : codec_(codec), codec_interface_(codec_interface), threads_(threads) {}
  ~VpxDecoder() override { close(); }
  VpxDecoder(const VpxDecoder&) = delete;
  VpxDecoder& operator=(const VpxDecoder&) = delete;

  bool decode(const EncodedVideoFrame& frame, std::optional<VideoFrame>& out) override;
  int last_qp() const override { return last_qp_; }
  const char* implementation() const override { return "libvpx"; }

 private:
  bool open();
  void close();
  std::shared_ptr<const I420Buffer> take(const vpx_image_t& image) const;

  static int get_block(void* unused, size_t octets, vpx_codec_frame_buffer_t* to);
  static int release_block(void* unused, vpx_codec_frame_buffer_t* block);

  const VideoCodec codec_;
  vpx_codec_iface_t* const codec_interface_;
  const int threads_;
  vpx_codec_ctx_t context_{};
  bool is_open_ = false;
  bool needs_keyframe_ = true;
  int last_qp_ = -1;
};

bool VpxDecoder::open() {
  vpx_codec_dec_cfg_t configuration{};
  configuration.threads = static_cast<unsigned>(threads_);
  if (vpx_codec_dec_init(&context_, codec_interface_, &configuration, 0) != VPX_CODEC_OK) {
    vpx_codec_destroy(&context_);
    return false;
  }
  is_open_ = true;
  if (codec_ == VideoCodec::kVp9 &&
      vpx_codec_set_frame_buffer_functions(&context_, get_block, release_block, nullptr) != VPX_CODEC_OK) {
    close();
    return false;
  }
  return true;
}

void VpxDecoder::close() {
  if (is_open_) vpx_codec_destroy(&context_);
  is_open_ = false;
}

int VpxDecoder::get_block(void* /*unused*/, size_t octets, vpx_codec_frame_buffer_t* to) {
  if (octets > kMaxBlock) return -1;
  auto block = FrameMemoryPool::instance().allocate(octets);
  if (!block) return -1;
  to->data = block.get();
  to->size = octets;
  to->priv = new (std::nothrow) Block(std::move(block));
  return to->priv ? 0 : -1;
}

int VpxDecoder::release_block(void* /*unused*/, vpx_codec_frame_buffer_t* block) {
  delete static_cast<Block*>(block->priv);
  block->priv = nullptr;
  return 0;
}

std::shared_ptr<const I420Buffer> VpxDecoder::take(const vpx_image_t& image) const {
  // VP9's profile 1 has other chroma formats, and 2 and 3 more bits; neither is offered.
  if (image.fmt != VPX_IMG_FMT_I420 || image.bit_depth > 8) return nullptr;
  const int width = static_cast<int>(image.d_w);
  const int height = static_cast<int>(image.d_h);
  if (width < 1 || height < 1 || image.stride[VPX_PLANE_U] != image.stride[VPX_PLANE_V]) return nullptr;
  const uint8_t* const y = image.planes[VPX_PLANE_Y];
  const uint8_t* const u = image.planes[VPX_PLANE_U];
  const uint8_t* const v = image.planes[VPX_PLANE_V];
  if (image.fb_priv) {
    return I420Buffer::wrap(width, height, y, image.stride[VPX_PLANE_Y], u, v, image.stride[VPX_PLANE_U],
                            *static_cast<const Block*>(image.fb_priv));
  }
  auto buffer = I420Buffer::allocate(width, height);
  libyuv::I420Copy(y, image.stride[VPX_PLANE_Y], u, image.stride[VPX_PLANE_U], v, image.stride[VPX_PLANE_V],
                   buffer->y(), buffer->stride_y(), buffer->u(), buffer->stride_uv(), buffer->v(), buffer->stride_uv(),
                   width, height);
  return buffer;
}

bool VpxDecoder::decode(const EncodedVideoFrame& frame, std::optional<VideoFrame>& out) {
  out.reset();
  // libvpx takes no octets for a lost frame, which it would make up.
  if (frame.data.empty() || frame.data.size() > UINT32_MAX) return false;
  const auto size = static_cast<unsigned>(frame.data.size());
  vpx_codec_stream_info_t stream{};
  stream.sz = sizeof stream;
  const bool is_readable =
      vpx_codec_peek_stream_info(codec_interface_, frame.data.data(), size, &stream) == VPX_CODEC_OK;
  const bool is_keyframe = is_readable && stream.is_kf;
  if (needs_keyframe_ && !is_keyframe) return false;
  if (is_keyframe && uint64_t{stream.w} * stream.h > kMaxDecodedPixels) {
    needs_keyframe_ = true;
    return false;
  }
  if (!is_open_ && !open()) return false;

  bool is_decoded = vpx_codec_decode(&context_, frame.data.data(), size, nullptr, 0) == VPX_CODEC_OK;
  std::shared_ptr<const I420Buffer> buffer;
  vpx_codec_iter_t iterator = nullptr;
  // The last one, if a superframe has several.
  while (const vpx_image_t* image = vpx_codec_get_frame(&context_, &iterator)) {
    if (!is_decoded) continue;
    buffer = take(*image);
    if (!buffer) is_decoded = false;
  }
  int is_corrupt = 0;
  if (is_decoded && vpx_codec_control(&context_, VP8D_GET_FRAME_CORRUPTED, &is_corrupt) == VPX_CODEC_OK && is_corrupt) {
    is_decoded = false;
  }
  if (!is_decoded) {
    // It may hold on to what it has half decoded: the next keyframe finds a new one.
    close();
    needs_keyframe_ = true;
    return false;
  }
  needs_keyframe_ = false;
  int quantizer = -1;
  last_qp_ = vpx_codec_control(&context_, VPXD_GET_LAST_QUANTIZER, &quantizer) == VPX_CODEC_OK ? quantizer : -1;
  if (buffer) out = decoded_frame(frame, std::move(buffer));
  return true;
}

}  // namespace

#ifndef PEERWIRE_WITHOUT_VP8
std::unique_ptr<VideoDecoder> create_vp8_decoder(int threads) {
  return std::make_unique<VpxDecoder>(VideoCodec::kVp8, vpx_codec_vp8_dx(), threads);
}
#endif

#ifndef PEERWIRE_WITHOUT_VP9
std::unique_ptr<VideoDecoder> create_vp9_decoder(int threads) {
  return std::make_unique<VpxDecoder>(VideoCodec::kVp9, vpx_codec_vp9_dx(), threads);
}
#endif

}  // namespace peerwire

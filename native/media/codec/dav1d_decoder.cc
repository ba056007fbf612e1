// AV1 by dav1d, 8 bit. It decodes into blocks of the frame pool, which become the frames without being copied.
#include <dav1d/dav1d.h>
#include <libyuv.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "media/codec/codec_factories.h"
#include "media/frame/frame_memory.h"

namespace peerwire {
namespace {

using Block = std::shared_ptr<uint8_t>;

/// More would wait for each other.
constexpr int kMaxThreads = 4;

constexpr size_t round_up(size_t value, size_t step) {
  return (value + step - 1) / step * step;
}

int allocate_picture(Dav1dPicture* picture, void* /*unused*/) {
  // dav1d writes whole blocks of 128 x 128.
  const size_t width = round_up(static_cast<size_t>(picture->p.w), 128);
  const size_t height = round_up(static_cast<size_t>(picture->p.h), 128);
  const bool has_chroma = picture->p.layout != DAV1D_PIXEL_LAYOUT_I400;
  const bool halves_width = picture->p.layout != DAV1D_PIXEL_LAYOUT_I444;
  const bool halves_height = picture->p.layout == DAV1D_PIXEL_LAYOUT_I420;
  size_t stride_y = width;
  size_t stride_uv = has_chroma ? width >> halves_width : 0;
  // Rows that are multiples of 1,024 apart share lines of the processor's cache.
  if (stride_y % 1024 == 0) stride_y += DAV1D_PICTURE_ALIGNMENT;
  if (stride_uv % 1024 == 0 && has_chroma) stride_uv += DAV1D_PICTURE_ALIGNMENT;
  const size_t luma = stride_y * height;
  const size_t chroma = stride_uv * (height >> halves_height);
  auto block = FrameMemoryPool::instance().allocate(luma + 2 * chroma + DAV1D_PICTURE_ALIGNMENT);
  if (!block) return DAV1D_ERR(ENOMEM);
  picture->data[0] = block.get();
  picture->data[1] = has_chroma ? block.get() + luma : nullptr;
  picture->data[2] = has_chroma ? block.get() + luma + chroma : nullptr;
  picture->stride[0] = static_cast<std::ptrdiff_t>(stride_y);
  picture->stride[1] = static_cast<std::ptrdiff_t>(stride_uv);
  picture->allocator_data = new (std::nothrow) Block(std::move(block));
  return picture->allocator_data ? 0 : DAV1D_ERR(ENOMEM);
}

void release_picture(Dav1dPicture* picture, void* /*unused*/) {
  delete static_cast<Block*>(picture->allocator_data);
}

class Dav1dDecoder final : public VideoDecoder {
 public:
  explicit Dav1dDecoder(int threads) : threads_(std::min(threads, kMaxThreads)) {}
  ~Dav1dDecoder() override {
    if (context_) dav1d_close(&context_);
  }
  Dav1dDecoder(const Dav1dDecoder&) = delete;
  Dav1dDecoder& operator=(const Dav1dDecoder&) = delete;

  bool decode(const EncodedVideoFrame& frame, std::optional<VideoFrame>& out) override;
  int last_qp() const override { return last_qp_; }
  const char* implementation() const override { return "dav1d"; }

 private:
  bool open();
  /// Of everything in `data`, the last picture shown. False: something is wrong with it.
  bool run(Dav1dData& data, std::shared_ptr<const I420Buffer>& shown);
  bool collect(std::shared_ptr<const I420Buffer>& shown, bool& is_starved);
  static std::shared_ptr<const I420Buffer> take(const Dav1dPicture& picture);

  const int threads_;
  Dav1dContext* context_ = nullptr;
  bool needs_keyframe_ = true;
  int last_qp_ = -1;
};

bool Dav1dDecoder::open() {
  Dav1dSettings settings;
  dav1d_default_settings(&settings);
  settings.n_threads = threads_;
  settings.max_frame_delay = 1;
  settings.all_layers = 0;
  settings.frame_size_limit = kMaxDecodedPixels;
  settings.allocator = {nullptr, allocate_picture, release_picture};
  settings.logger = {nullptr, nullptr};
  return dav1d_open(&context_, &settings) == 0;
}

std::shared_ptr<const I420Buffer> Dav1dDecoder::take(const Dav1dPicture& picture) {
  if (picture.p.bpc != 8) return nullptr;
  const int width = picture.p.w;
  const int height = picture.p.h;
  const auto* y = static_cast<const uint8_t*>(picture.data[0]);
  const auto* u = static_cast<const uint8_t*>(picture.data[1]);
  const auto* v = static_cast<const uint8_t*>(picture.data[2]);
  const int stride_y = static_cast<int>(picture.stride[0]);
  const int stride_uv = static_cast<int>(picture.stride[1]);
  if (picture.p.layout == DAV1D_PIXEL_LAYOUT_I420) {
    return I420Buffer::wrap(width, height, y, stride_y, u, v, stride_uv,
                            *static_cast<const Block*>(picture.allocator_data));
  }
  auto to = I420Buffer::allocate(width, height);
  if (picture.p.layout == DAV1D_PIXEL_LAYOUT_I400) {
    libyuv::I400ToI420(y, stride_y, to->y(), to->stride_y(), to->u(), to->stride_uv(), to->v(), to->stride_uv(), width,
                       height);
  } else if (picture.p.layout == DAV1D_PIXEL_LAYOUT_I422) {
    libyuv::I422ToI420(y, stride_y, u, stride_uv, v, stride_uv, to->y(), to->stride_y(), to->u(), to->stride_uv(),
                       to->v(), to->stride_uv(), width, height);
  } else {
    libyuv::I444ToI420(y, stride_y, u, stride_uv, v, stride_uv, to->y(), to->stride_y(), to->u(), to->stride_uv(),
                       to->v(), to->stride_uv(), width, height);
  }
  return to;
}

bool Dav1dDecoder::collect(std::shared_ptr<const I420Buffer>& shown, bool& is_starved) {
  Dav1dPicture picture{};
  const int result = dav1d_get_picture(context_, &picture);
  is_starved = result == DAV1D_ERR(EAGAIN);
  if (is_starved) return true;
  if (result != 0) return false;
  if (picture.frame_hdr->frame_type == DAV1D_FRAME_TYPE_KEY) needs_keyframe_ = false;
  last_qp_ = picture.frame_hdr->quant.yac;
  shown = take(picture);
  dav1d_picture_unref(&picture);
  return shown != nullptr;
}

bool Dav1dDecoder::run(Dav1dData& data, std::shared_ptr<const I420Buffer>& shown) {
  while (true) {
    const size_t left = data.sz;
    if (left > 0) {
      const int result = dav1d_send_data(context_, &data);
      if (result != 0 && result != DAV1D_ERR(EAGAIN)) return false;
    }
    bool is_starved = false;
    if (!collect(shown, is_starved)) return false;
    if (!is_starved) continue;
    if (data.sz == 0) {
      // Of spatial layers it holds back a lower one until it is asked once more, and no higher one has come.
      return collect(shown, is_starved);
    }
    if (data.sz == left) return false;  // takes nothing and gives nothing
  }
}

bool Dav1dDecoder::decode(const EncodedVideoFrame& frame, std::optional<VideoFrame>& out) {
  out.reset();
  if (frame.data.empty()) return false;
  if (!context_ && !open()) return false;
  Dav1dData data{};
  uint8_t* const octets = dav1d_data_create(&data, frame.data.size());
  if (!octets) return false;
  std::memcpy(octets, frame.data.data(), frame.data.size());

  std::shared_ptr<const I420Buffer> shown;
  // Of a key picture with spatial layers what is shown is the highest, which is no keyframe itself.
  Dav1dSequenceHeader sequence;
  const bool begins_sequence =
      needs_keyframe_ && dav1d_parse_sequence_header(&sequence, frame.data.data(), frame.data.size()) == 0;
  const bool is_decoded = run(data, shown);
  if (is_decoded && shown && begins_sequence) needs_keyframe_ = false;
  if (data.sz > 0) dav1d_data_unref(&data);
  if (!is_decoded || needs_keyframe_) {
    dav1d_flush(context_);
    needs_keyframe_ = true;
    return false;
  }
  if (shown) out = decoded_frame(frame, std::move(shown));
  return true;
}

}  // namespace

std::unique_ptr<VideoDecoder> create_dav1d_decoder(int threads) {
  return std::make_unique<Dav1dDecoder>(threads);
}

}  // namespace peerwire

// H.264 by OpenH264, in Annex B form; no B slices and no interlacing, so that every stream is in the constrained subset
// of its profile.
#include <codec_api.h>

#include <algorithm>
#include <cstring>

#include "media/codec/codec_factories.h"
#include "media/codec/reconfigurable_video_encoder.h"

namespace peerwire {
namespace {

/// The format's pictures are macroblocks of 16 x 16 of which a part may be cropped; the library wants one at least.
constexpr int kMinDimension = 16;
/// Of the library: level 5.2, and no side longer.
constexpr int kMaxMacroblocks = 36864;
constexpr int kMaxWidth = 4096;

// Rec. ITU-T H.264, 7.3.1 and 7.4.1.
constexpr int kNalSps = 7;
constexpr size_t kStartCode = 4;
/// constraint_set4_flag and constraint_set5_flag: progressive, no B slices (A.2.4.2).
constexpr uint8_t kConstrainedHighFlags = 0x0c;

class OpenH264Encoder final : public ReconfigurableVideoEncoder {
 public:
  explicit OpenH264Encoder(const VideoEncoderSettings& settings) : ReconfigurableVideoEncoder(settings) {}
  ~OpenH264Encoder() override { close(); }
  OpenH264Encoder(const OpenH264Encoder&) = delete;
  OpenH264Encoder& operator=(const OpenH264Encoder&) = delete;

  const char* implementation() const override { return "OpenH264"; }

 private:
  bool is_open() const override { return encoder_ != nullptr; }
  bool open(std::string* error, bool is_first) override;
  bool needs_opening_for(const VideoEncoderSettings& next) const override;
  bool apply_rates() override;
  bool encode_picture(const VideoFrame& frame, bool wants_keyframe, std::vector<EncodedVideoFrame>& out) override;

  // Chroma comes in pairs: an odd row or column at the end cannot be said, and is left out.
  int width() const { return settings().width & ~1; }
  int height() const { return settings().height & ~1; }

  void close();
  void fill(SEncParamExt& parameters) const;
  void append(const SFrameBSInfo& coded, EncodedVideoFrame& to) const;
  void mark_layer(EncodedVideoFrame& frame);

  ISVCEncoder* encoder_ = nullptr;
  /// Since a frame of the base layer, one of the middle layer came.
  bool had_middle_layer_ = false;
};

void OpenH264Encoder::close() {
  if (!encoder_) return;
  encoder_->Uninitialize();
  WelsDestroySVCEncoder(encoder_);
  encoder_ = nullptr;
}

void OpenH264Encoder::fill(SEncParamExt& parameters) const {
  parameters.iUsageType = settings().is_screen ? SCREEN_CONTENT_REAL_TIME : CAMERA_VIDEO_REAL_TIME;
  parameters.iPicWidth = width();
  parameters.iPicHeight = height();
  parameters.iTargetBitrate = static_cast<int>(settings().bitrate_bps);
  parameters.iMaxBitrate = UNSPECIFIED_BIT_RATE;
  parameters.iRCMode = RC_BITRATE_MODE;
  parameters.fMaxFrameRate = static_cast<float>(settings().max_framerate);
  parameters.iTemporalLayerNum = settings().scalability.temporal_layers;
  parameters.iSpatialLayerNum = 1;
  parameters.iComplexityMode = LOW_COMPLEXITY;
  parameters.uiIntraPeriod = 0;  // receivers ask for keyframes
  parameters.iNumRefFrame = AUTO_REF_PIC_COUNT;
  parameters.eSpsPpsIdStrategy = CONSTANT_ID;  // parameter sets with every IDR picture
  parameters.bPrefixNalAddingCtrl = false;
  parameters.bEnableSSEI = false;
  parameters.bEnableFrameSkip = true;
  parameters.bEnableDenoise = false;
  parameters.bEnableSceneChangeDetect = settings().is_screen;  // of its screen mode, a part
  parameters.bEnableLongTermReference = false;
  parameters.iMultipleThreadIdc = 1;

  SSpatialLayerConfig& layer = parameters.sSpatialLayers[0];
  layer.iVideoWidth = width();
  layer.iVideoHeight = height();
  layer.fFrameRate = parameters.fMaxFrameRate;
  layer.iSpatialBitrate = parameters.iTargetBitrate;
  layer.iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
  layer.uiLevelIdc = LEVEL_UNKNOWN;  // what size and rate need
  switch (settings().h264_profile) {
    case H264Profile::kConstrainedBaseline:
    case H264Profile::kBaseline:
      layer.uiProfileIdc = PRO_BASELINE;
      parameters.iEntropyCodingModeFlag = 0;
      break;
    case H264Profile::kMain:
      layer.uiProfileIdc = PRO_MAIN;
      parameters.iEntropyCodingModeFlag = 1;
      break;
    case H264Profile::kConstrainedHigh:
    case H264Profile::kHigh:
      layer.uiProfileIdc = PRO_HIGH;
      parameters.iEntropyCodingModeFlag = 1;
      break;
  }
  if (settings().single_nal_units) {
    layer.sSliceArgument.uiSliceMode = SM_SIZELIMITED_SLICE;
    layer.sSliceArgument.uiSliceSizeConstraint = static_cast<unsigned>(settings().max_payload_size);
    parameters.uiMaxNalSize = static_cast<unsigned>(settings().max_payload_size);
  } else {
    const int threads = threads_for_size(width(), height(), settings().threads);
    parameters.iMultipleThreadIdc = static_cast<unsigned short>(threads);
    layer.sSliceArgument.uiSliceMode = threads > 1 ? SM_FIXEDSLCNUM_SLICE : SM_SINGLE_SLICE;
    layer.sSliceArgument.uiSliceNum = static_cast<unsigned>(threads);
    parameters.uiMaxNalSize = 0;
  }
}

bool OpenH264Encoder::open(std::string* error, bool) {
  close();
  const int macroblocks = (width() + 15) / 16 * ((height() + 15) / 16);
  if (width() < kMinDimension || height() < kMinDimension || width() > kMaxWidth || height() > kMaxWidth ||
      macroblocks > kMaxMacroblocks) {
    *error = "OpenH264 encodes pictures of 16 x 16 to 4096 x 2304";
    return false;
  }
  if (WelsCreateSVCEncoder(&encoder_) != 0 || !encoder_) {
    encoder_ = nullptr;
    *error = "OpenH264 has no encoder";
    return false;
  }
  int quiet = WELS_LOG_QUIET;
  encoder_->SetOption(ENCODER_OPTION_TRACE_LEVEL, &quiet);
  SEncParamExt parameters{};
  encoder_->GetDefaultParams(&parameters);
  fill(parameters);
  int format = videoFormatI420;
  if (encoder_->InitializeExt(&parameters) != cmResultSuccess ||
      encoder_->SetOption(ENCODER_OPTION_DATAFORMAT, &format) != cmResultSuccess) {
    *error = "OpenH264 refuses the settings";
    close();
    return false;
  }
  return true;
}

bool OpenH264Encoder::apply_rates() {
  SBitrateInfo rate{};
  rate.iLayer = SPATIAL_LAYER_ALL;
  rate.iBitrate = static_cast<int>(std::max<uint32_t>(settings().bitrate_bps, 1000));
  auto framerate = static_cast<float>(std::clamp(settings().max_framerate, 1.0, 60.0));
  return encoder_->SetOption(ENCODER_OPTION_BITRATE, &rate) == cmResultSuccess &&
         encoder_->SetOption(ENCODER_OPTION_FRAME_RATE, &framerate) == cmResultSuccess;
}

bool OpenH264Encoder::needs_opening_for(const VideoEncoderSettings& next) const {
  return next.h264_profile != settings().h264_profile || next.single_nal_units != settings().single_nal_units ||
         next.max_payload_size != settings().max_payload_size;
}

void OpenH264Encoder::append(const SFrameBSInfo& coded, EncodedVideoFrame& to) const {
  size_t size = 0;
  for (int i = 0; i < coded.iLayerNum; i++) {
    const SLayerBSInfo& layer = coded.sLayerInfo[i];
    for (int nal = 0; nal < layer.iNalCount; nal++) size += static_cast<size_t>(layer.pNalLengthInByte[nal]);
  }
  to.data.reserve(size);
  bool is_reference = false;
  for (int i = 0; i < coded.iLayerNum; i++) {
    const SLayerBSInfo& layer = coded.sLayerInfo[i];
    const uint8_t* from = layer.pBsBuf;
    for (int nal = 0; nal < layer.iNalCount; nal++) {
      const auto length = static_cast<size_t>(layer.pNalLengthInByte[nal]);
      const size_t begin = to.data.size() + kStartCode;
      to.data.insert(to.data.end(), from, from + length);
      from += length;
      if (length <= kStartCode + 3) continue;
      if ((to.data[begin] & 0x1f) == kNalSps && settings().h264_profile == H264Profile::kConstrainedHigh) {
        to.data[begin + 2] |= kConstrainedHighFlags;
      }
      if (to.data[begin] & 0x60) is_reference = true;
    }
    if (layer.uiLayerType == VIDEO_CODING_LAYER) to.temporal_index = layer.uiTemporalId;
  }
  to.is_discardable = !is_reference;
}

void OpenH264Encoder::mark_layer(EncodedVideoFrame& frame) {
  // The library refers to the nearest frame of a lower layer (hierarchical P).
  frame.is_layer_sync = frame.temporal_index > 0 && !had_middle_layer_;
  if (frame.temporal_index == 0) had_middle_layer_ = false;
  if (settings().scalability.temporal_layers == 3 && frame.temporal_index == 1) had_middle_layer_ = true;
}

bool OpenH264Encoder::encode_picture(const VideoFrame& frame, bool wants_keyframe,
                                     std::vector<EncodedVideoFrame>& out) {
  if (wants_keyframe && encoder_->ForceIntraFrame(true) != 0) return false;

  const I420Buffer& buffer = *frame.buffer;
  SSourcePicture picture{};
  picture.iColorFormat = videoFormatI420;
  picture.iPicWidth = width();
  picture.iPicHeight = height();
  picture.uiTimeStamp = frame.capture_time_us / 1000;
  // Only read, whatever their type says.
  picture.pData[0] = const_cast<uint8_t*>(buffer.y());
  picture.pData[1] = const_cast<uint8_t*>(buffer.u());
  picture.pData[2] = const_cast<uint8_t*>(buffer.v());
  picture.iStride[0] = buffer.stride_y();
  picture.iStride[1] = picture.iStride[2] = buffer.stride_uv();

  SFrameBSInfo coded{};
  if (encoder_->EncodeFrame(&picture, &coded) != cmResultSuccess || coded.eFrameType == videoFrameTypeInvalid) {
    return false;
  }
  if (coded.eFrameType == videoFrameTypeSkip || coded.iFrameSizeInBytes == 0) return true;  // dropped
  EncodedVideoFrame& coded_frame = out.emplace_back(encoded_frame(frame, settings()));
  coded_frame.width = width();
  coded_frame.height = height();
  append(coded, coded_frame);
  coded_frame.is_keyframe = coded.eFrameType == videoFrameTypeIDR;
  mark_layer(coded_frame);
  SEncoderStatistics statistics{};
  if (encoder_->GetOption(ENCODER_OPTION_GET_STATISTICS, &statistics) == cmResultSuccess) {
    coded_frame.qp = static_cast<int>(statistics.uiAverageFrameQP);
  }
  return true;
}

}  // namespace

std::unique_ptr<VideoEncoder> create_openh264_encoder(const VideoEncoderSettings& settings, std::string* error) {
  auto encoder = std::make_unique<OpenH264Encoder>(settings);
  if (!encoder->start(error)) return nullptr;
  return encoder;
}

}  // namespace peerwire

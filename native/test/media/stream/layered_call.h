// A stream with spatial layers from the encoder through packets, a forwarder that may leave some out, and the receive
// buffer to the decoder, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "media/codec/video_codec.h"
#include "media/packetization/packetizer.h"
#include "media/receive/video_receive_buffer.h"
#include "media/video_codec/moving_picture.h"
#include "rtp/rtp_packet.h"

namespace peerwire::test {

class LayeredCall {
 public:
  static constexpr int kWidth = 320;
  static constexpr int kHeight = 180;
  static constexpr int64_t kPictureUs = 33'000;
  static constexpr int64_t kRttUs = 40'000;

  struct Packet {
    Bytes octets;
    uint16_t number = 0;
    int picture = 0;
    int spatial_index = 0;
    bool is_key_picture = false;
    bool ends_frame = false;
  };
  struct Shown {
    int picture = 0;
    int width = 0;
    double psnr = 0;
  };

  LayeredCall(VideoCodec codec, const std::string& mode) : codec_(codec), mode_(*parse_scalability_mode(mode)) {
    VideoEncoderSettings settings;
    settings.codec = codec;
    settings.width = kWidth;
    settings.height = kHeight;
    settings.bitrate_bps = 800'000;
    settings.scalability = mode_;
    std::string error;
    encoder_ = VideoEncoder::create(settings, &error);
    EXPECT_NE(encoder_, nullptr) << error;
    decoder_ = VideoDecoder::create(codec, 1);
    packetizer_ = Packetizer::create({.codec = codec, .first_picture_id = 32'760, .first_tl0_index = 250});
    VideoReceiveSettings receive;
    receive.payload_types[kPayloadType] = {codec, {}};
    extensions_.set(RtpExtension::kDependencyDescriptor, 12);
    receive.extensions = extensions_;
    buffer = std::make_unique<VideoReceiveBuffer>(receive);
    buffer->set_rtt(kRttUs / 1000);
  }

  void run(int pictures) {
    for (int i = 0; i < pictures; ++i) {
      send_picture();
      for (int64_t end = now_us_ + kPictureUs; now_us_ < end; now_us_ += 1'000) poll();
    }
  }

  LayerSize size_of(int layer) const { return layer_size(mode_, layer, kWidth, kHeight); }
  int pictures_sent() const { return next_picture_; }
  void force_keyframe() { wants_keyframe_ = true; }

  /// The layers that the forwarder lets through: asked once a picture.
  std::function<bool(int layer, bool is_key_picture)> forwards;
  /// Of packets on their way from the forwarder; asked once for each.
  std::function<bool(const Packet& packet)> loses;
  bool repairs = true;
  std::unique_ptr<VideoReceiveBuffer> buffer;
  std::vector<Shown> shown;
  int keyframe_requests = 0;
  int decode_failures = 0;

 private:
  static constexpr uint8_t kPayloadType = 98;

  void send_picture() {
    const int number = next_picture_++;
    std::vector<EncodedVideoFrame> picture;
    ASSERT_TRUE(encoder_->encode(moving_picture(kWidth, kHeight, number), wants_keyframe_, picture));
    if (picture.empty()) return;
    wants_keyframe_ = false;
    const bool is_key = picture.front().is_keyframe;
    std::vector<std::pair<VideoPayload, int>> payloads;
    for (const EncodedVideoFrame& frame : picture) {
      auto of_layer = packetizer_->packetize(frame, {.max_payload_size = 400});
      ASSERT_FALSE(of_layer.empty());
      // A forwarder leaves out whole layers, and what it sends has numbers without gaps and a marker at its end.
      if (forwards && !forwards(frame.spatial_index, is_key)) continue;
      for (VideoPayload& payload : of_layer) payloads.emplace_back(std::move(payload), frame.spatial_index);
    }
    for (size_t i = 0; i < payloads.size(); ++i) {
      auto& [payload, layer] = payloads[i];
      RtpPacketToSend to_send;
      to_send.header = {
          i + 1 == payloads.size(), kPayloadType, sequence_++, static_cast<uint32_t>(number) * 3000, 0x1234, {}};
      to_send.payload = std::move(payload.payload);
      if (!payload.dependency_descriptor.empty()) {
        to_send.set_extension(RtpExtension::kDependencyDescriptor, payload.dependency_descriptor);
      }
      Packet packet{
          to_send.serialize(extensions_), to_send.header.sequence_number, number, layer, is_key, payload.is_last};
      if (!(loses && loses(packet))) buffer->on_packet(*RtpPacketView::parse(packet.octets), false, now_us_);
      sent_[packet.number] = std::move(packet);
    }
  }

  void poll() {
    for (const uint16_t number : buffer->take_nacks(now_us_)) {
      if (repairs && sent_.count(number)) resends_.emplace(now_us_ + kRttUs, number);
    }
    while (!resends_.empty() && resends_.begin()->first <= now_us_) {
      buffer->on_packet(*RtpPacketView::parse(sent_[resends_.begin()->second].octets), true, now_us_);
      resends_.erase(resends_.begin());
    }
    for (EncodedVideoFrame& frame : buffer->take_due(now_us_)) {
      layers_.push_back(std::move(frame));
      if (layers_.back().ends_picture) show(join_layers(std::exchange(layers_, {})));
    }
    if (buffer->take_keyframe_request(now_us_)) {
      ++keyframe_requests;
      keyframe_due_us_ = now_us_ + kRttUs / 2;
    }
    if (keyframe_due_us_ && *keyframe_due_us_ <= now_us_) {
      keyframe_due_us_.reset();
      wants_keyframe_ = true;
    }
  }

  void show(const EncodedVideoFrame& picture) {
    std::optional<VideoFrame> decoded;
    if (!decoder_->decode(picture, decoded) || !decoded) {
      ++decode_failures;
      buffer->on_decode_failed();
      return;
    }
    buffer->on_frame_decoded(1'000, now_us_);
    const int number = static_cast<int>(picture.rtp_timestamp / 3000);
    const VideoFrame original =
        scale_frame(moving_picture(kWidth, kHeight, number), decoded->width(), decoded->height());
    shown.push_back({number, decoded->width(), psnr(*decoded->buffer, *original.buffer)});
  }

  const VideoCodec codec_;
  const ScalabilityMode mode_;
  std::unique_ptr<VideoEncoder> encoder_;
  std::unique_ptr<VideoDecoder> decoder_;
  std::unique_ptr<Packetizer> packetizer_;
  RtpExtensionMap extensions_;
  int64_t now_us_ = 1'000'000'000;
  int next_picture_ = 0;
  uint16_t sequence_ = 65'500;
  bool wants_keyframe_ = false;
  std::optional<int64_t> keyframe_due_us_;
  std::map<uint16_t, Packet> sent_;
  std::multimap<int64_t, uint16_t> resends_;
  std::vector<EncodedVideoFrame> layers_;
};

}  // namespace peerwire::test

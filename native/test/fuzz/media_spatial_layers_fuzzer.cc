// What becomes of a stream with spatial layers on its way from a sender through a forwarder, from depacketizer to
// decoder. Whatever is done to it, nothing goes out of bounds; and as long as packets only fail to arrive, or do so
// late, twice or without the upper layers, each picture that is shown is what the encoder meant: nothing is ever
// decoded that builds on what is missing.
//
// The first octet says which stream. Of each following one the low three bits are what happens next (Step), the others
// how: 8 lets as many milliseconds pass as the next octet says, 16 turns the marker over, 32 calls the packet repaired,
// 64 leaves out the layers above and puts the marker on this one, as a forwarder does.
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "fuzz/fuzz_input.h"
#include "fuzz/good_pictures.h"
#include "media/packetization/packetizer.h"
#include "media/receive/video_receive_buffer.h"

namespace peerwire::test {
namespace {

constexpr uint8_t kPayloadType = 98;
constexpr uint32_t kTicksPerPicture = 3000;
constexpr size_t kMaxHeld = 8;

enum class Step : uint8_t {
  kPacket,         // the next packet arrives
  kPicture,        // what is left of the picture does
  kLosePacket,     // it was sent and does not arrive
  kLoseLayer,      // nor the rest of its layer
  kLeaveOutAbove,  // a forwarder sends nothing of the rest of the picture
  kPatch,          // it arrives changed
  kHold,           // it will come later
  kRelease,        // now, or an earlier one once more
};

struct Packet {
  VideoPayload payload;
  uint32_t picture = 0;
  int spatial_index = 0;
  bool ends_layer = false;
  bool ends_picture = false;
};

/// All packets of a stream, and what its pictures look like with all layers up to any of them.
struct Stream {
  VideoCodec codec = VideoCodec::kVp9;
  std::vector<Packet> packets;
  std::map<std::pair<uint32_t, int>, Bytes> shown;  // by picture and width
};

Bytes packed(const VideoFrame& frame) {
  Bytes octets(frame.buffer->packed_size());
  frame.buffer->copy_packed_to(octets.data());
  return octets;
}

void show_up_to(const std::vector<GoodPicture>& pictures, size_t layers, Stream& stream) {
  const auto decoder = VideoDecoder::create(stream.codec, 1);
  for (uint32_t number = 0; number < pictures.size(); ++number) {
    const GoodPicture& picture = pictures[number];
    const GoodPicture lower(picture.begin(),
                            picture.begin() + static_cast<ptrdiff_t>(std::min(layers, picture.size())));
    std::optional<VideoFrame> out;
    check(decoder->decode(join_layers(lower), out) && out);
    stream.shown[{number, out->width()}] = packed(*out);
  }
}

Stream make_stream(VideoCodec codec, std::string_view mode) {
  Stream stream;
  stream.codec = codec;
  const std::vector<GoodPicture> pictures = good_pictures(codec, mode, 14, 8);
  if (pictures.empty()) return stream;  // a build without this codec
  const auto packetizer = Packetizer::create({.codec = codec, .first_picture_id = 32'765, .first_tl0_index = 253});
  for (uint32_t number = 0; number < pictures.size(); ++number) {
    for (const EncodedVideoFrame& frame : pictures[number]) {
      for (VideoPayload& payload : packetizer->packetize(frame, {.max_payload_size = 200})) {
        Packet& packet = stream.packets.emplace_back();
        packet.picture = number;
        packet.spatial_index = frame.spatial_index;
        packet.ends_layer = payload.is_last;
        packet.ends_picture = payload.is_last && frame.ends_picture;
        packet.payload = std::move(payload);
      }
    }
  }
  const auto layers = static_cast<size_t>(parse_scalability_mode(mode)->spatial_layers);
  for (size_t count = 1; count <= layers; ++count) show_up_to(pictures, count, stream);
  return stream;
}

/// Made when first asked for: encoders are slow.
const Stream& stream_of(uint8_t choice) {
  static std::map<std::pair<VideoCodec, std::string_view>, Stream> streams;
  static const std::vector<std::pair<VideoCodec, std::string_view>> all = [] {
    std::vector<std::pair<VideoCodec, std::string_view>> names;
    for (const VideoCodec codec : {VideoCodec::kVp9, VideoCodec::kAv1}) {
      for (const std::string_view mode : modes_of(codec)) names.emplace_back(codec, mode);
    }
    return names;
  }();
  const auto& name = all[choice % all.size()];
  auto found = streams.find(name);
  if (found == streams.end()) found = streams.emplace(name, make_stream(name.first, name.second)).first;
  return found->second;
}

class Reception {
 public:
  Reception(const Stream& stream, FuzzInput& input)
      : stream_(stream), input_(input), decoder_(VideoDecoder::create(stream.codec, 1)) {
    extensions_.set(RtpExtension::kDependencyDescriptor, 12);
    VideoReceiveSettings settings;
    settings.payload_types[kPayloadType] = {stream.codec, {}};
    settings.extensions = extensions_;
    buffer_ = std::make_unique<VideoReceiveBuffer>(settings);
  }

  void run() {
    while (!input_.is_empty() && next_ < stream_.packets.size()) {
      const uint8_t control = input_.octet();
      step(static_cast<Step>(control & 7), control);
      if (control & 8) now_us_ += int64_t{input_.octet()} * 1000;
      take();
    }
    // Time brings out what is waiting.
    for (int turn = 0; turn < 100; ++turn) {
      now_us_ += 50'000;
      take();
    }
  }

 private:
  struct Sent {
    size_t index;
    uint16_t number;
  };

  void step(Step what, uint8_t control) {
    const size_t index = next_;
    const Packet& packet = stream_.packets[index];
    switch (what) {
      case Step::kPacket:
        arrive({next_++, number_++}, control);
        break;
      case Step::kPicture:
        do {
          arrive({next_++, number_++}, control);
        } while (next_ < stream_.packets.size() && stream_.packets[next_].picture == packet.picture);
        break;
      case Step::kLosePacket:
        ++next_;
        ++number_;
        break;
      case Step::kLoseLayer:
        do {
          ++number_;
        } while (!stream_.packets[next_++].ends_layer);
        break;
      case Step::kLeaveOutAbove:
        leave_out_rest();
        break;
      case Step::kPatch:
        is_clean_ = false;
        patches_ = input_.octet() % 8 + 1;
        arrive({next_++, number_++}, control);
        break;
      case Step::kHold:
        if (held_.size() == kMaxHeld) held_.pop_front();
        held_.push_back({next_++, number_++});
        break;
      case Step::kRelease:
        if (held_.empty()) break;
        arrive(held_.front(), control);
        if (control & 0x20) held_.push_back(held_.front());
        held_.pop_front();
        break;
    }
  }

  /// Only between layers: half a layer is sent by nobody.
  void leave_out_rest() {
    if (next_ == stream_.packets.size()) return;
    const Packet& packet = stream_.packets[next_];
    if (!packet.payload.is_first || packet.spatial_index == 0) return;
    while (next_ < stream_.packets.size() && stream_.packets[next_].picture == packet.picture) ++next_;
  }

  void arrive(const Sent& sent, uint8_t control) {
    const Packet& packet = stream_.packets[sent.index];
    RtpPacketToSend to_send;
    bool marker = packet.ends_picture;
    if (control & 0x40 && packet.ends_layer && next_ == sent.index + 1 && held_.empty()) {
      leave_out_rest();
      marker = next_ == stream_.packets.size() || stream_.packets[next_].picture != packet.picture;
    }
    if (control & 0x10) {
      marker = !marker;
      is_clean_ = false;
    }
    to_send.header = {marker, kPayloadType, sent.number, (packet.picture + 1) * kTicksPerPicture, 0x1234, {}};
    to_send.payload = packet.payload.payload;
    Bytes descriptor = packet.payload.dependency_descriptor;
    for (; patches_ > 0; --patches_) {
      const uint8_t where = input_.octet();
      // The heads of packets tell more than what is behind them.
      Bytes& octets = !descriptor.empty() && (where & 0x80) ? descriptor : to_send.payload;
      octets[(where & 0x40 ? size_t{input_.octet()} : where & 0x0fu) % octets.size()] ^= input_.octet();
    }
    if (!descriptor.empty()) to_send.set_extension(RtpExtension::kDependencyDescriptor, descriptor);
    const Bytes octets = to_send.serialize(extensions_);
    if (const auto view = RtpPacketView::parse(octets)) buffer_->on_packet(*view, (control & 0x20) != 0, now_us_);
  }

  void take() {
    for (EncodedVideoFrame& frame : buffer_->take_due(now_us_)) {
      check(!frame.data.empty());
      if (!layers_.empty()) {
        check(frame.rtp_timestamp == layers_.back().rtp_timestamp);
        check(!is_clean_ || frame.spatial_index > layers_.back().spatial_index);
      }
      layers_.push_back(std::move(frame));
      if (layers_.back().ends_picture) show(join_layers(std::exchange(layers_, {})));
    }
    check(layers_.empty());
    buffer_->take_nacks(now_us_);
    buffer_->take_keyframe_request(now_us_);
  }

  void show(const EncodedVideoFrame& picture) {
    std::optional<VideoFrame> out;
    if (!decoder_->decode(picture, out)) {
      check(!is_clean_);
      buffer_->on_decode_failed();
      return;
    }
    buffer_->on_frame_decoded(1'000, now_us_);
    if (!out) return;
    const Bytes octets = packed(*out);
    if (!is_clean_) return;
    const uint32_t number = picture.rtp_timestamp / kTicksPerPicture - 1;
    const auto meant = stream_.shown.find({number, out->width()});
    check(meant != stream_.shown.end() && meant->second == octets);
  }

  const Stream& stream_;
  FuzzInput& input_;
  std::unique_ptr<VideoDecoder> decoder_;
  std::unique_ptr<VideoReceiveBuffer> buffer_;
  RtpExtensionMap extensions_;
  int64_t now_us_ = 1'000'000'000;
  size_t next_ = 0;
  uint16_t number_ = 65'520;
  int patches_ = 0;
  bool is_clean_ = true;  // nothing was changed
  std::deque<Sent> held_;
  std::vector<EncodedVideoFrame> layers_;
};

}  // namespace
}  // namespace peerwire::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  peerwire::FuzzInput input{{octets, size}};
  const peerwire::test::Stream& stream = peerwire::test::stream_of(input.octet());
  if (!stream.packets.empty()) peerwire::test::Reception(stream, input).run();
  return 0;
}

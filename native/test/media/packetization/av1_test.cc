#include "media/codec/layered_pattern.h"
#include "media/packetization/av1_bitstream.h"
#include "media/packetization/bit_stream.h"
#include "media/packetization/dependency_descriptor.h"
#include "media/packetization/dependency_structure.h"
#include "media/packetization/round_trip.h"

namespace peerwire {
namespace {

/// Main profile, level 3.0, 640 x 360.
Bytes make_sequence_header() {
  Bytes out;
  BitWriter writer(out);
  writer.write(0, 3 + 1 + 1 + 1 + 1 + 5 + 12);  // profile to operating_point_idc
  writer.write(4, 5);
  writer.write(9, 4);
  writer.write(8, 4);
  writer.write(639, 10);
  writer.write(359, 9);
  writer.write(0x5a5, 12);  // tools, which transport does not read
  return out;
}
const Bytes kSequenceHeader = make_sequence_header();

void add_obu(Bytes& out, uint8_t type, const Bytes& payload, bool has_size = true) {
  out.push_back(static_cast<uint8_t>(type << 3 | (has_size ? 2 : 0)));
  if (has_size) av1::write_leb128(out, payload.size());
  out.insert(out.end(), payload.begin(), payload.end());
}

EncodedVideoFrame av1_frame(const std::vector<size_t>& tile_groups, bool is_keyframe, bool has_delimiter = false) {
  EncodedVideoFrame frame;
  frame.codec = VideoCodec::kAv1;
  frame.is_keyframe = is_keyframe;
  frame.width = 640;
  frame.height = 360;
  if (has_delimiter) add_obu(frame.data, av1::kTemporalDelimiter, {});
  if (is_keyframe) add_obu(frame.data, av1::kSequenceHeader, kSequenceHeader);
  bool is_first = true;
  for (const size_t size : tile_groups) {
    Bytes body = random_octets(size, static_cast<uint32_t>(size));
    if (is_first) body[0] = is_keyframe ? 0x10 : 0x30;
    add_obu(frame.data, is_first ? av1::kFrame : av1::kTileGroup, body);
    is_first = false;
  }
  return frame;
}

TEST(Av1, ComesBackWhole) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kAv1});
  auto depacketizer = Depacketizer::create(VideoCodec::kAv1);
  for (const bool is_keyframe : {true, false}) {
    for (const auto& groups : std::vector<std::vector<size_t>>{{1},
                                                               {100},
                                                               {1190},
                                                               {1200},
                                                               {5000},
                                                               {60000},
                                                               {10, 20, 30, 40, 50},
                                                               {900, 900, 900, 900},
                                                               {127, 128, 129, 1, 2, 3, 5000, 7}}) {
      const PayloadLimits limits{1200, 12, 7, 19};
      const auto sent = av1_frame(groups, is_keyframe);
      const auto payloads = packetizer->packetize(sent, limits);
      expect_fits(payloads, limits);
      const auto received = assemble(*depacketizer, payloads);
      ASSERT_TRUE(received);
      EXPECT_EQ(received->data, sent.data);
      EXPECT_EQ(received->is_keyframe, is_keyframe);
      EXPECT_EQ(received->width, is_keyframe ? 640 : 0);
      EXPECT_EQ(received->height, is_keyframe ? 360 : 0);
      EXPECT_EQ(describe(*depacketizer, payloads)[0].begins_picture, is_keyframe);
    }
  }
}

TEST(Av1, ComesBackWholeInPacketsOfAnySize) {
  auto depacketizer = Depacketizer::create(VideoCodec::kAv1);
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    auto packetizer = Packetizer::create({.codec = VideoCodec::kAv1});
    std::vector<size_t> groups(1 + random() % 6);
    for (size_t& size : groups) size = 1 + random() % 700;
    PayloadLimits limits{100 + random() % 400, random() % 20, random() % 20, 0};
    limits.single_packet_reduction = limits.first_packet_reduction + limits.last_packet_reduction;
    const auto sent = av1_frame(groups, i % 2 == 0);
    const auto payloads = packetizer->packetize(sent, limits);
    expect_fits(payloads, limits);
    const auto received = assemble(*depacketizer, payloads);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->data, sent.data);
  }
}

TEST(Av1, SharesAFrameEvenlyAmongItsPackets) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kAv1});
  const auto payloads = packetizer->packetize(av1_frame({2500}, false), {});
  ASSERT_EQ(payloads.size(), 3u);
  for (const auto& each : payloads) EXPECT_NEAR(static_cast<double>(each.payload.size()), 835, 40);
}

TEST(Av1, WritesTheAggregationHeader) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kAv1});
  const auto sent = av1_frame({3}, true, true);
  const auto payloads = packetizer->packetize(sent, {});
  ASSERT_EQ(payloads.size(), 1u);
  const Bytes& payload = payloads[0].payload;
  // W 2, N; the sequence header with a length, the frame without; size fields gone, temporal delimiter, too.
  EXPECT_EQ(payload[0], 0x28);
  EXPECT_EQ(payload[1], 1 + kSequenceHeader.size());
  EXPECT_EQ(payload[2], av1::kSequenceHeader << 3);
  EXPECT_EQ(payload[3 + kSequenceHeader.size()], av1::kFrame << 3);
  EXPECT_EQ(payload.size(), 3 + kSequenceHeader.size() + 1 + 3);
}

TEST(Av1, LeavesTemporalDelimitersOut) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kAv1});
  auto depacketizer = Depacketizer::create(VideoCodec::kAv1);
  const auto received = assemble(*depacketizer, packetizer->packetize(av1_frame({50}, true, true), {}));
  ASSERT_TRUE(received);
  EXPECT_EQ(received->data, av1_frame({50}, true).data);
}

TEST(Av1, ReadsElementsThatKeptTheirSizes) {
  auto depacketizer = Depacketizer::create(VideoCodec::kAv1);
  const Bytes payload{0x10, 0x32, 0x02, 0x30, 0x01};
  EncodedVideoFrame frame;
  const std::vector<ByteView> media{payload};
  ASSERT_TRUE(depacketizer->assemble(media, frame));
  EXPECT_EQ(frame.data, (Bytes{0x32, 0x02, 0x30, 0x01}));
}

TEST(Av1, RefusesWhatDoesNotFitTogether) {
  auto depacketizer = Depacketizer::create(VideoCodec::kAv1);
  for (const Bytes& bad : {Bytes{}, Bytes{0x10}, Bytes{0x88, 1, 1}, Bytes{0x20, 0x09, 1}, Bytes{0x00, 0xff},
                           Bytes{0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}}) {
    EXPECT_FALSE(depacketizer->parse(bad));
  }
  EncodedVideoFrame frame;
  const Bytes begin{0x50, 0x30, 1};
  const Bytes end{0x90, 2};
  const auto try_out = [&](std::vector<ByteView> media) { return depacketizer->assemble(media, frame); };
  EXPECT_TRUE(try_out({begin, end}));
  EXPECT_FALSE(try_out({begin}));
  EXPECT_FALSE(try_out({end}));
  EXPECT_FALSE(try_out({begin, begin}));
}

class DependencyDescriptors : public ::testing::TestWithParam<int> {};

TEST_P(DependencyDescriptors, SayWhatEachFrameRefersTo) {
  const int layers = GetParam();
  auto packetizer = Packetizer::create({.codec = VideoCodec::kAv1, .first_picture_id = 65534});
  DependencyDescriptorReader reader;
  const std::vector<std::vector<int>> patterns{{0}, {0, 1}, {0, 2, 1, 2}};
  const std::vector<std::vector<int>> differences{{1}, {2, 1}, {4, 1, 2, 1}};
  const auto& pattern = patterns[static_cast<size_t>(layers - 1)];
  for (size_t i = 0; i < 12; ++i) {
    auto frame = av1_frame({3000}, i == 0);
    frame.temporal_layers = layers;
    frame.temporal_index = pattern[i % pattern.size()];
    const auto payloads = packetizer->packetize(frame, {});
    for (const VideoPayload& each : payloads) {
      const auto read = reader.parse(each.dependency_descriptor);
      ASSERT_TRUE(read);
      EXPECT_EQ(read->starts_frame, each.is_first);
      EXPECT_EQ(read->ends_frame, each.is_last);
      EXPECT_EQ(read->frame_number, static_cast<uint16_t>(65534 + i));
      EXPECT_EQ(read->temporal_index, frame.temporal_index);
      EXPECT_EQ(read->has_structure, i == 0 && each.is_first);
      EXPECT_EQ(read->width, read->has_structure ? 640 : 0);
      // No template was departed from.
      if (!read->has_structure) {
        EXPECT_EQ(each.dependency_descriptor.size(), kMinDependencyDescriptorSize);
      }
      if (i == 0) {
        EXPECT_EQ(read->references.count, 0u);
      } else {
        ASSERT_EQ(read->references.count, 1u);
        EXPECT_EQ(read->references.differences[0], differences[static_cast<size_t>(layers - 1)][i % pattern.size()]);
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Layers, DependencyDescriptors, ::testing::Values(1, 2, 3));

/// The frames of a stream as a LayeredPattern has them, and what it refers to by the slots of reference buffers.
struct LayeredFrame {
  EncodedVideoFrame frame;
  std::vector<int> references;  // numbers of frames
};
std::vector<LayeredFrame> layered_frames(const std::string& name, int pictures, int keyframe_at = 0) {
  LayeredPattern pattern(*parse_scalability_mode(name));
  std::vector<LayeredFrame> frames;
  int slots[8] = {};
  for (int picture = 0; picture < pictures; ++picture) {
    const bool is_key = picture == 0 || picture == keyframe_at;
    if (is_key) pattern.restart();
    for (int layer = 0; layer < pattern.mode().spatial_layers; ++layer) {
      LayeredFrame& out = frames.emplace_back();
      out.frame = av1_frame({40}, is_key && layer == 0);
      out.frame.temporal_layers = pattern.mode().temporal_layers;
      pattern.describe(layer, is_key, 1280, 720, out.frame);
      const LayerReferences references = pattern.references(layer, is_key);
      for (const int slot : {references.earlier_slot, references.lower_slot}) {
        if (slot >= 0) out.references.push_back(slots[slot]);
      }
      if (references.written_slot >= 0) slots[references.written_slot] = static_cast<int>(frames.size()) - 1;
    }
    pattern.advance();
  }
  return frames;
}

class LayeredDescriptors : public ::testing::TestWithParam<std::string> {};

TEST_P(LayeredDescriptors, SayWhatEachFrameRefersTo) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kAv1, .first_picture_id = 65530});
  DependencyDescriptorReader reader;
  const auto frames = layered_frames(GetParam(), 16, 7);
  for (size_t number = 0; number < frames.size(); ++number) {
    const EncodedVideoFrame& frame = frames[number].frame;
    const auto payloads = packetizer->packetize(frame, {});
    ASSERT_EQ(payloads.size(), 1u);
    const auto read = reader.parse(payloads[0].dependency_descriptor);
    ASSERT_TRUE(read) << number;
    EXPECT_TRUE(read->starts_frame && read->ends_frame);
    EXPECT_EQ(read->spatial_index, frame.spatial_index);
    EXPECT_EQ(read->temporal_index, frame.temporal_index);
    EXPECT_EQ(read->has_structure, frame.is_keyframe && frame.spatial_index == 0) << number;
    EXPECT_EQ(read->width, read->has_structure ? 1280 : 0);
    // No template was departed from.
    if (!read->has_structure) {
      EXPECT_EQ(payloads[0].dependency_descriptor.size(), kMinDependencyDescriptorSize) << number;
    }
    std::vector<int> references;
    for (size_t i = 0; i < read->references.count; ++i) {
      references.push_back(static_cast<int>(number) - read->references.differences[i]);
    }
    EXPECT_EQ(references, frames[number].references) << number;
  }
}
INSTANTIATE_TEST_SUITE_P(Modes, LayeredDescriptors, ::testing::ValuesIn(scalability_mode_names(true)),
                         [](const auto& info) { return info.param; });

TEST(DependencyStructure, HasChainsThatReachEveryDecodeTarget) {
  for (const std::string& name : scalability_mode_names(true)) {
    const DependencyStructure structure(*parse_scalability_mode(name));
    EXPECT_LE(structure.templates.size(), 64u);
    for (const FrameTemplate& each : structure.templates) {
      EXPECT_EQ(each.indications.size(), structure.decode_targets());
      for (const uint16_t reference : each.distances.references) EXPECT_LE(reference, 16) << name;
      for (const uint16_t chain : each.distances.chains) EXPECT_LE(chain, 15) << name;
      // Its own decode target needs it.
      const auto own = static_cast<size_t>(each.spatial_index * structure.mode.temporal_layers + each.temporal_index);
      EXPECT_NE(each.indications[own], DecodeIndication::kNotPresent) << name;
    }
  }
  // In key pictures alone an upper layer needs the one below.
  const DependencyStructure structure(*parse_scalability_mode("L2T2_KEY"));
  using enum DecodeIndication;
  const auto indications = [&](int spatial, int temporal, bool is_key) {
    return decode_indications(structure.mode, spatial, temporal, is_key);
  };
  EXPECT_EQ(indications(0, 0, true), (std::vector{kSwitch, kSwitch, kSwitch, kSwitch}));
  EXPECT_EQ(indications(0, 0, false), (std::vector{kSwitch, kSwitch, kNotPresent, kNotPresent}));
  EXPECT_EQ(indications(0, 1, false), (std::vector{kNotPresent, kDiscardable, kNotPresent, kNotPresent}));
  EXPECT_EQ(indications(1, 0, true), (std::vector{kNotPresent, kNotPresent, kSwitch, kSwitch}));
  EXPECT_EQ(indications(1, 1, false), (std::vector{kNotPresent, kNotPresent, kNotPresent, kDiscardable}));
}

TEST(DependencyDescriptorReader, FollowsDistancesThatNoTemplateHas) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kAv1});
  DependencyDescriptorReader reader;
  auto frame = av1_frame({10}, true);
  frame.temporal_layers = 2;
  reader.parse(packetizer->packetize(frame, {})[0].dependency_descriptor);
  frame = av1_frame({10}, false);
  frame.temporal_layers = 2;
  // The base layer again at once: the upper frame between was dropped by the encoder.
  const auto read = reader.parse(packetizer->packetize(frame, {})[0].dependency_descriptor);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->references.count, 1u);
  EXPECT_EQ(read->references.differences[0], 1);
}

TEST(DependencyDescriptorReader, KeepsTheNewestStructure) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kAv1});
  DependencyDescriptorReader reader;
  auto frame = av1_frame({10}, true);
  const auto old_one = packetizer->packetize(frame, {})[0].dependency_descriptor;
  frame.temporal_layers = 3;
  const auto new_one = packetizer->packetize(frame, {})[0].dependency_descriptor;
  frame.is_keyframe = false;
  const auto delta = packetizer->packetize(frame, {})[0].dependency_descriptor;
  EXPECT_FALSE(reader.parse(delta));  // no structure yet
  EXPECT_TRUE(reader.parse(new_one));
  EXPECT_TRUE(reader.parse(old_one));  // late
  EXPECT_TRUE(reader.parse(delta));
  reader.reset();
  EXPECT_TRUE(reader.parse(old_one));
  EXPECT_FALSE(reader.parse(delta));
}

TEST(DependencyDescriptorReader, RefusesWhatIsCutOff) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kAv1});
  auto frame = av1_frame({10}, true);
  frame.temporal_layers = 3;
  const auto whole = packetizer->packetize(frame, {})[0].dependency_descriptor;
  for (size_t size = 0; size < whole.size(); ++size) {
    DependencyDescriptorReader reader;
    EXPECT_FALSE(reader.parse(ByteView(whole).first(size))) << size;
  }
}

}  // namespace
}  // namespace peerwire

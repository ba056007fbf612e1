// Frames out of a stream, however TCP has cut it.
#include "net/frame_reader.h"

#include <gtest/gtest.h>

#include <random>

namespace peerwire {
namespace {

Bytes stream_of(const std::vector<Bytes>& packets) {
  Bytes stream;
  for (const Bytes& packet : packets) {
    const Bytes frame = packet_frame(packet);
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  return stream;
}

TEST(FrameReader, FindsTheSameFramesInEveryCutting) {
  const std::vector<Bytes> packets = {Bytes{1}, Bytes{}, Bytes(1200, 7), Bytes{2, 3}, Bytes(65535, 9), Bytes{4}};
  const Bytes stream = stream_of(packets);
  std::mt19937 random(1);
  for (size_t largest : {1, 2, 3, 5, 1000, 70000, 200000}) {
    FrameReader reader(measure_packet_frame);
    std::vector<Bytes> found;
    for (size_t at = 0; at < stream.size();) {
      const size_t size = std::min(stream.size() - at, 1 + random() % largest);
      ASSERT_TRUE(reader.read(ByteView(stream).subspan(at, size), [&](ByteView frame) {
        found.emplace_back(frame.begin() + kPacketFrameHeader, frame.end());
        return true;
      }));
      ASSERT_LE(reader.pending(), kPacketFrameHeader + kMaxFramedPacket);
      at += size;
    }
    EXPECT_EQ(found, packets) << "pieces of up to " << largest;
    EXPECT_EQ(reader.pending(), 0u);
  }
}

TEST(FrameReader, StopsWhenItIsTold) {
  const Bytes stream = stream_of({Bytes{1}, Bytes{2}});
  FrameReader reader(measure_packet_frame);
  int frames = 0;
  EXPECT_TRUE(reader.read(stream, [&](ByteView) { return ++frames < 1; }));
  EXPECT_EQ(frames, 1);
}

TEST(FrameReader, NeverComesBackFromWhatIsNoFrame) {
  const auto measure = [](ByteView head) {
    if (head.size() < 2) return FrameLength::unknown_yet();
    return head[1] == 0 ? FrameLength::known(2) : FrameLength::malformed();
  };
  for (const bool cut : {false, true}) {
    FrameReader reader(measure);
    int frames = 0;
    const auto count = [&](ByteView) { return ++frames, true; };
    const Bytes stream = {5, 0, 6, 1, 7, 0};
    if (cut) {
      EXPECT_TRUE(reader.read(ByteView(stream).first(3), count));
      EXPECT_FALSE(reader.read(ByteView(stream).subspan(3), count));
    } else {
      EXPECT_FALSE(reader.read(stream, count));
    }
    EXPECT_EQ(frames, 1);
    EXPECT_FALSE(reader.read(Bytes{5, 0}, count));
    EXPECT_EQ(frames, 1);
    EXPECT_EQ(reader.pending(), 0u);
  }
}

TEST(PacketFrame, HoldsNoMoreThanItsLengthCanSay) {
  EXPECT_EQ(packet_frame(Bytes{8, 9}), (Bytes{0, 2, 8, 9}));
  EXPECT_EQ(packet_frame(Bytes(65535)).size(), 65537u);
  EXPECT_TRUE(packet_frame(Bytes(65536)).empty());
}

}  // namespace
}  // namespace peerwire

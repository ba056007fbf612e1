#include "media/packetization/keyframe.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

TEST(Keyframe, Vp8HasThePictureBitAndTheStartCode) {
  const Bytes key = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00};
  EXPECT_TRUE(is_keyframe(VideoCodec::kVp8, key));
  Bytes delta = key;
  delta[0] |= 1;
  EXPECT_FALSE(is_keyframe(VideoCodec::kVp8, delta));
  // What is encrypted has the bit by chance, and no start code.
  Bytes encrypted = key;
  encrypted[4] ^= 0x55;
  EXPECT_FALSE(is_keyframe(VideoCodec::kVp8, encrypted));
  EXPECT_FALSE(is_keyframe(VideoCodec::kVp8, ByteView(key).first(9)));
}

TEST(Keyframe, Vp9IsReadInAllProfiles) {
  EXPECT_TRUE(is_keyframe(VideoCodec::kVp9, Bytes{0x82}));
  EXPECT_FALSE(is_keyframe(VideoCodec::kVp9, Bytes{0x86}));  // refers to others
  EXPECT_FALSE(is_keyframe(VideoCodec::kVp9, Bytes{0x8a}));  // shows one that exists
  EXPECT_TRUE(is_keyframe(VideoCodec::kVp9, Bytes{0xb1}));   // profile 3
  EXPECT_FALSE(is_keyframe(VideoCodec::kVp9, Bytes{0xb2}));
  EXPECT_FALSE(is_keyframe(VideoCodec::kVp9, Bytes{0x42}));  // no frame marker
  EXPECT_FALSE(is_keyframe(VideoCodec::kVp9, {}));
}

TEST(Keyframe, H264HasASliceOfAnIdrPicture) {
  EXPECT_TRUE(is_keyframe(VideoCodec::kH264, Bytes{0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x65, 3}));
  EXPECT_FALSE(is_keyframe(VideoCodec::kH264, Bytes{0, 0, 0, 1, 0x41, 1, 2}));
  EXPECT_FALSE(is_keyframe(VideoCodec::kH264, Bytes{0, 0, 1}));
}

TEST(Keyframe, Av1HasASequenceHeader) {
  EXPECT_TRUE(is_keyframe(VideoCodec::kAv1, Bytes{0x12, 0x00, 0x0a, 0x01, 0x55}));
  EXPECT_FALSE(is_keyframe(VideoCodec::kAv1, Bytes{0x32, 0x02, 0x55, 0x0a}));
  EXPECT_FALSE(is_keyframe(VideoCodec::kAv1, Bytes{0x30, 0x0a, 0x0a}));        // without a size it is the last
  EXPECT_FALSE(is_keyframe(VideoCodec::kAv1, Bytes{0x32, 0xff, 0xff, 0xff}));  // its size does not end
  EXPECT_FALSE(is_keyframe(VideoCodec::kAv1, Bytes{0x32, 0x7f, 0x0a}));        // nor is there so much
}

}  // namespace
}  // namespace peerwire

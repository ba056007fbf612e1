#include "media/codec_registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace peerwire {
namespace {

const MediaKind kKinds[] = {MediaKind::kAudio, MediaKind::kVideo};

TEST(CodecRegistry, PayloadTypesAreFreeForADynamicOne) {
  std::set<int> taken;
  for (const MediaKind kind : kKinds) {
    const auto& codecs = media_capabilities(kind).codecs;
    const bool has_rtx =
        std::any_of(codecs.begin(), codecs.end(), [](const auto& codec) { return codec.mime_type == "video/rtx"; });
    for (const auto& codec : codecs) {
      if (codec.mime_type == "video/rtx") continue;
      std::vector<int> own = {codec.preferred_payload_type};
      // The next one belongs to its RTX.
      if (kind == MediaKind::kVideo && has_rtx) own.push_back(codec.preferred_payload_type + 1);
      for (const int type : own) {
        EXPECT_TRUE(taken.insert(type).second) << codec.mime_type << " " << codec.fmtp << ": " << type;
        // RFC 5761 section 4: with rtcp-mux, 64 to 95 are RTCP's.
        EXPECT_TRUE(type < 64 || (type >= 96 && type <= 127)) << type;
      }
    }
  }
}

TEST(CodecRegistry, IdsOfExtensionsAreTheSameInEveryKind) {
  std::map<int, std::string> uris;
  for (const MediaKind kind : kKinds) {
    for (const auto& extension : media_capabilities(kind).header_extensions) {
      EXPECT_GE(extension.preferred_id, 1);
      EXPECT_LE(extension.preferred_id, 14);
      const auto [place, is_new] = uris.emplace(extension.preferred_id, extension.uri);
      EXPECT_EQ(place->second, extension.uri);
    }
  }
}

TEST(CodecRegistry, MidIsMandatory) {
  for (const MediaKind kind : kKinds) {
    const auto& extensions = media_capabilities(kind).header_extensions;
    const auto mid = std::find_if(extensions.begin(), extensions.end(), [](const auto& extension) {
      return extension.uri == "urn:ietf:params:rtp-hdrext:sdes:mid";
    });
    ASSERT_NE(mid, extensions.end());
    EXPECT_TRUE(mid->is_mandatory && mid->is_offered && mid->can_send && mid->can_receive);
  }
}

}  // namespace
}  // namespace peerwire

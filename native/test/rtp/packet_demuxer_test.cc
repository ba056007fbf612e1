#include "rtp/packet_demuxer.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

constexpr int kMid = 1, kRid = 2, kRepairedRid = 3;
constexpr uint32_t kAudio = 10, kVideo = 20, kSimulcast = 30;

RtpExtensionMap extensions() {
  RtpExtensionMap map;
  map.set(RtpExtension::kMid, kMid);
  map.set(RtpExtension::kRid, kRid);
  map.set(RtpExtension::kRepairedRid, kRepairedRid);
  return map;
}

struct Sent {
  uint32_t ssrc = 0;
  uint8_t payload_type = 0;
  std::string mid = "";
  std::string rid = "";
  std::string repaired_rid = "";
  uint16_t sequence_number = 1;
};

class Demuxer : public testing::Test {
 protected:
  Demuxer() { demuxer_.set_extensions(extensions()); }

  std::optional<StreamRoute> demux(const Sent& sent) {
    RtpPacketToSend packet;
    packet.header.ssrc = sent.ssrc;
    packet.header.payload_type = sent.payload_type;
    packet.header.sequence_number = sent.sequence_number;
    if (!sent.mid.empty()) packet.set_mid(sent.mid);
    if (!sent.rid.empty()) packet.set_rid(sent.rid);
    if (!sent.repaired_rid.empty()) packet.set_extension(RtpExtension::kRepairedRid, as_bytes(sent.repaired_rid));
    const Bytes octets = packet.serialize(extensions());
    return demuxer_.demux(*RtpPacketView::parse(octets));
  }
  uint32_t section(const Sent& sent) {
    const auto route = demux(sent);
    return route ? route->section : 0;
  }

  /// Audio and two sections of video, one with simulcast, that share payload types; all in a bundle.
  void add_bundle() {
    demuxer_.set_section({kAudio, "a", {111, 110}, {}, {}, {}});
    demuxer_.set_section({kVideo, "v", {96, 98}, {{97, 96}, {99, 98}}, {}, {}});
    demuxer_.set_section({kSimulcast, "s", {96, 98}, {{97, 96}, {99, 98}}, {"lo", "hi"}, {}});
  }

  PacketDemuxer demuxer_;
};

TEST_F(Demuxer, FollowsTheMidAndRemembersItsSsrc) {
  add_bundle();
  const auto first = demux({1, 96, "v"});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->section, kVideo);
  EXPECT_EQ(first->rid_index, StreamRoute::kNoRid);
  EXPECT_FALSE(first->is_rtx);
  EXPECT_EQ(first->media_payload_type, 96);
  EXPECT_EQ(first->media_ssrc, 1u);
  EXPECT_TRUE(first->is_new_ssrc);
  const auto next = demux({1, 98});
  ASSERT_TRUE(next) << "without the MID, which peers leave off once it is known";
  EXPECT_EQ(next->section, kVideo);
  EXPECT_FALSE(next->is_new_ssrc);
  EXPECT_EQ(section({2, 111, "a"}), kAudio);
  EXPECT_EQ(section({2, 110}), kAudio);
}

TEST_F(Demuxer, DropsWhatNothingTellsOf) {
  add_bundle();
  EXPECT_EQ(section({1, 96}), 0u) << "two sections have that payload type";
  EXPECT_EQ(demuxer_.counters().unknown_stream, 1u);
  EXPECT_EQ(section({1, 96, "unknown"}), 0u);
  EXPECT_EQ(demuxer_.counters().unknown_mid, 1u);
  EXPECT_EQ(section({1, 111, "v"}), 0u) << "audio in a section of video";
  EXPECT_EQ(demuxer_.counters().unknown_payload_type, 1u);
  EXPECT_EQ(section({1, 96, "s"}), 0u) << "simulcast without a RID";
  EXPECT_EQ(section({1, 96, "s", "middle"}), 0u);
  EXPECT_EQ(demuxer_.counters().unknown_rid, 2u);
  EXPECT_EQ(demuxer_.known_ssrcs(), 0u) << "nothing is learned of it";
}

TEST_F(Demuxer, FollowsThePayloadTypeOfOneSectionAlone) {
  add_bundle();
  const auto route = demux({5, 111});
  ASSERT_TRUE(route);
  EXPECT_EQ(route->section, kAudio);
  // Held on to when another section comes to share it.
  demuxer_.set_section({kAudio + 1, "b", {111}, {}, {}, {}});
  EXPECT_EQ(section({5, 111}), kAudio);
  EXPECT_EQ(section({6, 111}), 0u);
  demuxer_.remove_section(kAudio);
  EXPECT_EQ(section({6, 111}), kAudio + 1);
}

TEST_F(Demuxer, FollowsSignalledSsrcsOfPeersWithoutMid) {
  demuxer_.set_section({1, "0", {96}, {{97, 96}}, {}, {{100, 101}}});
  demuxer_.set_section({2, "1", {96}, {{97, 96}}, {}, {{200, 201}}});
  EXPECT_EQ(section({200, 96}), 2u);
  EXPECT_EQ(section({100, 96}), 1u);
  EXPECT_EQ(section({300, 96}), 0u);
  const auto rtx = demux({201, 97});
  ASSERT_TRUE(rtx);
  EXPECT_EQ(rtx->section, 2u);
  EXPECT_TRUE(rtx->is_rtx);
  EXPECT_EQ(rtx->media_ssrc, 200u);
  EXPECT_EQ(rtx->media_payload_type, 96);
  EXPECT_EQ(demuxer_.find(101)->media_ssrc, 100u) << "known before its first packet";
}

TEST_F(Demuxer, TellsTheStreamsOfSimulcastByRid) {
  add_bundle();
  EXPECT_EQ(demux({31, 96, "s", "lo"})->rid_index, 0);
  EXPECT_EQ(demux({32, 96, "s", "hi"})->rid_index, 1);
  EXPECT_EQ(demux({31, 96})->rid_index, 0);
  EXPECT_EQ(demux({32, 98, "s"})->rid_index, 1);
  const auto repair = demux({42, 97, "s", "", "hi"});
  ASSERT_TRUE(repair);
  EXPECT_TRUE(repair->is_rtx);
  EXPECT_EQ(repair->rid_index, 1);
  EXPECT_EQ(repair->media_ssrc, 32u);
  EXPECT_EQ(demux({42, 99})->media_payload_type, 98);
  EXPECT_EQ(demux({41, 97, "s", "lo"})->media_ssrc, 31u) << "a RID in the place of a repaired one";
}

TEST_F(Demuxer, FollowsARidThatOneSectionAloneHas) {
  add_bundle();
  const auto route = demux({31, 96, "", "hi"});
  ASSERT_TRUE(route);
  EXPECT_EQ(route->section, kSimulcast);
  EXPECT_EQ(route->rid_index, 1);
  EXPECT_EQ(demux({41, 97, "", "", "lo"})->rid_index, 0);
}

TEST_F(Demuxer, NeedsNoRidForASingleOne) {
  demuxer_.set_section({1, "s", {96}, {}, {"only"}, {}});
  EXPECT_EQ(demux({1, 96, "s"})->rid_index, 0);
}

TEST_F(Demuxer, RepairsTheStreamOfTheSectionWhereNoGroupSaysWhich) {
  add_bundle();
  const auto early = demux({8, 97, "v"});
  ASSERT_TRUE(early);
  EXPECT_TRUE(early->is_rtx);
  EXPECT_FALSE(early->media_ssrc) << "nothing to repair yet";
  demux({7, 96, "v"});
  EXPECT_EQ(demux({8, 97})->media_ssrc, 7u);
}

TEST_F(Demuxer, SaysWhenAnSsrcTakesThePlaceOfAnother) {
  add_bundle();
  EXPECT_TRUE(demux({1, 96, "v"})->is_new_ssrc);
  EXPECT_FALSE(demux({1, 96, "v"})->is_new_ssrc);
  EXPECT_TRUE(demux({2, 96, "v"})->is_new_ssrc);
  EXPECT_FALSE(demux({3, 97, "v"})->is_new_ssrc) << "RTX";
}

TEST_F(Demuxer, MovesAnSsrcWithItsMidButNotByALatePacket) {
  add_bundle();
  EXPECT_EQ(section({1, 96, "v", "", "", 10}), kVideo);
  EXPECT_EQ(section({1, 96, "s", "hi", "", 12}), kSimulcast);
  EXPECT_EQ(section({1, 96, "", "", "", 13}), kSimulcast);
  EXPECT_EQ(section({1, 96, "v", "", "", 11}), kSimulcast) << "overtaken by 12";
  EXPECT_EQ(section({1, 96, "v", "", "", 14}), kVideo);
}

TEST_F(Demuxer, MovesAnSsrcWithItsMidHoweverManyPacketsHadNone) {
  add_bundle();
  EXPECT_EQ(section({1, 96, "v", "", "", 7}), kVideo);
  for (uint16_t number = 8; number < 40'000; ++number) ASSERT_EQ(section({1, 96, "", "", "", number}), kVideo);
  EXPECT_EQ(section({1, 96, "s", "hi", "", 40'000}), kSimulcast);
  EXPECT_EQ(section({1, 96, "v", "", "", 39'999}), kSimulcast) << "overtaken by 40000";
}

TEST_F(Demuxer, ForgetsASectionThatGoes) {
  add_bundle();
  demux({1, 96, "v"});
  demux({2, 111, "a"});
  demuxer_.remove_section(kVideo);
  demuxer_.remove_section(999);
  EXPECT_FALSE(demuxer_.find(1));
  EXPECT_TRUE(demuxer_.find(2));
  EXPECT_EQ(section({1, 96, "v"}), 0u);
  EXPECT_EQ(section({3, 97, "", "", "hi"}), kSimulcast);
}

TEST_F(Demuxer, KeepsWhatItLearnedWhenASectionIsDescribedAnew) {
  add_bundle();
  demux({1, 96, "v"});
  demux({31, 96, "s", "hi"});
  demuxer_.set_section({kVideo, "v", {98}, {{99, 98}}, {}, {{50, 51}}});
  EXPECT_EQ(section({1, 98}), kVideo);
  EXPECT_EQ(section({1, 96}), 0u) << "no longer received";
  EXPECT_EQ(demuxer_.find(51)->media_ssrc, 50u);
  demuxer_.set_section({kVideo, "v", {98}, {{99, 98}}, {}, {}});
  EXPECT_FALSE(demuxer_.find(51)) << "no longer signalled and never heard";
  EXPECT_EQ(demux({31, 96})->rid_index, 1);
  demuxer_.set_section({kSimulcast, "s", {96}, {}, {"hi"}, {}});
  EXPECT_EQ(demux({31, 96, "s", "hi"})->rid_index, 0);
}

TEST_F(Demuxer, FollowsItsRidsToOtherPlaces) {
  add_bundle();
  demux({31, 96, "s", "lo"});
  demux({32, 96, "s", "hi"});
  demux({42, 97, "s", "", "hi"});
  demuxer_.set_section({kSimulcast, "s", {96, 98}, {{97, 96}, {99, 98}}, {"hi", "mid"}, {}});
  const auto moved = demux({32, 96});
  ASSERT_TRUE(moved) << "the peer tells no RID any more";
  EXPECT_EQ(moved->rid_index, 0);
  EXPECT_FALSE(moved->is_new_ssrc);
  EXPECT_EQ(demux({42, 97})->media_ssrc, 32u);
  EXPECT_FALSE(demux({31, 96})) << "no longer received";
  EXPECT_EQ(demux({33, 96, "s", "mid"})->rid_index, 1);
}

TEST_F(Demuxer, KnowsAPausedSectionAgain) {
  add_bundle();
  demux({31, 96, "s", "lo"});
  demux({32, 96, "s", "hi"});
  demux({42, 97, "s", "", "hi"});
  demuxer_.pause_section(kSimulcast);
  EXPECT_EQ(section({32, 96}), kSimulcast) << "nobody else's";
  EXPECT_EQ(section({50, 96}), kVideo) << "the only one that has this payload type now";
  EXPECT_EQ(section({51, 96, "", "hi"}), kVideo);
  demuxer_.set_section({kSimulcast, "s", {96, 98}, {{97, 96}, {99, 98}}, {"lo", "hi"}, {}});
  EXPECT_EQ(demux({31, 96})->rid_index, 0);
  EXPECT_EQ(demux({32, 96})->rid_index, 1);
  EXPECT_EQ(demux({42, 97})->media_ssrc, 32u);
  EXPECT_EQ(section({52, 96}), 0u);
}

TEST_F(Demuxer, LooksSsrcsUpForRtcp) {
  add_bundle();
  demux({31, 96, "s", "hi"});
  demux({41, 97, "s", "", "hi"});
  EXPECT_EQ(demuxer_.find(31)->section, kSimulcast);
  EXPECT_EQ(demuxer_.find(31)->rid_index, 1);
  EXPECT_TRUE(demuxer_.find(41)->is_rtx);
  EXPECT_FALSE(demuxer_.find(99));
  demuxer_.forget(31);
  demuxer_.forget(99);
  EXPECT_FALSE(demux({41, 97})->media_ssrc) << "what it repairs is gone";
  const auto back = demux({31, 96});
  ASSERT_TRUE(back) << "a peer that was reported to tells no RID any more";
  EXPECT_EQ(back->rid_index, 1);
  EXPECT_TRUE(back->is_new_ssrc);
  EXPECT_EQ(demux({41, 97})->media_ssrc, 31u);
}

TEST_F(Demuxer, TakesTheMidOfWhoBeginsAnewForNoLateOne) {
  for (const bool is_paused : {false, true}) {
    add_bundle();
    const uint32_t ssrc = is_paused ? 51 : 50;
    EXPECT_EQ(section({ssrc, 96, "v", "", "", 1000}), kVideo);
    if (is_paused) {
      demuxer_.pause_section(kVideo);
    } else {
      demuxer_.forget(ssrc);
    }
    EXPECT_EQ(section({ssrc, 96, "s", "lo", "", 900}), kSimulcast);
  }
}

TEST_F(Demuxer, KeepsSignalledSsrcsAfterABye) {
  demuxer_.set_section({1, "0", {96}, {}, {}, {{100, {}}}});
  demuxer_.set_section({2, "1", {96}, {}, {}, {}});
  demux({100, 96});
  demuxer_.forget(100);
  EXPECT_EQ(section({100, 96}), 1u);
}

TEST_F(Demuxer, IsBoundedInAFloodOfSsrcs) {
  add_bundle();
  demuxer_.set_section({kVideo, "v", {96, 98}, {{97, 96}}, {}, {{77, {}}}});
  for (uint32_t i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(demux({1'000'000 + i, 96, "v"}));
    if (i % 500 == 0) {
      ASSERT_EQ(section({5, 111, "a"}), kAudio);
    }
    ASSERT_LE(demuxer_.known_ssrcs(), PacketDemuxer::kMaxLearnedSsrcs + 1);
  }
  EXPECT_TRUE(demuxer_.find(77)) << "signalled";
  EXPECT_TRUE(demuxer_.find(5)) << "in use";
  EXPECT_TRUE(demuxer_.find(1'099'999));
  EXPECT_FALSE(demuxer_.find(1'000'000));
}

TEST_F(Demuxer, IsBoundedInAFloodOfSignalledSsrcs) {
  for (uint32_t round = 0; round < 20; ++round) {
    DemuxSection section{1, "0", {96}, {}, {}, {}};
    for (uint32_t i = 0; i < 3000; ++i) section.sources.push_back({round * 10'000 + i + 1, {}});
    demuxer_.set_section(section);
    for (uint32_t i = 0; i < 1000; ++i) demux({round * 10'000 + i + 1, 96});
    ASSERT_LE(demuxer_.known_ssrcs(), PacketDemuxer::kMaxLearnedSsrcs + PacketDemuxer::kMaxSignalledSsrcs);
  }
}

}  // namespace
}  // namespace peerwire

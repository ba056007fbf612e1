// Packets and descriptions of sections in any order: routes lead to sections that are there, and tables stay bounded.
// Each step takes an octet that says what it is, one that says of what, and the octets of a packet.
#include <algorithm>
#include <set>
#include <string>

#include "rtp/packet_demuxer.h"
#include "rtp/reception_statistics.h"

namespace {

using namespace peerwire;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

DemuxSection describe(uint8_t choice) {
  DemuxSection section{
      static_cast<uint32_t>(choice % 4), std::to_string(choice % 4), {96, 98}, {{97, 96}, {99, 98}}, {}, {}};
  if (choice & 4) section.rids = {"a", "b"};
  if (choice & 8) section.sources = {{choice, choice + 1u}, {choice + 1u, {}}};
  if (choice & 16) section.payload_types.push_back(choice);
  if (choice & 32) section.mid = "";
  if (choice & 64) section.rids.push_back("c");
  return section;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  PacketDemuxer demuxer;
  ReceptionStatistics statistics;
  RtpExtensionMap map;
  map.set(RtpExtension::kMid, 1);
  map.set(RtpExtension::kRid, 2);
  map.set(RtpExtension::kRepairedRid, 3);
  demuxer.set_extensions(map);
  std::set<uint32_t> sections;
  int64_t now_us = 0;
  ByteView rest{octets, size};
  while (rest.size() >= 3) {
    const uint8_t what = rest[0], choice = rest[1];
    const size_t length = std::min<size_t>(rest[2], rest.size() - 3);
    const ByteView body = rest.subspan(3, length);
    rest = rest.subspan(3 + length);
    now_us += choice * 1000;
    if (what % 8 == 0) {
      demuxer.set_section(describe(choice));
      sections.insert(choice % 4);
    } else if (what % 8 == 1) {
      demuxer.remove_section(choice % 4);
      sections.erase(choice % 4);
    } else if (what % 8 == 2) {
      demuxer.forget(choice);
    } else if (what % 8 == 3) {
      demuxer.pause_section(choice % 4);
    } else if (const auto packet = RtpPacketView::parse(body)) {
      const auto route = demuxer.demux(*packet);
      if (!route) continue;
      require(sections.count(route->section) == 1);
      require(route->is_rtx || route->media_ssrc == packet->header().ssrc);
      const auto found = demuxer.find(packet->header().ssrc);
      require(found && found->section == route->section && found->rid_index == route->rid_index);
      auto& stream = statistics.stream(packet->header().ssrc);
      route->is_rtx ? stream.on_retransmission(*packet, now_us) : stream.on_packet(*packet, 90'000, now_us);
    }
    require(demuxer.known_ssrcs() <= PacketDemuxer::kMaxLearnedSsrcs + 4 * 4);
  }
  for (const auto& block : statistics.make_report_blocks(now_us)) require(statistics.find(block.ssrc) != nullptr);
  return 0;
}

#include "rtp/packet_demuxer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "rtp/header_extensions.h"

namespace peerwire {
namespace {

constexpr uint8_t kPayloadTypeMask = 0x7F;

/// Packets by which one can be late.
constexpr uint16_t kMaxLateness = 0x4000;

bool is_newer(uint16_t number, uint16_t than) {
  return number != than && static_cast<uint16_t>(number - than) < 0x8000;
}

}  // namespace

int PacketDemuxer::Section::index_of_rid(std::string_view rid) const {
  const auto found = std::find(described.rids.begin(), described.rids.end(), rid);
  return found == described.rids.end() ? StreamRoute::kNoRid : static_cast<int>(found - described.rids.begin());
}

void PacketDemuxer::set_section(DemuxSection described) {
  auto found = std::find_if(sections_.begin(), sections_.end(),
                            [&](const auto& section) { return section->described.id == described.id; });
  const bool is_new = found == sections_.end();
  if (is_new) found = sections_.insert(found, std::make_unique<Section>());
  Section& section = **found;
  const std::vector<std::string> rids_before = std::move(section.described.rids);
  section.described = std::move(described);
  section.is_paused = false;
  section.roles.fill(PayloadRole::kNone);
  for (const uint8_t type : section.described.payload_types) {
    section.roles[type & kPayloadTypeMask] = PayloadRole::kMedia;
    section.media_payload_types[type & kPayloadTypeMask] = type & kPayloadTypeMask;
  }
  for (const auto& rtx : section.described.rtx) {
    section.roles[rtx.payload_type & kPayloadTypeMask] = PayloadRole::kRtx;
    section.media_payload_types[rtx.payload_type & kPayloadTypeMask] = rtx.media_payload_type & kPayloadTypeMask;
  }
  if (is_new || section.described.rids != rids_before) keep_streams(section, rids_before);
  apply_signalled(section);
  update_payload_types();
}

/// Streams keep their SSRCs by their names, wherever these stand in the list now.
void PacketDemuxer::keep_streams(Section& section, const std::vector<std::string>& rids_before) {
  const auto before = std::exchange(section.media_ssrcs, {});
  section.media_ssrcs.resize(std::max<size_t>(section.described.rids.size(), 1));
  std::vector<int> places;
  for (const std::string& rid : rids_before) places.push_back(section.index_of_rid(rid));
  for (size_t index = 0; index < places.size(); ++index) {
    if (places[index] >= 0) section.media_ssrcs[static_cast<size_t>(places[index])] = before[index];
  }
  for (auto each = sources_.begin(); each != sources_.end();) {
    Source& source = each->second;
    const bool has_rid = source.section == &section && source.rid_index >= 0;
    if (has_rid) source.rid_index = places[static_cast<size_t>(source.rid_index)];
    // Of a stream that is gone, where there are others; the next packet may tell another one.
    const bool is_gone = has_rid && source.rid_index < 0 && !section.described.rids.empty();
    each = is_gone ? sources_.erase(each) : std::next(each);
  }
}

// https://datatracker.ietf.org/doc/html/rfc8843#section-9.2: the table is seeded with the SSRCs that were signalled.
void PacketDemuxer::apply_signalled(Section& section) {
  // What is no longer signalled counts as learned from now on, if it was heard.
  for (auto& [ssrc, source] : sources_) {
    if (source.section == &section) source.is_signalled = false;
  }
  size_t count = 0;
  const auto add = [&](uint32_t ssrc, std::optional<uint32_t> repaired) {
    if (count++ >= kMaxSignalledSsrcs) return;
    Source& source = sources_[ssrc];
    if (source.section != &section) source = Source{};
    source.section = &section;
    source.is_signalled = true;
    source.is_rtx = repaired.has_value();
    source.repaired_ssrc = repaired;
  };
  for (const auto& signalled : section.described.sources) {
    add(signalled.ssrc, std::nullopt);
    if (signalled.rtx_ssrc) add(*signalled.rtx_ssrc, signalled.ssrc);
  }
  std::erase_if(sources_, [](const auto& entry) { return !entry.second.is_signalled && entry.second.last_used == 0; });
  learned_count_ = static_cast<size_t>(
      std::count_if(sources_.begin(), sources_.end(), [](const auto& entry) { return !entry.second.is_signalled; }));
  while (learned_count_ > kMaxLearnedSsrcs) make_room();
}

void PacketDemuxer::remove_section(uint32_t id) {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [&](const auto& section) { return section->described.id == id; });
  if (found == sections_.end()) return;
  std::erase_if(sources_, [&](const auto& entry) {
    if (entry.second.section != found->get()) return false;
    if (!entry.second.is_signalled) --learned_count_;
    return true;
  });
  sections_.erase(found);
  update_payload_types();
}

void PacketDemuxer::pause_section(uint32_t id) {
  for (const auto& section : sections_) {
    if (section->described.id == id) section->is_paused = true;
  }
  for (auto& [ssrc, source] : sources_) {
    if (source.section->described.id == id) source.has_mid_update = false;
  }
  update_payload_types();
}

void PacketDemuxer::update_payload_types() {
  by_payload_type_.fill(nullptr);
  for (size_t type = 0; type < by_payload_type_.size(); ++type) {
    size_t users = 0;
    for (const auto& section : sections_) {
      if (section->is_paused || section->roles[type] == PayloadRole::kNone) continue;
      by_payload_type_[type] = section.get();
      ++users;
    }
    if (users > 1) by_payload_type_[type] = nullptr;
  }
}

PacketDemuxer::Texts PacketDemuxer::texts_of(const RtpPacketView& packet) const {
  Texts texts;
  if (!packet.has_extensions()) return texts;
  const auto read = [&](RtpExtension extension) -> std::optional<std::string_view> {
    const auto value = packet.extension(extensions_, extension);
    return value ? decode_stream_text(*value) : std::nullopt;
  };
  texts.mid = read(RtpExtension::kMid);
  texts.rid = read(RtpExtension::kRid);
  texts.repaired_rid = read(RtpExtension::kRepairedRid);
  return texts;
}

PacketDemuxer::Section* PacketDemuxer::section_of_mid(std::string_view mid) const {
  Section* paused = nullptr;
  for (const auto& section : sections_) {
    if (section->described.mid != mid) continue;
    if (!section->is_paused) return section.get();
    paused = section.get();
  }
  return paused;
}

PacketDemuxer::Section* PacketDemuxer::section_of_rid(std::string_view rid) const {
  Section* only = nullptr;
  for (const auto& section : sections_) {
    if (section->is_paused || section->index_of_rid(rid) < 0) continue;
    if (only) return nullptr;
    only = section.get();
  }
  return only;
}

PacketDemuxer::Section* PacketDemuxer::section_of_payload_type(uint8_t payload_type) const {
  return by_payload_type_[payload_type & kPayloadTypeMask];
}

// https://datatracker.ietf.org/doc/html/rfc8843#section-9.2, the steps for an RTP packet. A RID that one section alone
// has tells as much as a MID (libwebrtc does the same).
PacketDemuxer::Section* PacketDemuxer::resolve(const RtpHeader& header, const Texts& texts, const Source* known) {
  if (texts.mid) {
    if (known && known->section->described.mid == *texts.mid) return known->section;
    Section* const named = section_of_mid(*texts.mid);
    if (!named) {
      ++counters_.unknown_mid;
      return nullptr;
    }
    // A packet that was overtaken by one that moved its SSRC to another section moves it no more.
    const bool is_late = known && known->has_mid_update && !is_newer(header.sequence_number, known->mid_updated_at);
    return is_late ? known->section : named;
  }
  if (known) return known->section;
  Section* section = nullptr;
  if (const auto& rid = texts.rid ? texts.rid : texts.repaired_rid) section = section_of_rid(*rid);
  if (!section) section = section_of_payload_type(header.payload_type);
  if (!section) ++counters_.unknown_stream;
  return section;
}

bool PacketDemuxer::resolve_rid(const Section& section, const Texts& texts, bool is_rtx, Source& source) {
  const auto& rids = section.described.rids;
  if (rids.empty()) {
    source.rid_index = StreamRoute::kNoRid;
    return true;
  }
  // RFC 8852 section 3.1: a repair packet has repaired-rid; some peers give it the RID itself.
  const auto& rid = is_rtx && texts.repaired_rid ? texts.repaired_rid : texts.rid;
  if (rid) source.rid_index = section.index_of_rid(*rid);
  if (!rid && source.rid_index < 0 && rids.size() == 1) source.rid_index = 0;
  return source.rid_index >= 0;
}

std::optional<StreamRoute> PacketDemuxer::demux(const RtpPacketView& packet) {
  const RtpHeader& header = packet.header();
  const Texts texts = texts_of(packet);
  const auto found = sources_.find(header.ssrc);
  const Source* const known = found == sources_.end() ? nullptr : &found->second;
  Section* const section = resolve(header, texts, known);
  if (!section) return std::nullopt;
  const PayloadRole role = section->roles[header.payload_type];
  if (role == PayloadRole::kNone) {
    ++counters_.unknown_payload_type;
    return std::nullopt;
  }
  const bool is_rtx = role == PayloadRole::kRtx;

  // Nothing is learned from a packet that is dropped.
  Source updated = known && known->section == section ? *known : Source{};
  if (!resolve_rid(*section, texts, is_rtx, updated)) {
    ++counters_.unknown_rid;
    return std::nullopt;
  }
  Source& source = learn(header.ssrc, *section);
  source.rid_index = updated.rid_index;
  source.is_rtx = is_rtx;
  source.media_payload_type = section->media_payload_types[header.payload_type];
  source.last_used = ++packet_count_;
  if (texts.mid && section->described.mid == *texts.mid &&
      (!source.has_mid_update || is_newer(header.sequence_number, source.mid_updated_at))) {
    source.has_mid_update = true;
    source.mid_updated_at = header.sequence_number;
  }
  // Those without a MID have it follow them: from 32768 on a later number looks like an earlier one.
  if (source.has_mid_update && is_newer(header.sequence_number, source.mid_updated_at) &&
      static_cast<uint16_t>(header.sequence_number - source.mid_updated_at) > kMaxLateness) {
    source.mid_updated_at = static_cast<uint16_t>(header.sequence_number - kMaxLateness);
  }

  bool is_new_ssrc = false;
  if (!is_rtx) {
    auto& current = section->media_ssrcs[section->stream_of(source.rid_index)];
    is_new_ssrc = current != header.ssrc;
    current = header.ssrc;
  }
  StreamRoute route = route_of(header.ssrc, source);
  route.is_new_ssrc = is_new_ssrc;
  return route;
}

PacketDemuxer::Source& PacketDemuxer::learn(uint32_t ssrc, Section& section) {
  auto found = sources_.find(ssrc);
  if (found == sources_.end()) {
    if (learned_count_ >= kMaxLearnedSsrcs) make_room();
    found = sources_.try_emplace(ssrc).first;
    ++learned_count_;
  } else if (found->second.section != &section) {
    const bool is_signalled = found->second.is_signalled;
    found->second = Source{};
    found->second.is_signalled = is_signalled;
  }
  found->second.section = &section;
  return found->second;
}

/// A quarter at once, so that a flood of SSRCs does not have the table searched for each.
void PacketDemuxer::make_room() {
  std::vector<uint64_t> ages;
  ages.reserve(learned_count_);
  for (const auto& [ssrc, source] : sources_) {
    if (!source.is_signalled) ages.push_back(source.last_used);
  }
  const auto limit = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 4);
  std::nth_element(ages.begin(), limit, ages.end());
  std::erase_if(sources_, [oldest_kept = *limit](const auto& entry) {
    return !entry.second.is_signalled && entry.second.last_used < oldest_kept;
  });
  learned_count_ = static_cast<size_t>(ages.end() - limit);
}

StreamRoute PacketDemuxer::route_of(uint32_t ssrc, const Source& source) const {
  StreamRoute route;
  route.section = source.section->described.id;
  route.rid_index = source.rid_index;
  route.is_rtx = source.is_rtx;
  route.media_payload_type = source.media_payload_type;
  if (!source.is_rtx) {
    route.media_ssrc = ssrc;
  } else if (source.repaired_ssrc) {
    route.media_ssrc = source.repaired_ssrc;
  } else {
    route.media_ssrc = source.section->media_ssrcs[source.section->stream_of(source.rid_index)];
  }
  return route;
}

std::optional<StreamRoute> PacketDemuxer::find(uint32_t ssrc) const {
  const auto found = sources_.find(ssrc);
  if (found == sources_.end()) return std::nullopt;
  return route_of(ssrc, found->second);
}

void PacketDemuxer::forget(uint32_t ssrc) {
  const auto found = sources_.find(ssrc);
  if (found == sources_.end()) return;
  for (auto& current : found->second.section->media_ssrcs) {
    if (current == ssrc) current.reset();
  }
  // What comes next under it counts anew, and may be another section's.
  found->second.has_mid_update = false;
}

}  // namespace peerwire

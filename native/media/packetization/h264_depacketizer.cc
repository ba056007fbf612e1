#include "media/packetization/h264_depacketizer.h"

#include <algorithm>

namespace peerwire {
namespace {

constexpr uint8_t kStartCode[] = {0, 0, 0, 1};
/// Longer ones are passed on where they come, but not kept.
constexpr size_t kMaxStoredSet = 4096;
constexpr uint8_t kFuStart = 0x80;
constexpr uint8_t kFuEnd = 0x40;

void append(Bytes& out, ByteView octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}

void append_unit(Bytes& out, ByteView nal) {
  append(out, kStartCode);
  append(out, nal);
}

/// The units of an STAP-A payload; false when lengths do not fit.
template <typename Visitor>
bool visit_aggregated(ByteView payload, Visitor visit) {
  size_t at = 1;
  if (at >= payload.size()) return false;
  while (at < payload.size()) {
    if (payload.size() - at < 2) return false;
    const size_t size = static_cast<size_t>(payload[at] << 8 | payload[at + 1]);
    at += 2;
    if (size == 0 || size > payload.size() - at) return false;
    if (!visit(payload.subspan(at, size))) return false;
    at += size;
  }
  return true;
}

Bytes decode_base64(std::string_view text) {
  Bytes out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    int value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = c - 'A';
    } else if (c >= 'a' && c <= 'z') {
      value = c - 'a' + 26;
    } else if (c >= '0' && c <= '9') {
      value = c - '0' + 52;
    } else if (c == '+') {
      value = 62;
    } else if (c == '/') {
      value = 63;
    } else {
      break;
    }
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<uint8_t>(bits >> count));
    }
  }
  return out;
}

}  // namespace

/// A picture while it is put together.
struct H264Depacketizer::Picture {
  Bytes& out;
  EncodedVideoFrame& frame;
  bool has_sps = false;
  bool has_pps = false;
  bool has_checked_idr = false;
};

H264Depacketizer::H264Depacketizer(std::string_view sprop_parameter_sets) {
  // https://www.rfc-editor.org/rfc/rfc6184#section-8.1
  constexpr size_t kMaxSets = 64;
  for (size_t i = 0; i < kMaxSets && !sprop_parameter_sets.empty(); ++i) {
    const size_t comma = std::min(sprop_parameter_sets.find(','), sprop_parameter_sets.size());
    store(decode_base64(sprop_parameter_sets.substr(0, comma)));
    sprop_parameter_sets.remove_prefix(std::min(comma + 1, sprop_parameter_sets.size()));
  }
}

std::optional<PayloadDescription> H264Depacketizer::parse(ByteView payload) const {
  if (payload.empty()) return std::nullopt;
  PayloadDescription description;
  description.media = payload;
  const auto is_first_slice = [](ByteView unit) {
    const auto slice = h264::parse_slice_header(unit);
    return slice && slice->first_macroblock == 0;
  };
  const auto look_at = [&](uint8_t type, ByteView unit, bool is_whole) {
    switch (type) {
      case h264::kSps:
        description.has_parameter_sets = true;
        if (const auto sps = is_whole ? h264::parse_sps(unit) : std::nullopt) {
          description.width = sps->width;
          description.height = sps->height;
        }
        break;
      case h264::kIdrSlice:
        description.is_keyframe = true;
        [[fallthrough]];
      case h264::kSlice:
        if (is_whole && is_first_slice(unit)) description.may_begin_picture = true;
        break;
      default:
        break;
    }
    return true;
  };
  const uint8_t type = h264::nal_type(payload[0]);
  uint8_t first_type = type;
  if (type == h264::kStapA) {
    if (payload.size() < 4) return std::nullopt;
    first_type = h264::nal_type(payload[3]);
    if (!visit_aggregated(payload, [&](ByteView unit) { return look_at(h264::nal_type(unit[0]), unit, true); })) {
      return std::nullopt;
    }
  } else if (type == h264::kFuA) {
    if (payload.size() < 3) return std::nullopt;
    first_type = h264::nal_type(payload[1]);
    look_at(first_type, {}, false);
    if (payload[1] & kFuStart) {
      // The octet before the slice header is not looked at.
      description.may_begin_picture = first_type == h264::kIdrSlice && is_first_slice(payload.subspan(1));
    } else {
      first_type = 0;
    }
  } else if (type >= 1 && type <= 23) {
    look_at(type, payload, true);
  } else {
    // STAP-B, MTAP and FU-B are of the interleaved mode, which nobody negotiates.
    return std::nullopt;
  }
  // Section 7.4.1.2.3 of H.264: these come before every slice of their picture. An SEI does as well, but may follow
  // parameter sets.
  description.begins_picture = first_type == h264::kAccessUnitDelimiter || first_type == h264::kSps;
  return description;
}

void H264Depacketizer::store(ByteView nal) {
  if (nal.empty() || nal.size() > kMaxStoredSet) return;
  const uint8_t type = h264::nal_type(nal[0]);
  if (type == h264::kSps) {
    if (const auto sps = h264::parse_sps(nal)) sps_[sps->id] = {Bytes(nal.begin(), nal.end()), *sps};
  } else if (type == h264::kPps) {
    if (const auto pps = h264::parse_pps(nal)) pps_[pps->id] = {Bytes(nal.begin(), nal.end()), pps->sps_id};
  }
}

bool H264Depacketizer::begin_picture_unit(ByteView nal, Picture& picture) {
  const uint8_t type = h264::nal_type(nal[0]);
  if (type != h264::kIdrSlice) return true;
  picture.frame.is_keyframe = true;
  if (picture.has_checked_idr) return true;
  picture.has_checked_idr = true;
  const auto slice = h264::parse_slice_header(nal);
  const auto pps = slice ? pps_.find(slice->pps_id) : pps_.end();
  const auto sps = pps != pps_.end() ? sps_.find(pps->second.sps_id) : sps_.end();
  if (sps == sps_.end()) {
    // Nothing that we can read. With sets of its own the decoder may know better.
    return picture.has_sps && picture.has_pps;
  }
  picture.frame.width = sps->second.parameters.width;
  picture.frame.height = sps->second.parameters.height;
  if (!picture.has_sps) append_unit(picture.out, sps->second.nal);
  if (!picture.has_pps) append_unit(picture.out, pps->second.nal);
  return true;
}

bool H264Depacketizer::add_unit(ByteView nal, Picture& picture) {
  const uint8_t type = h264::nal_type(nal[0]);
  store(nal);
  picture.has_sps = picture.has_sps || type == h264::kSps;
  picture.has_pps = picture.has_pps || type == h264::kPps;
  if (!begin_picture_unit(nal, picture)) return false;
  append_unit(picture.out, nal);
  return true;
}

bool H264Depacketizer::assemble(std::span<const ByteView> media, EncodedVideoFrame& frame) {
  size_t size = 0;
  for (const ByteView part : media) size += part.size() + sizeof(kStartCode);
  Bytes out;
  out.reserve(size + 256);
  Picture picture{out, frame};
  // Sets that come in fragments are whole only at their end.
  size_t fragment_at = 0;
  bool in_fragment = false;
  for (const ByteView payload : media) {
    if (payload.empty()) return false;
    const uint8_t type = h264::nal_type(payload[0]);
    if (type != h264::kFuA) {
      if (in_fragment) return false;
      const bool is_good = type == h264::kStapA
                               ? visit_aggregated(payload, [&](ByteView unit) { return add_unit(unit, picture); })
                               : add_unit(payload, picture);
      if (!is_good) return false;
      continue;
    }
    if (payload.size() < 3) return false;
    const uint8_t fragment_type = h264::nal_type(payload[1]);
    if (payload[1] & kFuStart) {
      if (in_fragment) return false;
      in_fragment = true;
      const uint8_t header = static_cast<uint8_t>((payload[0] & 0xe0) | fragment_type);
      // As much of the unit as its slice header takes.
      Bytes beginning{header};
      append(beginning, payload.subspan(2, std::min<size_t>(payload.size() - 2, 32)));
      if (!begin_picture_unit(beginning, picture)) return false;
      append(out, kStartCode);
      fragment_at = out.size();
      out.push_back(header);
    } else if (!in_fragment) {
      return false;
    }
    append(out, payload.subspan(2));
    if (payload[1] & kFuEnd) {
      in_fragment = false;
      store(ByteView(out).subspan(fragment_at));
      picture.has_sps = picture.has_sps || fragment_type == h264::kSps;
      picture.has_pps = picture.has_pps || fragment_type == h264::kPps;
    }
  }
  if (in_fragment || out.empty()) return false;
  frame.data = std::move(out);
  return true;
}

}  // namespace peerwire

#include "media/packetization/av1_depacketizer.h"

#include "media/packetization/av1_bitstream.h"

namespace peerwire {
namespace {

constexpr uint8_t kContinues = 0x80;
constexpr uint8_t kGoesOn = 0x40;
constexpr uint8_t kBeginsSequence = 0x08;

/// The elements behind an aggregation header; false when lengths do not fit.
template <typename Visitor>
bool visit_elements(ByteView payload, Visitor visit) {
  const size_t counted = payload[0] >> 4 & 3;
  size_t at = 1;
  for (size_t index = 1; at < payload.size(); ++index) {
    size_t size = payload.size() - at;
    if (counted == 0 || index < counted) {
      const auto field = av1::read_leb128(payload.subspan(at));
      if (!field || field->value > size - field->size) return false;
      at += field->size;
      size = field->value;
    } else if (index > counted) {
      return false;
    }
    visit(payload.subspan(at, size), index == 1, at + size == payload.size());
    at += size;
    if (counted != 0 && index == counted) break;
  }
  return at == payload.size();
}

/// Writes OBUs with their sizes, and looks at them.
class TemporalUnitWriter {
 public:
  explicit TemporalUnitWriter(EncodedVideoFrame& frame) : frame_(frame) {}

  bool add(ByteView unit) {
    if (unit.empty()) return true;
    size_t head = 1;
    if (unit[0] & av1::kObuHasExtension) ++head;
    if (unit.size() < head) return false;
    ByteView payload = unit.subspan(head);
    // "SHOULD NOT" have one: section 4.4.
    if (unit[0] & av1::kObuHasSize) {
      const auto field = av1::read_leb128(payload);
      if (!field || field->value > payload.size() - field->size) return false;
      payload = payload.subspan(field->size, field->value);
    }
    const uint8_t type = av1::obu_type(unit[0]);
    if (type == av1::kTemporalDelimiter || type == av1::kTileList) return true;
    look_at(type, payload);
    Bytes& out = frame_.data;
    out.push_back(unit[0] | av1::kObuHasSize);
    if (head == 2) out.push_back(unit[1]);
    av1::write_leb128(out, payload.size());
    out.insert(out.end(), payload.begin(), payload.end());
    return true;
  }

 private:
  void look_at(uint8_t type, ByteView payload) {
    if (type == av1::kSequenceHeader) {
      has_sequence_header_ = true;
      if (const auto size = av1::parse_sequence_header(payload)) {
        frame_.width = size->width;
        frame_.height = size->height;
      }
    } else if ((type == av1::kFrame || type == av1::kFrameHeader) && !has_frame_) {
      has_frame_ = true;
      if (has_sequence_header_ && av1::is_keyframe_header(payload)) frame_.is_keyframe = true;
    }
  }

  EncodedVideoFrame& frame_;
  bool has_sequence_header_ = false;
  bool has_frame_ = false;
};

}  // namespace

std::optional<PayloadDescription> Av1Depacketizer::parse(ByteView payload) const {
  if (payload.size() < 2) return std::nullopt;
  const bool continues = (payload[0] & kContinues) != 0;
  const bool begins_sequence = (payload[0] & kBeginsSequence) != 0;
  if (continues && begins_sequence) return std::nullopt;
  PayloadDescription description;
  description.media = payload;
  description.begins_picture = begins_sequence;
  description.is_keyframe = begins_sequence;
  const bool is_good = visit_elements(payload, [&](ByteView unit, bool is_first, bool) {
    if (unit.empty() || (is_first && continues)) return;
    if (av1::obu_type(unit[0]) != av1::kSequenceHeader || unit[0] & av1::kObuHasSize) return;
    const size_t head = unit[0] & av1::kObuHasExtension ? 2 : 1;
    if (unit.size() <= head) return;
    if (const auto size = av1::parse_sequence_header(unit.subspan(head))) {
      description.width = size->width;
      description.height = size->height;
    }
  });
  if (!is_good) return std::nullopt;
  return description;
}

bool Av1Depacketizer::assemble(std::span<const ByteView> media, EncodedVideoFrame& frame) {
  size_t size = 0;
  for (const ByteView part : media) size += part.size();
  frame.data.clear();
  frame.data.reserve(size + 16);
  TemporalUnitWriter writer(frame);
  Bytes fragment;
  bool in_fragment = false;
  for (const ByteView payload : media) {
    if (payload.empty()) return false;
    const bool continues = (payload[0] & kContinues) != 0;
    const bool goes_on = (payload[0] & kGoesOn) != 0;
    if (continues != in_fragment) return false;
    bool is_good = true;
    const bool fits = visit_elements(payload, [&](ByteView unit, bool is_first, bool is_last) {
      const bool ends_here = !(is_last && goes_on);
      if (in_fragment && is_first) {
        fragment.insert(fragment.end(), unit.begin(), unit.end());
        if (!ends_here) return;
        is_good = is_good && writer.add(fragment);
        fragment.clear();
        in_fragment = false;
      } else if (ends_here) {
        is_good = is_good && writer.add(unit);
      } else {
        fragment.assign(unit.begin(), unit.end());
        in_fragment = true;
      }
    });
    if (!fits || !is_good || in_fragment != goes_on) return false;
  }
  return !in_fragment && !frame.data.empty();
}

}  // namespace peerwire

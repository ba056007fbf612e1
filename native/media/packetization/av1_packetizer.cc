#include "media/packetization/av1_packetizer.h"

#include <algorithm>

namespace peerwire {
namespace {

constexpr size_t kAggregationHeaderSize = 1;
/// With so many elements or fewer, the last one goes without a length.
constexpr size_t kMaxCountedElements = 3;
/// A fragment is not begun in less room than this.
constexpr size_t kMinFragment = 16;

/// An OBU as it goes on the wire: without its size field.
struct Element {
  uint8_t head[2];
  size_t head_size;
  ByteView payload;
  size_t size() const { return head_size + payload.size(); }

  void append(Bytes& out, size_t from, size_t count) const {
    for (; count > 0 && from < head_size; ++from, --count) out.push_back(head[from]);
    const ByteView rest = payload.subspan(from - std::min(from, head_size), count);
    out.insert(out.end(), rest.begin(), rest.end());
  }
};

struct Fragment {
  size_t element;
  size_t offset;
  size_t size;
};

struct PacketPlan {
  std::vector<Fragment> fragments;
  bool continues = false;  // Z
  bool goes_on = false;    // Y
};

/// Octets that `fragments` take with their lengths.
size_t wire_size(const std::vector<Fragment>& fragments) {
  size_t size = kAggregationHeaderSize;
  for (size_t i = 0; i < fragments.size(); ++i) {
    const bool has_length = i + 1 < fragments.size() || fragments.size() > kMaxCountedElements;
    size += fragments[i].size + (has_length ? av1::leb128_size(fragments[i].size) : 0);
  }
  return size;
}

/// Fills packets one after the other. `reduction` is of the first and of the last packet; the last is not known before,
/// so that its reduction is taken off every packet that could be the last.
bool plan(const std::vector<Element>& elements, size_t max_size, size_t first_reduction, size_t last_reduction,
          std::vector<PacketPlan>& packets) {
  packets.assign(1, {});
  size_t total_left = 0;
  for (const Element& element : elements) total_left += element.size();
  const auto room_of = [&] {
    size_t room = max_size - std::min(max_size, packets.size() == 1 ? first_reduction : 0);
    // All that is left would fit: then this is the last.
    if (total_left <= room) room -= std::min(room, last_reduction);
    return room;
  };
  size_t room = room_of();
  for (size_t i = 0; i < elements.size(); ++i) {
    size_t offset = 0;
    while (offset < elements[i].size()) {
      PacketPlan& packet = packets.back();
      const size_t left = elements[i].size() - offset;
      // What is there already gets a length once something follows it.
      packet.fragments.push_back({i, offset, 0});
      const size_t taken = wire_size(packet.fragments);
      size_t free = room > taken ? room - taken : 0;
      if (packet.fragments.size() > kMaxCountedElements) {
        const size_t length = av1::leb128_size(std::min(left, free)) - 1;
        free -= std::min(free, length);
      }
      const size_t size = std::min(left, free);
      const bool is_empty = packet.fragments.size() == 1;
      if (size == 0 || (size < left && size < kMinFragment && !is_empty)) {
        packet.fragments.pop_back();
        if (is_empty) return false;
      } else {
        packet.fragments.back().size = size;
        offset += size;
        total_left -= size;
        if (size == left) continue;
      }
      packet.goes_on = offset > 0;
      packets.emplace_back();
      packets.back().continues = offset > 0;
      room = room_of();
    }
  }
  return true;
}

Bytes write(const PacketPlan& packet, const std::vector<Element>& elements, bool begins_sequence) {
  Bytes payload;
  const size_t count = packet.fragments.size();
  payload.reserve(wire_size(packet.fragments));
  payload.push_back(static_cast<uint8_t>((packet.continues ? 0x80 : 0) | (packet.goes_on ? 0x40 : 0) |
                                         (count <= kMaxCountedElements ? count << 4 : 0) |
                                         (begins_sequence ? 0x08 : 0)));
  for (size_t i = 0; i < count; ++i) {
    const Fragment& fragment = packet.fragments[i];
    if (i + 1 < count || count > kMaxCountedElements) av1::write_leb128(payload, fragment.size);
    elements[fragment.element].append(payload, fragment.offset, fragment.size);
  }
  return payload;
}

std::vector<Element> elements_of(ByteView temporal_unit) {
  std::vector<Element> elements;
  const auto units = av1::split_obus(temporal_unit);
  if (!units) return elements;
  elements.reserve(units->size());
  for (const av1::Obu& unit : *units) {
    // Section 4.4 of the RTP specification: temporal delimiters and tile lists are not sent. Padding need not be.
    const uint8_t type = av1::obu_type(unit.header);
    if (type == av1::kTemporalDelimiter || type == av1::kTileList || type == av1::kPadding) continue;
    Element element{{static_cast<uint8_t>(unit.header & ~av1::kObuHasSize), 0}, 1, unit.payload};
    if (unit.extension) {
      element.head[1] = *unit.extension;
      element.head_size = 2;
    }
    elements.push_back(element);
  }
  return elements;
}

}  // namespace

std::vector<VideoPayload> Av1Packetizer::packetize(const EncodedVideoFrame& frame, const PayloadLimits& limits) {
  const std::vector<Element> elements = elements_of(frame.data);
  if (elements.empty()) return {};
  DependencyDescriptorWriter::Frame descriptor = descriptors_.next_frame(frame);
  const size_t structure_size =
      descriptor.first.size() - std::min(descriptor.first.size(), kMinDependencyDescriptorSize);
  const size_t rest_size = descriptor.middle.size() - std::min(descriptor.middle.size(), kMinDependencyDescriptorSize);
  if (limits.max_payload_size <= rest_size) return {};
  const size_t max_size = limits.max_payload_size - rest_size;
  const size_t first_reduction = limits.first_packet_reduction + structure_size - std::min(structure_size, rest_size);
  const size_t last_reduction = std::max(limits.last_packet_reduction, limits.single_packet_reduction);

  std::vector<PacketPlan> packets;
  if (!plan(elements, max_size, first_reduction, last_reduction, packets)) return {};
  if (packets.size() > 1) {
    // The smallest size with which as few packets do makes them about equal.
    size_t low = max_size * (packets.size() - 1) / packets.size();
    size_t high = max_size;
    std::vector<PacketPlan> trial;
    const size_t count = packets.size();
    for (int step = 0; step < 6 && low + 8 < high; ++step) {
      const size_t middle = (low + high) / 2;
      if (plan(elements, middle, first_reduction, last_reduction, trial) && trial.size() == count) {
        packets.swap(trial);
        high = middle;
      } else {
        low = middle;
      }
    }
  }

  std::vector<VideoPayload> payloads(packets.size());
  for (size_t i = 0; i < packets.size(); ++i) {
    VideoPayload& out = payloads[i];
    out.is_first = i == 0;
    out.is_last = i + 1 == packets.size();
    out.payload = write(packets[i], elements, out.is_first && frame.is_keyframe);
    out.dependency_descriptor = descriptor.for_packet(out.is_first, out.is_last);
  }
  return payloads;
}

}  // namespace peerwire

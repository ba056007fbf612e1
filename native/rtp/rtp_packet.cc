#include "rtp/rtp_packet.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "rtp/network_order.h"

namespace peerwire {
namespace {

constexpr size_t kFixedHeaderSize = 12;
constexpr size_t kExtensionHeaderSize = 4;
constexpr size_t kMaxCsrcs = 15;
constexpr size_t kMaxPadding = 255;
constexpr uint16_t kOneByteProfile = 0xBEDE;
constexpr uint16_t kTwoByteProfile = 0x1000;  // the low four bits are the application's
constexpr uint16_t kTwoByteProfileMask = 0xFFF0;
constexpr int kMaxOneByteId = 14;
constexpr int kMaxTwoByteId = 255;
constexpr size_t kMaxOneByteLength = 16;
constexpr size_t kMaxTwoByteLength = 255;

constexpr std::pair<std::string_view, RtpExtension> kUris[] = {
    {"urn:ietf:params:rtp-hdrext:sdes:mid", RtpExtension::kMid},
    {"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", RtpExtension::kRid},
    {"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", RtpExtension::kRepairedRid},
    {"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", RtpExtension::kAbsSendTime},
    {"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
     RtpExtension::kTransportWideSequenceNumber},
    {"urn:ietf:params:rtp-hdrext:ssrc-audio-level", RtpExtension::kAudioLevel},
    {"urn:ietf:params:rtp-hdrext:csrc-audio-level", RtpExtension::kCsrcAudioLevel},
    {"urn:3gpp:video-orientation", RtpExtension::kVideoOrientation},
    {"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", RtpExtension::kPlayoutDelay},
    {"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time", RtpExtension::kAbsCaptureTime},
    {"https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
     RtpExtension::kDependencyDescriptor},
};

/// Where extension elements lie in a packet; nullopt when its header does not fit it.
struct HeaderShape {
  size_t header_size = 0;
  size_t extensions_offset = 0;
  size_t extensions_size = 0;
  uint16_t profile = 0;
};

// RFC 3550 section 5.1, 5.3.1.
std::optional<HeaderShape> shape_of(ByteView packet) {
  if (packet.size() < kFixedHeaderSize || packet[0] >> 6 != 2) return std::nullopt;
  HeaderShape shape;
  shape.header_size = kFixedHeaderSize + 4 * static_cast<size_t>(packet[0] & 0x0F);
  if (packet[0] & 0x10) {
    if (packet.size() < shape.header_size + kExtensionHeaderSize) return std::nullopt;
    shape.profile = read_u16(packet.data() + shape.header_size);
    shape.extensions_size = 4 * static_cast<size_t>(read_u16(packet.data() + shape.header_size + 2));
    shape.extensions_offset = shape.header_size + kExtensionHeaderSize;
    shape.header_size = shape.extensions_offset + shape.extensions_size;
  }
  if (packet.size() < shape.header_size) return std::nullopt;
  return shape;
}

/// Offset and size of an element's value.
using Place = std::pair<size_t, size_t>;

// RFC 8285 section 4.2.
std::optional<Place> find_one_byte(ByteView elements, int id) {
  size_t at = 0;
  while (at < elements.size()) {
    const int found = elements[at] >> 4;
    const size_t field = elements[at] & 0x0F;
    if (found == 0) {
      if (field != 0) return std::nullopt;
      ++at;
      continue;
    }
    if (found > kMaxOneByteId || elements.size() - at - 1 < field + 1) return std::nullopt;
    if (found == id) return Place{at + 1, field + 1};
    at += field + 2;
  }
  return std::nullopt;
}

// RFC 8285 section 4.3.
std::optional<Place> find_two_byte(ByteView elements, int id) {
  size_t at = 0;
  while (at < elements.size()) {
    if (elements[at] == 0) {
      ++at;
      continue;
    }
    if (elements.size() - at < 2 || elements.size() - at - 2 < elements[at + 1]) return std::nullopt;
    if (elements[at] == id) return Place{at + 2, elements[at + 1]};
    at += 2 + static_cast<size_t>(elements[at + 1]);
  }
  return std::nullopt;
}

std::optional<Place> find_element(uint16_t profile, ByteView elements, int id) {
  if (id <= 0) return std::nullopt;
  if (profile == kOneByteProfile) return find_one_byte(elements, id);
  if ((profile & kTwoByteProfileMask) == kTwoByteProfile) return find_two_byte(elements, id);
  return std::nullopt;
}

}  // namespace

bool RtpExtensionMap::set(std::string_view uri, int id) {
  if (id < 1 || id > kMaxTwoByteId) return false;
  for (const auto& [known, extension] : kUris) {
    if (known != uri) continue;
    set(extension, id);
    return true;
  }
  return false;
}

bool RtpExtensionMap::needs_two_byte_form() const {
  return std::any_of(ids_.begin(), ids_.end(), [](uint8_t id) { return id > kMaxOneByteId; });
}

std::optional<RtpPacketView> RtpPacketView::parse(ByteView data) {
  const auto shape = shape_of(data);
  if (!shape) return std::nullopt;
  RtpPacketView view;
  view.data_ = data;
  view.header_size_ = shape->header_size;
  view.profile_ = shape->profile;
  view.extensions_ = data.subspan(shape->extensions_offset, shape->extensions_size);
  if (data[0] & 0x20) {
    // RFC 3550 appendix A.1: the count must be there and must leave the header whole.
    view.padding_size_ = data.back();
    if (view.padding_size_ == 0 || view.padding_size_ > data.size() - shape->header_size) return std::nullopt;
  }
  view.payload_ = data.subspan(shape->header_size, data.size() - shape->header_size - view.padding_size_);
  RtpHeader& header = view.header_;
  header.marker = (data[1] & 0x80) != 0;
  header.payload_type = data[1] & 0x7F;
  header.sequence_number = read_u16(&data[2]);
  header.timestamp = read_u32(&data[4]);
  header.ssrc = read_u32(&data[8]);
  if (const size_t count = data[0] & 0x0F) {
    header.csrcs.resize(count);
    for (size_t i = 0; i < count; ++i) header.csrcs[i] = read_u32(&data[kFixedHeaderSize + 4 * i]);
  }
  return view;
}

std::optional<ByteView> RtpPacketView::extension(const RtpExtensionMap& map, RtpExtension extension) const {
  return this->extension(map.id_of(extension));
}

std::optional<ByteView> RtpPacketView::extension(int id) const {
  const auto place = find_element(profile_, extensions_, id);
  if (!place) return std::nullopt;
  return extensions_.subspan(place->first, place->second);
}

struct RtpPacketToSend::Layout {
  bool two_byte = false;
  size_t elements_size = 0;  // without padding to 32 bits
  size_t header_size = 0;

  bool has_elements() const { return elements_size > 0; }
  bool takes(const Slot& slot, int id) const {
    if (!slot.is_set || id == 0) return false;
    return two_byte || (slot.size > 0 && slot.size <= kMaxOneByteLength && id <= kMaxOneByteId);
  }
};

void RtpPacketToSend::set_extension(RtpExtension extension, ByteView value) {
  Slot& into = slot(extension);
  if (value.size() > kMaxTwoByteLength || extension_values_.size() + value.size() > UINT16_MAX) {
    into.is_set = false;
    return;
  }
  // A value of the same size is written over, as stamps are; another leaves a hole.
  if (!into.is_set || into.size != value.size()) {
    if (extension_values_.empty()) extension_values_.reserve(32);
    into.offset = static_cast<uint16_t>(extension_values_.size());
    into.size = static_cast<uint8_t>(value.size());
    extension_values_.resize(extension_values_.size() + value.size());
  }
  into.is_set = true;
  if (!value.empty()) std::memcpy(extension_values_.data() + into.offset, value.data(), value.size());
}

std::optional<ByteView> RtpPacketToSend::extension(RtpExtension extension) const {
  const Slot& from = slot(extension);
  if (!from.is_set) return std::nullopt;
  return ByteView(extension_values_).subspan(from.offset, from.size);
}

size_t RtpPacketToSend::padding_octets() const {
  return std::min(padding_size, kMaxPadding);
}

RtpPacketToSend::Layout RtpPacketToSend::layout(const RtpExtensionMap& map) const {
  Layout layout;
  layout.two_byte = map.needs_two_byte_form();
  if (!layout.two_byte && map.allows_mixed()) {
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (!slots_[i].is_set || !map.has(static_cast<RtpExtension>(i))) continue;
      if (slots_[i].size == 0 || slots_[i].size > kMaxOneByteLength) layout.two_byte = true;
    }
  }
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (!layout.takes(slots_[i], map.id_of(static_cast<RtpExtension>(i)))) continue;
    layout.elements_size += (layout.two_byte ? 2u : 1u) + slots_[i].size;
  }
  layout.header_size = kFixedHeaderSize + 4 * std::min(header.csrcs.size(), kMaxCsrcs);
  if (layout.has_elements()) layout.header_size += kExtensionHeaderSize + (layout.elements_size + 3) / 4 * 4;
  return layout;
}

uint8_t* RtpPacketToSend::write_extensions(uint8_t* at, const Layout& layout, const RtpExtensionMap& map) const {
  const size_t padded = (layout.elements_size + 3) / 4 * 4;
  write_u16(at, layout.two_byte ? kTwoByteProfile : kOneByteProfile);
  write_u16(at + 2, static_cast<uint16_t>(padded / 4));
  at += kExtensionHeaderSize;
  for (size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    const int id = map.id_of(static_cast<RtpExtension>(i));
    if (!layout.takes(slot, id)) continue;
    if (layout.two_byte) {
      *at++ = static_cast<uint8_t>(id);
      *at++ = slot.size;
    } else {
      *at++ = static_cast<uint8_t>(id << 4 | (slot.size - 1));
    }
    if (slot.size > 0) std::memcpy(at, extension_values_.data() + slot.offset, slot.size);
    at += slot.size;
  }
  return std::fill_n(at, padded - layout.elements_size, uint8_t{0});
}

void RtpPacketToSend::write(uint8_t* at, const Layout& layout, const RtpExtensionMap& map) const {
  const size_t csrc_count = std::min(header.csrcs.size(), kMaxCsrcs);
  const size_t padding = padding_octets();
  at[0] = static_cast<uint8_t>(0x80 | (padding > 0 ? 0x20 : 0) | (layout.has_elements() ? 0x10 : 0) | csrc_count);
  at[1] = static_cast<uint8_t>((header.marker ? 0x80 : 0) | (header.payload_type & 0x7F));
  write_u16(at + 2, header.sequence_number);
  write_u32(at + 4, header.timestamp);
  write_u32(at + 8, header.ssrc);
  at += kFixedHeaderSize;
  for (size_t i = 0; i < csrc_count; ++i, at += 4) write_u32(at, header.csrcs[i]);
  if (layout.has_elements()) at = write_extensions(at, layout, map);
  if (!payload.empty()) std::memcpy(at, payload.data(), payload.size());
  at += payload.size();
  if (padding > 0) {
    at = std::fill_n(at, padding - 1, uint8_t{0});
    *at = static_cast<uint8_t>(padding);
  }
}

Bytes RtpPacketToSend::serialize(const RtpExtensionMap& map) const {
  const Layout layout = this->layout(map);
  Bytes packet(layout.header_size + payload.size() + padding_octets());
  write(packet.data(), layout, map);
  return packet;
}

size_t RtpPacketToSend::write_to(std::span<uint8_t> buffer, const RtpExtensionMap& map) const {
  const Layout layout = this->layout(map);
  const size_t size = layout.header_size + payload.size() + padding_octets();
  if (size > buffer.size()) return 0;
  write(buffer.data(), layout, map);
  return size;
}

size_t RtpPacketToSend::header_size(const RtpExtensionMap& map) const {
  return layout(map).header_size;
}

std::span<uint8_t> find_extension(std::span<uint8_t> packet, int id) {
  const auto shape = shape_of(packet);
  if (!shape) return {};
  const auto elements = packet.subspan(shape->extensions_offset, shape->extensions_size);
  const auto place = find_element(shape->profile, elements, id);
  if (!place) return {};
  return elements.subspan(place->first, place->second);
}

bool rewrite_extension(std::span<uint8_t> packet, const RtpExtensionMap& map, RtpExtension extension, ByteView value) {
  const auto place = find_extension(packet, map.id_of(extension));
  if (place.empty() || place.size() != value.size()) return false;
  std::memcpy(place.data(), value.data(), value.size());
  return true;
}

}  // namespace peerwire

// RTP packets (RFC 3550 section 5, RFC 8285): parsed views and packets under construction.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"

namespace peerwire {

/// Header extensions that the engine knows of.
enum class RtpExtension : uint8_t {
  kMid,
  kRid,
  kRepairedRid,
  kAbsSendTime,
  kTransportWideSequenceNumber,
  kAudioLevel,
  kCsrcAudioLevel,
  kVideoOrientation,
  kPlayoutDelay,
  kAbsCaptureTime,
  kDependencyDescriptor,
  kCount,
};

/// Identifiers that were negotiated for one transport or section; 0: not in use.
class RtpExtensionMap {
 public:
  /// False for a URI that is not known, and for a number that none can have.
  bool set(std::string_view uri, int id);
  void set(RtpExtension extension, int id) { ids_[static_cast<size_t>(extension)] = static_cast<uint8_t>(id); }
  int id_of(RtpExtension extension) const { return ids_[static_cast<size_t>(extension)]; }
  bool has(RtpExtension extension) const { return id_of(extension) != 0; }

  /// Whether one-byte and two-byte forms may alternate in a stream (a=extmap-allow-mixed, RFC 8285 section 4.1.2).
  /// Where they may not and every number fits the one-byte form, values that do not fit it are not sent.
  void set_allows_mixed(bool allows) { allows_mixed_ = allows; }
  bool allows_mixed() const { return allows_mixed_; }
  /// Some number is beyond the one-byte form.
  bool needs_two_byte_form() const;
  bool operator==(const RtpExtensionMap&) const = default;

 private:
  std::array<uint8_t, static_cast<size_t>(RtpExtension::kCount)> ids_{};
  bool allows_mixed_ = true;
};

struct RtpHeader {
  bool marker = false;
  uint8_t payload_type = 0;
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
  std::vector<uint32_t> csrcs;  // at most 15
};

/// A received packet: a view into `data`, which it does not own. Parsing is total: anything malformed gives nullopt.
class RtpPacketView {
 public:
  static std::optional<RtpPacketView> parse(ByteView data);

  const RtpHeader& header() const { return header_; }
  ByteView payload() const { return payload_; }
  size_t padding_size() const { return padding_size_; }
  size_t header_size() const { return header_size_; }
  ByteView data() const { return data_; }
  bool has_extensions() const { return !extensions_.empty(); }
  /// The raw octets of an extension element; empty optional: not in the packet.
  std::optional<ByteView> extension(const RtpExtensionMap& map, RtpExtension extension) const;
  /// By raw identifier.
  std::optional<ByteView> extension(int id) const;

 private:
  RtpHeader header_;
  ByteView data_;
  ByteView payload_;
  ByteView extensions_;
  uint16_t profile_ = 0;
  size_t header_size_ = 0;
  size_t padding_size_ = 0;
};

/// A packet to be sent: owns its octets; written front to back (header, extensions, payload), later changed in place.
class RtpPacketToSend {
 public:
  RtpHeader header;
  Bytes payload;
  size_t padding_size = 0;  // up to 255, of zero payload otherwise

  // What the engine needs to know of it.
  int64_t capture_time_us = 0;
  bool is_keyframe = false;
  bool is_retransmission = false;
  bool is_audio = false;
  bool is_first_of_frame = false;
  bool is_padding = false;  // a probe without media
  int64_t enqueued_us = 0;

  /// The last value of an extension holds. At most 255 octets; a longer one cannot be written and takes it away.
  void set_extension(RtpExtension extension, ByteView value);
  void remove_extension(RtpExtension extension) { slot(extension).is_set = false; }
  std::optional<ByteView> extension(RtpExtension extension) const;
  void set_mid(std::string_view mid) { set_extension(RtpExtension::kMid, as_bytes(mid)); }
  void set_rid(std::string_view rid) { set_extension(RtpExtension::kRid, as_bytes(rid)); }

  /// Header, extensions that `map` has a number for, payload, padding. Extensions of one-byte form, or of two-byte form
  /// when a number or a length needs it (RFC 8285 section 4.2, 4.3).
  Bytes serialize(const RtpExtensionMap& map) const;
  /// The same into a buffer of the caller's, say one with room for an SRTP tag behind. Octets written; 0: too small.
  size_t write_to(std::span<uint8_t> buffer, const RtpExtensionMap& map) const;
  /// Octets of serialize() without payload and padding.
  size_t header_size(const RtpExtensionMap& map) const;
  /// Octets of serialize().
  size_t size(const RtpExtensionMap& map) const { return header_size(map) + payload.size() + padding_octets(); }

 private:
  struct Slot {
    uint16_t offset = 0;  // in extension_values_
    uint8_t size = 0;
    bool is_set = false;
  };
  struct Layout;  // which form, and how many octets

  Slot& slot(RtpExtension extension) { return slots_[static_cast<size_t>(extension)]; }
  const Slot& slot(RtpExtension extension) const { return slots_[static_cast<size_t>(extension)]; }
  Layout layout(const RtpExtensionMap& map) const;
  size_t padding_octets() const;
  uint8_t* write_extensions(uint8_t* at, const Layout& layout, const RtpExtensionMap& map) const;
  void write(uint8_t* at, const Layout& layout, const RtpExtensionMap& map) const;

  std::array<Slot, static_cast<size_t>(RtpExtension::kCount)> slots_{};
  Bytes extension_values_;  // of all slots, one allocation
};

/// The octets of an extension within a packet that has been serialized, to be written over in place; empty: not there.
std::span<uint8_t> find_extension(std::span<uint8_t> packet, int id);

/// Just before a packet goes out: writes over the value of an extension that was reserved when it was serialized. False
/// when the packet does not have it, or not with this size.
bool rewrite_extension(std::span<uint8_t> packet, const RtpExtensionMap& map, RtpExtension extension, ByteView value);

/// Sequence numbers and timestamps that do not wrap.
template <typename Unsigned>
class Unwrapper {
 public:
  int64_t unwrap(Unsigned value) {
    if (!has_last_) {
      has_last_ = true;
      last_ = value;
      return last_;
    }
    using Signed = std::make_signed_t<Unsigned>;
    last_ += static_cast<Signed>(static_cast<Unsigned>(value - static_cast<Unsigned>(last_)));
    return last_;
  }
  /// What unwrap() would say, without remembering it.
  int64_t peek(Unsigned value) const {
    Unwrapper copy = *this;
    return copy.unwrap(value);
  }

 private:
  bool has_last_ = false;
  int64_t last_ = 0;
};

}  // namespace peerwire

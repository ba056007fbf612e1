// STUN messages (RFC 8489) with the attributes of ICE (RFC 8445) and TURN (RFC 8656): read without copying, written
// into a fixed buffer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "net/socket_address.h"

namespace peerwire::ice {

using TransactionId = std::array<uint8_t, 12>;

constexpr uint32_t kStunMagicCookie = 0x2112a442;
constexpr size_t kStunHeaderSize = 20;

enum class StunMethod : uint16_t {
  kBinding = 0x001,
  kAllocate = 0x003,
  kRefresh = 0x004,
  kSend = 0x006,
  kData = 0x007,
  kCreatePermission = 0x008,
  kChannelBind = 0x009,
};
enum class StunClass : uint16_t { kRequest = 0x000, kIndication = 0x010, kSuccess = 0x100, kError = 0x110 };

enum class StunAttribute : uint16_t {
  kMappedAddress = 0x0001,
  kUsername = 0x0006,
  kMessageIntegrity = 0x0008,
  kErrorCode = 0x0009,
  kUnknownAttributes = 0x000a,
  kChannelNumber = 0x000c,
  kLifetime = 0x000d,
  kXorPeerAddress = 0x0012,
  kData = 0x0013,
  kRealm = 0x0014,
  kNonce = 0x0015,
  kXorRelayedAddress = 0x0016,
  kRequestedAddressFamily = 0x0017,
  kRequestedTransport = 0x0019,
  kMessageIntegritySha256 = 0x001c,
  kXorMappedAddress = 0x0020,
  kPriority = 0x0024,
  kUseCandidate = 0x0025,
  kAdditionalAddressFamily = 0x8000,
  kAlternateDomain = 0x8003,
  kDraftAdditionalAddressFamily = 0x8032,
  kSoftware = 0x8022,
  kAlternateServer = 0x8023,
  kFingerprint = 0x8028,
  kIceControlled = 0x8029,
  kIceControlling = 0x802a,
};

/// A parsed message. Borrows the datagram it was parsed from.
struct StunMessage {
  StunMethod method = StunMethod::kBinding;
  StunClass message_class = StunClass::kRequest;
  TransactionId transaction{};

  std::optional<std::string_view> username, realm, nonce;
  std::optional<uint32_t> priority, lifetime;
  std::optional<uint64_t> ice_controlling, ice_controlled;
  std::optional<uint16_t> channel_number;
  std::optional<SocketAddress> mapped_address;  // XOR-MAPPED-ADDRESS, or MAPPED-ADDRESS where that is all there is
  std::optional<SocketAddress> relayed_address, peer_address;
  std::optional<SocketAddress> other_relayed_address;  // a second XOR-RELAYED-ADDRESS (RFC 8656 section 7.3)
  /// The first of IPv4, the first of IPv6: a server may name one of each family (RFC 8489 section 10).
  std::array<std::optional<SocketAddress>, 2> alternate_servers;
  std::optional<std::string_view> alternate_domain;
  std::optional<ByteView> data;
  bool use_candidate = false;
  int error_code = 0;  // 300 to 699, 0: none
  std::string_view error_reason;
  bool has_fingerprint = false;  // and it was right: a wrong one is no STUN message
  /// Attributes of the comprehension-required range that we do not know; the count may exceed what is kept.
  std::array<uint16_t, 8> unknown_attributes{};
  size_t unknown_count = 0;

  /// Of the whole message, in octets.
  size_t size() const { return raw_.size(); }
  bool has_integrity() const { return integrity_offset_ != 0; }
  /// True when MESSAGE-INTEGRITY is there and was made with `key`.
  bool check_integrity(ByteView key) const;

  /// False for a datagram that cannot be STUN; cheap.
  static bool looks_like_stun(ByteView datagram);
  /// Nothing for anything malformed.
  static std::optional<StunMessage> parse(ByteView datagram);

 private:
  ByteView raw_;
  size_t integrity_offset_ = 0;
};

/// Writes one message. The buffer fits every message we send; what does not fit marks the writer as failed, and
/// finish() then gives nothing.
class StunWriter {
 public:
  /// For the largest that is relayed: a packet of SCTP of 16,384 octets in a record of DTLS.
  static constexpr size_t kRoom = 17 << 10;

  StunWriter(StunMethod method, StunClass message_class, const TransactionId& transaction);

  StunWriter& add_bytes(StunAttribute attribute, ByteView value);
  StunWriter& add_text(StunAttribute attribute, std::string_view value) {
    return add_bytes(attribute, as_bytes(value));
  }
  StunWriter& add_flag(StunAttribute attribute) { return add_bytes(attribute, {}); }
  StunWriter& add_u32(StunAttribute attribute, uint32_t value);
  StunWriter& add_u64(StunAttribute attribute, uint64_t value);
  /// An address exclusive-ored with cookie and transaction id.
  StunWriter& add_xor_address(StunAttribute attribute, const SocketAddress& address);
  StunWriter& add_error(int code, std::string_view reason);
  StunWriter& add_unknown_attributes(const StunMessage& request);
  StunWriter& add_integrity(ByteView key);
  StunWriter& add_fingerprint();

  /// The message, valid as long as the writer; empty when it did not fit.
  ByteView finish() const { return failed_ ? ByteView() : ByteView(buffer_.data(), size_); }

 private:
  uint8_t* reserve(StunAttribute attribute, size_t length);
  void set_length(size_t body);

  std::array<uint8_t, kRoom> buffer_;
  size_t size_ = kStunHeaderSize;
  bool failed_ = false;
};

/// Key of the long-term credential mechanism: MD5(username ":" realm ":" password) (RFC 8489 section 9.2.2).
std::array<uint8_t, 16> long_term_key(std::string_view username, std::string_view realm, std::string_view password);

uint32_t crc32(ByteView octets);

}  // namespace peerwire::ice

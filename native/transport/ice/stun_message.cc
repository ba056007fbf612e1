#include "transport/ice/stun_message.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace peerwire::ice {
namespace {

constexpr size_t kIntegritySize = 20;
constexpr uint32_t kFingerprintXor = 0x5354554e;

uint16_t read_u16(const uint8_t* at) {
  return static_cast<uint16_t>(at[0] << 8 | at[1]);
}
uint32_t read_u32(const uint8_t* at) {
  return uint32_t{read_u16(at)} << 16 | read_u16(at + 2);
}
uint64_t read_u64(const uint8_t* at) {
  return uint64_t{read_u32(at)} << 32 | read_u32(at + 4);
}
void write_u16(uint8_t* at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}
void write_u32(uint8_t* at, uint32_t value) {
  write_u16(at, static_cast<uint16_t>(value >> 16));
  write_u16(at + 2, static_cast<uint16_t>(value));
}

size_t padded(size_t length) {
  return (length + 3) & ~size_t{3};
}

std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table;
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? 0xedb88320u ^ (value >> 1) : value >> 1;
    table[i] = value;
  }
  return table;
}

/// HMAC-SHA1 over the header (with `length` as its length field) and what follows it up to `end`.
bool integrity_of(ByteView message, size_t end, uint16_t length, ByteView key, uint8_t* out) {
  uint8_t block[4096];
  if (end > sizeof block) return false;
  std::memcpy(block, message.data(), end);
  write_u16(block + 2, length);
  unsigned size = 0;
  return HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), block, end, out, &size) && size == kIntegritySize;
}

std::optional<SocketAddress> read_address(ByteView value, const TransactionId* xor_with) {
  if (value.size() != 8 && value.size() != 20) return std::nullopt;
  const bool ipv4 = value[1] == 1;
  if (!(ipv4 && value.size() == 8) && !(value[1] == 2 && value.size() == 20)) return std::nullopt;
  uint16_t port = read_u16(value.data() + 2);
  uint8_t octets[16];
  const size_t length = ipv4 ? 4 : 16;
  std::memcpy(octets, value.data() + 4, length);
  if (xor_with) {
    port ^= kStunMagicCookie >> 16;
    uint8_t mask[16];
    write_u32(mask, kStunMagicCookie);
    std::memcpy(mask + 4, xor_with->data(), 12);
    for (size_t i = 0; i < length; ++i) octets[i] ^= mask[i];
  }
  return SocketAddress::from_octets({octets, length}, port);
}

}  // namespace

uint32_t crc32(ByteView octets) {
  static const std::array<uint32_t, 256> table = make_crc_table();
  uint32_t value = 0xffffffffu;
  for (uint8_t octet : octets) value = table[(value ^ octet) & 0xff] ^ (value >> 8);
  return ~value;
}

std::array<uint8_t, 16> long_term_key(std::string_view username, std::string_view realm, std::string_view password) {
  std::string text;
  text.append(username).append(":").append(realm).append(":").append(password);
  std::array<uint8_t, 16> key{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), key.data(), &size, EVP_md5(), nullptr);
  return key;
}

bool StunMessage::looks_like_stun(ByteView datagram) {
  return datagram.size() >= kStunHeaderSize && datagram[0] < 4 && datagram.size() % 4 == 0 &&
         read_u32(datagram.data() + 4) == kStunMagicCookie;
}

std::optional<StunMessage> StunMessage::parse(ByteView datagram) {
  if (!looks_like_stun(datagram) || datagram.size() > 65535) return std::nullopt;
  if (read_u16(datagram.data() + 2) != datagram.size() - kStunHeaderSize) return std::nullopt;
  StunMessage message;
  message.raw_ = datagram;
  const uint16_t type = read_u16(datagram.data());
  message.message_class = static_cast<StunClass>(type & 0x0110);
  message.method = static_cast<StunMethod>((type & 0x000f) | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2);
  std::copy_n(datagram.data() + 8, 12, message.transaction.begin());
  bool has_xor_mapped = false;

  size_t at = kStunHeaderSize;
  while (at < datagram.size()) {
    if (datagram.size() - at < 4) return std::nullopt;
    const uint16_t attribute = read_u16(datagram.data() + at);
    const size_t length = read_u16(datagram.data() + at + 2);
    if (padded(length) > datagram.size() - at - 4) return std::nullopt;
    const ByteView value = datagram.subspan(at + 4, length);
    const std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
    const size_t start = at;
    at += 4 + padded(length);

    if (attribute == static_cast<uint16_t>(StunAttribute::kFingerprint)) {
      if (length != 4 || at != datagram.size()) return std::nullopt;
      if (read_u32(value.data()) != (crc32(datagram.first(start)) ^ kFingerprintXor)) return std::nullopt;
      message.has_fingerprint = true;
      continue;
    }
    // What follows MESSAGE-INTEGRITY is not protected by it: ignored (RFC 8489 section 14.5).
    if (message.integrity_offset_) continue;

    switch (static_cast<StunAttribute>(attribute)) {
      case StunAttribute::kMessageIntegrity:
        if (length != kIntegritySize) return std::nullopt;
        message.integrity_offset_ = start;
        break;
      case StunAttribute::kUsername:
        if (length > 508) return std::nullopt;
        if (!message.username) message.username = text;
        break;
      case StunAttribute::kRealm:
        if (length > 763) return std::nullopt;
        if (!message.realm) message.realm = text;
        break;
      case StunAttribute::kNonce:
        if (length > 763) return std::nullopt;
        if (!message.nonce) message.nonce = text;
        break;
      case StunAttribute::kMappedAddress:
        if (!has_xor_mapped) message.mapped_address = read_address(value, nullptr);
        break;
      case StunAttribute::kXorMappedAddress:
        message.mapped_address = read_address(value, &message.transaction);
        if (!message.mapped_address) return std::nullopt;
        has_xor_mapped = true;
        break;
      case StunAttribute::kXorRelayedAddress:
        (message.relayed_address ? message.other_relayed_address : message.relayed_address) =
            read_address(value, &message.transaction);
        break;
      case StunAttribute::kXorPeerAddress:
        message.peer_address = read_address(value, &message.transaction);
        break;
      case StunAttribute::kAlternateServer:
        if (const auto alternate = read_address(value, nullptr)) {
          auto& first = message.alternate_servers[alternate->is_ipv6()];
          if (!first) first = alternate;
        }
        break;
      case StunAttribute::kAlternateDomain:
        if (!message.alternate_domain) message.alternate_domain = text;
        break;
      case StunAttribute::kPriority:
        if (length != 4) return std::nullopt;
        message.priority = read_u32(value.data());
        break;
      case StunAttribute::kLifetime:
        if (length != 4) return std::nullopt;
        message.lifetime = read_u32(value.data());
        break;
      case StunAttribute::kChannelNumber:
        if (length != 4) return std::nullopt;
        message.channel_number = read_u16(value.data());
        break;
      case StunAttribute::kIceControlling:
        if (length != 8) return std::nullopt;
        message.ice_controlling = read_u64(value.data());
        break;
      case StunAttribute::kIceControlled:
        if (length != 8) return std::nullopt;
        message.ice_controlled = read_u64(value.data());
        break;
      case StunAttribute::kUseCandidate:
        message.use_candidate = true;
        break;
      case StunAttribute::kData:
        message.data = value;
        break;
      case StunAttribute::kErrorCode: {
        if (length < 4) return std::nullopt;
        const int hundreds = value[2] & 7;
        if (hundreds < 3 || hundreds > 6 || value[3] > 99) return std::nullopt;
        message.error_code = hundreds * 100 + value[3];
        message.error_reason = text.substr(4, 509);
        break;
      }
      case StunAttribute::kUnknownAttributes:
      case StunAttribute::kRequestedAddressFamily:
      case StunAttribute::kRequestedTransport:
      case StunAttribute::kMessageIntegritySha256:
        break;
      default:
        if (attribute < 0x8000) {
          if (message.unknown_count < message.unknown_attributes.size()) {
            message.unknown_attributes[message.unknown_count] = attribute;
          }
          ++message.unknown_count;
        }
    }
  }
  return message;
}

bool StunMessage::check_integrity(ByteView key) const {
  if (!integrity_offset_) return false;
  uint8_t expected[kIntegritySize];
  const auto length = static_cast<uint16_t>(integrity_offset_ + 4 + kIntegritySize - kStunHeaderSize);
  if (!integrity_of(raw_, integrity_offset_, length, key, expected)) return false;
  return CRYPTO_memcmp(expected, raw_.data() + integrity_offset_ + 4, kIntegritySize) == 0;
}

StunWriter::StunWriter(StunMethod method, StunClass message_class, const TransactionId& transaction) {
  const auto m = static_cast<uint16_t>(method);
  const auto type = static_cast<uint16_t>((m & 0x000f) | (m & 0x0070) << 1 | (m & 0x0f80) << 2 |
                                          static_cast<uint16_t>(message_class));
  write_u16(buffer_.data(), type);
  write_u32(buffer_.data() + 4, kStunMagicCookie);
  std::copy(transaction.begin(), transaction.end(), buffer_.begin() + 8);
  set_length(0);
}

void StunWriter::set_length(size_t body) {
  write_u16(buffer_.data() + 2, static_cast<uint16_t>(body));
}

uint8_t* StunWriter::reserve(StunAttribute attribute, size_t length) {
  if (failed_ || length > 65535 || size_ + 4 + padded(length) > buffer_.size()) {
    failed_ = true;
    return nullptr;
  }
  uint8_t* at = buffer_.data() + size_;
  write_u16(at, static_cast<uint16_t>(attribute));
  write_u16(at + 2, static_cast<uint16_t>(length));
  std::memset(at + 4 + length, 0, padded(length) - length);
  size_ += 4 + padded(length);
  set_length(size_ - kStunHeaderSize);
  return at + 4;
}

StunWriter& StunWriter::add_bytes(StunAttribute attribute, ByteView value) {
  if (uint8_t* at = reserve(attribute, value.size()); at && !value.empty()) {
    std::memcpy(at, value.data(), value.size());
  }
  return *this;
}

StunWriter& StunWriter::add_u32(StunAttribute attribute, uint32_t value) {
  if (uint8_t* at = reserve(attribute, 4)) write_u32(at, value);
  return *this;
}

StunWriter& StunWriter::add_u64(StunAttribute attribute, uint64_t value) {
  if (uint8_t* at = reserve(attribute, 8)) {
    write_u32(at, static_cast<uint32_t>(value >> 32));
    write_u32(at + 4, static_cast<uint32_t>(value));
  }
  return *this;
}

StunWriter& StunWriter::add_xor_address(StunAttribute attribute, const SocketAddress& address) {
  const ByteView octets = address.octets();
  if (octets.empty()) {
    failed_ = true;
    return *this;
  }
  uint8_t* at = reserve(attribute, 4 + octets.size());
  if (!at) return *this;
  at[0] = 0;
  at[1] = octets.size() == 4 ? 1 : 2;
  write_u16(at + 2, address.port() ^ static_cast<uint16_t>(kStunMagicCookie >> 16));
  // The mask is the cookie followed by the transaction id: octets 4 to 19 of the header.
  for (size_t i = 0; i < octets.size(); ++i) at[4 + i] = octets[i] ^ buffer_[4 + i];
  return *this;
}

StunWriter& StunWriter::add_error(int code, std::string_view reason) {
  if (uint8_t* at = reserve(StunAttribute::kErrorCode, 4 + reason.size())) {
    write_u16(at, 0);
    at[2] = static_cast<uint8_t>(code / 100);
    at[3] = static_cast<uint8_t>(code % 100);
    std::memcpy(at + 4, reason.data(), reason.size());
  }
  return *this;
}

StunWriter& StunWriter::add_unknown_attributes(const StunMessage& request) {
  const size_t count = std::min(request.unknown_count, request.unknown_attributes.size());
  if (uint8_t* at = reserve(StunAttribute::kUnknownAttributes, count * 2)) {
    for (size_t i = 0; i < count; ++i) write_u16(at + i * 2, request.unknown_attributes[i]);
  }
  return *this;
}

StunWriter& StunWriter::add_integrity(ByteView key) {
  const size_t start = size_;
  if (uint8_t* at = reserve(StunAttribute::kMessageIntegrity, kIntegritySize)) {
    const auto length = static_cast<uint16_t>(size_ - kStunHeaderSize);
    if (!integrity_of({buffer_.data(), size_}, start, length, key, at)) failed_ = true;
  }
  return *this;
}

StunWriter& StunWriter::add_fingerprint() {
  const size_t start = size_;
  if (uint8_t* at = reserve(StunAttribute::kFingerprint, 4)) {
    write_u32(at, crc32({buffer_.data(), start}) ^ kFingerprintXor);
  }
  return *this;
}

}  // namespace peerwire::ice

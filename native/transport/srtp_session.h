// SRTP and SRTCP (RFC 3711, RFC 7714) under the keys of a DTLS handshake (RFC 5764), on libsrtp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "transport/dtls_transport.h"

namespace peerwire {

enum class SrtpProfile { kAeadAes128Gcm, kAeadAes256Gcm, kAes128CmHmacSha1_80, kAes128CmHmacSha1_32 };

/// By the name that DtlsTransportInfo::srtp_cipher has; nullopt for any other.
std::optional<SrtpProfile> srtp_profile_of(std::string_view name);
/// RFC 5764 section 4.1.2, RFC 7714 section 14.2.
size_t srtp_key_size(SrtpProfile profile);
size_t srtp_salt_size(SrtpProfile profile);

struct SrtpCounters {
  uint64_t protected_packets = 0;
  uint64_t unprotected_packets = 0;
  uint64_t replayed_packets = 0;         // received before, or older than the window
  uint64_t unauthenticated_packets = 0;  // the tag was wrong
  uint64_t malformed_packets = 0;        // no RTP or RTCP, or too short for a tag
};

/// Both directions of a session, any SSRC. Packets are changed in place. Usable on any thread, one at a time.
class SrtpSession {
 public:
  /// What protecting adds at most.
  static constexpr size_t kMaxRtpOverhead = 16;
  static constexpr size_t kMaxRtcpOverhead = 20;

  /// `profile` and `keying_material` as DtlsTransport gives them, `role`: our own. nullptr when they do not fit each
  /// other, or there is no such profile.
  static std::unique_ptr<SrtpSession> create(std::string_view profile, ByteView keying_material, DtlsRole role);
  /// From master keys, each followed by its salt.
  static std::unique_ptr<SrtpSession> create(SrtpProfile profile, ByteView local_key, ByteView remote_key);
  virtual ~SrtpSession() = default;

  // The first `size` octets of `buffer` hold a packet, and behind it is room for the overhead. The new size, or 0 when
  // it was not a packet, had no room, or could not be protected (counted nowhere: these are errors of our own).

  /// A sequence number serves once: to send the same again (a retransmission without RTX), keep the octets that were
  /// sent. Another header under the same number would give an AEAD's key away (RFC 7714 section 10.1), so the AEAD
  /// profiles refuse it; the others allow it.
  virtual size_t protect_rtp(std::span<uint8_t> buffer, size_t size) = 0;
  virtual size_t protect_rtcp(std::span<uint8_t> buffer, size_t size) = 0;

  // The new size, or 0: the packet is to be dropped, its octets are worth nothing, and counters() has counted why.

  virtual size_t unprotect_rtp(std::span<uint8_t> packet) = 0;
  virtual size_t unprotect_rtcp(std::span<uint8_t> packet) = 0;

  virtual const SrtpCounters& counters() const = 0;
};

}  // namespace peerwire

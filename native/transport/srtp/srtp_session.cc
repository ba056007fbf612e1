#include "transport/srtp_session.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <srtp.h>

#include <array>
#include <cstring>
#include <iterator>
#include <utility>

#include "net/tls/openssl_handles.h"
#include "transport/srtp/libsrtp/stream_list.h"

namespace peerwire {
namespace {

// In packets of one SSRC. Retransmissions of half a second of video come behind what overtook them.
constexpr unsigned long kReplayWindow = 2048;
// Of half a kilobyte each, that a peer may make us remember at a time. What we send ourselves has no bound: under an
// AEAD no number of an SSRC may be used twice, however long ago.
constexpr size_t kMaxReceivedSsrcs = 8192;
constexpr size_t kRtpHeaderSize = 12;
constexpr size_t kRtcpHeaderSize = 8;
constexpr size_t kRtcpIndexSize = 4;
constexpr size_t kMaxPacketSize = 65'535;

struct ProfileShape {
  SrtpProfile profile;
  std::string_view name;
  size_t key_size;
  size_t salt_size;
  size_t rtp_tag_size;
  size_t rtcp_tag_size;
  void (*set_rtp_policy)(srtp_crypto_policy_t*);
  void (*set_rtcp_policy)(srtp_crypto_policy_t*);
};

void set_aes_cm_80(srtp_crypto_policy_t* policy) {
  srtp_crypto_policy_set_rtp_default(policy);
}

// Names as OpenSSL has them. SRTCP has a tag of 80 bits under either of the last two (RFC 5764 section 4.1.2).
constexpr ProfileShape kProfiles[] = {
    {SrtpProfile::kAeadAes128Gcm, "SRTP_AEAD_AES_128_GCM", 16, 12, 16, 16, srtp_crypto_policy_set_aes_gcm_128_16_auth,
     srtp_crypto_policy_set_aes_gcm_128_16_auth},
    {SrtpProfile::kAeadAes256Gcm, "SRTP_AEAD_AES_256_GCM", 32, 12, 16, 16, srtp_crypto_policy_set_aes_gcm_256_16_auth,
     srtp_crypto_policy_set_aes_gcm_256_16_auth},
    {SrtpProfile::kAes128CmHmacSha1_80, "SRTP_AES128_CM_SHA1_80", 16, 14, 10, 10, set_aes_cm_80, set_aes_cm_80},
    {SrtpProfile::kAes128CmHmacSha1_32, "SRTP_AES128_CM_SHA1_32", 16, 14, 4, 10,
     srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32, set_aes_cm_80},
};

const ProfileShape& shape_of(SrtpProfile profile) {
  return kProfiles[static_cast<size_t>(profile)];
}

bool is_aead(SrtpProfile profile) {
  return profile == SrtpProfile::kAeadAes128Gcm || profile == SrtpProfile::kAeadAes256Gcm;
}

/// Once for the process, by whoever comes first; never undone, as the addon is never unmapped and other threads may be
/// at work when one ends.
bool prepare_libsrtp() {
  static const bool prepared = [] {
    prepare_openssl();
    const OpensslErrorScope errors;
    return srtp_init() == srtp_err_status_ok;
  }();
  return prepared;
}

struct ContextDeleter {
  void operator()(srtp_t context) const { srtp_dealloc(context); }
};
using ContextPtr = std::unique_ptr<srtp_ctx_t_, ContextDeleter>;

ContextPtr make_context(SrtpProfile profile, srtp_ssrc_type_t direction, ByteView key) {
  const ProfileShape& shape = shape_of(profile);
  if (key.size() != shape.key_size + shape.salt_size) return nullptr;
  std::array<uint8_t, SRTP_MAX_KEY_LEN> copy{};  // libsrtp takes no constant
  std::memcpy(copy.data(), key.data(), key.size());
  srtp_policy_t policy{};
  shape.set_rtp_policy(&policy.rtp);
  shape.set_rtcp_policy(&policy.rtcp);
  policy.ssrc.type = direction;
  policy.key = copy.data();
  policy.window_size = kReplayWindow;
  // A number sent anew has the same payload under the same key stream, which tells nobody anything, unless the tag's
  // key depends on it.
  policy.allow_repeat_tx = is_aead(profile) ? 0 : 1;
  srtp_t context = nullptr;
  const bool created = srtp_create(&context, &policy) == srtp_err_status_ok;
  OPENSSL_cleanse(copy.data(), copy.size());
  return created ? ContextPtr(context) : nullptr;
}

using Operation = srtp_err_status_t (*)(srtp_t, void*, int*);

class LibsrtpSession final : public SrtpSession {
 public:
  LibsrtpSession(SrtpProfile profile, ContextPtr sending, ContextPtr receiving)
      : shape_(shape_of(profile)), sending_(std::move(sending)), receiving_(std::move(receiving)) {}

  size_t protect_rtp(std::span<uint8_t> buffer, size_t size) override {
    return protect(srtp_protect, buffer, size, kRtpHeaderSize, shape_.rtp_tag_size);
  }
  size_t protect_rtcp(std::span<uint8_t> buffer, size_t size) override {
    return protect(srtp_protect_rtcp, buffer, size, kRtcpHeaderSize, kRtcpIndexSize + shape_.rtcp_tag_size);
  }
  size_t unprotect_rtp(std::span<uint8_t> packet) override {
    return unprotect(srtp_unprotect, packet, kRtpHeaderSize + shape_.rtp_tag_size);
  }
  size_t unprotect_rtcp(std::span<uint8_t> packet) override {
    return unprotect(srtp_unprotect_rtcp, packet, kRtcpHeaderSize + kRtcpIndexSize + shape_.rtcp_tag_size);
  }
  const SrtpCounters& counters() const override { return counters_; }

 private:
  static bool is_version_2(std::span<const uint8_t> packet) { return packet[0] >> 6 == 2; }

  size_t protect(Operation operation, std::span<uint8_t> buffer, size_t size, size_t header_size, size_t overhead) {
    if (size < header_size || buffer.size() > kMaxPacketSize || size > buffer.size() ||
        buffer.size() - size < overhead || !is_version_2(buffer)) {
      return 0;
    }
    const size_t result = run(operation, sending_.get(), buffer.first(size + overhead), size).second;
    if (result > 0) ++counters_.protected_packets;
    return result;
  }

  size_t unprotect(Operation operation, std::span<uint8_t> packet, size_t min_size) {
    if (packet.size() < min_size || packet.size() > kMaxPacketSize || !is_version_2(packet)) {
      ++counters_.malformed_packets;
      return 0;
    }
    const auto [status, size] = run(operation, receiving_.get(), packet, packet.size());
    if (status == srtp_err_status_ok) {
      ++counters_.unprotected_packets;
      if (srtp_stream_count(receiving_.get()) > kMaxReceivedSsrcs) forget_longest_unused_srtp_stream(receiving_.get());
    } else if (status == srtp_err_status_replay_fail || status == srtp_err_status_replay_old) {
      ++counters_.replayed_packets;
    } else if (status == srtp_err_status_auth_fail) {
      ++counters_.unauthenticated_packets;
    } else {
      ++counters_.malformed_packets;
    }
    return size;
  }

  /// libsrtp reads the header as words: what does not lie at a word's address is taken there and back.
  std::pair<srtp_err_status_t, size_t> run(Operation operation, srtp_t context, std::span<uint8_t> buffer,
                                           size_t size) {
    auto length = static_cast<int>(size);
    srtp_err_status_t status;
    if (reinterpret_cast<uintptr_t>(buffer.data()) % alignof(uint32_t) == 0) {
      status = operation(context, buffer.data(), &length);
    } else {
      aligned_.assign(buffer.begin(), buffer.end());
      status = operation(context, aligned_.data(), &length);
      std::memcpy(buffer.data(), aligned_.data(), buffer.size());
    }
    if (status == srtp_err_status_ok) return {status, static_cast<size_t>(length)};
    // Looked after in this case alone: to clear the queue costs as much as to encrypt half a packet.
    ERR_clear_error();
    return {status, 0};
  }

  const ProfileShape& shape_;
  const ContextPtr sending_;
  const ContextPtr receiving_;
  SrtpCounters counters_;
  Bytes aligned_;
};

}  // namespace

std::optional<SrtpProfile> srtp_profile_of(std::string_view name) {
  for (const ProfileShape& shape : kProfiles) {
    if (shape.name == name) return shape.profile;
  }
  return std::nullopt;
}

size_t srtp_key_size(SrtpProfile profile) {
  return shape_of(profile).key_size;
}

size_t srtp_salt_size(SrtpProfile profile) {
  return shape_of(profile).salt_size;
}

std::unique_ptr<SrtpSession> SrtpSession::create(std::string_view profile, ByteView keying_material, DtlsRole role) {
  const auto known = srtp_profile_of(profile);
  if (!known) return nullptr;
  const size_t key_size = srtp_key_size(*known), salt_size = srtp_salt_size(*known);
  if (keying_material.size() != 2 * (key_size + salt_size)) return nullptr;
  // RFC 5764 section 4.2: the client's key, the server's, the client's salt, the server's.
  std::array<std::array<uint8_t, SRTP_MAX_KEY_LEN>, 2> keys{};
  for (size_t side = 0; side < 2; ++side) {
    std::memcpy(keys[side].data(), &keying_material[side * key_size], key_size);
    std::memcpy(keys[side].data() + key_size, &keying_material[2 * key_size + side * salt_size], salt_size);
  }
  const ByteView client(keys[0].data(), key_size + salt_size), server(keys[1].data(), key_size + salt_size);
  auto session = role == DtlsRole::kClient ? create(*known, client, server) : create(*known, server, client);
  OPENSSL_cleanse(keys.data(), sizeof keys);
  return session;
}

std::unique_ptr<SrtpSession> SrtpSession::create(SrtpProfile profile, ByteView local_key, ByteView remote_key) {
  if (!prepare_libsrtp()) return nullptr;
  const OpensslErrorScope errors;
  ContextPtr sending = make_context(profile, ssrc_any_outbound, local_key);
  ContextPtr receiving = make_context(profile, ssrc_any_inbound, remote_key);
  if (!sending || !receiving) return nullptr;
  return std::make_unique<LibsrtpSession>(profile, std::move(sending), std::move(receiving));
}

}  // namespace peerwire

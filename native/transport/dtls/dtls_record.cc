#include "transport/dtls/dtls_record.h"

namespace peerwire {
namespace {

constexpr size_t kHandshakeHeaderSize = 12;
// Certificates with their chain are the largest messages; 64 KiB is far beyond any in use.
constexpr uint32_t kMaxHandshakeMessageSize = 65536;

enum HandshakeType : uint8_t {
  kHelloRequest = 0,
  kClientHello = 1,
  kServerHello = 2,
  kHelloVerifyRequest = 3,
  kCertificate = 11,
  kServerKeyExchange = 12,
  kCertificateRequest = 13,
  kServerHelloDone = 14,
  kCertificateVerify = 15,
  kClientKeyExchange = 16,
};

uint32_t read24(const uint8_t* p) {
  return static_cast<uint32_t>(p[0]) << 16 | static_cast<uint32_t>(p[1]) << 8 | p[2];
}

// Finished is missing on purpose: it never travels in the clear.
bool may_receive(uint8_t message_type, DtlsRole role) {
  switch (message_type) {
    case kCertificate:
      return true;
    case kClientHello:
    case kClientKeyExchange:
    case kCertificateVerify:
      return role == DtlsRole::kServer;
    case kServerHello:
    case kHelloVerifyRequest:
    case kServerKeyExchange:
    case kCertificateRequest:
    case kServerHelloDone:
      return role == DtlsRole::kClient;
    default:
      return false;
  }
}

// A record holds one or more fragments, each with its own header (RFC 6347 section 4.2.3).
bool are_sane_fragments(ByteView body, DtlsRole role) {
  if (body.empty()) return false;
  while (!body.empty()) {
    if (body.size() < kHandshakeHeaderSize) return false;
    const uint32_t length = read24(&body[1]);
    const uint32_t offset = read24(&body[6]);
    const uint32_t fragment = read24(&body[9]);
    if (!may_receive(body[0], role) || length > kMaxHandshakeMessageSize || offset > length ||
        fragment > length - offset || fragment > body.size() - kHandshakeHeaderSize) {
      return false;
    }
    // An empty fragment of a message that is not empty says nothing.
    if (fragment == 0 && length != 0) return false;
    body = body.subspan(kHandshakeHeaderSize + fragment);
  }
  return true;
}

}  // namespace

bool take_record(ByteView& rest, DtlsRecord& record) {
  if (rest.size() < kDtlsRecordHeaderSize) return false;
  const uint8_t* p = rest.data();
  record.type = p[0];
  record.version = static_cast<uint16_t>(p[1] << 8 | p[2]);
  record.epoch = static_cast<uint16_t>(p[3] << 8 | p[4]);
  record.sequence = static_cast<uint64_t>(read24(p + 5)) << 24 | read24(p + 8);
  const size_t length = static_cast<size_t>(p[11] << 8 | p[12]);
  if (record.type < kDtlsChangeCipherSpec || record.type > kDtlsApplicationData) return false;
  if (record.version != kDtls12 && !(record.version == kDtls10 && record.epoch == 0)) return false;
  if (length > rest.size() - kDtlsRecordHeaderSize) return false;
  record.whole = rest.first(kDtlsRecordHeaderSize + length);
  record.body = record.whole.subspan(kDtlsRecordHeaderSize);
  rest = rest.subspan(record.whole.size());
  return true;
}

bool is_well_framed(ByteView datagram) {
  if (datagram.empty()) return false;
  DtlsRecord record;
  while (!datagram.empty()) {
    if (!take_record(datagram, record)) return false;
  }
  return true;
}

void write_record_header(uint8_t* out, uint8_t type, uint16_t epoch, uint64_t sequence, size_t body_size) {
  out[0] = type;
  out[1] = kDtls12 >> 8;
  out[2] = kDtls12 & 0xff;
  out[3] = static_cast<uint8_t>(epoch >> 8);
  out[4] = static_cast<uint8_t>(epoch);
  set_record_sequence(out, sequence);
  out[11] = static_cast<uint8_t>(body_size >> 8);
  out[12] = static_cast<uint8_t>(body_size);
}

void set_record_sequence(uint8_t* record, uint64_t sequence) {
  for (int i = 0; i < 6; ++i) record[5 + i] = static_cast<uint8_t>(sequence >> (40 - 8 * i));
}

bool is_sane_plain_record(const DtlsRecord& record, DtlsRole role) {
  switch (record.type) {
    case kDtlsChangeCipherSpec:
      return record.body.size() == 1 && record.body[0] == 1;
    case kDtlsAlert:
      // Warnings, close_notify among them, mean nothing while nobody has proved who he is.
      return record.body.size() == 2 && record.body[0] == kAlertFatal;
    case kDtlsHandshake:
      return are_sane_fragments(record.body, role);
    default:
      return false;
  }
}

bool ReplayWindow::is_new(uint64_t sequence) const {
  if (sequence >= next_) return true;
  return next_ - sequence <= kSize && !is_marked(sequence);
}

void ReplayWindow::mark(uint64_t sequence) {
  if (sequence >= next_) {
    if (sequence - next_ >= kSize) {
      marks_ = {};
    } else {
      for (uint64_t skipped = next_; skipped < sequence; ++skipped) {
        marks_[skipped % kSize / 64] &= ~(uint64_t{1} << (skipped % 64));
      }
    }
    next_ = sequence + 1;
  } else if (next_ - sequence > kSize) {
    return;
  }
  marks_[sequence % kSize / 64] |= uint64_t{1} << (sequence % 64);
}

}  // namespace peerwire

// The plain part of DTLS 1.2 records (RFC 6347 section 4.1): framing, and what can be known of a record before any
// cryptography. Everything here reads octets from strangers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "transport/dtls_transport.h"

namespace peerwire {

inline constexpr size_t kDtlsRecordHeaderSize = 13;
inline constexpr uint16_t kDtls12 = 0xfefd;
inline constexpr uint16_t kDtls10 = 0xfeff;  // ClientHello records of cautious clients carry it
inline constexpr uint64_t kMaxDtlsSequence = (uint64_t{1} << 48) - 1;

enum DtlsContentType : uint8_t {
  kDtlsChangeCipherSpec = 20,
  kDtlsAlert = 21,
  kDtlsHandshake = 22,
  kDtlsApplicationData = 23,
};

inline constexpr uint8_t kDtlsFinished = 20;
inline constexpr uint8_t kAlertWarning = 1;
inline constexpr uint8_t kAlertFatal = 2;
inline constexpr uint8_t kAlertCloseNotify = 0;

struct DtlsRecord {
  uint8_t type = 0;
  uint16_t version = 0;
  uint16_t epoch = 0;
  uint64_t sequence = 0;  // 48 bits
  ByteView whole;         // with its header
  ByteView body;
};

/// Takes the first record off `rest`. False when `rest` does not begin with a complete record of a known type and
/// version.
bool take_record(ByteView& rest, DtlsRecord& record);

/// Whether the datagram is one or more complete records and nothing else.
bool is_well_framed(ByteView datagram);

/// Writes a record header in front of `body_size` octets.
void write_record_header(uint8_t* out, uint8_t type, uint16_t epoch, uint64_t sequence, size_t body_size);

/// Gives a record another sequence number.
void set_record_sequence(uint8_t* record, uint64_t sequence);

/// Whether an unprotected (epoch 0) record may be shown to a handshake in `role`: what is malformed here would end it,
/// and anyone can send it.
bool is_sane_plain_record(const DtlsRecord& record, DtlsRole role);

/// RFC 6347 section 4.1.2.6. Asked before a record is opened, told after it has been. Wider than the 64 records of the
/// RFC: packets leave in bursts, and one path may overtake another by a whole burst.
class ReplayWindow {
 public:
  bool is_new(uint64_t sequence) const;
  void mark(uint64_t sequence);

 private:
  static constexpr uint64_t kSize = 1024;
  bool is_marked(uint64_t sequence) const { return marks_[sequence % kSize / 64] >> (sequence % 64) & 1; }

  uint64_t next_ = 0;  // one above the highest sequence seen
  std::array<uint64_t, kSize / 64> marks_{};
};

}  // namespace peerwire

// The DTLS 1.2 handshake, by OpenSSL. It lives until the Finished messages are exchanged; what remains is a
// DtlsSession.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/tls/openssl_handles.h"
#include "transport/certificate.h"
#include "transport/dtls/dtls_record.h"
#include "transport/dtls/record_cipher.h"
#include "transport/dtls_transport.h"

namespace peerwire {

/// What records are sent with.
struct DtlsSealing {
  std::unique_ptr<RecordCipher> cipher;
  uint64_t next_sequence = 0;  // of epoch 1
};

/// What a finished handshake leaves behind.
struct DtlsSession {
  DtlsSealing sealing;
  std::unique_ptr<RecordCipher> opening;
  uint64_t next_plain_sequence = 0;  // of epoch 0
  Bytes finished;                    // plain text of our Finished message
  size_t peer_record_limit = 0;      // octets of plain text in a record that the peer takes (RFC 8449); 0: not told
  Bytes srtp_keying_material;        // RFC 5764 section 4.2; empty without use_srtp
  DtlsTransportInfo info;
};

/// Plain text of the largest record of DTLS (RFC 6347 section 4.1), which we take.
inline constexpr size_t kMaxDtlsPlainText = 16384;

class DtlsHandshake {
 public:
  using SendDatagram = std::function<void(ByteView)>;
  enum class Progress { kGoing, kDone, kFailed };

  /// What is known of the way to the peer.
  struct Path {
    size_t mtu = 0;  // largest datagram in octets
    std::optional<Duration> round_trip;
  };

  /// `network`, whose time it goes by, outlives it.
  DtlsHandshake(const NetworkThread& network, DtlsRole role, CertificatePtr certificate,
                std::vector<Fingerprint> fingerprints, DtlsTransportOptions options, Path path, SendDatagram send);
  ~DtlsHandshake();
  DtlsHandshake(const DtlsHandshake&) = delete;
  DtlsHandshake& operator=(const DtlsHandshake&) = delete;

  /// A client sends its ClientHello.
  Progress start();
  /// Records that anyone could have made and that would end the handshake are dropped. Application data is not for it.
  Progress take(const DtlsRecord& record);
  /// Retransmits if timeout() has passed.
  Progress take_timeout();
  /// Until the next retransmission, if one is due at all. Of a flight that answers the peer by the system's clock, as
  /// OpenSSL has it.
  std::optional<Duration> timeout() const;
  /// Changes whenever a message of the peer has brought the handshake forward.
  int step() const;
  /// Whether one has.
  bool has_heard() const;

  /// For a client that has sent its Finished: what data can be sent with before the peer's has come (False Start, RFC
  /// 7918). Who the peer is has been verified by then, and all suites are those that it is for. Once, and to peers
  /// alone that say they are ready for it.
  std::optional<DtlsSealing> start_early();

  /// After kFailed.
  const DtlsFailure& failure() const { return failure_; }
  /// After kDone, once; without a cipher to seal with where start_early() has given it away. Empty when the session's
  /// keys cannot be derived, see failure().
  std::optional<DtlsSession> finish();

 private:
  struct Bridge;  // OpenSSL's callbacks

  // dtls_handshake.cc: flights
  bool is_acceptable(const DtlsRecord& record) const;
  Progress proceed(int result);
  void on_written(ByteView datagram);
  void send(Bytes datagram);
  void flush();
  void repeat_first_flight();
  /// Of a flight that has waited that long; 0: that goes out for the first time.
  unsigned int timeout_after(unsigned int us) const;
  /// Likewise of a flight that OpenSSL repeats, which asks once for each time.
  unsigned int next_timeout(unsigned int us);

  // dtls_handshake_openssl.cc
  bool open_ssl();

  // dtls_handshake_peer.cc
  bool verify_peer(X509_STORE_CTX* store);
  bool matches_fingerprints(ByteView certificate) const;

  // dtls_handshake_session.cc
  /// @param skipped of the numbers that follow: not for data
  bool derive_keys(DtlsSession& session, uint64_t skipped = 0);
  void describe(DtlsTransportInfo& info) const;

  const NetworkThread& network_;
  const DtlsRole role_;
  const CertificatePtr certificate_;
  const std::vector<Fingerprint> fingerprints_;
  const DtlsTransportOptions options_;
  const size_t mtu_;
  const unsigned int first_timeout_us_;
  const SendDatagram send_;
  SslPtr ssl_;
  ByteView incoming_;  // the record that the BIO gives next
  uint64_t plain_records_taken_ = 0;
  int first_step_ = -1;

  // A client's, until the peer has answered it.
  std::vector<Bytes> first_flight_;
  bool is_first_flight_ = false;  // OpenSSL is writing it
  unsigned int first_flight_timeout_us_ = 0;
  TimePoint first_flight_due_;
  int repetitions_ = 0;  // of the flight that OpenSSL repeats

  // The datagram that is filled: OpenSSL repeats a flight message by message, and of five datagrams one is lost more
  // often than one of one.
  Bytes outgoing_;

  bool has_sent_handshake_ = false;
  bool hello_was_malformed_ = false;
  bool fingerprint_mismatch_ = false;
  DtlsFailure failure_;
  std::vector<Bytes> peer_certificates_;
  size_t peer_record_limit_ = 0;
  bool peer_takes_early_data_ = false;

  // Of the datagrams that went out: the session counts on from here.
  uint64_t next_plain_sequence_ = 0;
  uint64_t next_sequence_ = 0;
  Bytes finished_record_;     // as sent, sealed by OpenSSL; the last one of epoch 1
  uint64_t first_early_ = 0;  // of those that start_early() has left to data; 0: it was not called
};

}  // namespace peerwire

// DTLS over an ICE transport (RFC 8827, RFC 8842, RFC 5764), on OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/network_thread.h"
#include "transport/certificate.h"
#include "transport/packet_transport.h"

namespace peerwire {

enum class DtlsRole { kClient, kServer };
/// RTCDtlsTransportState.
enum class DtlsTransportState { kNew, kConnecting, kConnected, kClosed, kFailed };

struct DtlsTransportInfo {
  std::string version;                   // four hex digits, e.g. "FEFD"
  std::string cipher;                    // IANA name, e.g. "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
  std::string srtp_cipher;               // RFC 5764 profile name, or empty
  std::string group;                     // "X25519", "P-256", "P-384", "P-521", or empty
  std::vector<Bytes> peer_certificates;  // DER, the peer's own first
};

struct DtlsTransportOptions {
  bool offer_srtp = true;  // negotiate use_srtp, as browsers do for every session
  /// Off: any certificate will do. What goes over the transport has to find out who the peer is.
  bool verify_fingerprints = true;
};

/// Why a transport has failed.
struct DtlsFailure {
  std::string error;        // a sentence: fingerprint mismatch, alert received, time-out
  int received_alert = -1;  // the TLS alert, if there was one
  int sent_alert = -1;
};

class DtlsTransportObserver {
 public:
  virtual ~DtlsTransportObserver() = default;
  /// `failure` says something with kFailed alone.
  virtual void on_dtls_state(DtlsTransportState state, const DtlsFailure& failure) = 0;
};

/// As a PacketTransport it carries application data (SCTP); that of a client may be writable before it is connected, as
/// soon as its own part of the handshake is done. Packets with a first byte of 128 to 191 (SRTP, SRTCP) that
/// ICE hands it go to the receiver set by set_rtp_receiver(), whatever the state.
class DtlsTransport : public PacketTransport {
 public:
  static std::unique_ptr<DtlsTransport> create(NetworkThread& network, PacketTransport& lower,
                                               CertificatePtr certificate, DtlsTransportOptions options,
                                               DtlsTransportObserver* observer);

  /// Starts the handshake as soon as the transport below is writable. Packets that came earlier were kept. The peer's
  /// certificate must match one of `fingerprints`, or the transport fails and nothing is ever delivered (see
  /// verify_fingerprints).
  virtual void start(DtlsRole role, std::vector<Fingerprint> fingerprints) = 0;
  virtual DtlsTransportState state() const = 0;
  /// As start() was told; a client before.
  virtual DtlsRole role() const = 0;
  virtual DtlsTransportInfo info() const = 0;
  /// Not owned; nullptr detaches. Only on_packet() and on_path_changed() are called. Without a receiver such packets
  /// are dropped.
  virtual void set_rtp_receiver(PacketReceiver* receiver) = 0;
  /// The keying material of RFC 5764 section 4.2 once connected, empty when no SRTP profile was negotiated: the
  /// client's key, the server's key, the client's salt, the server's salt.
  virtual ByteView srtp_keying_material() const = 0;
  /// Sends close_notify if connected; idempotent; nothing is told to the observer afterwards. May be called from within
  /// any callback of this transport; destroying it there is not allowed.
  virtual void close() = 0;
};

}  // namespace peerwire

// SCTP over DTLS (RFC 8261, RFC 8831): one association, many streams. Knows no DCEP: that is above.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/network_thread.h"
#include "transport/packet_transport.h"

namespace peerwire {

enum class SctpState { kNew, kConnecting, kConnected, kClosed };

struct SctpOptions {
  uint16_t local_port = 5000;
  uint16_t remote_port = 5000;
  /// Largest message we take, in octets (a=max-message-size). A larger one aborts the association.
  uint32_t max_receive_message_size = 262144;
  /// Offers that pieces of messages on different streams alternate (RFC 8260). They do where the peer offers it, too.
  bool interleaving = true;
};

struct SctpMessage {
  uint16_t stream_id = 0;
  uint32_t ppid = 0;
  bool ordered = true;
  std::optional<uint16_t> max_retransmits;
  std::optional<uint16_t> max_packet_life_time_ms;
  Bytes data;

  /// Partially reliable (RFC 3758).
  bool may_be_given_up() const { return max_retransmits || max_packet_life_time_ms; }
};

struct SctpStats {
  double smoothed_round_trip_time_s = -1;  // -1: not measured
  uint32_t congestion_window = 0;
  uint32_t receiver_window = 0;
  uint32_t mtu = 0;
  uint32_t unacknowledged_data = 0;  // DATA chunks
  uint64_t packets_sent = 0, packets_received = 0, bytes_sent = 0, bytes_received = 0;
  uint64_t messages_sent = 0, messages_received = 0;
  uint16_t max_streams = 0;  // usable in both directions
};

class SctpAssociationObserver {
 public:
  virtual ~SctpAssociationObserver() = default;
  /// kClosed: `error` is empty after an orderly end by either side, otherwise says what broke; `cause` is the SCTP
  /// cause code or -1.
  virtual void on_sctp_state(SctpState state, const std::string& error, int cause) = 0;
  virtual void on_sctp_message(uint16_t stream_id, uint32_t ppid, Bytes message) = 0;
  /// The peer reset its outgoing side of the stream: it will send no more on it.
  virtual void on_incoming_stream_reset(uint16_t stream_id) = 0;
  /// Our reset of the stream has been performed by the peer.
  virtual void on_outgoing_stream_reset(uint16_t stream_id) = 0;
  /// `bytes` of payload given to send() for this stream have been handed to the network or abandoned.
  virtual void on_buffered_amount_decreased(uint16_t stream_id, size_t bytes) = 0;
};

class SctpAssociation {
 public:
  virtual ~SctpAssociation() = default;
  static std::unique_ptr<SctpAssociation> create(NetworkThread& network, PacketTransport& lower, SctpOptions options,
                                                 SctpAssociationObserver* observer);

  /// Sends INIT as soon as the transport below is writable. Both ends start; collisions are SCTP's business.
  virtual void start() = 0;
  /// Queues a message. Order within a stream is kept whatever the flow control does; nothing accepted is ever lost
  /// unless its own limits say so or the association ends.
  virtual void send(SctpMessage message) = 0;
  /// Resets our outgoing side of the stream once everything queued on it has been sent.
  virtual void reset_stream(uint16_t stream_id) = 0;
  /// While false no message is delivered, and the receive window closes: a slow reader slows the sender.
  virtual void set_receiving(bool receiving) = 0;
  virtual SctpState state() const = 0;
  virtual SctpStats stats() const = 0;
  /// Sends ABORT if the association is up; idempotent; nothing is told to the observer afterwards.
  virtual void close() = 0;
};

}  // namespace peerwire

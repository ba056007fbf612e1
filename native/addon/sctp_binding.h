// The SctpAssociation class of the addon: messages in both directions, counted so that neither side can flood the
// other.
#pragma once

#include <atomic>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "addon/dtls_binding.h"
#include "transport/sctp_association.h"

namespace peerwire::addon {

/// Both halves of an association: the outbox and the counters are shared, the rest belongs to the network thread.
class SctpEndpoint final : public SctpAssociationObserver, public std::enable_shared_from_this<SctpEndpoint> {
 public:
  SctpEndpoint(NetworkThread& network, std::shared_ptr<EventQueue> events, uint32_t handle_id)
      : network_(network), events_(std::move(events)), handle_id_(handle_id) {}

  // ---- the environment's thread ----

  /// How a message that send() accepts goes to the network thread.
  enum class Handover : uint8_t { kWithOthers, kPosted, kRunHere };
  struct Accepted {
    size_t unsent = 0;  // octets accepted by send() that have not left the association yet
    Handover handover = Handover::kWithOthers;
  };
  /// Puts the message into the outbox; one task takes everything that a burst of calls has put there.
  Accepted send(SctpMessage message);
  /// JavaScript has taken delivery of a message that was counted with `cost`.
  void on_delivered(size_t cost);
  void on_reset_delivered(uint16_t stream_id);

  // ---- the network thread ----

  void open(DtlsEndpoint& dtls, SctpOptions options);
  void start();
  void reset_stream(uint16_t stream_id);
  void set_receiving(bool receiving);
  void report_stats(uint32_t request_id);
  void close();

  void on_sctp_state(SctpState state, const std::string& error, int cause) override;
  void on_sctp_message(uint16_t stream_id, uint32_t ppid, Bytes message) override;
  void on_incoming_stream_reset(uint16_t stream_id) override;
  void on_outgoing_stream_reset(uint16_t stream_id) override;
  void on_buffered_amount_decreased(uint16_t stream_id, size_t bytes) override;

 private:
  void flush_outbox();
  void update_receiving();

  NetworkThread& network_;
  const std::shared_ptr<EventQueue> events_;
  const uint32_t handle_id_;
  std::unique_ptr<SctpAssociation> association_;
  SctpStats last_stats_;
  bool receiving_wanted_ = true;
  bool receiving_ = true;
  std::vector<SctpMessage> sending_;

  std::mutex resets_mutex_;
  std::unordered_set<uint16_t> undelivered_resets_;  // incoming ones, on their way to JavaScript

  std::mutex outbox_mutex_;
  std::vector<SctpMessage> outbox_;
  std::atomic<size_t> unsent_octets_{0};
  std::atomic<size_t> undelivered_octets_{0};
  std::atomic<bool> congested_{false};  // set by the network thread, cleared by the environment's
};

class SctpHandle final : public NetworkHandle<SctpEndpoint> {
 public:
  static constexpr HandleType kType = HandleType::kSctp;
  static constexpr const char* kName = "SctpAssociation";
  static bool define(napi_env env, napi_value exports);

  using NetworkHandle::NetworkHandle;
  void on_delivery(const Event& event) override;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  static napi_value send(napi_env env, napi_callback_info info);
  void start(const Call& call);
  void reset_stream(const Call& call);
  void set_receiving(const Call& call);
};

}  // namespace peerwire::addon

// The DtlsTransport class of the addon.
#pragma once

#include <functional>

#include "addon/ice_binding.h"
#include "transport/dtls_transport.h"

namespace peerwire::addon {

/// The network thread's half of a DTLS handle.
class DtlsEndpoint final : public DtlsTransportObserver {
 public:
  DtlsEndpoint(NetworkThread& network, std::shared_ptr<EventQueue> events, uint32_t handle_id)
      : network_(network), events_(std::move(events)), handle_id_(handle_id) {}

  void open(IceEndpoint& ice, CertificatePtr certificate, DtlsTransportOptions options);
  DtlsTransport* transport() const { return transport_.get(); }
  /// Of what carries RTP beside it: the transport below, and each change of state from now on.
  PacketTransport* lower() const { return transport_ ? lower_ : nullptr; }
  void set_state_listener(std::function<void(DtlsTransportState)> listener) { listener_ = std::move(listener); }
  void report_stats(uint32_t request_id);
  void close();

  void on_dtls_state(DtlsTransportState state, const DtlsFailure& failure) override;

 private:
  NetworkThread& network_;
  const std::shared_ptr<EventQueue> events_;
  const uint32_t handle_id_;
  std::unique_ptr<DtlsTransport> transport_;
  PacketTransport* lower_ = nullptr;
  std::function<void(DtlsTransportState)> listener_;
  DtlsTransportInfo last_info_;
};

class DtlsHandle final : public NetworkHandle<DtlsEndpoint> {
 public:
  static constexpr HandleType kType = HandleType::kDtls;
  static constexpr const char* kName = "DtlsTransport";
  static bool define(napi_env env, napi_value exports);

  using NetworkHandle::NetworkHandle;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  void start(const Call& call);
};

}  // namespace peerwire::addon

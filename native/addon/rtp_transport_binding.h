// The RtpTransport class of the addon.
#pragma once

#include <functional>

#include "addon/dtls_binding.h"
#include "media/stream/rtp_transport.h"

namespace peerwire::addon {

/// The network thread's half of the handle.
class RtpTransportEndpoint final {
 public:
  RtpTransportEndpoint(NetworkThread& network, std::shared_ptr<EventQueue> events, uint32_t handle_id, UnixClock clock)
      : network_(network), events_(std::move(events)), handle_id_(handle_id), clock_(clock) {}

  void open(DtlsEndpoint& dtls);
  RtpTransport* transport() const { return transport_.get(); }
  void report_stats(uint32_t request_id);
  void close();

 private:
  NetworkThread& network_;
  const std::shared_ptr<EventQueue> events_;
  const uint32_t handle_id_;
  const UnixClock clock_;
  std::unique_ptr<RtpTransport> transport_;
  std::function<void()> close_dtls_listener_;
  RtpTransportStats last_stats_;
};

class RtpTransportHandle final : public NetworkHandle<RtpTransportEndpoint> {
 public:
  static constexpr HandleType kType = HandleType::kRtp;
  static constexpr const char* kName = "RtpTransport";
  static bool define(napi_env env, napi_value exports);

  using NetworkHandle::NetworkHandle;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
};

}  // namespace peerwire::addon

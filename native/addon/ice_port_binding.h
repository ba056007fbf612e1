// The IceUdpPort class of the addon.
#pragma once

#include "addon/network_handle.h"
#include "transport/ice_udp_port.h"

namespace peerwire::addon {

/// The network thread's half of a port. Everything in it is touched on that thread alone.
class IcePortEndpoint final : public IceUdpPortObserver {
 public:
  IcePortEndpoint(NetworkThread& network, std::shared_ptr<EventQueue> events, uint32_t handle_id)
      : network_(network), events_(std::move(events)), handle_id_(handle_id) {}

  void open(const IceOptions& options);
  void close() { port_.reset(); }
  void on_unknown_request(const SocketAddress& local, const SocketAddress& from, const std::string& local_fragment,
                          const std::string& remote_fragment) override;

 private:
  NetworkThread& network_;
  const std::shared_ptr<EventQueue> events_;
  const uint32_t handle_id_;
  std::unique_ptr<IceUdpPort> port_;
};

class IcePortHandle final : public NetworkHandle<IcePortEndpoint> {
 public:
  static constexpr HandleType kType = HandleType::kIcePort;
  static constexpr const char* kName = "IceUdpPort";
  static bool define(napi_env env, napi_value exports);

  using NetworkHandle::NetworkHandle;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
};

}  // namespace peerwire::addon

// The IceTransport class of the addon.
#pragma once

#include "addon/network_handle.h"
#include "transport/ice_transport.h"

namespace peerwire::addon {

/// The network thread's half of an ICE handle. Everything in it is touched on that thread alone.
class IceEndpoint final : public IceTransportObserver {
 public:
  IceEndpoint(NetworkThread& network, std::shared_ptr<EventQueue> events, uint32_t handle_id, UnixClock clock)
      : network_(network), events_(std::move(events)), handle_id_(handle_id), clock_(clock) {}

  void open(IceOptions options, IceParameters local);
  /// Null before open() and after close().
  IceTransport* transport() const { return transport_.get(); }
  /// Restarts are counted, so that JavaScript knows which of them it has overtaken.
  void note_restart() { ++restarts_; }
  void report_stats(uint32_t request_id);
  void close();

  void on_ice_state(IceTransportState state) override;
  void on_ice_gathering_state(IceGatheringState state) override;
  void on_local_candidate(const IceCandidate& candidate) override;
  void on_candidate_error(const std::string& address, uint16_t port, const std::string& url, int code,
                          const std::string& reason) override;
  void on_selected_pair(const IceCandidate& local, const IceCandidate& remote) override;
  void on_ice_role(IceRole role) override;

 private:
  NetworkThread& network_;
  const std::shared_ptr<EventQueue> events_;
  const uint32_t handle_id_;
  const UnixClock clock_;
  std::unique_ptr<IceTransport> transport_;
  uint32_t restarts_ = 0;
  IceTransportStats last_stats_;
};

class IceHandle final : public NetworkHandle<IceEndpoint> {
 public:
  static constexpr HandleType kType = HandleType::kIce;
  static constexpr const char* kName = "IceTransport";
  static bool define(napi_env env, napi_value exports);

  using NetworkHandle::NetworkHandle;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  void gather(const Call& call);
  void gather_ahead(const Call& call);
  void set_remote_parameters(const Call& call);
  void add_remote_candidate(const Call& call);
  void forget_remote(const Call& call);
  void set_remote_end_of_candidates(const Call& call);
  void start(const Call& call);
  void set_role(const Call& call);
  void restart(const Call& call);
  /// Runs `task(transport)` on the network thread if the transport is still there then.
  template <typename Task>
  void post(Task task);
};

}  // namespace peerwire::addon

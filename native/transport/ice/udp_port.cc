// IceUdpPort on the shared sockets.
#include <algorithm>
#include <cstring>

#include "net/interface_monitor.h"
#include "transport/ice/local_addresses.h"
#include "transport/ice/udp_mux.h"
#include "transport/ice_udp_port.h"

namespace peerwire {
namespace {

class UdpPort final : public IceUdpPort, private ice::UdpMux::Listener, private InterfaceMonitor::Observer {
 public:
  UdpPort(NetworkThread& network, const IceOptions& options, IceUdpPortObserver* observer)
      : network_(network), options_(options), observer_(observer) {}
  ~UdpPort() override {
    for (const auto& mux : muxes_) mux->remove_listener(this);
  }

  bool bind(const SocketAddress& address, std::string* error) {
    int code = 0;
    auto mux = ice::UdpMux::acquire(network_, address, &code);
    if (!mux) {
      *error = address.text() + ": " + std::strerror(code);
      return false;
    }
    mux->add_listener(this);
    muxes_.push_back(std::move(mux));
    return true;
  }
  void follow_interfaces() { interfaces_ = InterfaceMonitor::observe(network_, this); }
  uint16_t port() const { return muxes_.front()->local_address().port(); }

  std::vector<SocketAddress> addresses() const override {
    std::vector<SocketAddress> bound;
    for (const auto& mux : muxes_) bound.push_back(mux->local_address());
    return bound;
  }

 private:
  void on_unknown_request(const SocketAddress& local, const SocketAddress& from,
                          const ice::UnknownRequests::Request& request) override {
    observer_->on_unknown_request(local, from, request.local_fragment, request.remote_fragment);
  }

  void on_interfaces_changed(const std::vector<InterfaceAddress>& listed) override {
    const uint16_t number = port();
    const auto local = ice::local_addresses(options_, listed).addresses;
    const auto same_as = [](const SocketAddress& one) {
      return [one](const SocketAddress& other) { return one.same_ip(other); };
    };
    const auto bound = addresses();
    for (const SocketAddress& address : local) {
      std::string error;  // of an address that is not usable yet: another change tells when it is
      if (std::none_of(bound.begin(), bound.end(), same_as(address))) bind(address.with_port(number), &error);
    }
    // The first stays, whatever becomes of it: the port is its.
    for (size_t i = muxes_.size(); i-- > 1;) {
      if (std::any_of(local.begin(), local.end(), same_as(muxes_[i]->local_address()))) continue;
      muxes_[i]->remove_listener(this);
      muxes_.erase(muxes_.begin() + static_cast<long>(i));
    }
  }

  NetworkThread& network_;
  const IceOptions options_;
  IceUdpPortObserver* observer_;
  std::unique_ptr<InterfaceMonitor::Observation> interfaces_;
  std::vector<std::shared_ptr<ice::UdpMux>> muxes_;
};

}  // namespace

std::unique_ptr<IceUdpPort> IceUdpPort::open(NetworkThread& network, const IceOptions& options,
                                             IceUdpPortObserver* observer, std::string* error) {
  const ice::LocalAddresses local = ice::local_addresses(network, options);
  *error = local.error;
  if (!local.error.empty()) return nullptr;
  if (local.addresses.empty()) {
    *error = "there is no address to listen on";
    return nullptr;
  }
  auto port = std::make_unique<UdpPort>(network, options, observer);
  uint16_t number = options.port_range_begin;
  for (const SocketAddress& address : local.addresses) {
    if (!port->bind(address.with_port(number), error)) return nullptr;
    number = port->port();
  }
  port->follow_interfaces();
  return port;
}

}  // namespace peerwire

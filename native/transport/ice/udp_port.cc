// IceUdpPort on the shared sockets.
#include <cstring>

#include "transport/ice/local_addresses.h"
#include "transport/ice/udp_mux.h"
#include "transport/ice_udp_port.h"

namespace peerwire {
namespace {

class UdpPort final : public IceUdpPort, private ice::UdpMux::Listener {
 public:
  explicit UdpPort(IceUdpPortObserver* observer) : observer_(observer) {}
  ~UdpPort() override {
    for (const auto& mux : muxes_) mux->remove_listener(this);
  }

  bool bind(NetworkThread& network, const SocketAddress& address, std::string* error) {
    int code = 0;
    auto mux = ice::UdpMux::acquire(network, address, &code);
    if (!mux) {
      *error = address.text() + ": " + std::strerror(code);
      return false;
    }
    mux->add_listener(this);
    muxes_.push_back(std::move(mux));
    return true;
  }
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

  IceUdpPortObserver* observer_;
  std::vector<std::shared_ptr<ice::UdpMux>> muxes_;
};

}  // namespace

std::unique_ptr<IceUdpPort> IceUdpPort::open(NetworkThread& network, const IceOptions& options,
                                             IceUdpPortObserver* observer, std::string* error) {
  const ice::LocalAddresses local = ice::local_addresses(options);
  *error = local.error;
  if (!local.error.empty()) return nullptr;
  if (local.addresses.empty()) {
    *error = "there is no address to listen on";
    return nullptr;
  }
  auto port = std::make_unique<UdpPort>(observer);
  uint16_t number = options.port_range_begin;
  for (const SocketAddress& address : local.addresses) {
    if (!port->bind(network, address.with_port(number), error)) return nullptr;
    number = port->port();
  }
  return port;
}

}  // namespace peerwire

// Connections to TURN servers over TCP and TLS: the bases that the agent opens with open_stream().
#include <algorithm>

#include "transport/ice/agent_transport.h"
#include "transport/ice/port_range.h"

namespace peerwire::ice {
namespace {

// Below those of interfaces: none of them is one.
constexpr uint16_t kConnectionPreference = 1000;

}  // namespace

void AgentTransport::prepare_server(const IceServer& server) {
  if (!server.over_tls()) return resolve_server(server);
  authorities_loading_.push_back(TlsContextLoading::start(
      network_, options_.extra_authorities,
      [this, server, epoch = gathering_epoch_](std::shared_ptr<const TlsClientContext> authorities) {
        if (epoch != gathering_epoch_) return;
        authorities_ = std::move(authorities);
        resolve_server(server);
      }));
}

void AgentTransport::resolve_server(const IceServer& server) {
  resolve(server.host, server.port,
          [this, server, epoch = gathering_epoch_](const std::vector<SocketAddress>& addresses) {
            if (epoch == gathering_epoch_) server_resolved(server, addresses);
          });
}

int AgentTransport::open_stream(const IceServer& server, const SocketAddress& to, std::string* reason) {
  SocketAddress local;  // empty: as the system routes
  const InterfaceFilter& filter = options_.interfaces;
  if (!options_.bind_address.empty() || !filter.allowed.empty() || !filter.excluded.empty()) {
    const LocalAddresses usable = local_addresses(options_);
    const auto found = std::find_if(usable.addresses.begin(), usable.addresses.end(),
                                    [&](const SocketAddress& address) { return address.family() == to.family(); });
    if (found == usable.addresses.end()) {
      *reason = "no local address of the address family of the server";
      return -1;
    }
    local = *found;
  }
  const int index = static_cast<int>(slots_.size());
  const auto open_from = [&](const SocketAddress& from, int* error) {
    return ServerConnection::open(network_, server, to, from, authorities_, index, this, reason, error);
  };
  Slot slot;
  int error = 0;
  const uint16_t first = options_.port_range_begin;
  // With `udp_mux` the port is that of the sockets that are shared, and of who listens over TCP.
  if (first == 0 || options_.udp_mux) {
    slot.connection = open_from(local, &error);
  } else {
    if (local.empty()) local = *SocketAddress::parse(to.is_ipv4() ? "0.0.0.0" : "::", 0);
    slot.connection = bind_in_range(first, std::max(options_.port_range_end, first), &error,
                                    [&](uint16_t port, int* why) { return open_from(local.with_port(port), why); });
  }
  if (!slot.connection) return -1;
  const SocketAddress from = slot.connection->local_address();
  adopt(std::move(slot));
  return agent_.add_base(network_.now(), from, kConnectionPreference, true);
}

void AgentTransport::close_stream(int base) {
  if (Slot* slot = slot_of(base)) ServerConnection::close(network_, std::move(slot->connection));
}

void AgentTransport::on_server_open(int slot) {
  if (closed_) return;
  const Slot& opened = slots_[static_cast<size_t>(slot)];
  const SocketAddress local = opened.connection->local_address();
  agent_.stream_opened(network_.now(), opened.base, local);
  reschedule();
}

void AgentTransport::on_server_message(int slot, ByteView message) {
  if (closed_) return;
  const Slot& from = slots_[static_cast<size_t>(slot)];
  if (!from.connection) return;
  const SocketAddress server = from.connection->remote_address();
  agent_.handle_datagram(network_.now(), from.base, server, message);
  reschedule();
}

void AgentTransport::on_server_closed(int slot, const std::string& reason) {
  if (closed_) return;
  agent_.stream_closed(network_.now(), slots_[static_cast<size_t>(slot)].base, reason);
  reschedule();
}

}  // namespace peerwire::ice

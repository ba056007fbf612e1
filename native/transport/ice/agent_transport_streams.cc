// Connections to servers over TCP and TLS: the bases that the agent opens with open_stream().
#include <algorithm>
#include <utility>

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
  resolve(server.host, server.port, NameSource::kConfiguration,
          [this, server, epoch = gathering_epoch_](const std::vector<SocketAddress>& addresses) {
            if (epoch == gathering_epoch_) server_resolved(server, addresses);
          });
}

int AgentTransport::open_shared_stream(const IceServer& server, const SocketAddress& to, int beside,
                                       std::string* reason) {
  const Slot* listening = slot_of(beside);
  if (!listening || !listening->tcp || !listening->tcp->mux || full()) {
    *reason = "no further connection from this port";
    return -1;
  }
  Slot slot;
  slot.shared = listening->tcp->mux->connect_to(server, to, authorities_, reason);
  if (!slot.shared) return -1;
  slot.shared->add(this, free_slot());
  const SocketAddress local = slot.near();
  adopt(std::move(slot));
  return agent_.add_base(network_.now(), local, kConnectionPreference, true);
}

int AgentTransport::open_stream(const IceServer& server, const SocketAddress& to, int beside, std::string* reason) {
  if (beside >= 0) return open_shared_stream(server, to, beside, reason);
  SocketAddress local;  // empty: as the system routes
  const InterfaceFilter& filter = options_.interfaces;
  if (!options_.bind_address.empty() || !filter.allowed.empty() || !filter.excluded.empty()) {
    const LocalAddresses usable = local_addresses(network_, options_);
    const auto found = std::find_if(usable.addresses.begin(), usable.addresses.end(),
                                    [&](const SocketAddress& address) { return address.family() == to.family(); });
    if (found == usable.addresses.end()) {
      *reason = "no local address of the address family of the server";
      return -1;
    }
    local = *found;
  }
  const int index = free_slot();
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

void AgentTransport::on_server_open(int slot) {
  if (closed_) return;
  const Slot& opened = slots_[static_cast<size_t>(slot)];
  if (!opened.to_server()) return;
  const SocketAddress local = opened.near();
  agent_.stream_opened(network_.now(), opened.base, local);
  reschedule();
}

void AgentTransport::on_server_message(int slot, ByteView message) {
  if (closed_) return;
  const Slot& from = slots_[static_cast<size_t>(slot)];
  if (!from.to_server()) return;
  const SocketAddress server = from.far();
  agent_.handle_datagram(network_.now(), from.base, server, message);
  reschedule();
}

void AgentTransport::on_server_closed(int slot, const std::string& reason) {
  if (closed_) return;
  const Slot& closed = slots_[static_cast<size_t>(slot)];
  if (!closed.to_server()) return;
  agent_.stream_closed(network_.now(), closed.base, reason);
  reschedule();
}

}  // namespace peerwire::ice

// Gathering: sockets of our addresses, and the servers that are asked from there.
#include <errno.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "transport/ice/agent_transport.h"
#include "transport/ice/port_range.h"

namespace peerwire::ice {
namespace {

constexpr int kNoServerError = 701;

}  // namespace

void AgentTransport::gather_ahead() {
  if (!gathering_begun_) {
    ahead_ = true;
    agent_.hold_candidates();
  }
  begin_gathering();
}

void AgentTransport::gather() {
  if (!ahead_) return begin_gathering();
  // What has gone since may not have been told yet, and where the kernel does not tell of anything this is the time to
  // look.
  int error = 0;
  const std::vector<InterfaceAddress> listed = InterfaceMonitor::addresses(network_, &error);
  if (!error) on_interfaces_changed(listed);
  if (closed_) return;
  ahead_ = false;
  agent_.release_candidates(network_.now());
  end_servers_if_resolved();
}

void AgentTransport::begin_gathering() {
  if (gathering_begun_ || closed_) return;
  gathering_begun_ = true;
  agent_.begin_gathering(network_.now());
  if (closed_) return;
  open_sockets();
  if (!closed_) ask_servers();
}

bool AgentTransport::uses_datagrams() const {
  return !options_.relay_only ||
         std::any_of(options_.servers.begin(), options_.servers.end(), [](const IceServer& server) {
           return server.scheme == IceServer::Scheme::kTurn && server.transport == IceProtocol::kUdp;
         });
}

void AgentTransport::open_sockets() {
  if (!interfaces_) interfaces_ = InterfaceMonitor::observe(network_, this);
  if (!uses_datagrams()) return;
  agent_.set_address_mapping(AddressMapping(options_));
  const LocalAddresses local = local_addresses(network_, options_);
  if (!local.error.empty()) {
    observer_->on_candidate_error(options_.bind_address, 0, "", kNoServerError, local.error);
  }
  if (options_.mdns_candidates && !options_.relay_only) {
    for (const SocketAddress& address : local.addresses) conceal(address);
  }
  release_sockets();
  size_t index = 0;
  for (const SocketAddress& address : local.addresses) {
    if (closed_) return;
    const auto open =
        std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.is_host_on(address); });
    if (open != slots_.end()) {
      agent_.reuse_base(open->base);
      if (open->mux) open->mux->add(this, static_cast<int>(open - slots_.begin()), agent_.local_username_fragment());
    } else {
      open_slot(address, local_preference_of(index), false);
    }
    ++index;
  }
  open_tcp(local);
}

void AgentTransport::conceal(const SocketAddress& address) {
  const auto known =
      std::find_if(names_.begin(), names_.end(), [&](const auto& entry) { return entry.first.same_ip(address); });
  if (known != names_.end()) return;
  const std::string name = random_uuid(RandomSource::system()) + ".local";
  // Where there are too many names already nobody finds this one: better than to show the address.
  names_.emplace_back(address, MdnsService::acquire(network_)->publish(name, address));
  agent_.conceal(address, name);
}

int AgentTransport::open_slot(const SocketAddress& ip, uint16_t local_preference, bool private_use, bool quiet) {
  const int index = free_slot();
  Slot slot;
  slot.private_use = private_use;
  int error = 0;
  const uint16_t first = options_.port_range_begin;
  const uint16_t last = std::max(options_.port_range_end, first);
  if (options_.udp_mux && first != 0 && !private_use) {
    slot.mux = UdpMux::acquire(network_, ip.with_port(first), &error);
    if (slot.mux) slot.mux->add(this, index, agent_.local_username_fragment());
  } else if (first == 0) {
    slot.socket = UdpSocket::bind(network_, ip.with_port(0), index, this, &error);
  } else {
    slot.socket = bind_in_range(first, last, &error, [&](uint16_t port, int* why) {
      return UdpSocket::bind(network_, ip.with_port(port), index, this, why);
    });
  }
  if (!slot.socket && !slot.mux) {
    if (quiet) return -1;
    const std::string why = first && error == EADDRINUSE ? "no free port in the port range" : std::strerror(error);
    const std::string shown = options_.mdns_candidates ? std::string() : ip.ip_text();
    observer_->on_candidate_error(shown, 0, "", kNoServerError, "cannot bind a UDP socket: " + why);
    return -1;
  }
  const SocketAddress address = slot.address();
  const int base = adopt(std::move(slot));
  agent_.add_base(network_.now(), address, local_preference, private_use);
  return base;
}

int AgentTransport::open_socket_like(int base) {
  const Slot* slot = slot_of(base);
  if (!slot || !slot->datagrams()) return -1;
  return open_slot(slot->address().with_port(0), 1000, true);
}

void AgentTransport::ask_servers() {
  std::vector<std::string> asked;
  std::vector<IceServer> servers;
  if (!options_.lite) servers = options_.servers;
  unresolved_servers_.clear();
  servers_resolving_ = 1;  // until the loop is through
  for (const IceServer& server : servers) {
    if (closed_) return;
    const bool turn = server.scheme == IceServer::Scheme::kTurn || server.scheme == IceServer::Scheme::kTurns;
    if (options_.relay_only && !turn) continue;
    const std::string key = server.url + '\n' + server.username + '\n' + server.password;
    if (std::find(asked.begin(), asked.end(), key) != asked.end()) continue;
    asked.push_back(key);
    if (server.over_tls() && !server.over_stream()) {
      agent_.report_server_error(server.url, kNoServerError, "TURN over DTLS is not supported");
      continue;
    }
    if (!turn && server.over_stream() && options_.tcp != IceTcp::kListen) {
      // What it would tell is the address of a TCP port, on which peers are to connect.
      agent_.report_server_error(
          server.url, kNoServerError,
          "STUN over TLS tells how peers reach a TCP port: set iceTcp to 'listen', or use stun:");
      continue;
    }
    ++servers_resolving_;
    prepare_server(server);
  }
  --servers_resolving_;
  end_servers_if_resolved();
}

void AgentTransport::resolve(const std::string& name, uint16_t port, NameSource source,
                             std::function<void(std::vector<SocketAddress>)> done) {
  if (const auto address = SocketAddress::parse(name, port)) return done({*address});
  std::erase_if(resolutions_, [](const auto& resolution) { return resolution->answered(); });
  resolutions_.push_back(Resolution::start(network_, name, port, source, [this, done](auto addresses) {
    if (!closed_) done(std::move(addresses));
  }));
}

void AgentTransport::server_resolved(const IceServer& server, const std::vector<SocketAddress>& addresses) {
  if (addresses.empty()) {
    agent_.report_server_error(server.url, kNoServerError, "host name of the server cannot be resolved");
    unresolved_servers_.push_back(server);
  }
  for (const SocketAddress& address : first_of_each_family(addresses)) {
    agent_.add_server(network_.now(), server, address);
  }
  --servers_resolving_;
  end_servers_if_resolved();
}

void AgentTransport::resolve_servers_again() {
  if (agent_.gathering_state() != IceGatheringState::kGathering) return;
  const std::vector<IceServer> servers = std::exchange(unresolved_servers_, {});
  for (const IceServer& server : servers) {
    if (closed_) return;
    ++servers_resolving_;
    prepare_server(server);
  }
}

void AgentTransport::end_servers_if_resolved() {
  if (closed_) return;
  if (servers_resolving_ == 0 && !ahead_) agent_.end_servers(network_.now());
  reschedule();
}

}  // namespace peerwire::ice

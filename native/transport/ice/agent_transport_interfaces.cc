// Interfaces that come and go while a transport runs.
#include <algorithm>

#include "transport/ice/agent_transport.h"

namespace peerwire::ice {
namespace {

/// Sockets of one transport.
constexpr size_t kMaxSlots = 128;

/// Of a connection that stands: whether there is no such address on the machine any more. Addresses that are not listed
/// (loopback's others, those of the link) are taken to stay.
bool is_gone(const SocketAddress& address, const std::vector<InterfaceAddress>& listed) {
  if (address.empty() || address.is_any() || address.is_loopback() || address.is_link_local()) return false;
  return std::none_of(listed.begin(), listed.end(), [&](const auto& each) { return each.address.same_ip(address); });
}

}  // namespace

bool AgentTransport::full() const {
  const auto in_use =
      std::count_if(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.bound() || slot.to_server(); });
  return static_cast<size_t>(in_use) >= kMaxSlots;
}

bool AgentTransport::is_full_of_addresses() {
  if (full() && agent_.forget_gone(network_.now())) release_sockets();
  return full();
}

void AgentTransport::release_sockets() {
  for (size_t i = 0; i < slots_.size() && !closed_; ++i) {
    if (slots_[i].bound()) agent_.release_base(network_.now(), slots_[i].base);
  }
}

void AgentTransport::on_interfaces_changed(const std::vector<InterfaceAddress>& listed) {
  const LocalAddresses local = local_addresses(options_, listed);
  const auto is_local = [&](const SocketAddress& address) {
    return std::any_of(local.addresses.begin(), local.addresses.end(),
                       [&](const SocketAddress& each) { return each.same_ip(address); });
  };
  // An address that one would not begin with any more is used on for as long as the machine has it.
  const auto stays = [&](const SocketAddress& address) {
    return is_local(address) || (!address.is_loopback() && !is_gone(address, listed));
  };
  // What has come goes first, so that there is something to turn to when the rest is gone.
  for (size_t i = 0; i < slots_.size() && !closed_; ++i) {
    if (slots_[i].bound() && stays(slots_[i].address())) agent_.set_base_usable(network_.now(), slots_[i].base, true);
  }
  for (const SocketAddress& address : local.addresses) {
    if (!uses_datagrams()) break;
    const bool open =
        std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.is_host_on(address); });
    if (closed_) return;
    if (!open && !is_full_of_addresses()) add_interface(address);
    if (!closed_ && uses_tcp()) add_tcp_interface(address);
  }
  for (size_t i = 0; i < slots_.size() && !closed_; ++i) {
    if (!slots_[i].bound() || stays(slots_[i].address())) continue;
    agent_.set_base_usable(network_.now(), slots_[i].base, false);
    // Connections of an address that is gone carry nothing: whoever has connected does so again once it is back.
    if (slots_[i].tcp) close_links(*slots_[i].tcp);
  }
  for (size_t i = 0; i < slots_.size() && !closed_; ++i) {
    if (!slots_[i].to_server() || !is_gone(slots_[i].near(), listed)) continue;
    agent_.stream_closed(network_.now(), slots_[i].base, "the local address is gone");
  }
  if (!closed_) release_sockets();
  if (!closed_) renew_server_connections();
  if (!closed_) resolve_servers_again();
  if (!closed_) reschedule();
}

void AgentTransport::renew_server_connections() {
  // While servers are being asked, they are.
  if ((agent_.gathering_state() != IceGatheringState::kComplete && !ahead_) || options_.lite) return;
  const std::vector<IceServer> servers = options_.servers;
  for (const IceServer& server : servers) {
    const bool turn = server.scheme == IceServer::Scheme::kTurn || server.scheme == IceServer::Scheme::kTurns;
    if (closed_ || full()) return;
    if (!turn || !server.over_stream() || !agent_.has_lost_relay(server)) continue;
    ++servers_resolving_;
    prepare_server(server);
  }
}

void AgentTransport::add_tcp_interface(const SocketAddress& address) {
  const auto open = [&](TcpRole role) {
    const bool known = std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) {
      return slot.tcp && slot.tcp->role == role && slot.address().same_ip(address);
    });
    if (closed_ || known || is_full_of_addresses()) return;
    open_tcp_base(address, local_preference_of(adopted_), role, true);
  };
  // Nobody would connect to a port that nobody is told of: a restart opens it.
  const bool told = agent_.gathering_state() != IceGatheringState::kComplete;
  if (options_.tcp == IceTcp::kListen && told) open(TcpRole::kPassive);
  open(TcpRole::kActive);
}

void AgentTransport::add_interface(const SocketAddress& address) {
  if (options_.mdns_candidates && !options_.relay_only) conceal(address);
  const uint16_t preference = local_preference_of(adopted_);
  const int base = open_slot(address, preference, false, true);
  if (base < 0) return;  // not usable yet: another change tells when it is
  // While it gathers, the agent asks by itself. Afterwards nobody is told of candidates any more (RFC 8838 section 13),
  // and checks alone show our new address; a relay needs its server all the same.
  if (options_.lite || agent_.gathering_state() == IceGatheringState::kGathering) return;
  const std::vector<IceServer> servers = options_.servers;
  for (const IceServer& server : servers) {
    if (server.scheme != IceServer::Scheme::kTurn || server.transport != IceProtocol::kUdp) continue;
    resolve(server.host, server.port, NameSource::kConfiguration,
            [this, server, base, epoch = gathering_epoch_](const std::vector<SocketAddress>& addresses) {
              if (epoch != gathering_epoch_) return;
              const auto fits = [&](const SocketAddress& each) {
                return each.family() == agent_.base_address(base).family();
              };
              const auto found = std::find_if(addresses.begin(), addresses.end(), fits);
              if (found != addresses.end()) agent_.add_server_for(network_.now(), base, server, *found);
              reschedule();
            });
    if (closed_) return;
  }
}

}  // namespace peerwire::ice

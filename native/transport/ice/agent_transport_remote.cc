// What the peer tells of itself: parameters and candidates, whose addresses may be names.
#include <utility>

#include "transport/ice/agent_transport.h"

namespace peerwire::ice {
namespace {

constexpr size_t kMaxRemoteResolving = 32;

}  // namespace

void AgentTransport::set_remote_parameters(IceParameters remote, bool local_restart_follows) {
  const uint32_t before = agent_.remote_epoch();
  agent_.set_remote_parameters(network_.now(), std::move(remote), local_restart_follows);
  if (agent_.remote_epoch() != before) remote_end_pending_ = false;
  reschedule();
}

void AgentTransport::add_remote_candidate(IceCandidate candidate) {
  if (closed_) return;
  if (candidate.protocol == IceProtocol::kTcp) {
    if (options_.tcp == IceTcp::kOff) return;
    if (candidate.tcp_type == "passive" && !remote_listens_) {
      remote_listens_ = true;
      open_tcp(local_addresses(network_, options_));
      if (closed_) return;
    }
  }
  if (const auto address = SocketAddress::parse(candidate.address, candidate.port)) {
    agent_.add_remote_candidate(network_.now(), std::move(candidate), *address);
    return reschedule();
  }
  // Under "relay", looking up a name would tell the local address to whoever answers.
  if (options_.relay_only || is_bad_port(candidate.port) || remotes_resolving_ >= kMaxRemoteResolving) return;
  if (const auto name = MdnsMessage::host_name(candidate.address)) return resolve_mdns(candidate, *name);
  ++remotes_resolving_;
  resolve(candidate.address, candidate.port, NameSource::kPeer,
          [this, candidate, epoch = agent_.remote_epoch()](const std::vector<SocketAddress>& addresses) {
            remote_resolved(candidate, epoch, addresses);
          });
}

void AgentTransport::resolve_mdns(const IceCandidate& candidate, const std::string& name) {
  ++remotes_resolving_;
  const uint64_t id = ++last_lookup_;
  auto answered = [this, id, candidate, epoch = agent_.remote_epoch()](const std::vector<SocketAddress>& addresses) {
    std::vector<SocketAddress> with_port;
    for (const SocketAddress& address : addresses) with_port.push_back(address.with_port(candidate.port));
    std::erase_if(lookups_, [id](const Lookup& lookup) { return lookup.id == id; });
    remote_resolved(candidate, epoch, with_port);
  };
  lookups_.push_back({id, MdnsService::acquire(network_)->ask(name, std::move(answered))});
}

void AgentTransport::remote_resolved(const IceCandidate& candidate, uint32_t epoch,
                                     const std::vector<SocketAddress>& addresses) {
  --remotes_resolving_;
  if (epoch != agent_.remote_epoch()) return;  // of before a restart
  for (const SocketAddress& address : first_of_each_family(addresses)) {
    agent_.add_remote_candidate(network_.now(), candidate, address);
  }
  if (remotes_resolving_ == 0 && remote_end_pending_) {
    remote_end_pending_ = false;
    agent_.set_remote_end_of_candidates(network_.now());
  }
  reschedule();
}

void AgentTransport::forget_remote() {
  agent_.forget_remote(network_.now());
  remote_end_pending_ = false;
  reschedule();
}

void AgentTransport::set_remote_end_of_candidates() {
  if (remotes_resolving_) {
    remote_end_pending_ = true;
    return;
  }
  agent_.set_remote_end_of_candidates(network_.now());
  reschedule();
}

}  // namespace peerwire::ice

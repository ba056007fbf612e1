// ICE over TCP (RFC 6544) on real sockets: connections to and from the peer.
#include <errno.h>

#include <algorithm>
#include <cstring>

#include "transport/ice/agent_transport.h"
#include "transport/ice/port_range.h"

namespace peerwire::ice {
namespace {

constexpr int kNoListener = 701;

}  // namespace

bool AgentTransport::uses_tcp() const {
  if (options_.relay_only || options_.tcp == IceTcp::kOff || !gathering_begun_) return false;
  return options_.tcp == IceTcp::kListen || remote_listens_;
}

void AgentTransport::open_tcp(const LocalAddresses& local) {
  if (!uses_tcp()) return;
  const bool listen = options_.tcp == IceTcp::kListen;
  size_t index = 0;
  for (const SocketAddress& address : local.addresses) {
    if (closed_) return;
    const uint16_t preference = local_preference_of(index++);
    if (listen) open_tcp_base(address, preference, TcpRole::kPassive);
    open_tcp_base(address, preference, TcpRole::kActive);
  }
}

void AgentTransport::open_tcp_base(const SocketAddress& ip, uint16_t local_preference, TcpRole role, bool quiet) {
  const auto known = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) {
    return slot.tcp && slot.tcp->role == role && slot.tcp->local.same_ip(ip);
  });
  if (known != slots_.end()) {
    const int tag = static_cast<int>(known - slots_.begin());
    if (known->tcp->mux) known->tcp->mux->add(this, tag, agent_.local_username_fragment());
    return agent_.reuse_base(known->base);
  }
  auto base = std::make_unique<TcpBase>();
  base->role = role;
  base->local = ip.with_port(0);
  const int index = free_slot();
  SocketAddress shown = ip.with_port(kActivePort);
  if (role == TcpRole::kPassive) {
    int error = 0;
    base->mux = listen_on(ip, &error);
    if (!base->mux) {
      if (quiet) return;
      const std::string address = options_.mdns_candidates ? std::string() : ip.ip_text();
      observer_->on_candidate_error(address, 0, "", kNoListener,
                                    std::string("cannot listen on a TCP port: ") + std::strerror(error));
      return;
    }
    base->mux->add(this, index, agent_.local_username_fragment());
    shown = base->mux->local_address();
  }
  Slot slot;
  slot.tcp = std::move(base);
  adopt(std::move(slot));
  agent_.add_tcp_base(network_.now(), shown, local_preference, role, options_.tcp == IceTcp::kListen);
}

std::shared_ptr<TcpMux> AgentTransport::listen_on(const SocketAddress& ip, int* error) {
  const uint16_t first = options_.port_range_begin;
  if (first == 0 || options_.udp_mux) {
    return TcpMux::acquire(network_, ip.with_port(first), options_.udp_mux && first != 0, error);
  }
  return bind_in_range(first, std::max(options_.port_range_end, first), error, [&](uint16_t port, int* why) {
    return TcpMux::acquire(network_, ip.with_port(port), false, why);
  });
}

bool AgentTransport::send_tcp(int index, const SocketAddress& to, ByteView packet) {
  TcpBase& base = *slots_[static_cast<size_t>(index)].tcp;
  auto found = base.links.find(to);
  if (found == base.links.end()) {
    if (base.role != TcpRole::kActive || base.links.size() >= TcpBase::kMaxLinks) return false;
    auto link = TcpLink::connect(network_, base.local, to, index, this);
    if (!link) return false;
    found = base.links.emplace(to, std::move(link)).first;
  }
  return found->second->send(packet);
}

void AgentTransport::on_tcp_connection(int tag, std::unique_ptr<TcpSocket> socket, ByteView received) {
  TcpBase* base = closed_ ? nullptr : slots_[static_cast<size_t>(tag)].tcp.get();
  const size_t first = measure_packet_frame(received).size;
  // A fragment is no secret: who does not know the password does not stay.
  if (!base || base->links.size() >= TcpBase::kMaxLinks ||
      !agent_.admits(received.subspan(kPacketFrameHeader, first - kPacketFrameHeader))) {
    return retire(network_, std::move(socket));
  }
  std::unique_ptr<TcpLink>& place = base->links[socket->remote_address()];
  TcpLink::close(network_, std::move(place));
  place = TcpLink::adopt(network_, std::move(socket), tag, this);
  place->feed(received);
}

void AgentTransport::on_link_packet(int slot, const SocketAddress& remote, ByteView packet) {
  const SocketAddress from = remote;
  receive(slot, from, packet);
}

void AgentTransport::on_link_closed(int slot, const SocketAddress& remote) {
  if (closed_) return;
  Slot& owner = slots_[static_cast<size_t>(slot)];
  const SocketAddress gone = remote;
  if (const auto found = owner.tcp->links.find(gone); found != owner.tcp->links.end()) {
    TcpLink::close(network_, std::move(found->second));
    owner.tcp->links.erase(found);
  }
  agent_.connection_closed(network_.now(), owner.base, gone);
  reschedule();
}

void AgentTransport::close_links(TcpBase& base) {
  for (auto& [remote, link] : base.links) TcpLink::close(network_, std::move(link));
  base.links.clear();
}

void AgentTransport::close_tcp(TcpBase& base) {
  if (base.mux) base.mux->remove(this);
  close_links(base);
}

}  // namespace peerwire::ice

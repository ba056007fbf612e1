#include "transport/ice/agent_transport.h"

#include <errno.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "transport/ice/port_range.h"

namespace peerwire {

std::unique_ptr<IceTransport> IceTransport::create(NetworkThread& network, IceOptions options, IceParameters local,
                                                   IceTransportObserver* observer) {
  return std::make_unique<ice::AgentTransport>(network, std::move(options), std::move(local), observer);
}

namespace ice {
namespace {

constexpr size_t kMaxEarlyPackets = 32;
constexpr size_t kMaxRemoteResolving = 32;
constexpr int kNoServerError = 701;
/// Worth a probe: PPPoE, Ethernet, jumbo frames, and loopback.
constexpr size_t kCommonMtus[] = {1492, 1500, 9000, 65535};
constexpr size_t kIpv4Headers = 28, kIpv6Headers = 48;  // with UDP's

std::vector<SocketAddress> first_of_each_family(const std::vector<SocketAddress>& addresses) {
  std::vector<SocketAddress> first;
  for (const SocketAddress& address : addresses) {
    const auto is_alike = [&](const SocketAddress& other) { return other.family() == address.family(); };
    if (std::none_of(first.begin(), first.end(), is_alike)) first.push_back(address);
  }
  return first;
}

}  // namespace

AgentTransport::AgentTransport(NetworkThread& network, IceOptions options, IceParameters local,
                               IceTransportObserver* observer)
    : network_(network),
      options_(std::move(options)),
      observer_(observer),
      agent_(std::move(local), options_.relay_only, RandomSource::system(), this) {
  if (options_.lite) agent_.become_lite();
}

AgentTransport::~AgentTransport() {
  close();
}

// ---- packets ----

bool AgentTransport::send_packet(ByteView packet) {
  return packet.size() <= options_.mtu && send_large_packet(packet, Fragmentation::kUsual);
}

std::vector<size_t> AgentTransport::larger_packet_sizes() const {
  std::vector<size_t> sizes;
  if (!agent_.sends_directly()) return sizes;
  const size_t headers = agent_.selected()->remote_address().is_ipv6() ? kIpv6Headers : kIpv4Headers;
  for (const size_t mtu : kCommonMtus) {
    if (mtu - headers > options_.mtu) sizes.push_back(mtu - headers);
  }
  return sizes;
}

bool AgentTransport::send_large_packet(ByteView packet, Fragmentation fragmentation) {
  if (closed_ || !agent_.send(network_.now(), packet, fragmentation)) return false;
  ++packets_sent_;
  bytes_sent_ += packet.size();
  if (agent_.has_relays()) reschedule();
  return true;
}

void AgentTransport::set_packet_receiver(PacketReceiver* receiver) {
  receiver_ = receiver;
  if (!receiver_ || early_packets_.empty()) return;
  std::vector<Bytes> packets;
  packets.swap(early_packets_);
  for (const Bytes& packet : packets) {
    if (receiver_ == receiver) receiver->on_packet(packet);
  }
}

void AgentTransport::on_data(ByteView packet) {
  ++packets_received_;
  bytes_received_ += packet.size();
  if (receiver_) {
    receiver_->on_packet(packet);
  } else if (early_packets_.size() < kMaxEarlyPackets) {
    early_packets_.emplace_back(packet.begin(), packet.end());
  }
}

void AgentTransport::on_selected_pair(const IceCandidate& local, const IceCandidate& remote) {
  if (const CandidatePair* pair = agent_.selected()) {
    // What has changed may be what is known of the pair's candidates alone.
    const Path path{pair->base, pair->remote_address()};
    const bool other = path_ && *path_ != path;
    path_ = path;
    if (other && receiver_) receiver_->on_path_changed();
  }
  if (!closed_) observer_->on_selected_pair(local, remote);
}

void AgentTransport::on_writable(bool writable) {
  if (receiver_) receiver_->on_writable_changed(writable);
}

bool AgentTransport::receive(int slot, const SocketAddress& from, ByteView datagram) {
  if (closed_) return false;
  const bool used = agent_.handle_datagram(network_.now(), slots_[slot].base, from, datagram);
  if (datagram[0] < 4 || agent_.has_relays()) reschedule();
  return used;
}

AgentTransport::Slot* AgentTransport::slot_of(int base) {
  if (static_cast<size_t>(base) >= slot_of_base_.size() || slot_of_base_[base] < 0) return nullptr;
  const auto index = static_cast<size_t>(slot_of_base_[base]);
  return index < slots_.size() ? &slots_[index] : nullptr;
}

int AgentTransport::free_slot() const {
  const auto free = std::find_if(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.base < 0; });
  return static_cast<int>(free - slots_.begin());
}

int AgentTransport::adopt(Slot slot) {
  const int base = slot.base = agent_.next_base();
  const auto index = static_cast<size_t>(free_slot());
  if (index == slots_.size()) slots_.emplace_back();
  slots_[index] = std::move(slot);
  slot_of_base_.resize(std::max(slot_of_base_.size(), static_cast<size_t>(base) + 1), -1);
  slot_of_base_[static_cast<size_t>(base)] = static_cast<int>(index);
  return base;
}

bool AgentTransport::send_datagram(int base, const SocketAddress& to, ByteView datagram) {
  Slot* slot = slot_of(base);
  if (!slot || datagram.empty()) return false;
  if (slot->tcp) return send_tcp(slot_of_base_[base], to, datagram);
  if (slot->shared) return slot->shared->send(this, slot_of_base_[base], datagram);
  if (!slot->datagrams()) return slot->connection && slot->connection->send(datagram);
  if (slot->mux) return slot->mux->send(this, datagram, to);
  if (datagram[0] < 4) return slot->socket->send_now(datagram, to);
  return slot->socket->send(datagram, to);
}

bool AgentTransport::send_large_datagram(int base, const SocketAddress& to, ByteView datagram,
                                         Fragmentation fragmentation) {
  const Slot* slot = slot_of(base);
  // A stream has no packets that could be larger.
  if (!slot || !slot->datagrams() || datagram.empty()) return false;
  UdpSocket& socket = slot->mux ? slot->mux->socket() : *slot->socket;
  return fragmentation == Fragmentation::kProbe ? socket.send_probe(datagram, to)
                                                : socket.send(datagram, to, fragmentation);
}

// ---- time ----

void AgentTransport::reschedule() {
  if (closed_) return;
  const TimePoint next = agent_.next_timeout();
  // A timer that rings too early costs one look; moving it for every datagram would cost more.
  if (next >= timer_at_) return;
  network_.cancel_timer(timer_);
  timer_at_ = next;
  timer_ = network_.start_timer(next, [this] {
    timer_ = NetworkThread::kNoTimer;
    timer_at_ = TimePoint::max();
    agent_.handle_timeout(network_.now());
    reschedule();
  });
}

// ---- gathering ----

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
  size_t index = 0;
  for (const SocketAddress& address : local.addresses) {
    if (closed_) return;
    const auto open = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) {
      return slot.datagrams() && slot.address().same_ip(address);
    });
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

void AgentTransport::resolve(const std::string& name, uint16_t port,
                             std::function<void(std::vector<SocketAddress>)> done) {
  if (const auto address = SocketAddress::parse(name, port)) return done({*address});
  std::erase_if(resolutions_, [](const auto& resolution) { return resolution->answered(); });
  resolutions_.push_back(Resolution::start(network_, name, port, [this, done](auto addresses) {
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

// ---- the session ----

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
  resolve(candidate.address, candidate.port,
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

void AgentTransport::start(IceRole role) {
  agent_.start(network_.now(), role);
  reschedule();
}

void AgentTransport::restart(IceParameters local, IceOptions options) {
  if (closed_) return;
  options_ = std::move(options);
  ++gathering_epoch_;
  servers_resolving_ = 0;
  const uint32_t before = agent_.remote_epoch();
  const bool gathers = agent_.restart(network_.now(), std::move(local), options_.relay_only);
  if (closed_) return;
  if (agent_.remote_epoch() != before) remote_end_pending_ = false;
  if (!gathers) return reschedule();
  gathering_begun_ = ahead_ = false;
  begin_gathering();
}

void AgentTransport::set_role(IceRole role) {
  agent_.set_role(network_.now(), role);
  reschedule();
}

IceTransportStats AgentTransport::stats() const {
  const auto unix_time = std::chrono::system_clock::now().time_since_epoch();
  IceTransportStats stats = agent_.stats(network_.now(), std::chrono::duration<double, std::milli>(unix_time).count());
  stats.packets_sent = packets_sent_;
  stats.packets_received = packets_received_;
  stats.bytes_sent = bytes_sent_;
  stats.bytes_received = bytes_received_;
  return stats;
}

void AgentTransport::close() {
  if (closed_) return;
  closed_ = true;
  agent_.close(network_.now());  // releases allocations, through the sockets
  network_.cancel_timer(timer_);
  timer_ = NetworkThread::kNoTimer;
  resolutions_.clear();
  interfaces_.reset();
  authorities_loading_.clear();
  lookups_.clear();
  names_.clear();
  early_packets_.clear();
  receiver_ = nullptr;
  for (Slot& slot : slots_) {
    if (slot.mux) slot.mux->remove(this);
    ServerConnection::close(network_, std::move(slot.connection));
    if (slot.shared) slot.shared->remove(this, static_cast<int>(&slot - slots_.data()));
    if (slot.tcp) close_tcp(*slot.tcp);
  }
  slots_.clear();
}

}  // namespace ice
}  // namespace peerwire

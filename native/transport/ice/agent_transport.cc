#include "transport/ice/agent_transport.h"

#include <algorithm>
#include <utility>

namespace peerwire {

std::unique_ptr<IceTransport> IceTransport::create(NetworkThread& network, IceOptions options, IceParameters local,
                                                   IceTransportObserver* observer) {
  return std::make_unique<ice::AgentTransport>(network, std::move(options), std::move(local), observer);
}

namespace ice {
namespace {

constexpr size_t kMaxEarlyPackets = 32;
/// Worth a probe: PPPoE, Ethernet, jumbo frames, and loopback.
constexpr size_t kCommonMtus[] = {1492, 1500, 9000, 65535};
constexpr size_t kIpv4Headers = 28, kIpv6Headers = 48;  // with UDP's

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
    const Path path{agent_.base_address(pair->base), pair->remote_address()};
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
  ++adopted_;
  const int base = slot.base = agent_.next_base();
  const auto index = static_cast<size_t>(free_slot());
  if (index == slots_.size()) slots_.emplace_back();
  slots_[index] = std::move(slot);
  slot_of_base_.resize(std::max(slot_of_base_.size(), static_cast<size_t>(base) + 1), -1);
  slot_of_base_[static_cast<size_t>(base)] = static_cast<int>(index);
  return base;
}

void AgentTransport::close_base(int base) {
  Slot* slot = slot_of(base);
  if (!slot) return;
  ServerConnection::close(network_, std::move(slot->connection));
  if (slot->mux) slot->mux->remove(this);
  if (slot->tcp) close_tcp(*slot->tcp);
  const int index = std::exchange(slot_of_base_[base], -1);
  const auto shared = std::move(slot->shared);
  *slot = Slot();
  if (shared) shared->remove(this, index);
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

// ---- the session ----

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

IceTransportStats AgentTransport::stats(double unix_ms) const {
  IceTransportStats stats = agent_.stats(network_.now(), unix_ms);
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

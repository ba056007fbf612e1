#include "net/mdns_service.h"

#include <algorithm>

namespace peerwire {
namespace {

struct CurrentService {
  std::weak_ptr<MdnsService> service;
};

}  // namespace

std::shared_ptr<MdnsService> MdnsService::acquire(NetworkThread& network) {
  auto& current = network.part<CurrentService>().service;
  if (auto service = current.lock()) return service;
  std::shared_ptr<MdnsService> made(new MdnsService(network));
  made->open();
  current = made;
  return made;
}

MdnsService::~MdnsService() {
  network_.cancel_timer(timer_);
}

void MdnsService::open() {
  ipv4_ = MulticastSocket::open(network_, *SocketAddress::parse("224.0.0.251", MdnsEndpoint::kPort), this);
  ipv6_ = MulticastSocket::open(network_, *SocketAddress::parse("ff02::fb", MdnsEndpoint::kPort), this);
  join();
  interfaces_ = InterfaceMonitor::observe(network_, this);
}

void MdnsService::on_interfaces_changed(const std::vector<InterfaceAddress>&) {
  join();
}

bool MdnsService::is_on_link(const SocketAddress& address) const {
  return std::any_of(subnets_.begin(), subnets_.end(), [&](const Subnet& subnet) { return subnet.contains(address); });
}

void MdnsService::join() {
  // None: the system could not be asked for a moment, for want of descriptors.
  if (auto subnets = own_subnets(); !subnets.empty()) subnets_ = std::move(subnets);
  const auto interfaces = multicast_interfaces();
  if (ipv4_) ipv4_->join(interfaces);
  if (ipv6_) ipv6_->join(interfaces);
}

std::unique_ptr<MdnsService::Hold> MdnsService::ask(const std::string& name, MdnsEndpoint::Answered answered) {
  const uint64_t question = endpoint_.ask(network_.now(), name, std::move(answered));
  reschedule();
  return std::make_unique<Hold>([self = shared_from_this(), question] { self->endpoint_.cancel(question); });
}

std::unique_ptr<MdnsService::Hold> MdnsService::publish(const std::string& name, const SocketAddress& address) {
  if (!endpoint_.publish(name, address)) return nullptr;
  return std::make_unique<Hold>([self = shared_from_this(), name] { self->endpoint_.withdraw(name); });
}

void MdnsService::reschedule() {
  network_.cancel_timer(timer_);
  timer_ = NetworkThread::kNoTimer;
  const TimePoint next = endpoint_.next_timeout();
  if (next == TimePoint::max()) return;
  timer_ = network_.start_timer(next, [this] {
    const auto alive = shared_from_this();  // who is told may be the last to let go
    timer_ = NetworkThread::kNoTimer;
    endpoint_.handle_timeout(network_.now());
    reschedule();
  });
}

MulticastSocket* MdnsService::socket_of(IpFamily family) {
  return family == IpFamily::kIpv4 ? ipv4_.get() : ipv6_.get();
}

void MdnsService::multicast(const MdnsLink& link, ByteView datagram) {
  if (link.family != IpFamily::kNone) {
    if (MulticastSocket* socket = socket_of(link.family)) socket->send_to_group(link.interface, datagram);
    return;
  }
  if (ipv4_) ipv4_->send_to_group(0, datagram);
  if (ipv6_) ipv6_->send_to_group(0, datagram);
}

void MdnsService::unicast(const MdnsLink& link, const SocketAddress& to, ByteView datagram) {
  if (MulticastSocket* socket = socket_of(link.family)) socket->send_to(link.interface, to, datagram);
}

bool MdnsService::asks_from_other_port() const {
  return (ipv4_ && !ipv4_->on_port_of_group()) || (ipv6_ && !ipv6_->on_port_of_group());
}

void MdnsService::on_multicast(IpFamily family, int interface, bool to_group, const SocketAddress& from,
                               ByteView datagram) {
  // RFC 6762 section 11: what was sent to the group has not passed a router.
  if (!to_group && !is_on_link(from)) return;
  const auto alive = shared_from_this();
  endpoint_.handle_datagram(network_.now(), {family, interface}, from, datagram);
  reschedule();
}

}  // namespace peerwire

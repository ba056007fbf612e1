#include "transport/ice/tcp_link.h"

#include <utility>

namespace peerwire::ice {
namespace {

constexpr auto kConnectTimeout = std::chrono::seconds(10);

}  // namespace

TcpLink::TcpLink(NetworkThread& network, int slot, Owner* owner) : network_(network), slot_(slot), owner_(owner) {}

std::unique_ptr<TcpLink> TcpLink::connect(NetworkThread& network, const SocketAddress& local,
                                          const SocketAddress& remote, int slot, Owner* owner) {
  std::unique_ptr<TcpLink> link(new TcpLink(network, slot, owner));
  link->socket_ = TcpSocket::connect(network, local, remote, link.get(), nullptr);
  if (!link->socket_) return nullptr;
  TcpLink* connecting = link.get();
  link->timer_ = network.start_timer(network.now() + kConnectTimeout, [connecting] {
    connecting->timer_ = NetworkThread::kNoTimer;
    connecting->end();
  });
  return link;
}

std::unique_ptr<TcpLink> TcpLink::adopt(NetworkThread& network, std::unique_ptr<TcpSocket> socket, int slot,
                                        Owner* owner) {
  std::unique_ptr<TcpLink> link(new TcpLink(network, slot, owner));
  link->socket_ = std::move(socket);
  link->socket_->set_observer(link.get());
  return link;
}

TcpLink::~TcpLink() {
  network_.cancel_timer(timer_);
}

void TcpLink::close(NetworkThread& network, std::unique_ptr<TcpLink> link) {
  if (!link) return;
  link->owner_ = nullptr;
  link->socket_->detach();
  network.cancel_timer(std::exchange(link->timer_, NetworkThread::kNoTimer));
  network.defer([dying = std::shared_ptr<TcpLink>(std::move(link))] {});
}

bool TcpLink::send(ByteView packet) {
  if (!owner_) return false;
  const Bytes frame = packet_frame(packet);
  return !frame.empty() && socket_->send(frame);
}

void TcpLink::on_stream_open() {
  network_.cancel_timer(std::exchange(timer_, NetworkThread::kNoTimer));
}

void TcpLink::on_stream_octets(ByteView octets) {
  reader_.read(octets, [this](ByteView frame) {
    const ByteView packet = frame.subspan(kPacketFrameHeader);
    if (owner_ && !packet.empty()) owner_->on_link_packet(slot_, remote_address(), packet);
    return owner_ != nullptr;
  });
}

void TcpLink::end() {
  network_.cancel_timer(std::exchange(timer_, NetworkThread::kNoTimer));
  socket_->detach();
  if (Owner* owner = std::exchange(owner_, nullptr)) owner->on_link_closed(slot_, remote_address());
}

}  // namespace peerwire::ice

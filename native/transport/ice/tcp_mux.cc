#include "transport/ice/tcp_mux.h"

#include <algorithm>

#include "net/frame_reader.h"
#include "transport/ice/stun_message.h"

namespace peerwire::ice {
namespace {

/// Those that may be shared.
struct TcpMuxes {
  std::unordered_map<SocketAddress, std::weak_ptr<TcpMux>, SocketAddressHash> by_address;
};

}  // namespace

/// A connection until its first message is whole.
class TcpMux::Stranger final : public StreamObserver {
 public:
  Stranger(TcpMux& mux, std::unique_ptr<TcpSocket> socket)
      : mux_(mux), network_(mux.network_), socket_(std::move(socket)) {
    socket_->set_observer(this);
    timer_ = network_.start_timer(network_.now() + kPatience, [this] {
      timer_ = NetworkThread::kNoTimer;
      mux_.drop(this);
    });
  }
  /// The port may be gone by then.
  ~Stranger() override {
    network_.cancel_timer(timer_);
    retire(network_, std::move(socket_));
  }

  const SocketAddress& remote() const { return socket_->remote_address(); }
  std::unique_ptr<TcpSocket> take_socket() {
    socket_->detach();
    return std::move(socket_);
  }
  void detach() {
    if (socket_) socket_->detach();
  }
  Bytes take_received() { return std::move(received_); }

  void on_stream_open() override {}
  void on_stream_closed(const std::string&) override { mux_.drop(this); }
  void on_stream_octets(ByteView octets) override {
    received_.insert(received_.end(), octets.begin(), octets.end());
    const FrameLength length = measure_packet_frame(received_);
    if (length.kind != FrameLength::Kind::kKnown) return;
    const size_t size = length.size - kPacketFrameHeader;
    // What cannot become a STUN request is not waited for.
    if (size < kStunHeaderSize || size > kMaxFirstMessage) return mux_.drop(this);
    if (received_.size() > kPacketFrameHeader && received_[kPacketFrameHeader] != 0) return mux_.drop(this);
    if (received_.size() < length.size) return;
    const auto message = StunMessage::parse(ByteView(received_).subspan(kPacketFrameHeader, size));
    const bool request = message && message->message_class == StunClass::kRequest && message->username;
    if (!request || message->method != StunMethod::kBinding) return mux_.drop(this);
    mux_.introduce(this, local_fragment_of(*message->username));
  }

 private:
  TcpMux& mux_;
  NetworkThread& network_;
  std::unique_ptr<TcpSocket> socket_;
  Bytes received_;
  NetworkThread::TimerId timer_;
};

TcpMux::TcpMux(NetworkThread& network) : network_(network) {}

std::shared_ptr<TcpMux> TcpMux::acquire(NetworkThread& network, const SocketAddress& address, bool shared, int* error) {
  auto& muxes = network.part<TcpMuxes>().by_address;
  if (const auto found = muxes.find(address); shared && found != muxes.end()) {
    if (auto mux = found->second.lock()) return mux;
  }
  std::shared_ptr<TcpMux> mux(new TcpMux(network));
  mux->listener_ = TcpListener::listen(network, address, mux.get(), error);
  if (!mux->listener_) return nullptr;
  if (shared) {
    mux->key_ = address;
    muxes[address] = mux;
  }
  return mux;
}

TcpMux::~TcpMux() {
  auto& muxes = network_.part<TcpMuxes>().by_address;
  if (const auto found = muxes.find(key_); found != muxes.end() && found->second.expired()) muxes.erase(found);
}

void TcpMux::add(Member* member, int tag, const std::string& username_fragment) {
  fragments_.add(member, tag, username_fragment);
}

void TcpMux::remove(Member* member) {
  fragments_.remove(member);
}

std::shared_ptr<SharedServerConnection> TcpMux::connect_to(const IceServer& server, const SocketAddress& address,
                                                           std::shared_ptr<const TlsClientContext> authorities,
                                                           std::string* reason) {
  std::erase_if(servers_, [](const auto& each) { return each.expired(); });
  for (const auto& each : servers_) {
    if (auto known = each.lock(); known && known->serves(server, address, authorities)) return known;
  }
  auto made = SharedServerConnection::open(network_, server, address, *listener_, std::move(authorities), reason);
  if (made) servers_.push_back(made);
  return made;
}

void TcpMux::on_accepted(std::unique_ptr<TcpSocket> socket) {
  const auto same = std::count_if(strangers_.begin(), strangers_.end(), [&](const auto& stranger) {
    return stranger->remote().same_ip(socket->remote_address());
  });
  // Those who came before have their time: who floods the port does not push them out.
  if (strangers_.size() >= kMaxStrangers || static_cast<size_t>(same) >= kMaxStrangersOfAddress) return;
  strangers_.push_back(std::make_unique<Stranger>(*this, std::move(socket)));
}

void TcpMux::introduce(Stranger* stranger, const std::string& username_fragment) {
  const auto alive = shared_from_this();  // the last member may leave while it is told
  const auto* found = fragments_.find(username_fragment);
  if (!found) return drop(stranger);
  const auto entry = *found;
  std::unique_ptr<TcpSocket> socket = stranger->take_socket();
  const Bytes received = stranger->take_received();
  drop(stranger);
  entry.member->on_tcp_connection(entry.tag, std::move(socket), received);
}

void TcpMux::drop(Stranger* stranger) {
  const auto found = std::find_if(strangers_.begin(), strangers_.end(),
                                  [stranger](const auto& each) { return each.get() == stranger; });
  if (found == strangers_.end()) return;
  // It may be inside a call of its own.
  const std::shared_ptr<Stranger> leaving = std::move(*found);
  leaving->detach();
  strangers_.erase(found);
  network_.defer([leaving, alive = shared_from_this()] {});
}

}  // namespace peerwire::ice

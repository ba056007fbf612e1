// Connections between peers (ICE over TCP), ours to them and theirs to a port of ours: strangers who say anything in
// pieces of any size, ends and errors at any time, calls from within calls.
//
// A connection gives the packets of its frames and no others, in order; a port keeps to its bounds; what leaves is what
// was sent.
#include <array>

#include "fuzz/fuzz_input.h"
#include "fuzz/scripted_sockets.h"
#include "transport/ice/stun_message.h"
#include "transport/ice/tcp_link.h"
#include "transport/ice/tcp_mux.h"

namespace {

using namespace peerwire;
using namespace peerwire::ice;

const SocketAddress kLocal = *SocketAddress::parse("10.0.0.1", 9000);

class Session final : private TcpLink::Owner, private TcpMux::Member {
 public:
  explicit Session(FuzzInput& input) : input_(input), loop_(sockets_) {
    mux_ = TcpMux::acquire(loop_, kLocal, input_.octet() % 2, nullptr);
    check(mux_ != nullptr);
    listener_ = sockets_.latest();
    mux_->add(this, kTag, "ours");
  }

  void run() {
    while (!input_.is_empty()) {
      step();
      check(mux_ == nullptr || mux_->stranger_count() <= TcpMux::kMaxStrangers);
      for (const auto& [remote, peer] : peers_) {
        if (const ScriptedSocket* socket = sockets_.find(peer.fd)) check(is_prefix(socket->left, peer.sent));
      }
    }
    check_accepts();
    leave();
    for (auto& [remote, link] : links_) TcpLink::close(loop_, std::move(link));
    links_.clear();
    loop_.turn();
    check(sockets_.count() == 0 && loop_.is_idle());
  }

 private:
  static constexpr int kTag = 3;

  /// Whatever the system could not give for a while: who connects after that is not left waiting.
  void check_accepts() {
    sockets_.refusals = 0;
    for (int second = 0; mux_ && second < 8; ++second) loop_.skip(std::chrono::seconds(1));
    check(!mux_ || sockets_.find(listener_)->waiting.empty());
  }

  /// The one at the other end.
  struct Peer {
    int fd = -1;
    Bytes said;
    Bytes heard;  // frames made of the packets that were told, empty ones left out
    Bytes sent;   // to it
    bool is_link = false;
  };

  SocketAddress address() {
    const uint8_t choice = input_.octet();
    return *SocketAddress::parse("10.0.1." + std::to_string(choice % 4), static_cast<uint16_t>(1000 + choice / 4));
  }

  Peer* some_peer() {
    if (peers_.empty()) return nullptr;
    return &std::next(peers_.begin(), input_.octet() % peers_.size())->second;
  }

  void step() {
    const uint8_t operation = input_.octet();
    switch (operation % 12) {
      case 0:
        return loop_.turn();
      case 1:
        return loop_.skip(std::chrono::milliseconds(1 << (operation / 16)));
      case 2: {  // theirs
        const SocketAddress from = address();
        if (!mux_ || peers_.contains(from)) return;
        peers_[from].fd = sockets_.connect_to(listener_, from);
        return;
      }
      case 3: {  // ours
        const SocketAddress to = address();
        if (peers_.contains(to)) return;
        auto link = TcpLink::connect(loop_, kLocal.with_port(0), to, kTag, this);
        if (!link) return;
        peers_[to] = {sockets_.latest(), {}, {}, {}, true};
        links_[to] = std::move(link);
        return;
      }
      case 4:
        if (operation / 16 == 3) leave();
        return;
      case 5:
        sockets_.refusals = operation / 16 % 3;
        return;
      default:
        break;
    }
    Peer* peer = some_peer();
    ScriptedSocket* socket = peer ? sockets_.find(peer->fd) : nullptr;
    if (!socket) return;
    switch (operation % 12) {
      case 6:
        return say(*peer, *socket, input_.take(input_.octet()));
      case 7: {
        const size_t size = input_.octet();
        return say(*peer, *socket, packet_frame(input_.take(size)));
      }
      case 8:
        return say(*peer, *socket, packet_frame(request(operation / 16)));
      case 9:
        return answer_connecting(*socket, operation / 16);
      case 10:
        return trouble(*socket, operation / 16, input_);
      case 11:
        return send(socket->remote, *peer);
    }
  }

  void say(Peer& peer, ScriptedSocket& socket, ByteView octets) {
    append(peer.said, octets);
    append(socket.arriving, octets);
  }

  Bytes request(int kind) {
    StunWriter writer(StunMethod::kBinding, kind % 4 == 3 ? StunClass::kSuccess : StunClass::kRequest, TransactionId{});
    writer.add_text(StunAttribute::kUsername, kind / 4 == 3 ? "nobody:theirs" : "ours:theirs");
    if (kind % 4 == 1) writer.add_bytes(StunAttribute::kSoftware, input_.take(input_.octet()));
    writer.add_integrity(as_bytes("password"));
    const ByteView message = writer.finish();
    return {message.begin(), message.end()};
  }

  void send(const SocketAddress& to, Peer& peer) {
    const auto found = links_.find(to);
    if (found == links_.end()) return;
    Bytes packet;
    append(packet, input_.take(input_.octet()));
    if (packet.size() % 16 == 15) packet.resize(65'000);
    if (found->second->send(packet)) append(peer.sent, packet_frame(packet));
  }

  /// The member goes, and with it the port.
  void leave() {
    if (!mux_) return;
    mux_->remove(this);
    mux_.reset();
  }

  void end_link(const SocketAddress& remote) {
    const auto found = links_.find(remote);
    if (found == links_.end()) return;
    TcpLink::close(loop_, std::move(found->second));
    links_.erase(found);
  }

  void on_tcp_connection(int tag, std::unique_ptr<TcpSocket> socket, ByteView received) override {
    check(tag == kTag && mux_ != nullptr && socket != nullptr);
    const SocketAddress from = socket->remote_address();
    Peer& peer = peers_.at(from);
    check(!peer.is_link && is_prefix(received, peer.said));
    const FrameLength first = measure_packet_frame(received);
    check(first.kind == FrameLength::Kind::kKnown && first.size <= received.size());
    const auto message = StunMessage::parse(received.subspan(kPacketFrameHeader, first.size - kPacketFrameHeader));
    check(message && message->username && message->username->starts_with("ours"));
    const uint8_t reaction = input_.octet();
    if (reaction % 16 == 1) leave();
    if (reaction % 16 == 2) return retire(loop_, std::move(socket));
    peer.is_link = true;
    auto& place = links_[from];
    place = TcpLink::adopt(loop_, std::move(socket), kTag, this);
    place->feed(received);
  }

  void on_link_packet(int slot, const SocketAddress& from, ByteView packet) override {
    const SocketAddress remote = from;
    check(slot == kTag && links_.contains(remote) && !packet.empty());
    Peer& peer = peers_.at(remote);
    append(peer.heard, packet_frame(packet));
    check(is_prefix(peer.heard, without_empty_frames(peer.said)));
    const uint8_t reaction = input_.octet();
    if (reaction % 16 == 1) end_link(remote);
    if (reaction % 16 == 2) leave();
    if (reaction % 16 == 3) send(remote, peer);
  }

  void on_link_closed(int slot, const SocketAddress& from) override {
    const SocketAddress remote = from;
    check(slot == kTag && links_.contains(remote));
    end_link(remote);
  }

  static Bytes without_empty_frames(ByteView stream) {
    Bytes kept;
    while (stream.size() >= kPacketFrameHeader) {
      const size_t size = std::min(kPacketFrameHeader + (size_t{stream[0]} << 8 | stream[1]), stream.size());
      if (size > kPacketFrameHeader) append(kept, stream.first(size));
      stream = stream.subspan(size);
    }
    return kept;
  }

  FuzzInput& input_;
  ScriptedSockets sockets_;
  ScriptedLoop loop_;
  std::shared_ptr<TcpMux> mux_;
  int listener_ = -1;
  std::unordered_map<SocketAddress, Peer, SocketAddressHash> peers_;
  std::unordered_map<SocketAddress, std::unique_ptr<TcpLink>, SocketAddressHash> links_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  FuzzInput input{{octets, size}};
  Session(input).run();
  return 0;
}

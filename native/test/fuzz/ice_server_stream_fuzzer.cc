// The stream of a TURN server, over TCP and over TLS, from a server, a path and a system that are not kind: octets of
// any sort in pieces of any size, records that were changed, ends and errors at any time, calls from within calls.
//
// What is told of it are whole messages, and nothing but what the server said; of a server whose certificate is not the
// right one, nothing. What leaves is what was sent, in order.
#include "fuzz/fuzz_input.h"
#include "fuzz/hostile_tls_server.h"
#include "fuzz/scripted_sockets.h"
#include "transport/ice/server_connection.h"
#include "transport/ice/turn_framing.h"

namespace {

using namespace peerwire;
using namespace peerwire::ice;

class Session final : private ServerConnection::Owner {
 public:
  explicit Session(FuzzInput& input) : input_(input), loop_(sockets_) {
    const uint8_t choice = input_.octet();
    tls_ = choice & 1;
    if (tls_) {
      identity_ = static_cast<HostileTlsServer::Identity>(choice / 2 % 8 > 2 ? 0 : choice / 2 % 8);
      server_.emplace(identity_, choice & 0x40);
    }
    is_eager_ = choice & 0x80;
    IceServer server{"", IceServer::Scheme::kTurn, kTlsServerName, 3478, IceProtocol::kTcp, "u", "p"};
    if (tls_) server.scheme = IceServer::Scheme::kTurns;
    std::string reason;
    int error = 0;
    connection_ = ServerConnection::open(loop_, server, *SocketAddress::parse("10.0.0.9", 3478),
                                         *SocketAddress::parse("10.0.0.1", 0), tls_client_context(), kSlot, this,
                                         &reason, &error);
    check(connection_ != nullptr);
    fd_ = sockets_.latest();
  }

  void run() {
    if (is_eager_) connect_and_talk();
    while (!input_.is_empty()) {
      step();
      if (const ScriptedSocket* socket = sockets_.find(fd_)) check_sent(*socket);
    }
    close();
    loop_.turn();
    check(sockets_.count() == 0 && loop_.is_idle());
  }

 private:
  static constexpr int kSlot = 5;

  void step() {
    ScriptedSocket* socket = sockets_.find(fd_);
    const uint8_t operation = input_.octet();
    switch (operation % 14) {
      case 0:
        loop_.turn();
        return;
      case 1:
        loop_.skip(std::chrono::milliseconds(1 << (operation / 16)));
        return;
      case 2:
        send(operation / 16);
        return;
      case 3:
        if (operation / 16 == 3) close();
        return;
      case 4:
        connect_and_talk();
        return;
      case 5:
        return say(input_.take(input_.octet()));
      case 6:
        return say(channel_data(input_.take(input_.octet())));
      case 7:
        return say(stun_message(input_.take(input_.octet())));
      default:
        break;
    }
    if (!socket) return;
    switch (operation % 14) {
      case 8:  // what the server does not mean, or somebody else says
        append(socket->arriving, input_.take(input_.octet()));
        if (!tls_) said_ = Bytes(), is_plain_ = false;
        return;
      case 9:
        return deliver(*socket, operation / 16);
      case 10:
        return answer_connecting(*socket, operation / 16);
      case 11:
        return trouble(*socket, operation / 16, input_);
      case 12:
        return talk(*socket);
      case 13:
        if (!server_) return;
        if (operation / 16 % 3 == 0) server_->update_key();
        if (operation / 16 % 3 == 1) server_->renegotiate();
        if (operation / 16 % 3 == 2) server_->say_goodbye();
        return;
    }
  }

  /// Whatever the client has sent reaches the server, whose answers wait.
  void talk(ScriptedSocket& socket) {
    if (!server_) return;
    server_->receive(ByteView(socket.left).subspan(heard_));
    heard_ = socket.left.size();
    // Nobody has changed what the client sent. Before there are keys on both sides, an alert may be beyond the server.
    check(!is_open_ || !server_->was_garbled());
    check(is_prefix(server_->received(), sent_));
  }

  void deliver(ScriptedSocket& socket, int kind) {
    if (!server_) return;
    size_t count = server_->outbox.size();
    if (kind % 4 != 0) count = std::min<size_t>(count, size_t{1} << (kind & ~3) | input_.octet());
    const auto end = server_->outbox.begin() + static_cast<std::ptrdiff_t>(count);
    if (kind % 4 == 3 && count > 0) server_->outbox[input_.octet() % count] ^= static_cast<uint8_t>(1 | input_.octet());
    socket.arriving.insert(socket.arriving.end(), server_->outbox.begin(), end);
    server_->outbox.erase(server_->outbox.begin(), end);
  }

  /// All goes well for a while.
  void connect_and_talk() {
    for (int round = 0; round < 6; ++round) {
      ScriptedSocket* socket = sockets_.find(fd_);
      if (!socket) return;
      if (socket->state == ScriptedSocket::State::kConnecting) socket->state = ScriptedSocket::State::kConnected;
      loop_.turn();
      socket = sockets_.find(fd_);
      if (!socket || !server_) return;
      talk(*socket);
      deliver(*socket, 0);
    }
  }

  void say(ByteView octets) {
    if (server_) {
      if (server_->write(octets)) append(said_, octets);
    } else if (ScriptedSocket* socket = sockets_.find(fd_)) {
      append(socket->arriving, octets);
      append(said_, octets);
    }
  }

  static Bytes channel_data(ByteView data) {
    Bytes message = {0x40, 1, static_cast<uint8_t>(data.size() >> 8), static_cast<uint8_t>(data.size())};
    append(message, data);
    message.resize(message.size() + turn_padding(message));
    return message;
  }

  static Bytes stun_message(ByteView body) {
    body = body.first(body.size() / 4 * 4);
    Bytes message = {1, 3, 0, static_cast<uint8_t>(body.size()), 0x21, 0x12, 0xa4, 0x42};
    message.resize(20);
    append(message, body);
    return message;
  }

  void send(int kind) {
    if (!connection_) return;
    const ByteView given = input_.take(input_.octet());
    Bytes message(given.begin(), given.end());
    // Now and then as much as makes queues overflow.
    if (kind == 15) message.resize(60'000, 0x55);
    if (message.empty()) return;
    const size_t before = sent_.size();
    append(sent_, message);
    sent_.resize(sent_.size() + turn_padding(message));
    // What was refused may have left in part when that is the end of the connection.
    const bool taken = connection_->send(message);
    check(!(taken && is_closed_));
    if (!taken && !is_closed_) sent_.resize(before);
  }

  void check_sent(const ScriptedSocket& socket) const {
    if (!tls_) check(is_prefix(socket.left, sent_));
  }

  void close() {
    is_over_ = true;
    ServerConnection::close(loop_, std::move(connection_));
  }

  /// From within a call: it is answered, or all is over.
  void react() {
    const uint8_t reaction = input_.octet();
    if (reaction % 16 == 1) close();
    if (reaction % 16 == 2) send(0);
  }

  void on_server_open(int slot) override {
    check(slot == kSlot && !is_over_ && !is_open_ && !is_closed_);
    check(!tls_ || identity_ == HostileTlsServer::Identity::kGood);
    is_open_ = true;
    react();
  }

  void on_server_message(int slot, ByteView message) override {
    check(slot == kSlot && !is_over_ && is_open_ && !is_closed_);
    const FrameLength length = measure_turn_frame(message);
    check(length.kind == FrameLength::Kind::kKnown && length.size == message.size());
    append(heard_messages_, message);
    if (is_plain_) check(is_prefix(heard_messages_, said_));
    react();
  }

  void on_server_closed(int slot, const std::string& reason) override {
    check(slot == kSlot && !is_over_ && !is_closed_ && !reason.empty());
    is_closed_ = true;
    if (input_.octet() % 2) close();
  }

  FuzzInput& input_;
  ScriptedSockets sockets_;
  ScriptedLoop loop_;
  bool tls_ = false, is_eager_ = false;
  HostileTlsServer::Identity identity_ = HostileTlsServer::Identity::kGood;
  std::optional<HostileTlsServer> server_;
  std::unique_ptr<ServerConnection> connection_;
  int fd_ = -1;
  Bytes said_, heard_messages_, sent_;
  size_t heard_ = 0;      // of what left the socket, by the server
  bool is_plain_ = true;  // everything that arrives is in said_
  bool is_open_ = false, is_closed_ = false, is_over_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  FuzzInput input{{octets, size}};
  Session(input).run();
  return 0;
}

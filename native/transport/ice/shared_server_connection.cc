#include "transport/ice/shared_server_connection.h"

#include <algorithm>

namespace peerwire::ice {
namespace {

/// Of a STUN message, which is whole.
TransactionId transaction_of(ByteView message) {
  TransactionId transaction;
  std::copy_n(message.begin() + (kStunHeaderSize - transaction.size()), transaction.size(), transaction.begin());
  return transaction;
}

}  // namespace

std::shared_ptr<SharedServerConnection> SharedServerConnection::open(
    NetworkThread& network, const IceServer& server, const SocketAddress& address, TcpListener& port,
    std::shared_ptr<const TlsClientContext> authorities, std::string* reason) {
  std::shared_ptr<SharedServerConnection> shared(new SharedServerConnection(network, server, address, authorities));
  int error = 0;
  shared->local_ = port.local_address();
  shared->connection_ = ServerConnection::open(network, server, address, TcpOrigin(port), std::move(authorities), 0,
                                               shared.get(), reason, &error);
  return shared->connection_ ? shared : nullptr;
}

SharedServerConnection::~SharedServerConnection() {
  ServerConnection::close(network_, std::move(connection_));
}

bool SharedServerConnection::serves(const IceServer& server, const SocketAddress& address,
                                    const std::shared_ptr<const TlsClientContext>& authorities) const {
  if (ended_ || address_ != address || server_.over_tls() != server.over_tls()) return false;
  // Over TLS the server has shown who it is, to whom it was asked by.
  return !server.over_tls() || (server_.host == server.host && authorities_ == authorities);
}

void SharedServerConnection::add(Member* member, int slot) {
  members_.insert({member, slot});
  if (!open_) return;
  network_.defer([weak = weak_from_this(), member, slot] {
    const auto alive = weak.lock();
    if (alive && !alive->ended_ && alive->members_.contains({member, slot})) member->on_server_open(slot);
  });
}

void SharedServerConnection::remove(Member* member, int slot) {
  const Membership leaving{member, slot};
  members_.erase(leaving);
  bool silent = false;
  std::erase_if(asked_, [&](const auto& entry) {
    if (entry.second.by != leaving) return false;
    silent |= network_.now() - entry.second.at >= kSilence;
    return true;
  });
  if (!silent || ended_) return;
  ServerConnection::close(network_, std::move(connection_));
  on_server_closed(0, "the server no longer answers");
}

bool SharedServerConnection::send(Member* member, int slot, ByteView request) {
  if (ended_ || request.size() < kStunHeaderSize || !connection_->send(request)) return false;
  asked_.insert_or_assign(transaction_of(request), Asked{{member, slot}, network_.now()});
  return true;
}

void SharedServerConnection::on_server_open(int) {
  open_ = true;
  const auto alive = shared_from_this();  // the last member may leave while it is told
  const std::set<Membership> told = members_;
  for (const Membership& each : told) {
    if (members_.contains(each)) each.first->on_server_open(each.second);
  }
}

void SharedServerConnection::on_server_message(int, ByteView message) {
  if (!StunMessage::looks_like_stun(message)) return;
  const auto asked = asked_.extract(transaction_of(message));
  if (!asked) return;
  const auto alive = shared_from_this();
  const auto [member, slot] = asked.mapped().by;
  member->on_server_message(slot, message);
}

void SharedServerConnection::on_server_closed(int, const std::string& reason) {
  ended_ = true;
  asked_.clear();
  const auto alive = shared_from_this();
  const std::set<Membership> told = members_;
  for (const Membership& each : told) {
    if (members_.contains(each)) each.first->on_server_closed(each.second, reason);
  }
}

}  // namespace peerwire::ice

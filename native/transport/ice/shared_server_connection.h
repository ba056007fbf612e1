// A connection to a STUN server out of a port on which peers connect (RFC 6544 section 5.2), of all transports of that
// port: there is one connection only between two ports. Lives on the network thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "transport/ice/server_connection.h"
#include "transport/ice/stun_message.h"

namespace peerwire::ice {

class SharedServerConnection final : public std::enable_shared_from_this<SharedServerConnection>,
                                     private ServerConnection::Owner {
 public:
  static constexpr Duration kSilence = std::chrono::seconds(2);

  /// Told what happens, as whoever has a connection of its own; never before add() returns.
  using Member = ServerConnection::Owner;

  /// Begins to connect. Null with `reason` when that cannot be begun.
  static std::shared_ptr<SharedServerConnection> open(NetworkThread& network, const IceServer& server,
                                                      const SocketAddress& address, TcpListener& port,
                                                      std::shared_ptr<const TlsClientContext> authorities,
                                                      std::string* reason);
  ~SharedServerConnection() override;

  /// Whether it is, still, what open() would give.
  bool serves(const IceServer& server, const SocketAddress& address,
              const std::shared_ptr<const TlsClientContext>& authorities) const;
  void add(Member* member, int slot);
  /// One whom the server has left without an answer for a while takes the connection along: a NAT may have forgotten
  /// it, and nobody else could have another one before it is gone.
  void remove(Member* member, int slot);
  /// A request: its answer is the member's. False when it cannot leave.
  bool send(Member* member, int slot, ByteView request);
  const SocketAddress& local_address() const { return local_; }
  const SocketAddress& remote_address() const { return address_; }

 private:
  using Membership = std::pair<Member*, int>;
  struct Asked {
    Membership by;
    TimePoint at;
  };

  SharedServerConnection(NetworkThread& network, const IceServer& server, const SocketAddress& address,
                         std::shared_ptr<const TlsClientContext> authorities)
      : network_(network), server_(server), address_(address), authorities_(std::move(authorities)) {}
  void on_server_open(int slot) override;
  void on_server_message(int slot, ByteView message) override;
  void on_server_closed(int slot, const std::string& reason) override;

  NetworkThread& network_;
  const IceServer server_;
  const SocketAddress address_;
  SocketAddress local_;
  const std::shared_ptr<const TlsClientContext> authorities_;
  std::unique_ptr<ServerConnection> connection_;
  std::set<Membership> members_;
  std::map<TransactionId, Asked> asked_;
  bool open_ = false, ended_ = false;
};

}  // namespace peerwire::ice

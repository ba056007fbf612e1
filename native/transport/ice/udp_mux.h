// One UDP socket shared by several ICE transports (IceOptions::udp_mux). Lives on the network thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/udp_socket.h"
#include "transport/ice/unknown_requests.h"
#include "transport/ice/username_fragments.h"

namespace peerwire::ice {

class UdpMux final : public std::enable_shared_from_this<UdpMux>, private DatagramReceiver {
 public:
  /// Remote addresses that a member is remembered to have asked or answered, the latest: more than an agent has pairs.
  static constexpr size_t kMaxRemotes = 256;

  /// The shared socket bound to `address`, made by the first who asks. Null with `error` as UdpSocket::bind() says.
  static std::shared_ptr<UdpMux> acquire(NetworkThread& network, const SocketAddress& address, int* error);
  ~UdpMux() override;

  class Member {
   public:
    virtual ~Member() = default;
    /// False when the datagram means nothing to this member.
    virtual bool on_mux_datagram(int tag, const SocketAddress& from, ByteView datagram) = 0;
  };

  /// Told of requests whose user name nobody has, as UnknownRequests bounds them.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// May add members, and let go of the socket.
    virtual void on_unknown_request(const SocketAddress& local, const SocketAddress& from,
                                    const UnknownRequests::Request& request) = 0;
  };
  void add_listener(Listener* listener) { listeners_.push_back(listener); }
  void remove_listener(Listener* listener) { std::erase(listeners_, listener); }

  const SocketAddress& local_address() const { return socket_->local_address(); }
  /// Datagrams whose STUN user name begins with this fragment are the member's; more than one may be (ICE restart).
  void add(Member* member, int tag, const std::string& username_fragment);
  void remove(Member* member);
  /// As UdpSocket's; what comes back from `to` is offered to the member.
  bool send(Member* member, ByteView datagram, const SocketAddress& to);
  /// For what is no STUN, which nobody needs to learn from.
  UdpSocket& socket() { return *socket_; }
  size_t remote_count() const { return by_remote_.size(); }

 private:
  using Entry = UsernameFragments<Member>::Entry;
  struct Membership {
    int tag = 0;
    std::vector<SocketAddress> remotes;  // the latest comes last
  };
  explicit UdpMux(NetworkThread& network) : network_(network) {}
  void on_datagram(int tag, const SocketAddress& from, ByteView datagram) override;
  void tell_unknown(const SocketAddress& from, std::string_view username);
  void learn(Member* member, Membership& membership, const SocketAddress& remote);
  void forget(Member* member, const SocketAddress& remote);

  NetworkThread& network_;
  std::unique_ptr<UdpSocket> socket_;
  SocketAddress key_;
  UsernameFragments<Member> fragments_;
  std::unordered_map<SocketAddress, std::vector<Entry>, SocketAddressHash> by_remote_;
  std::unordered_map<Member*, Membership> members_;
  std::vector<Listener*> listeners_;
  UnknownRequests unknown_;
};

}  // namespace peerwire::ice

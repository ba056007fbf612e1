// Multicast DNS of this process: one set of sockets for all who ask and publish, open while there are any.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/interface_monitor.h"
#include "net/mdns_endpoint.h"
#include "net/multicast_socket.h"
#include "net/network_thread.h"

namespace peerwire {

/// Network thread only.
class MdnsService final : public std::enable_shared_from_this<MdnsService>,
                          private MdnsEndpoint::Sender,
                          private MulticastSocket::Receiver,
                          private InterfaceMonitor::Observer {
 public:
  /// The one that is in use, or a new one. Where no socket can be had it answers nothing, and finds nothing.
  static std::shared_ptr<MdnsService> acquire(NetworkThread& network);
  ~MdnsService() override;

  /// A question, or a name of ours: ends with the object, which keeps the service.
  class Hold {
   public:
    explicit Hold(std::function<void()> end) : end_(std::move(end)) {}
    ~Hold() { end_(); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    std::function<void()> end_;
  };
  /// `name`: as MdnsMessage::host_name() gives it. Answered in a later turn of the loop, once, while it is held.
  std::unique_ptr<Hold> ask(const std::string& name, MdnsEndpoint::Answered answered);
  /// Null when there are too many names.
  std::unique_ptr<Hold> publish(const std::string& name, const SocketAddress& address);

 private:
  explicit MdnsService(NetworkThread& network) : network_(network), endpoint_(this) {}
  void open();
  void join();
  /// Whether the address is in the subnet of one of this machine's interfaces, or one of its own.
  bool is_on_link(const SocketAddress& address) const;
  void reschedule();
  MulticastSocket* socket_of(IpFamily family);
  void multicast(const MdnsLink& link, ByteView datagram) override;
  void unicast(const MdnsLink& link, const SocketAddress& to, ByteView datagram) override;
  bool asks_from_other_port() const override;
  void on_interfaces_changed(const std::vector<InterfaceAddress>& listed) override;
  void on_multicast(IpFamily family, int interface, bool to_group, const SocketAddress& from,
                    ByteView datagram) override;

  NetworkThread& network_;
  MdnsEndpoint endpoint_;
  std::unique_ptr<MulticastSocket> ipv4_, ipv6_;
  std::unique_ptr<InterfaceMonitor::Observation> interfaces_;
  std::vector<Subnet> subnets_;  // kept: whoever reaches the port makes us look, with every datagram
  NetworkThread::TimerId timer_ = NetworkThread::kNoTimer;
};

}  // namespace peerwire

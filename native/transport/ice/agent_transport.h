// IceTransport on the agent: sockets, timers and names of the network thread.
#pragma once

#include <memory>
#include <vector>

#include "net/interface_monitor.h"
#include "net/mdns_service.h"
#include "net/resolver.h"
#include "net/udp_socket.h"
#include "transport/ice/agent.h"
#include "transport/ice/local_addresses.h"
#include "transport/ice/server_connection.h"
#include "transport/ice/tcp_base.h"
#include "transport/ice/udp_mux.h"
#include "transport/ice_transport.h"

namespace peerwire::ice {

class AgentTransport final : public IceTransport,
                             private AgentDelegate,
                             private DatagramReceiver,
                             private InterfaceMonitor::Observer,
                             private UdpMux::Member,
                             private ServerConnection::Owner,
                             private TcpMux::Member,
                             private TcpLink::Owner {
 public:
  AgentTransport(NetworkThread& network, IceOptions options, IceParameters local, IceTransportObserver* observer);
  ~AgentTransport() override;

  bool send_packet(ByteView packet) override;
  bool writable() const override { return agent_.writable(); }
  size_t max_packet_size() const override { return options_.mtu; }
  std::vector<size_t> larger_packet_sizes() const override;
  std::optional<Duration> round_trip() const override { return agent_.round_trip(); }
  bool send_large_packet(ByteView packet, Fragmentation fragmentation) override;
  void set_packet_receiver(PacketReceiver* receiver) override;

  void gather() override;
  void gather_ahead() override;
  void set_remote_parameters(IceParameters remote, bool local_restart_follows) override;
  void add_remote_candidate(IceCandidate candidate) override;
  void forget_remote() override;
  void set_remote_end_of_candidates() override;
  void start(IceRole role) override;
  void restart(IceParameters local, IceOptions options) override;
  void set_role(IceRole role) override;
  IceTransportStats stats(double unix_ms) const override;
  void close() override;

  /// Sockets that there are, and places of those that there were.
  size_t slot_count() const { return slots_.size(); }

 private:
  struct Slot {
    int base = -1;  // -1: it is nobody's
    std::unique_ptr<UdpSocket> socket;
    std::shared_ptr<UdpMux> mux;
    std::unique_ptr<ServerConnection> connection;
    std::unique_ptr<TcpBase> tcp;
    std::shared_ptr<SharedServerConnection> shared;  // out of the port of a passive base
    bool private_use = false;                        // a socket for a TURN server alone

    bool datagrams() const { return socket || mux; }
    /// Whether its port is that of a host candidate on this address.
    bool is_host_on(const SocketAddress& ip) const { return datagrams() && !private_use && address().same_ip(ip); }
    /// Whether it is the base of an address of ours, and which; without a port where connections come from.
    bool bound() const { return datagrams() || tcp; }
    bool to_server() const { return connection || shared; }
    /// Of a connection with a server.
    const SocketAddress& near() const { return shared ? shared->local_address() : connection->local_address(); }
    const SocketAddress& far() const { return shared ? shared->remote_address() : connection->remote_address(); }
    const SocketAddress& address() const {
      return tcp ? tcp->local : socket ? socket->local_address() : mux->local_address();
    }
  };

  /// Of a base of the agent's; null when its connection, or itself, is gone.
  Slot* slot_of(int base);
  /// Where adopt() will put the next one.
  int free_slot() const;
  /// Takes the slot in, for the base that the agent makes next.
  int adopt(Slot slot);
  void begin_gathering();
  /// Whether there are as many sockets as one transport may have, whatever comes and goes.
  bool full() const;
  /// The same, after those of the address that has been gone longest were closed, if there are so many.
  bool is_full_of_addresses();
  /// Closes the sockets of addresses that are gone, where nothing depends on them.
  void release_sockets();
  /// Whether anything is sent over UDP: host candidates, or to a TURN server.
  bool uses_datagrams() const;
  void open_sockets();
  /// Whether there are to be candidates over TCP, as options and the peer's candidates say.
  bool uses_tcp() const;
  /// For these addresses of ours.
  void open_tcp(const LocalAddresses& local);
  /// `quiet`: that it cannot be opened is no error.
  void open_tcp_base(const SocketAddress& ip, uint16_t local_preference, TcpRole role, bool quiet = false);
  int open_shared_stream(const IceServer& server, const SocketAddress& to, int beside, std::string* reason);
  std::shared_ptr<TcpMux> listen_on(const SocketAddress& ip, int* error);
  bool send_tcp(int index, const SocketAddress& to, ByteView packet);
  /// The base stays: a port that the peer has been told of is still ours when the address comes back.
  void close_links(TcpBase& base);
  void close_tcp(TcpBase& base);
  /// `quiet`: that it cannot be opened is no error.
  int open_slot(const SocketAddress& ip, uint16_t local_preference, bool private_use, bool quiet = false);
  void on_interfaces_changed(const std::vector<InterfaceAddress>& listed) override;
  void add_interface(const SocketAddress& address);
  void add_tcp_interface(const SocketAddress& address);
  /// Connections with TURN servers that were lost are made again; a restart does so by itself.
  void renew_server_connections();
  void ask_servers();
  void prepare_server(const IceServer& server);
  void resolve_server(const IceServer& server);
  void server_resolved(const IceServer& server, const std::vector<SocketAddress>& addresses);
  void remote_resolved(const IceCandidate& candidate, uint32_t epoch, const std::vector<SocketAddress>& addresses);
  void conceal(const SocketAddress& address);
  void resolve_mdns(const IceCandidate& candidate, const std::string& name);
  void resolve(const std::string& name, uint16_t port, NameSource source,
               std::function<void(std::vector<SocketAddress>)> done);
  /// Those whose names could not be resolved: a network that has come back may know them.
  void resolve_servers_again();
  void end_servers_if_resolved();
  void reschedule();
  bool receive(int slot, const SocketAddress& from, ByteView datagram);

  // AgentDelegate
  bool send_datagram(int base, const SocketAddress& to, ByteView datagram) override;
  bool send_large_datagram(int base, const SocketAddress& to, ByteView datagram, Fragmentation fragmentation) override;
  int open_socket_like(int base) override;
  int open_stream(const IceServer& server, const SocketAddress& to, int beside, std::string* reason) override;
  void close_base(int base) override;
  void on_data(ByteView packet) override;
  void on_writable(bool writable) override;
  void on_state(IceTransportState state) override { observer_->on_ice_state(state); }
  void on_gathering_state(IceGatheringState state) override { observer_->on_ice_gathering_state(state); }
  void on_local_candidate(const IceCandidate& candidate) override { observer_->on_local_candidate(candidate); }
  void on_candidate_error(const std::string& address, uint16_t port, const std::string& url, int code,
                          const std::string& reason) override {
    observer_->on_candidate_error(address, port, url, code, reason);
  }
  void on_selected_pair(const IceCandidate& local, const IceCandidate& remote) override;
  void on_role(IceRole role) override { observer_->on_ice_role(role); }
  // DatagramReceiver, UdpMux::Member
  void on_datagram(int tag, const SocketAddress& from, ByteView datagram) override { receive(tag, from, datagram); }
  bool on_mux_datagram(int tag, const SocketAddress& from, ByteView datagram) override {
    return receive(tag, from, datagram);
  }

  // ServerConnection::Owner
  void on_server_open(int slot) override;
  void on_server_message(int slot, ByteView message) override;
  void on_server_closed(int slot, const std::string& reason) override;
  // TcpMux::Member, TcpLink::Owner
  void on_tcp_connection(int tag, std::unique_ptr<TcpSocket> socket, ByteView received) override;
  void on_link_packet(int slot, const SocketAddress& remote, ByteView packet) override;
  void on_link_closed(int slot, const SocketAddress& remote) override;

  NetworkThread& network_;
  IceOptions options_;
  IceTransportObserver* observer_;
  Agent agent_;
  PacketReceiver* receiver_ = nullptr;
  std::vector<Bytes> early_packets_;
  struct Path {
    SocketAddress local, remote;
    bool operator==(const Path&) const = default;
  };
  std::optional<Path> path_;  // that packets take
  std::vector<Slot> slots_;
  size_t adopted_ = 0;  // slots ever: an address that comes later is preferred to none before it
  std::vector<int> slot_of_base_;
  std::vector<std::unique_ptr<Resolution>> resolutions_;
  std::vector<std::unique_ptr<TlsContextLoading>> authorities_loading_;
  std::shared_ptr<const TlsClientContext> authorities_;
  struct Lookup {
    uint64_t id;
    std::unique_ptr<MdnsService::Hold> hold;
  };
  std::vector<Lookup> lookups_;  // of names of multicast DNS, that are under way
  uint64_t last_lookup_ = 0;
  std::vector<std::pair<SocketAddress, std::unique_ptr<MdnsService::Hold>>> names_;  // that stand for our addresses
  std::unique_ptr<InterfaceMonitor::Observation> interfaces_;
  std::vector<IceServer> unresolved_servers_;
  size_t servers_resolving_ = 0, remotes_resolving_ = 0;
  uint32_t gathering_epoch_ = 0;  // answers to questions of before a restart are not used
  bool remote_end_pending_ = false;
  bool gathering_begun_ = false, closed_ = false;
  bool ahead_ = false;           // of gather()
  bool remote_listens_ = false;  // the peer has passive TCP candidates
  NetworkThread::TimerId timer_ = NetworkThread::kNoTimer;
  TimePoint timer_at_ = TimePoint::max();
  uint64_t packets_sent_ = 0, packets_received_ = 0, bytes_sent_ = 0, bytes_received_ = 0;
};

}  // namespace peerwire::ice

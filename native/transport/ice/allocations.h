// The allocations on TURN servers (RFC 8656): which there are, which gathering waits for which, which takes the place
// of which, and when one is given back.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "transport/ice/allocation.h"
#include "transport/ice/gathering_delegate.h"
#include "transport/ice/server_results.h"

namespace peerwire::ice {

class Allocations : private TurnClientObserver {
 public:
  /// `network`: who sends and connects.
  Allocations(RandomSource& random, AgentDelegate* network, GatheringDelegate& agent, ServerResults& results)
      : random_(random), network_(network), agent_(agent), results_(results) {}
  Allocations(const Allocations&) = delete;
  Allocations& operator=(const Allocations&) = delete;

  /// Another gathering follows, which waits only for what it asks for itself.
  void begin_gathering();
  /// The gathering wants an allocation, over UDP from a base: one that there is, or another one.
  void ask(int base, const IceServer& server, const SocketAddress& address) { ask(base, server, address, false); }
  /// The same over TCP or TLS, on a connection of its own.
  void ask_over_stream(const IceServer& server, const SocketAddress& address);
  /// Whether a server has been asked from the base, and has not answered.
  bool is_under_way(int base, const std::string& url) const;
  /// URLs of servers of which the gathering waits for allocations.
  void add_awaited_urls(std::vector<std::string_view>& urls) const;
  /// The gathering is taken back: allocations that it has begun, and that are not there yet.
  void forsake_begun();
  /// Once gathering is complete: allocations that it has not asked for again, of users or servers that the
  /// configuration no longer names, when the generation that they were for is over. Not inside a call of one of them.
  void close_unused();
  /// Replaced allocations that no candidate is of any more.
  void close_replaced();
  /// Allocations that are over, as far as nobody needs them any more. Not inside a call of one of them.
  void forget_ended();
  /// Gives all of them back.
  void close(TimePoint now);

  bool empty() const { return allocations_.empty(); }
  /// Whether there was an allocation of a server, and is none any more, nor one under way.
  bool has_lost(const IceServer& server) const;
  /// Whether one is known that was asked for from the base, over or not.
  bool uses(int base) const;

  /// False when the base is none of their connections.
  bool stream_opened(int base);
  bool stream_closed(int base, const std::string& reason);
  /// False when it is none of a server's to an allocation.
  bool handle_datagram(TimePoint now, int base, const SocketAddress& from, ByteView datagram);
  TimePoint next_timeout() const;
  void handle_timeout(TimePoint now);

 private:
  /// What waits for an allocation to be confirmed.
  struct Confirmation {
    Allocation* allocation;
    IceServer server;
    SocketAddress address;  // of the server, as it was resolved
  };

  // allocations.cc: which there are
  /// `occupied`: there may be an allocation on the base's port of which nothing is known here.
  void ask(int base, const IceServer& server, const SocketAddress& address, bool occupied);
  /// Whether a base asks servers in place of another one: itself, or a socket of private use on its address.
  bool asks_for(int asking, int base) const;
  /// A further allocation, over UDP, from the base that `redirection` is asked from. `awaited_by`: the gathering that
  /// waits for what becomes of it.
  void start(int base, const IceServer& server, const Redirection& redirection, uint32_t awaited_by);
  /// Over TCP or TLS. Null when there is no connection to be had.
  Allocation* connect(const IceServer& server, const Redirection& redirection, int connections, uint32_t awaited_by);
  bool reconnect(const Allocation& failed, int code);
  Allocation& add(int base, const IceServer& server, const Redirection& redirection, uint32_t awaited_by);
  Allocation& of(const TurnClient& client);
  /// Gives an allocation back, and what it alone was for.
  void close(Allocation& allocation);
  /// Closes a base of private use that no allocation is on any more.
  void leave_base(int base);
  /// False as long as the addresses that it relayed from mean something.
  bool give_up_bases(const Allocation& allocation);

  // allocations_observer.cc: what becomes of them
  /// The allocation's time is over, and where its server has sent there is none: that server may be back.
  void return_to_origin(const TurnClient& client);
  /// A further allocation in place of one on the base.
  void take_place(int base, const IceServer& server, const Redirection& redirection);
  /// After there was one: what it relayed is over, and what waits for it has to be asked for again.
  void allocation_lost(const Allocation& lost, int code, const std::string& reason);
  /// After there was none: begins one from another port, or over another connection, where that helps.
  bool allocate_elsewhere(const Allocation& failed, int code);
  /// What has become of it.
  void note_result(Allocation& allocation, int code, const std::string& reason);
  bool turn_send(TurnClient& client, ByteView datagram) override;
  void turn_allocated(TurnClient& client) override;
  void turn_confirmed(TurnClient& client) override;
  void turn_unconfirmed(TurnClient& client) override;
  void turn_failed(TurnClient& client, int code, const std::string& reason) override;
  void turn_given_back(TurnClient& client) override { leave_base(client.base()); }
  void turn_leaving(TurnClient& client, const Redirection* elsewhere, const std::string& reason) override;
  void turn_data(TurnClient& client, const SocketAddress& peer, ByteView data, TimePoint now) override;

  // allocations_confirmations.cc: those of before a restart
  /// An allocation of before a restart is the candidate of `url`, too, if its server still knows it.
  void reuse(Allocation& allocation, const IceServer& server, const SocketAddress& address);
  /// What has waited for the allocation to be confirmed, which it was, or was not.
  std::vector<Confirmation> take_confirmations(const Allocation& allocation);
  /// Nobody waits for it any more: another allocation takes its place.
  void forgo_confirmations(const Allocation& allocation);
  bool has_replacement(const Allocation& allocation, bool living) const;
  void close_replacement(const Allocation& allocation);

  RandomSource& random_;
  AgentDelegate* network_;
  GatheringDelegate& agent_;
  ServerResults& results_;
  std::vector<std::unique_ptr<Allocation>> allocations_;
  std::vector<Confirmation> confirmations_;
  uint32_t gathering_ = 1;  // that which there is, or is to come
};

}  // namespace peerwire::ice

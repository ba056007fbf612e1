// Gathering of candidates (RFC 8445 section 5.1): which servers are asked from which bases, what comes of it, and when
// that is complete. What it has found goes on to be looked after: addresses that NATs keep, and allocations.
#pragma once

#include <string>
#include <vector>

#include "transport/ice/allocations.h"
#include "transport/ice/gathering_delegate.h"
#include "transport/ice/server_queries.h"
#include "transport/ice/server_results.h"

namespace peerwire::ice {

class CandidateGathering {
 public:
  /// `network`: who sends and connects.
  CandidateGathering(RandomSource& random, AgentDelegate* network, GatheringDelegate& agent);
  CandidateGathering(const CandidateGathering&) = delete;
  CandidateGathering& operator=(const CandidateGathering&) = delete;

  IceGatheringState state() const { return state_; }
  bool is_complete() const { return state_ == IceGatheringState::kComplete; }

  /// Anew: bases and servers follow.
  void begin();
  /// A server at one of its resolved addresses: asked from every base that it can be asked from.
  void add_server(const IceServer& server, const SocketAddress& address);
  /// False when the base is none that such a server is asked from.
  bool ask_from(int base, const IceServer& server, const SocketAddress& address);
  /// From a base that has come, or come back, once servers are known: those that the gathering asks.
  void ask_known_servers(int base);
  /// The server cannot be asked.
  void report_server_error(const std::string& url, int code, const std::string& reason);
  /// No further base or server comes.
  void end_servers() { servers_ended_ = true; }
  /// Tells of servers that have failed, and of the end. True when it has just come to that.
  bool conclude();

  /// A generation ends; the next one is gathered for from begin() on.
  void end_generation();
  /// A restart is taken back with what was gathered for it. `gathered`: whether the gathering before was complete.
  void revert(bool gathered);
  /// Gives allocations back that nobody needs, once it is complete. Not inside a call of one of them.
  void close_unused_allocations();
  /// And those in whose place there is another one, as candidates have gone.
  void close_replaced_allocations() { allocations_.close_replaced(); }
  /// Gives all allocations back.
  void close(TimePoint now) { allocations_.close(now); }

  bool has_allocations() const { return !allocations_.empty(); }
  /// Whether there was an allocation of a server, and is none any more, nor one under way.
  bool has_lost_allocation(const IceServer& server) const { return allocations_.has_lost(server); }
  /// Whether an allocation that is known was asked for from the base, or it is the connection of a query.
  bool uses(int base) const { return allocations_.uses(base) || queries_.uses(base); }
  /// Nothing is asked from the base any more; false where something still is. Not inside a call of an allocation.
  bool release(int base);

  /// What has become of a connection with a server.
  void stream_opened(int base);
  void stream_closed(int base, const std::string& reason);
  /// False when it is none of a TURN server's to an allocation.
  bool handle_datagram(TimePoint now, int base, const SocketAddress& from, ByteView datagram);
  /// False when the message is no answer of a STUN server.
  bool handle_response(int base, const SocketAddress& from, const StunMessage& message);
  TimePoint next_timeout() const;
  void handle_timeout(TimePoint now);

 private:
  struct KnownServer {
    IceServer server;
    SocketAddress address;
  };
  void forget_servers();

  GatheringDelegate& agent_;
  ServerResults results_;
  ServerQueries queries_;
  Allocations allocations_;
  std::vector<KnownServer> servers_;  // that the gathering asks
  IceGatheringState state_ = IceGatheringState::kNew;
  bool servers_ended_ = false;
};

}  // namespace peerwire::ice

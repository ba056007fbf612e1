// What gathering asks of, and tells, the agent that it gathers for.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "transport/ice/agent_delegate.h"
#include "transport/ice/base.h"

namespace peerwire::ice {

class GatheringDelegate {
 public:
  virtual ~GatheringDelegate() = default;
  /// Of the call into the agent that is under way.
  virtual TimePoint now() const = 0;
  /// `event` goes out when that call ends.
  virtual void emit(AgentEvent event) = 0;
  /// A call into the agent of its own: what follows from it is concluded, and told, when `call` returns.
  virtual void in_turn(TimePoint now, const std::function<void()>& call) = 0;

  virtual const std::vector<Base>& bases() const = 0;
  /// Of private use, or a connection with a server. It is closed once the events are told.
  virtual void close_base(int base) = 0;
  /// Whether all but relay candidates are left out.
  virtual bool relay_only() const = 0;
  /// Whether the session has failed for good: before a restart nobody comes to what a NAT has given.
  virtual bool has_terminally_failed() const = 0;
  /// Whether a local candidate shows the address of the base.
  virtual bool shows_address(int base) const = 0;

  /// A server sees the base as `mapped`. `mapped_before`: what the same question was answered with before, or empty.
  virtual void add_server_reflexive(int base, const SocketAddress& mapped, const SocketAddress& mapped_before,
                                    const std::string& url) = 0;
  /// A base for an address that the client's server relays from, and its number.
  virtual int add_relayed_base(TurnClient& client, const SocketAddress& address) = 0;
  /// Of a relayed base, unless the generation has it.
  virtual void add_relayed_candidate(int base, const std::string& url) = 0;
  /// Whether a candidate is, or may become again, of an address that the client's server relays from.
  virtual bool has_relayed_candidate(const TurnClient& client) const = 0;
  /// What the client's server has relayed from means nothing any more.
  virtual void disable_relayed_bases(const TurnClient& client) = 0;
  /// The client's allocation was lost with what went over it.
  virtual void fail_relayed_pairs(const TurnClient& client) = 0;
  /// The client goes, and its bases with it. False as long as the selected pair is of one.
  virtual bool forget_relayed_bases(const TurnClient& client) = 0;
  /// A datagram of `peer` to a relayed base.
  virtual void receive_relayed(TimePoint now, int base, const SocketAddress& peer, ByteView datagram) = 0;
};

}  // namespace peerwire::ice

// One allocation on one TURN server (RFC 8656), as a state machine without socket or clock.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "transport/ice/random_source.h"
#include "transport/ice/redirection.h"
#include "transport/ice/retransmission.h"
#include "transport/ice_transport.h"

namespace peerwire::ice {

class TurnClient;

class TurnClientObserver {
 public:
  virtual ~TurnClientObserver() = default;
  virtual bool turn_send(TurnClient& client, ByteView datagram) = 0;
  virtual void turn_allocated(TurnClient& client) = 0;
  /// The answer to confirm(), when the server knows the allocation.
  virtual void turn_confirmed(TurnClient& client) = 0;
  /// Over TCP or TLS: there is no such answer yet, and another connection may give an allocation sooner.
  virtual void turn_unconfirmed(TurnClient& client) = 0;
  /// Before the allocation: it could not be made. Afterwards: it was lost.
  virtual void turn_failed(TurnClient& client, int code, const std::string& reason) = 0;
  /// The server keeps the allocation until its time is over, and wants the next one to be made elsewhere; null with the
  /// reason: where we do not go.
  virtual void turn_leaving(TurnClient& client, const Redirection* elsewhere, const std::string& reason) = 0;
  /// After close(), while giving_back(): the server knows, or does not answer.
  virtual void turn_given_back(TurnClient& client) = 0;
  virtual void turn_data(TurnClient& client, const SocketAddress& peer, ByteView data, TimePoint now) = 0;
};

class TurnClient {
 public:
  /// `base` is the base whose socket talks to the server.
  TurnClient(int base, Redirection server, IceServer config, RandomSource& random, TurnClientObserver* observer);

  int base() const { return base_; }
  const SocketAddress& server() const { return redirection_.server(); }
  /// The address that was asked first: that of the server's name.
  const SocketAddress& origin() const { return redirection_.origin(); }
  const Redirection& redirection() const { return redirection_; }
  const IceServer& config() const { return config_; }
  bool allocated() const { return state_ == State::kAllocated; }
  bool ended() const { return state_ == State::kFailed || state_ == State::kClosed; }
  /// By close(), and not lost.
  bool given_back() const { return state_ == State::kClosed; }
  /// Over UDP, after close(): the server has not said that it knows.
  bool giving_back() const { return given_back() && !requests_.empty() && !requests_.back().done; }
  /// Nothing is sent or awaited any more.
  bool is_over() const { return ended() && !giving_back(); }
  /// Whether the allocation is not refreshed any more.
  bool leaving() const { return leaving_; }
  const SocketAddress& mapped() const { return mapped_; }
  /// An address that the server relays from, and the base under which the agent knows it, -1 before it does.
  struct Relayed {
    SocketAddress address;
    int base = -1;
  };
  /// One of IPv6 and one of IPv4, that which is preferred first (RFC 8421 section 4, RFC 6724); that which the
  /// allocation does not have is empty.
  std::array<Relayed, 2>& relayed() { return relayed_; }
  const Relayed& relayed_of(const SocketAddress& peer) const { return relayed_[peer.is_ipv4()]; }
  bool has_base() const { return relayed_[0].base >= 0 || relayed_[1].base >= 0; }

  /// Over TCP or TLS: it has been asked to confirm(), and has not answered within the patience for that.
  bool doubted() const { return confirming_ && config_.over_stream() && unconfirmed_at_ == TimePoint::max(); }
  /// Over TCP or TLS: it has failed, and the server of redirection() is to be asked, which needs another connection.
  bool redirected() const { return redirected_; }

  void start(TimePoint now);
  /// Asks the server whether there is the allocation still: a translator that has been started anew in between has
  /// given us another address, of which it knows nothing.
  void confirm(TimePoint now);
  /// Over TCP or TLS: there is no connection, or no longer.
  void connection_lost(const std::string& reason);
  /// Every datagram that `base` receives from `server`. False when it is none of the allocation's.
  bool handle_datagram(TimePoint now, ByteView datagram);
  TimePoint next_timeout() const;
  void handle_timeout(TimePoint now);
  /// Relays `data`. A permission is asked for first where there is none, and the packet kept meanwhile (bounded).
  /// `bind_channel`: more will follow, four octets of overhead each instead of 36 are worth a request. Peers that
  /// nothing is sent to are forgotten after some minutes, or sooner where there are too many.
  bool send(TimePoint now, const SocketAddress& peer, ByteView data, bool bind_channel);
  /// Gives the allocation back: that is sent at once, and over UDP again until the server answers.
  void close(TimePoint now);

 private:
  enum class State { kIdle, kAllocating, kAllocated, kFailed, kClosed };
  enum class Kind { kAllocate, kRefresh, kCreatePermission, kChannelBind };
  struct Request {
    Kind kind;
    SocketAddress peer;
    TransactionId transaction;
    Retransmission retransmission;
    int challenges = 0;
    bool done = false;
  };
  /// What the server is asked for. Once given it stays so while the server does not answer, and is asked for again.
  enum class Grant : uint8_t { kNone, kAsked, kGiven, kRefused };
  struct Peer {
    Grant permission = Grant::kNone, binding = Grant::kNone;
    uint16_t channel = 0;                                          // 0: none asked for
    TimePoint last_used{}, ask_permission_at{}, ask_channel_at{};  // again, or not before
    std::vector<Bytes> kept;
  };
  /// A number, and whose it is until then.
  struct Channel {
    SocketAddress peer;
    TimePoint reserved_until{};
  };
  static constexpr uint16_t kFirstChannel = 0x4000;
  /// What is still good is asked for again so long after a request for it that was not answered, and what the server
  /// could not give so long after it has said so.
  static constexpr auto kAskAgain = std::chrono::seconds(5);
  /// No answer, or one that says that the server has failed (RFC 8489 section 6.3.4): it may do better the next time.
  static bool is_passing(int code) { return code == 701 || code / 100 == 5; }
  /// A server that has answered is left alone for a while; one that has not was asked for long enough.
  static TimePoint may_ask_at(TimePoint now, int code) { return code == 701 ? now : now + kAskAgain; }

  // turn_client.cc: requests, and the allocation
  void begin(TimePoint now, Kind kind, const SocketAddress& peer);
  bool transmit(TimePoint now, Request& request);
  void handle_success(TimePoint now, Request& request, const StunMessage& message);
  void handle_error(TimePoint now, Request& request, const StunMessage& message);
  void request_failed(TimePoint now, Request& request, int code, const std::string& reason);
  void refresh_failed(TimePoint now, int code, const std::string& reason);
  void fail(int code, const std::string& reason);
  void set_refresh(TimePoint now, uint32_t lifetime_s);
  bool follow(TimePoint now, const StunMessage& message, Redirection& redirection, std::string* reason) const;
  /// A 300 that answers a Refresh.
  void leave(TimePoint now, Request& request, const StunMessage& message);

  // turn_client_peers.cc: permissions, channels, and what is relayed
  void permission_given(TimePoint now, const SocketAddress& address);
  void permission_failed(TimePoint now, const SocketAddress& address, int code);
  void binding_given(TimePoint now, const SocketAddress& address);
  void binding_failed(TimePoint now, const SocketAddress& address, int code);
  /// The number for a peer: that which it had, one that is nobody's, or 0.
  uint16_t channel_for(TimePoint now, const SocketAddress& address) const;
  /// Sends the request, which takes the number from everybody else.
  void ask_binding(TimePoint now, const SocketAddress& address, uint16_t channel);
  TimePoint next_renewal() const;
  /// Asks again for what ends soon, and forgets the peers that were not sent anything for long.
  void renew_grants(TimePoint now);
  void forget(const SocketAddress& address);
  void forget_least_used();
  /// Whether the server relays from the address for us: it has to filter, we need not trust it.
  bool expects(const SocketAddress& from) const;
  void receive_channel_data(TimePoint now, ByteView frame);
  bool relay(const Peer& peer, const SocketAddress& address, ByteView data);

  int base_;
  Redirection redirection_;
  IceServer config_;
  RandomSource& random_;
  TurnClientObserver* observer_;
  State state_ = State::kIdle;
  std::string realm_, nonce_;
  std::optional<std::array<uint8_t, 16>> key_;
  std::array<Relayed, 2> relayed_;
  SocketAddress mapped_;
  TimePoint refresh_at_ = TimePoint::max(), expires_at_ = TimePoint::max();
  TimePoint unconfirmed_at_ = TimePoint::max();
  std::deque<Request> requests_;  // a deque: beginning one never moves another
  std::unordered_map<SocketAddress, Peer, SocketAddressHash> peers_;
  std::array<Channel, 64> channels_;  // index: channel number - kFirstChannel
  bool confirming_ = false, redirected_ = false, leaving_ = false;
  std::string leaving_reason_;
};

}  // namespace peerwire::ice

// The ICE agent (RFC 8445, RFC 8838, RFC 7675): a state machine without socket, thread or clock. Time, datagrams and
// calls go in; datagrams and events come out.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/ice/address_mapping.h"
#include "transport/ice/agent_delegate.h"
#include "transport/ice/candidate_pair.h"
#include "transport/ice/random_source.h"
#include "transport/ice/stun_server_query.h"
#include "transport/ice/stun_stream_query.h"
#include "transport/ice/turn_client.h"

namespace peerwire::ice {

class Agent : private TurnClientObserver {
 public:
  static constexpr size_t kMaxPairs = 100;
  static constexpr size_t kMaxRemoteCandidates = 256;
  static constexpr size_t kMaxRemotePrflx = 32;
  /// At one base from one address, as long as no check of ours to them has been answered. Two translators that give
  /// every destination another port, and let in whoever comes, show both sides a new candidate with each check of the
  /// other's, and none of them ever works.
  static constexpr size_t kMaxUnprovenPrflx = 8;

  Agent(IceParameters local, bool relay_only, RandomSource& random, AgentDelegate* delegate);
  ~Agent() override;
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // ---- gathering ----
  /// For bases that are added or reused from now on.
  /// For good, and before anything else: see IceOptions::lite.
  void become_lite() { lite_ = true; }
  void set_address_mapping(AddressMapping mapping) { mapping_ = std::move(mapping); }
  /// Candidates of this local address do not show it: host candidates have `name` in its place, others a related
  /// address of zeros (draft-ietf-mmusic-mdns-ice-candidates section 3.1.1).
  void conceal(const SocketAddress& address, std::string name) { names_.emplace_back(address, std::move(name)); }
  void begin_gathering(TimePoint now);
  /// Candidates of the generation are told to nobody before release_candidates(), and then those alone whose addresses
  /// are still there.
  void hold_candidates() { holding_ = true; }
  void release_candidates(TimePoint now);
  /// A base: a socket bound to `address`. Surfaces its host candidate, unless only relay candidates may be used or
  /// `private_use` says that it is for a TURN server alone.
  /// The number that add_base() will give next: it may already ask for datagrams to be sent from there.
  int next_base() const;
  int add_base(TimePoint now, const SocketAddress& address, uint16_t local_preference, bool private_use = false);
  /// A base of TCP connections from `address` (port 9), or to it, told from each other by their remote addresses: a
  /// datagram is one frame, and an active base connects for the first one. `told`: whether the peer is.
  int add_tcp_base(TimePoint now, const SocketAddress& address, uint16_t local_preference, TcpRole role, bool told);
  /// The connection of such a base with `remote` could not be made, or is no longer there.
  void connection_closed(TimePoint now, int base, const SocketAddress& remote);
  /// Whether a Binding request is for us, of somebody who knows our password.
  bool admits(ByteView request) const;
  /// A server at one of its resolved addresses: asked from every base of the same family, or over a connection of its
  /// own. STUN servers are asked over connections out of the ports of bases of kPassive, those of `stun:`, too.
  void add_server(TimePoint now, const IceServer& server, const SocketAddress& address);
  /// The same from one base alone, which has come once gathering was complete; before that it asks by itself.
  void add_server_for(TimePoint now, int base, const IceServer& server, const SocketAddress& address);
  /// The base's address is gone, or back. Its pairs die, but for the selected one, which is kept while there is no
  /// other: nothing is sent over it. Of a TCP base the connections are gone, too. While gathering goes on, servers are
  /// asked again from what is back.
  void set_base_usable(TimePoint now, int base, bool usable);
  /// Whether there was an allocation of a server, and is none any more, nor one under way.
  bool has_lost_relay(const IceServer& server) const;
  /// The connection of such a base stands, from `local`.
  void stream_opened(TimePoint now, int base, const SocketAddress& local);
  /// It could not be made, or is no longer there.
  void stream_closed(TimePoint now, int base, const std::string& reason);
  void report_server_error(const std::string& url, int code, const std::string& reason);
  /// No further base or server comes: gathering is complete once those asked have answered or been given up.
  void end_servers(TimePoint now);

  // ---- the session ----
  /// Others than before are the peer's restart. `local_restart_follows`: it is an offer's, so that restart() is on its
  /// way and nothing is checked before; otherwise the new ones are used with our own as they are.
  void set_remote_parameters(TimePoint now, IceParameters remote, bool local_restart_follows = false);
  /// `address`: the candidate's, resolved.
  void add_remote_candidate(TimePoint now, IceCandidate candidate, const SocketAddress& address);
  void forget_remote(TimePoint now);
  void set_remote_end_of_candidates(TimePoint now);
  void start(TimePoint now, IceRole role);
  void set_role(TimePoint now, IceRole role);
  /// A new generation: begin_gathering(), bases and servers follow; bases of before that are still good are surfaced by
  /// reuse_base(). The generation before carries data until a pair of the new one is selected, and its credentials,
  /// given again before that, bring it back: false then when all of its candidates have been gathered already.
  bool restart(TimePoint now, IceParameters local, bool relay_only);
  void reuse_base(int base);
  void close(TimePoint now);

  // ---- time and datagrams ----
  TimePoint next_timeout() const;
  void handle_timeout(TimePoint now);
  /// False when the datagram means nothing to this agent.
  bool handle_datagram(TimePoint now, int base, const SocketAddress& from, ByteView datagram);
  bool send(TimePoint now, ByteView packet, Fragmentation fragmentation = Fragmentation::kUsual);
  /// Whether packets leave through a TURN server, which cuts what is too large (RFC 8656 section 12.1), or not at all.
  bool sends_directly() const;

  /// Whether sending a packet may start requests to a TURN server, and so move next_timeout().
  bool has_relays() const { return !relays_.empty(); }
  bool writable() const { return sending_pair() != nullptr; }
  IceRole role() const { return role_; }
  IceTransportState state() const { return state_; }
  IceGatheringState gathering_state() const { return gathering_; }
  const std::string& local_username_fragment() const { return current_.local.username_fragment; }
  /// Changes when remote candidates of before mean nothing any more.
  uint32_t remote_epoch() const { return remote_epoch_; }
  const CandidatePair* selected() const { return selected_; }
  const SocketAddress& base_address(int base) const { return bases_[static_cast<size_t>(base)].address; }
  size_t base_count() const { return bases_.size(); }
  size_t pair_count() const { return pairs_.size(); }
  size_t remote_candidate_count() const { return remote_candidates_.size(); }
  /// `unix_ms`: the time of day at `now`.
  IceTransportStats stats(TimePoint now, double unix_ms) const;

 private:
  struct Base {
    SocketAddress address;
    uint16_t local_preference = 0;
    bool private_use = false;
    TurnClient* relay = nullptr;  // of a relayed address
    bool usable = true;
    TcpRole tcp = TcpRole::kNone;
    bool told = true;     // whether its host candidate is
    bool closed = false;  // a connection or an allocation that is over
  };
  /// What a restart replaces. Pairs and candidates carry the number.
  struct Generation {
    IceParameters local;
    std::optional<IceParameters> remote;
    uint32_t number = 0;
    bool remote_ended = false;
    bool awaits_local = false;  // the peer's offer has restarted and our restart() has not been called for it yet
    bool terminal_failure = false;
    bool gathered = false;  // only of the generation before: its gathering was complete
    TimePoint first_valid_at{};
    // When one more unproven candidate may be nominated, while another pair works: later and later.
    TimePoint next_admission{};
    Duration admission_interval = std::chrono::seconds(1);
  };
  /// A generation that had not come to carry data when an offer of ours asked for another, which may be undone: what
  /// the peer has told of it, and been told.
  struct Shelved {
    Generation generation;
    std::list<Candidate> local_candidates, remote_candidates;
  };
  /// Calls into the agent nest (an observer calls back): events go out when the outermost ends.
  class Turn {
   public:
    Turn(Agent& agent, TimePoint now) : agent_(agent) {
      agent_.now_ = now;
      ++agent_.depth_;
    }
    ~Turn() { agent_.end_turn(); }

   private:
    Agent& agent_;
  };
  struct ServerResult {
    std::string url;
    bool succeeded = false, reported = false;
    int code = 0;
    std::string reason, address;
    uint16_t port = 0;
  };
  using Event = std::function<void(AgentDelegate&)>;

  // agent.cc: gathering, candidates
  void end_turn();
  void emit(Event event) { events_.push_back(std::move(event)); }
  bool send_from(int base, const SocketAddress& to, ByteView datagram, bool application);
  Candidate* add_local_candidate(IceCandidateType type, int base, const SocketAddress& address,
                                 const SocketAddress& related, const std::string& url, bool surface);
  void make_priority_unique(Candidate& added);
  /// A reflexive candidate by another of the same address.
  void replace_local(Candidate& known, Candidate& added);
  /// Those that were held back and may be told by now.
  void tell_held_candidates();
  /// Null for an address that may be shown.
  const std::string* name_of(const SocketAddress& address) const;
  void pair_local(Candidate& local);
  void pair_remote(Candidate& remote);
  CandidatePair* add_pair(Candidate& local, Candidate& remote);
  /// Makes room where it can: for what is not used, nor being tried.
  bool has_room_for_prflx(int base, const SocketAddress& from, bool nominated);
  CandidatePair* find_pair(int base, const SocketAddress& remote, uint32_t generation);
  Candidate* find_local(int base, const SocketAddress& address, uint32_t generation);
  /// The host candidate of a base, or the relay candidate of a relayed one: what a check to the base has reached.
  Candidate* candidate_of(int base, uint32_t generation);
  Candidate* find_remote(const SocketAddress& address, IceProtocol protocol, uint32_t generation);
  void remove_pair(CandidatePair* pair);

  // agent_bases.cc: whose number is whose
  /// Whether nothing is left of it.
  bool is_free(int base) const;
  int take_base(Base taken);
  void close_base(int base);
  /// Closes a base of private use that no allocation is on any more.
  void leave_base(int base);
  /// Gives an allocation back, and what it alone was for.
  void close_relay(TurnClient& client);
  bool has_candidate(const TurnClient& client) const;
  /// The gathering is taken back: allocations that it has begun, and that are not there yet.
  void forsake_begun_relays();
  /// Once gathering is complete: allocations that it has not asked for again, of users or servers that the
  /// configuration no longer names, when the generation that they were for is over. Not inside a call of one of them.
  void close_unused_relays();
  /// Allocations that are over, as far as nobody needs them any more. Not inside a call of one of them.
  void forget_dead_relays();
  /// False as long as the addresses that it relayed from mean something.
  bool give_up_bases(const TurnClient& client);

  // agent_servers.cc: who is asked, and what comes of it
  ServerResult& result_of(const std::string& url);
  /// From a base that has come, or come back, once servers are known: those that the gathering asks.
  void ask_known_servers(int base);
  /// False when the base is none that such a server is asked from.
  bool ask_from(int base, const IceServer& server, const SocketAddress& address);
  /// Of a base, that nobody has been told of: no longer what the server sees.
  void withdraw_reflexive(int base, const SocketAddress& address);
  /// Whether a base asks servers in place of another one: itself, or a socket of private use on its address.
  bool asks_for(int asking, int base) const;
  /// `occupied`: there may be an allocation on the base's port of which nothing is known here.
  void start_query(TimePoint now, int base, const IceServer& server, const SocketAddress& address,
                   bool occupied = false);
  void query_changed(StunServerQuery& query);
  /// `mapped_before`: what the same question was answered with before, or empty.
  void add_server_reflexive(int base, const SocketAddress& mapped, const SocketAddress& mapped_before,
                            const std::string& url);
  void note_server_result(const std::string& url, int base, int code, const std::string& reason);
  /// URLs of the servers whose answers gathering waits for.
  std::vector<std::string_view> awaited_urls() const;
  void check_gathering();
  /// Whoever was asked, and what has come of it.
  void forget_servers();

  // agent_confirmations.cc: allocations of before a restart
  /// An allocation of before a restart is the candidate of `url`, too, if its server still knows it.
  void reuse_relay(TimePoint now, TurnClient& client, const IceServer& server, const SocketAddress& address);
  /// What waited for the client's allocation to be confirmed, which it was, or was not.
  struct Confirmation {
    TurnClient* client;
    IceServer server;
    SocketAddress address;  // of the server, as it was resolved
  };
  std::vector<Confirmation> take_confirmations(TurnClient& client);
  /// Nobody waits for it any more: another allocation takes its place.
  void forgo_confirmations(const TurnClient& client);
  bool has_replacement(const TurnClient& client, bool living) const;
  void close_replacement(const TurnClient& client);
  /// Replaced allocations that no candidate is of any more.
  void close_replaced();

  // agent_relays.cc: allocations
  /// A further allocation, over UDP, from the base that `redirection` is asked from. `awaited_by`: the gathering that
  /// waits for what becomes of it.
  void start_relay(int base, const IceServer& server, const Redirection& redirection, uint32_t awaited_by);
  /// The allocation's time is over, and where its server has sent there is none: that server may be back.
  void return_to_origin(const TurnClient& client);
  /// A further allocation in place of the client's.
  void take_place(const TurnClient& client, const IceServer& server, const Redirection& redirection);
  /// After there was one: what it relayed is over, and what waits for it has to be asked for again.
  void allocation_lost(TurnClient& client, int code, const std::string& reason);
  /// After there was none: begins one from another port, or over another connection, where that helps.
  bool allocate_elsewhere(const TurnClient& client, int code);
  /// What has become of it.
  void note_relay_result(TurnClient& client, int code, const std::string& reason);
  bool turn_send(TurnClient& client, ByteView datagram) override;
  void turn_allocated(TurnClient& client) override;
  void turn_confirmed(TurnClient& client) override;
  void turn_unconfirmed(TurnClient& client) override;
  void turn_failed(TurnClient& client, int code, const std::string& reason) override;
  void turn_given_back(TurnClient& client) override { leave_base(client.base()); }
  void turn_leaving(TurnClient& client, const Redirection* elsewhere, const std::string& reason) override;
  void turn_data(TurnClient& client, const SocketAddress& peer, ByteView data, TimePoint now) override;

  // agent_tcp.cc: connections with the peer
  uint32_t prflx_priority_of(int base) const;
  bool pairable(const Candidate& local, const Candidate& remote) const;

  // agent_streams.cc: servers over TCP and TLS
  void add_stream_server(const IceServer& server, const SocketAddress& address);
  /// Over TCP or TLS. Null when there is no connection to be had.
  TurnClient* connect_relay(const IceServer& server, const Redirection& redirection, int connections,
                            uint32_t awaited_by);
  bool reconnect_relay(const TurnClient& client, int code);
  void ask_over_stream(int base, const IceServer& server, const SocketAddress& address);
  void run_stream_query(StunStreamQuery& query);
  void stream_query_answered(StunStreamQuery& query);
  void stream_query_lost(StunStreamQuery& query, int code, const std::string& reason);
  /// Of a generation that is over. Connections stay until the next one has been gathered: it may ask the same.
  void leave_stream_queries();
  void drop_left_stream_queries();

  // agent_restart.cc: generations
  std::list<Candidate> local_candidates_of(uint32_t generation) const;
  void begin_generation(TimePoint now);
  void revert_generation(TimePoint now);
  /// The current generation, which goes.
  void shelve();
  /// What was shelved is the current generation's.
  void unshelve();
  void drop_generation(uint32_t number);
  /// Whether the generation before may still come back: it is what carries data, or nothing does.
  bool can_revert() const { return previous_ && previous_expires_at_ == TimePoint::max(); }

  // agent_checks.cc: what leaves
  const Generation* generation_of(const CandidatePair& pair) const;
  /// The one whose pairs are tried: the current one, or that before it while the peer has not joined the restart.
  const Generation& checked_generation() const;
  bool can_check() const;
  /// Whether a pair of the generation is nominated, and works.
  bool settled(uint32_t generation) const;
  /// Whether an ordinary check of the pair could still change what is selected.
  bool wanted(const CandidatePair& pair) const;
  /// Whether what has failed is checked again.
  bool worth_retrying(const CandidatePair& pair) const;
  /// Whether it is checked all the same.
  bool tried(const CandidatePair& pair) const { return wanted(pair) || pair.late; }
  Duration initial_interval() const;
  void schedule(TimePoint now);
  /// Whether a server need not be asked any more for this connection.
  bool is_useless(const StunServerQuery& query) const;
  void unfreeze();
  CandidatePair* next_ordinary();
  void begin_check(CandidatePair& pair);
  void transmit_check(CandidatePair& pair);
  void pair_failed(CandidatePair& pair);
  /// What has failed has no timer while another pair is nominated and works: it may have to be checked again now.
  void wake_failed();
  void trigger(CandidatePair& pair);
  void run_pair_timer(CandidatePair& pair);
  Duration unanswered_interval(const CandidatePair& pair) const;
  Duration keepalive_interval(const CandidatePair& pair);
  bool handle_response(int base, const SocketAddress& from, const StunMessage& message);
  void check_succeeded(CandidatePair& pair, const StunMessage& message, bool nominating);

  // agent_inbound.cc: what comes
  bool handle_stun(int base, const SocketAddress& from, const StunMessage& message);
  void handle_request(int base, const SocketAddress& from, const StunMessage& message);
  void answer_error(int base, const SocketAddress& to, const StunMessage& request, int code, const char* reason,
                    const IceParameters* local);
  Candidate* learn_remote(int base, const SocketAddress& from, const StunMessage& message,
                          const Generation& generation);
  void note_nomination(CandidatePair& pair, bool use_candidate);
  bool resolve_role_conflict(int base, const SocketAddress& from, const StunMessage& message,
                             const IceParameters& local);
  bool deliver(int base, const SocketAddress& from, ByteView packet);

  // agent_lite.cc: what is different without checks of our own
  /// Nominating checks on other pairs since the last one on this: the peer has left it.
  static constexpr int kLiteMissed = 2;
  void note_lite_request(CandidatePair& pair, bool use_candidate);
  void expire_lite_consent();
  IceTransportState lite_state() const;
  TimePoint next_lite_timeout() const;

  // agent_state.cc: what is concluded
  void switch_role(IceRole role, bool tell);
  void conclude();
  void expire_consent();
  void consider_nomination();
  /// The pair that the controlling side is to nominate, at its nomination_deadline().
  CandidatePair* nomination_due() const;
  TimePoint nomination_deadline(const CandidatePair& best) const;
  CandidatePair* best_valid(bool checked_only) const;
  bool healthy(const CandidatePair& pair) const;
  void select(CandidatePair* pair);
  void tell_selected();
  CandidatePair* sending_pair() const { return selected_; }
  void update_state();
  IceTransportState compute_state() const;

  RandomSource& random_;
  AgentDelegate* delegate_;
  AddressMapping mapping_;
  std::vector<std::pair<SocketAddress, std::string>> names_;  // of concealed addresses
  bool relay_only_;
  bool lite_ = false;
  bool closed_ = false, started_ = false;
  IceRole role_ = IceRole::kControlled;
  uint64_t tie_breaker_;
  Generation current_;
  std::optional<Generation> previous_;  // until a pair of the current one has been selected for a while
  std::optional<Shelved> shelved_;
  TimePoint previous_expires_at_ = TimePoint::max();

  std::vector<Base> bases_;
  std::list<Candidate> local_candidates_;  // lists: pairs point into them
  std::list<Candidate> remote_candidates_;
  std::vector<std::unique_ptr<CandidatePair>> pairs_;
  std::deque<CandidatePair*> triggered_;
  CandidatePair* selected_ = nullptr;
  CandidatePair* last_source_ = nullptr;  // of the packet before: most packets come from the same pair

  struct KnownServer {
    IceServer server;
    SocketAddress address;
  };
  std::vector<KnownServer> servers_;  // that the gathering asks
  std::vector<ServerResult> server_results_;
  std::vector<std::unique_ptr<StunServerQuery>> queries_;
  std::vector<std::unique_ptr<StunStreamQuery>> stream_queries_;
  std::vector<std::unique_ptr<TurnClient>> relays_;
  std::vector<Confirmation> confirmations_;
  IceGatheringState gathering_ = IceGatheringState::kNew;
  uint32_t gathering_number_ = 1;
  bool servers_ended_ = false;
  bool holding_ = false;

  IceTransportState state_ = IceTransportState::kNew;
  bool writable_ = false;
  TimePoint now_{}, next_check_at_{}, progress_at_{};
  uint32_t last_generation_ = 0, remote_epoch_ = 0;
  uint32_t nominations_ = 0;
  uint32_t selected_changes_ = 0;
  std::string counted_selection_;  // id of the pair, empty: none
  uint32_t next_id_ = 1;
  int depth_ = 0;
  std::deque<Event> events_;
};

}  // namespace peerwire::ice

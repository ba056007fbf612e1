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
#include "transport/ice/candidate_gathering.h"
#include "transport/ice/candidate_pair.h"
#include "transport/ice/gathering_delegate.h"
#include "transport/ice/generation.h"
#include "transport/ice/random_source.h"

namespace peerwire::ice {

class Agent : private GatheringDelegate {
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
  /// For good, and before anything else: see IceOptions::lite.
  void become_lite() { lite_ = true; }
  /// For bases that are added or reused from now on.
  void set_address_mapping(AddressMapping mapping) { mapping_ = std::move(mapping); }
  /// Candidates of this local address do not show it: host candidates have `name` in its place, others a related
  /// address of zeros (draft-ietf-mmusic-mdns-ice-candidates section 3.1.1).
  void conceal(const SocketAddress& address, std::string name) { names_.emplace_back(address, std::move(name)); }
  void begin_gathering(TimePoint now);
  /// Candidates of the generation are told to nobody before release_candidates(), and then those alone whose addresses
  /// are still there.
  void hold_candidates() { holding_ = true; }
  void release_candidates(TimePoint now);
  /// The number that add_base() will give next: it may already ask for datagrams to be sent from there.
  int next_base() const;
  /// A base: a socket bound to `address`. Surfaces its host candidate, unless only relay candidates may be used or
  /// `private_use` says that it is for a TURN server alone.
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
  /// Closes the base of an address that is gone, unless something depends on it: its number is another one's then.
  bool release_base(TimePoint now, int base);
  /// Drops the candidates of the address that has been gone longest; false: there is none that may go.
  bool forget_gone(TimePoint now);
  /// Whether there was an allocation of a server, and is none any more, nor one under way.
  bool has_lost_relay(const IceServer& server) const { return gathering_.has_lost_allocation(server); }
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
  bool has_relays() const { return gathering_.has_allocations(); }
  bool writable() const { return sending_pair() != nullptr; }
  /// Of the pair that packets are sent over.
  std::optional<Duration> round_trip() const;
  IceRole role() const { return role_; }
  IceTransportState state() const { return state_; }
  IceGatheringState gathering_state() const { return gathering_.state(); }
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

  // GatheringDelegate: in agent_gathering.cc, agent_bases.cc and agent_candidates.cc
  TimePoint now() const override { return now_; }
  void emit(AgentEvent event) override { events_.push_back(std::move(event)); }
  void in_turn(TimePoint now, const std::function<void()>& call) override;
  const std::vector<Base>& bases() const override { return bases_; }
  void close_base(int base) override;
  bool relay_only() const override { return relay_only_; }
  bool has_terminally_failed() const override { return current_.terminal_failure; }
  bool shows_address(int base) const override;
  void add_server_reflexive(int base, const SocketAddress& mapped, const SocketAddress& mapped_before,
                            const std::string& url) override;
  int add_relayed_base(TurnClient& client, const SocketAddress& address) override;
  void add_relayed_candidate(int base, const std::string& url) override;
  bool has_relayed_candidate(const TurnClient& client) const override;
  void disable_relayed_bases(const TurnClient& client) override;
  void fail_relayed_pairs(const TurnClient& client) override;
  bool forget_relayed_bases(const TurnClient& client) override;
  void receive_relayed(TimePoint now, int base, const SocketAddress& peer, ByteView datagram) override;

  // agent_candidates.cc: those of ours
  Candidate* add_local_candidate(IceCandidateType type, int base, const SocketAddress& address,
                                 const SocketAddress& related, const std::string& url, bool surface);
  void make_priority_unique(Candidate& added);
  /// Of one of this base. Makes room where it can: what checks have shown once, and no pair is any more, and then what
  /// is of addresses that are gone.
  bool has_room_for_local(int base);
  bool forget_gone_beside(int base);
  /// A reflexive candidate by another of the same address.
  void replace_local(Candidate& known, Candidate& added);
  /// Of a base, that nobody has been told of: no longer what the server sees.
  void withdraw_reflexive(int base, const SocketAddress& address);
  /// Those that were held back and may be told by now.
  void tell_held_candidates();
  /// Null for an address that may be shown.
  const std::string* name_of(const SocketAddress& address) const;

  // agent.cc: turns, candidates and pairs
  void end_turn();
  bool send_from(int base, const SocketAddress& to, ByteView datagram, bool application);
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
  void remove_pairs(const std::function<bool(const CandidatePair&)>& is_obsolete);

  // agent_bases.cc: whose number is whose
  /// Whether nothing is left of it.
  bool is_free(int base) const;
  int take_base(Base taken);
  /// Candidates of ours of such bases go, and their pairs.
  void drop_candidates_of(const std::function<bool(int base)>& is_obsolete);

  // agent_tcp.cc: connections with the peer
  uint32_t prflx_priority_of(int base) const;
  bool pairable(const Candidate& local, const Candidate& remote) const;

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
  bool lite_ = false, holding_ = false;
  bool closed_ = false, started_ = false;
  IceRole role_ = IceRole::kControlled;
  uint64_t tie_breaker_;
  CandidateGathering gathering_;
  Generation current_;
  std::optional<Generation> previous_;  // until a pair of the current one has been selected for a while
  std::optional<ShelvedGeneration> shelved_;
  TimePoint previous_expires_at_ = TimePoint::max();

  std::vector<Base> bases_;
  std::list<Candidate> local_candidates_;  // lists: pairs point into them
  std::list<Candidate> remote_candidates_;
  std::vector<std::unique_ptr<CandidatePair>> pairs_;
  std::deque<CandidatePair*> triggered_;
  CandidatePair* selected_ = nullptr;
  CandidatePair* last_source_ = nullptr;  // of the packet before: most packets come from the same pair

  IceTransportState state_ = IceTransportState::kNew;
  bool writable_ = false;
  TimePoint now_{}, next_check_at_{}, progress_at_{};
  uint32_t last_generation_ = 0, remote_epoch_ = 0;
  uint32_t nominations_ = 0;
  uint32_t selected_changes_ = 0;
  std::string counted_selection_;  // id of the pair, empty: none
  uint32_t next_id_ = 1;
  int depth_ = 0;
  std::deque<AgentEvent> events_;
};

}  // namespace peerwire::ice

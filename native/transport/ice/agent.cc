#include "transport/ice/agent.h"

#include <algorithm>

namespace peerwire::ice {
namespace {

constexpr size_t kMaxLocalCandidates = 128;
constexpr size_t kMaxEventsPerTurn = 10000;

}  // namespace

Agent::Agent(IceParameters local, bool relay_only, RandomSource& random, AgentDelegate* delegate)
    : random_(random), delegate_(delegate), relay_only_(relay_only), tie_breaker_(random.u64()) {
  current_.local = std::move(local);
}

Agent::~Agent() = default;

void Agent::end_turn() {
  if (depth_ == 1 && !closed_) {
    schedule(now_);
    conclude();
    check_gathering();
  }
  if (--depth_ > 0) return;
  // An observer's call back into us runs a turn of its own, which must not overtake the events still queued here.
  depth_ = 1;
  for (size_t count = 0; !events_.empty() && count < kMaxEventsPerTurn; ++count) {
    Event event = std::move(events_.front());
    events_.pop_front();
    event(*delegate_);
    if (closed_) events_.clear();
    if (events_.empty() && !closed_) {
      schedule(now_);
      conclude();
      check_gathering();
    }
  }
  depth_ = 0;
}

// ---- gathering ----

void Agent::begin_gathering(TimePoint now) {
  Turn turn(*this, now);
  if (closed_) return;
  forget_servers();
  forget_dead_relays();
  if (gathering_ == IceGatheringState::kGathering) return;
  gathering_ = IceGatheringState::kGathering;
  emit([](AgentDelegate& delegate) { delegate.on_gathering_state(IceGatheringState::kGathering); });
}

void Agent::forget_servers() {
  servers_ended_ = false;
  servers_.clear();
  server_results_.clear();
  confirmations_.clear();
  ++gathering_number_;
}

int Agent::add_base(TimePoint now, const SocketAddress& address, uint16_t local_preference, bool private_use) {
  Turn turn(*this, now);
  const int base = take_base({address, local_preference, private_use});
  if (!private_use) {
    reuse_base(base);
    ask_known_servers(base);
  }
  return base;
}

void Agent::reuse_base(int base) {
  if (relay_only_ || closed_) return;
  Turn turn(*this, now_);
  const SocketAddress own = bases_[base].address;
  if (candidate_of(base, current_.number)) return;
  const auto external = mapping_.external_of(own);
  const bool told = bases_[base].told;
  if (external && mapping_.replaces_host() && told) {
    add_local_candidate(IceCandidateType::kHost, base, *external, {}, {}, true);
    return;
  }
  Candidate* host = add_local_candidate(IceCandidateType::kHost, base, own, {}, {}, told);
  if (!told) {
    if (host) pair_local(*host);
    return;
  }
  if (external && *external != own) {
    add_local_candidate(IceCandidateType::kServerReflexive, base, *external, own, {}, true);
  }
}

Candidate* Agent::add_local_candidate(IceCandidateType type, int base, const SocketAddress& address,
                                      const SocketAddress& related, const std::string& url, bool surface) {
  if (local_candidates_.size() >= kMaxLocalCandidates) return nullptr;
  const Base& owner = bases_[base];
  Candidate& added = local_candidates_.emplace_back();
  added.id = "L" + std::to_string(next_id_++);
  added.address = address;
  added.base = base;
  added.generation = current_.number;
  IceCandidate& candidate = added.candidate;
  const SocketAddress& foundation_base = owner.relay ? bases_[owner.relay->base()].address : owner.address;
  const bool tcp = owner.tcp != TcpRole::kNone;
  // A relayed candidate is its own base, of which a server may give one of each family.
  const char* const apart = tcp ? "\ntcp" : owner.relay && address.is_ipv6() ? "\nipv6" : "";
  candidate.foundation = candidate_foundation(type, foundation_base, url + apart);
  const IceServer* server = owner.relay && type == IceCandidateType::kRelay ? &owner.relay->config() : nullptr;
  candidate.priority =
      server ? relay_priority(*server, owner.local_preference) : candidate_priority(type, owner.local_preference);
  if (tcp) {
    candidate.protocol = IceProtocol::kTcp;
    candidate.tcp_type = owner.tcp == TcpRole::kActive ? "active" : "passive";
    candidate.priority = tcp_priority(type, owner.tcp, owner.local_preference);
  }
  // That of a peer-reflexive one is what its check has told the peer (RFC 8445 section 7.2.5.3.1).
  if (type != IceCandidateType::kPeerReflexive) make_priority_unique(added);
  candidate.address = address.ip_text();
  candidate.port = address.port();
  candidate.type = type;
  candidate.username_fragment = current_.local.username_fragment;
  candidate.url = url;
  if (server) candidate.relay_protocol = relay_protocol(*server);
  if (const std::string* name = name_of(address)) candidate.address = *name;
  // RFC 8839 section 5.1: all but host candidates have one, and what is not to be shown is "any", port 0. Firefox takes
  // no candidate without.
  const bool shown = !related.empty() && !name_of(related);
  if (type != IceCandidateType::kHost && !shown) {
    candidate.related_address = address.is_ipv4() ? "0.0.0.0" : "::";
  } else if (shown) {
    candidate.related_address = related.ip_text();
    candidate.related_port = related.port();
  }
  if (surface) {
    // Nobody is told of what comes after the end of a generation (RFC 8838 section 13): checks show it to the peer.
    added.held = gathering_ != IceGatheringState::kComplete;
    if (!holding_) tell_held_candidates();
    // Reflexive candidates send from their base: pairs of theirs would be those of the host candidate again.
    if (type == IceCandidateType::kHost || type == IceCandidateType::kRelay) pair_local(added);
    for (const auto& pair : pairs_) {
      if (pair->local == &added) pair->late = gathering_ == IceGatheringState::kComplete;
    }
  }
  return &added;
}

void Agent::make_priority_unique(Candidate& added) {
  // RFC 8445 section 5.1.2: several of one base are of several servers, or relayed by one in both families.
  const auto taken = [&](const Candidate& other) {
    return &other != &added && other.generation == added.generation &&
           other.candidate.priority == added.candidate.priority;
  };
  constexpr uint32_t kLocalPreference = 1 << 8;
  while (std::any_of(local_candidates_.begin(), local_candidates_.end(), taken)) {
    added.candidate.priority -= kLocalPreference;
  }
}

void Agent::release_candidates(TimePoint now) {
  Turn turn(*this, now);
  holding_ = false;
  tell_held_candidates();
}

void Agent::tell_held_candidates() {
  if (closed_ || gathering_ == IceGatheringState::kComplete) return;
  for (Candidate& candidate : local_candidates_) {
    if (!candidate.held || candidate.generation != current_.number || !bases_[candidate.base].usable) continue;
    candidate.held = false;
    emit([shown = candidate.candidate](AgentDelegate& delegate) { delegate.on_local_candidate(shown); });
  }
}

const std::string* Agent::name_of(const SocketAddress& address) const {
  const auto found =
      std::find_if(names_.begin(), names_.end(), [&](const auto& entry) { return entry.first.same_ip(address); });
  return found == names_.end() ? nullptr : &found->second;
}

void Agent::replace_local(Candidate& known, Candidate& added) {
  for (const auto& pair : pairs_) {
    if (pair->local != &known) continue;
    pair->local = &added;
    if (pair.get() == selected_) tell_selected();
  }
  local_candidates_.remove_if([&](const Candidate& candidate) { return &candidate == &known; });
}

// ---- the session ----

void Agent::add_remote_candidate(TimePoint now, IceCandidate candidate, const SocketAddress& address) {
  Turn turn(*this, now);
  if (closed_ || address.empty() || address.is_any()) return;
  const bool tcp = candidate.protocol == IceProtocol::kTcp;
  const bool active = tcp && candidate.tcp_type == "active";
  // Simultaneous open is for those who offer it, which we do not.
  if (tcp && !active && candidate.tcp_type != "passive") return;
  if (is_bad_port(address.port()) && !active) return;
  if (remote_candidates_.size() >= kMaxRemoteCandidates) return;
  if (!candidate.username_fragment.empty()) {
    const auto& fragment = candidate.username_fragment;
    if (current_.remote ? fragment != current_.remote->username_fragment
                        : previous_ && previous_->remote && fragment == previous_->remote->username_fragment) {
      return;  // of another generation
    }
  }
  progress_at_ = now;
  if (state_ == IceTransportState::kFailed && !current_.terminal_failure) update_state();
  if (Candidate* known = find_remote(address, candidate.protocol, current_.number)) {
    if (known->candidate.type == IceCandidateType::kPeerReflexive) {
      // A peer-reflexive candidate that is now signalled keeps its pairs; all else of it is as signalled.
      known->candidate = std::move(candidate);
      // What a name stands for is not shown.
      if (SocketAddress::parse(known->candidate.address, 0)) known->candidate.address = address.ip_text();
      for (const auto& pair : pairs_) {
        if (pair->remote != known) continue;
        pair->priority = pair_priority(role_, pair->local->candidate.priority, known->candidate.priority);
        if (pair.get() == selected_) tell_selected();
      }
      pair_remote(*known);  // so far with the base alone that its check has come to
    }
    return;
  }
  Candidate& added = remote_candidates_.emplace_back();
  added.id = "R" + std::to_string(next_id_++);
  added.candidate = std::move(candidate);
  added.address = address;
  added.generation = current_.number;
  pair_remote(added);
}

void Agent::set_remote_end_of_candidates(TimePoint now) {
  Turn turn(*this, now);
  current_.remote_ended = true;
}

void Agent::start(TimePoint now, IceRole role) {
  Turn turn(*this, now);
  if (closed_) return;
  if (!started_) {
    started_ = true;
    progress_at_ = now;
    next_check_at_ = now;
  }
  const bool lite_peer = current_.remote && current_.remote->ice_lite;
  if (lite_) return;
  switch_role(lite_peer ? IceRole::kControlling : role, lite_peer && role != IceRole::kControlling);
}

void Agent::set_role(TimePoint now, IceRole role) {
  Turn turn(*this, now);
  if (!closed_ && !lite_) switch_role(role, false);
}

void Agent::close(TimePoint now) {
  now_ = now;
  if (closed_) return;
  closed_ = true;
  for (const auto& relay : relays_) relay->close(now);
  selected_ = last_source_ = nullptr;
  triggered_.clear();
  pairs_.clear();
  events_.clear();
  writable_ = false;
  state_ = IceTransportState::kClosed;
}

// ---- candidates and pairs ----

Candidate* Agent::find_local(int base, const SocketAddress& address, uint32_t generation) {
  for (Candidate& candidate : local_candidates_) {
    if (candidate.base == base && candidate.address == address && candidate.generation == generation) {
      return &candidate;
    }
  }
  return nullptr;
}

Candidate* Agent::candidate_of(int base, uint32_t generation) {
  for (Candidate& candidate : local_candidates_) {
    const IceCandidateType type = candidate.candidate.type;
    const bool own = type == IceCandidateType::kHost || type == IceCandidateType::kRelay;
    if (own && candidate.base == base && candidate.generation == generation) return &candidate;
  }
  return nullptr;
}

Candidate* Agent::find_remote(const SocketAddress& address, IceProtocol protocol, uint32_t generation) {
  for (Candidate& candidate : remote_candidates_) {
    if (candidate.address != address || candidate.candidate.protocol != protocol) continue;
    if (candidate.generation == generation) return &candidate;
  }
  return nullptr;
}

CandidatePair* Agent::find_pair(int base, const SocketAddress& remote, uint32_t generation) {
  for (const auto& pair : pairs_) {
    if (pair->base == base && pair->generation == generation && pair->remote_address() == remote) return pair.get();
  }
  return nullptr;
}

void Agent::pair_local(Candidate& local) {
  if (lite_) return;  // pairs are those that the peer checks
  for (Candidate& remote : remote_candidates_) {
    if (remote.generation == local.generation && pairable(local, remote)) add_pair(local, remote);
  }
}

void Agent::pair_remote(Candidate& remote) {
  if (lite_) return;
  for (Candidate& local : local_candidates_) {
    const bool own_base =
        local.candidate.type == IceCandidateType::kHost || local.candidate.type == IceCandidateType::kRelay;
    if (own_base && local.generation == remote.generation && pairable(local, remote)) add_pair(local, remote);
  }
}

CandidatePair* Agent::add_pair(Candidate& local, Candidate& remote) {
  const Base& base = bases_[local.base];
  if (!base.usable || base.private_use || local.address.family() != remote.address.family()) return nullptr;
  if (CandidatePair* known = find_pair(local.base, remote.address, local.generation)) return known;
  const uint64_t priority = pair_priority(role_, local.candidate.priority, remote.candidate.priority);
  if (pairs_.size() >= kMaxPairs) {
    CandidatePair* lowest = nullptr;
    for (const auto& pair : pairs_) {
      if (pair->valid || pair.get() == selected_) continue;
      // Those of the generation before first.
      const auto worth = [](const CandidatePair& each) { return std::make_pair(each.generation, each.priority); };
      if (!lowest || worth(*pair) < worth(*lowest)) lowest = pair.get();
    }
    if (!lowest || (lowest->generation == local.generation && lowest->priority >= priority)) return nullptr;
    remove_pair(lowest);
  }
  auto pair = std::make_unique<CandidatePair>();
  pair->id = "P" + std::to_string(next_id_++);
  pair->base = local.base;
  pair->local = &local;
  pair->remote = &remote;
  pair->priority = priority;
  pair->generation = local.generation;
  pairs_.push_back(std::move(pair));
  CandidatePair* added = pairs_.back().get();
  // RFC 8838 section 12: it may go at once unless a pair of its foundation is being tried.
  const bool tried = std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& other) {
    return other.get() != added && other->generation == added->generation && other->same_foundation(*added) &&
           (other->state == PairState::kWaiting || other->state == PairState::kInProgress);
  });
  added->state = tried ? PairState::kFrozen : PairState::kWaiting;
  return added;
}

void Agent::remove_pair(CandidatePair* pair) {
  if (selected_ == pair) selected_ = nullptr;
  if (last_source_ == pair) last_source_ = nullptr;
  std::erase(triggered_, pair);
  std::erase_if(pairs_, [pair](const auto& other) { return other.get() == pair; });
}

bool Agent::send_from(int base, const SocketAddress& to, ByteView datagram, bool application) {
  const Base& from = bases_[base];
  if (!from.usable) return false;
  if (from.relay) return from.relay->send(now_, to, datagram, application);
  if (relay_only_ || from.private_use) return false;
  return delegate_->send_datagram(base, to, datagram);
}

}  // namespace peerwire::ice

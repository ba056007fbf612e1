#include "transport/ice/agent.h"

#include <algorithm>

namespace peerwire::ice {
namespace {

constexpr size_t kMaxEventsPerTurn = 10000;

}  // namespace

Agent::Agent(IceParameters local, bool relay_only, RandomSource& random, AgentDelegate* delegate)
    : random_(random),
      delegate_(delegate),
      relay_only_(relay_only),
      tie_breaker_(random.u64()),
      gathering_(random, delegate, *this) {
  current_.local = std::move(local);
}

Agent::~Agent() = default;

void Agent::end_turn() {
  if (depth_ == 1 && !closed_) {
    schedule(now_);
    conclude();
    if (gathering_.conclude()) update_state();
  }
  if (--depth_ > 0) return;
  // An observer's call back into us runs a turn of its own, which must not overtake the events still queued here.
  depth_ = 1;
  for (size_t count = 0; !events_.empty() && count < kMaxEventsPerTurn; ++count) {
    AgentEvent event = std::move(events_.front());
    events_.pop_front();
    event(*delegate_);
    if (closed_) events_.clear();
    if (events_.empty() && !closed_) {
      schedule(now_);
      conclude();
      if (gathering_.conclude()) update_state();
    }
  }
  depth_ = 0;
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
  gathering_.close(now);
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
    remove_pairs([lowest](const CandidatePair& each) { return &each == lowest; });
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

void Agent::remove_pairs(const std::function<bool(const CandidatePair&)>& is_obsolete) {
  std::erase_if(pairs_, [&](const auto& pair) {
    if (!is_obsolete(*pair)) return false;
    if (selected_ == pair.get()) selected_ = nullptr;
    if (last_source_ == pair.get()) last_source_ = nullptr;
    std::erase(triggered_, pair.get());
    return true;
  });
}

bool Agent::send_from(int base, const SocketAddress& to, ByteView datagram, bool application) {
  const Base& from = bases_[base];
  if (!from.usable) return false;
  if (from.relay) return from.relay->send(now_, to, datagram, application);
  if (relay_only_ || from.private_use) return false;
  return delegate_->send_datagram(base, to, datagram);
}

}  // namespace peerwire::ice

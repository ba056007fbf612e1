// Restarts: generations of credentials, candidates and pairs that follow one another (RFC 8445 section 9, RFC 8838
// section 16). The generation before is kept whole, so that all of its pairs are still heard, checked and answered.
#include <algorithm>
#include <iterator>

#include "transport/ice/agent.h"

namespace peerwire::ice {
namespace {

bool same_credentials(const IceParameters& a, const IceParameters& b) {
  return a.username_fragment == b.username_fragment && a.password == b.password;
}

}  // namespace

void Agent::set_remote_parameters(TimePoint now, IceParameters remote, bool local_restart_follows) {
  Turn turn(*this, now);
  if (closed_ || !valid_remote_parameters(remote)) return;
  if (current_.remote && same_credentials(*current_.remote, remote)) {
    current_.remote->ice_lite = remote.ice_lite;
    return;
  }
  if (current_.awaits_local && can_revert() && previous_->remote && same_credentials(*previous_->remote, remote)) {
    return revert_generation(now);  // the peer's restart was rolled back
  }
  const bool undone = current_.awaits_local && shelved_ && same_credentials(remote, *shelved_->generation.remote) &&
                      same_credentials(current_.local, shelved_->generation.local);
  if (current_.remote && started_) {
    std::list<Candidate> twins = local_candidates_of(current_.number);
    if (undone) {
      // Since then there may be more.
      for (const Candidate& known : shelved_->local_candidates) {
        const bool again = std::any_of(twins.begin(), twins.end(), [&](const Candidate& twin) {
          return twin.base == known.base && twin.address == known.address;
        });
        if (!again) twins.push_back(known);
      }
    }
    begin_generation(now);
    current_.awaits_local = local_restart_follows;
    if (!local_restart_follows) {
      // Our side stays as it is; the generation before keeps its candidates, this one gets their twins.
      for (Candidate& twin : twins) {
        twin.id = "L" + std::to_string(next_id_++);
        twin.generation = current_.number;
        twin.candidate.username_fragment = current_.local.username_fragment;
      }
      local_candidates_.splice(local_candidates_.end(), twins);
    }
  }
  ++remote_epoch_;
  current_.remote = std::move(remote);
  if (undone) unshelve();
  if (!local_restart_follows) shelved_.reset();
  if (current_.remote->ice_lite && !lite_ && role_ == IceRole::kControlled && started_)
    switch_role(IceRole::kControlling, true);
  progress_at_ = now;
  next_check_at_ = now;
  for (Candidate& candidate : remote_candidates_) {
    if (candidate.generation != current_.number) continue;
    // A check that came before its sender's credentials has shown a candidate without a fragment.
    std::string& fragment = candidate.candidate.username_fragment;
    if (fragment.empty()) fragment = current_.remote->username_fragment;
    pair_remote(candidate);
  }
  // Checks that came before we could check ourselves (RFC 8445 section 7.3).
  for (const auto& pair : pairs_) {
    if (pair->generation == current_.number && pair->request_received) trigger(*pair);
  }
}

bool Agent::restart(TimePoint now, IceParameters local, bool relay_only) {
  Turn turn(*this, now);
  if (closed_) return false;
  relay_only_ = relay_only;
  holding_ = false;
  if (can_revert() && same_credentials(local, previous_->local) && !same_credentials(local, current_.local)) {
    revert_generation(now);
    return !gathering_.is_complete();
  }
  const bool undone = shelved_ && !current_.remote && same_credentials(local, shelved_->generation.local);
  // What the peer's offer has told about the new generation stays.
  const bool keep_remote = current_.awaits_local;
  std::optional<IceParameters> remote;
  const bool remote_ended = keep_remote && current_.remote_ended;
  const uint32_t told = current_.number;
  if (keep_remote) remote = current_.remote;
  std::list<Candidate> remote_candidates;
  if (keep_remote) {
    remove_pairs([told](const CandidatePair& pair) { return pair.generation == told; });
    for (auto it = remote_candidates_.begin(); it != remote_candidates_.end();) {
      const auto next = std::next(it);
      if (it->generation == told) remote_candidates.splice(remote_candidates.end(), remote_candidates_, it);
      it = next;
    }
  }
  begin_generation(now);
  current_.local = std::move(local);
  current_.remote = std::move(remote);
  current_.remote_ended = remote_ended;
  if (!keep_remote) ++remote_epoch_;
  for (Candidate& candidate : remote_candidates) candidate.generation = current_.number;
  remote_candidates_.splice(remote_candidates_.end(), remote_candidates);
  if (undone) unshelve();
  if (keep_remote) shelved_.reset();
  gathering_.end_generation();
  return true;
}

void Agent::begin_generation(TimePoint now) {
  // A restart before the one before has led anywhere: what carries data goes on doing so, and an offer of ours that was
  // never answered is forgotten.
  const bool carries_data = selected_ && selected_->generation == current_.number;
  const bool negotiated = !selected_ && current_.remote && !current_.awaits_local;
  if (!previous_ || carries_data || negotiated) {
    if (previous_) drop_generation(previous_->number);
    previous_ = current_;
    previous_->gathered = gathering_.is_complete();
  } else {
    if (current_.remote && !current_.awaits_local) shelve();
    drop_generation(current_.number);
  }
  previous_expires_at_ = TimePoint::max();
  Generation next;
  next.local = current_.local;
  next.number = ++last_generation_;
  current_ = std::move(next);
  triggered_.clear();
  progress_at_ = now;
  next_check_at_ = now;
}

std::list<Candidate> Agent::local_candidates_of(uint32_t generation) const {
  std::list<Candidate> found;
  std::copy_if(local_candidates_.begin(), local_candidates_.end(), std::back_inserter(found),
               [=](const Candidate& candidate) { return candidate.generation == generation; });
  return found;
}

void Agent::shelve() {
  shelved_.emplace().generation = current_;
  shelved_->local_candidates = local_candidates_of(current_.number);
  for (const Candidate& candidate : remote_candidates_) {
    const bool signalled = candidate.candidate.type != IceCandidateType::kPeerReflexive;
    if (candidate.generation == current_.number && signalled) shelved_->remote_candidates.push_back(candidate);
  }
}

void Agent::unshelve() {
  current_.remote = shelved_->generation.remote;
  current_.remote_ended = shelved_->generation.remote_ended;
  for (Candidate& candidate : shelved_->remote_candidates) candidate.generation = current_.number;
  remote_candidates_.splice(remote_candidates_.end(), shelved_->remote_candidates);
  shelved_.reset();
}

void Agent::revert_generation(TimePoint now) {
  if (same_credentials(current_.local, previous_->local)) {
    // Candidates that were gathered meanwhile for the peer's restart are those of our unchanged credentials.
    for (Candidate& candidate : local_candidates_) {
      if (candidate.generation != current_.number) continue;
      if (!find_local(candidate.base, candidate.address, previous_->number)) candidate.generation = previous_->number;
    }
  } else {
    gathering_.revert(previous_->gathered);
  }
  drop_generation(current_.number);
  current_ = std::move(*previous_);
  previous_.reset();
  shelved_.reset();
  ++remote_epoch_;
  progress_at_ = now;
  next_check_at_ = now;
  triggered_.clear();
  for (Candidate& candidate : remote_candidates_) pair_remote(candidate);
  // Those whose timers have stood still while there was nobody to check.
  for (const auto& pair : pairs_) {
    if (pair->next_transmission != TimePoint::max()) continue;
    if (pair->state == PairState::kInProgress) pair->state = PairState::kWaiting;
    if (pair->state == PairState::kFailed) pair->next_transmission = now + std::chrono::seconds(1);
  }
  gathering_.close_unused_allocations();
}

void Agent::forget_remote(TimePoint now) {
  Turn turn(*this, now);
  if (closed_) return;
  if (previous_) drop_generation(previous_->number);
  previous_.reset();
  shelved_.reset();
  previous_expires_at_ = TimePoint::max();
  triggered_.clear();
  selected_ = last_source_ = nullptr;
  pairs_.clear();
  remote_candidates_.clear();
  // What the peer has seen us as; servers may well tell it again.
  local_candidates_.remove_if(
      [](const Candidate& candidate) { return candidate.candidate.type == IceCandidateType::kPeerReflexive; });
  Generation fresh;
  fresh.local = std::move(current_.local);
  fresh.number = current_.number;
  current_ = std::move(fresh);
  ++remote_epoch_;
  state_ = IceTransportState::kNew;
  emit([](AgentDelegate& delegate) { delegate.on_state(IceTransportState::kNew); });
  gathering_.close_unused_allocations();
}

void Agent::drop_generation(uint32_t number) {
  remove_pairs([number](const CandidatePair& pair) { return pair.generation == number; });
  const auto old = [number](const Candidate& candidate) { return candidate.generation == number; };
  local_candidates_.remove_if(old);
  remote_candidates_.remove_if(old);
  gathering_.close_replaced_allocations();
}

}  // namespace peerwire::ice

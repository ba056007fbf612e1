// Bases whose addresses come and go while the agent runs.
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {

void Agent::set_base_usable(TimePoint now, int base, bool usable) {
  Turn turn(*this, now);
  if (closed_ || bases_[base].usable == usable) return;
  bases_[base].usable = usable;
  // A relayed address is as good as the way to its server.
  for (Base& other : bases_) {
    if (other.relay && other.relay->base() == base && !other.relay->ended()) other.usable = usable;
  }
  for (const auto& pair : pairs_) {
    if (bases_[pair->base].usable != usable) continue;
    const Base& owner = bases_[pair->base];
    const bool concerned = pair->base == base || (owner.relay && owner.relay->base() == base);
    if (!concerned) continue;
    if (usable) {
      // Connections have ended with the address: the first that a new one carries has to be a check.
      if (bases_[base].tcp != TcpRole::kNone && pair->valid) pair_failed(*pair);
      // What has failed, or waits for its next turn, is tried at once.
      pair->failures = 0;
      if (pair->state == PairState::kFailed || pair->state == PairState::kSucceeded) {
        pair->next_transmission = std::min(pair->next_transmission, now);
      }
    } else if (pair.get() != selected_) {
      pair_failed(*pair);
    }
    // The selected pair stays until another one is found, or its address comes back before consent runs out.
  }
  if (!usable) return;
  progress_at_ = now;
  if (!holding_) tell_held_candidates();
  // Remote candidates that have come meanwhile.
  for (Candidate& candidate : local_candidates_) {
    const IceCandidateType type = candidate.candidate.type;
    const bool own = type == IceCandidateType::kHost || type == IceCandidateType::kRelay;
    if (own && candidate.base == base && candidate.generation == current_.number) pair_local(candidate);
  }
  gathering_.ask_known_servers(base);
}

bool Agent::release_base(TimePoint now, int base) {
  Turn turn(*this, now);
  const Base& gone = bases_[base];
  if (closed_ || gone.usable || gone.closed || gone.relay || (selected_ && selected_->base == base)) return false;
  const auto is_its = [base](const Candidate& candidate) { return candidate.base == base; };
  const bool is_told =
      std::any_of(local_candidates_.begin(), local_candidates_.end(), is_its) ||
      (shelved_ && std::any_of(shelved_->local_candidates.begin(), shelved_->local_candidates.end(), is_its));
  if (is_told || !gathering_.release(base)) return false;
  close_base(base);
  return true;
}

bool Agent::forget_gone(TimePoint now) {
  Turn turn(*this, now);
  return !closed_ && forget_gone_beside(-1);
}

bool Agent::forget_gone_beside(int base) {
  const auto may_go = [&](const Candidate& candidate) {
    const Base& owner = bases_[candidate.base];
    const bool is_selected = selected_ && selected_->base == candidate.base;
    return candidate.base != base && !owner.usable && !owner.relay && !is_selected;
  };
  const auto oldest = std::find_if(local_candidates_.begin(), local_candidates_.end(), may_go);
  if (oldest == local_candidates_.end()) return false;
  drop_candidates_of([gone = oldest->base](int each) { return each == gone; });
  return true;
}

}  // namespace peerwire::ice

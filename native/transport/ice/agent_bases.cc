// Bases and their numbers: those of connections and allocations that are over are given to others.
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {

int Agent::next_base() const {
  int base = 0;
  while (base < static_cast<int>(bases_.size()) && !is_free(base)) ++base;
  return base;
}

bool Agent::is_free(int base) const {
  return bases_[base].closed && !gathering_.uses(base);
}

int Agent::take_base(Base taken) {
  const int base = next_base();
  if (static_cast<size_t>(base) == bases_.size()) {
    bases_.push_back(std::move(taken));
  } else {
    bases_[base] = std::move(taken);
  }
  return base;
}

void Agent::close_base(int base) {
  emit([this, base](AgentDelegate& delegate) {
    delegate.close_base(base);
    bases_[base].closed = true;
  });
}

void Agent::drop_candidates_of(const std::function<bool(int base)>& is_obsolete) {
  remove_pairs([&](const CandidatePair& pair) { return is_obsolete(pair.base); });
  const auto is_of_one = [&](const Candidate& candidate) { return is_obsolete(candidate.base); };
  local_candidates_.remove_if(is_of_one);
  if (shelved_) shelved_->local_candidates.remove_if(is_of_one);
}

// ---- relayed ones ----

int Agent::add_relayed_base(TurnClient& client, const SocketAddress& address) {
  return take_base({address, bases_[client.base()].local_preference, false, &client});
}

bool Agent::has_relayed_candidate(const TurnClient& client) const {
  const auto is_relayed = [&](const Candidate& each) { return bases_[each.base].relay == &client; };
  return std::any_of(local_candidates_.begin(), local_candidates_.end(), is_relayed) ||
         (shelved_ && std::any_of(shelved_->local_candidates.begin(), shelved_->local_candidates.end(), is_relayed));
}

void Agent::disable_relayed_bases(const TurnClient& client) {
  for (Base& base : bases_) {
    if (base.relay == &client) base.usable = false;
  }
}

void Agent::fail_relayed_pairs(const TurnClient& client) {
  for (const auto& pair : pairs_) {
    if (bases_[pair->base].relay != &client) continue;
    if (pair->valid) progress_at_ = now_;
    pair_failed(*pair);
  }
}

bool Agent::forget_relayed_bases(const TurnClient& client) {
  const auto is_relayed = [&](int base) { return bases_[base].relay == &client; };
  if (selected_ && is_relayed(selected_->base)) return false;
  drop_candidates_of(is_relayed);
  for (Base& base : bases_) {
    if (base.relay != &client) continue;
    base = Base();
    base.usable = false;
    base.closed = true;
  }
  return true;
}

}  // namespace peerwire::ice

// The numbers of bases: those of connections and allocations that are over are given to others.
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {

int Agent::next_base() const {
  int base = 0;
  while (base < static_cast<int>(bases_.size()) && !is_free(base)) ++base;
  return base;
}

bool Agent::is_free(int base) const {
  return bases_[base].closed &&
         std::none_of(relays_.begin(), relays_.end(), [=](const auto& relay) { return relay->base() == base; }) &&
         std::none_of(stream_queries_.begin(), stream_queries_.end(),
                      [=](const auto& query) { return query->stream() == base; });
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

void Agent::leave_base(int base) {
  if (!bases_[base].private_use || bases_[base].closed) return;
  const bool used = std::any_of(relays_.begin(), relays_.end(),
                                [=](const auto& relay) { return relay->base() == base && !relay->is_over(); });
  if (!used) close_base(base);
}

void Agent::close_relay(TurnClient& client) {
  for (const TurnClient::Relayed& relayed : client.relayed()) {
    if (relayed.base >= 0) bases_[relayed.base].usable = false;
  }
  forgo_confirmations(client);
  client.close(now_);
  leave_base(client.base());
}

bool Agent::has_candidate(const TurnClient& client) const {
  const auto is_relayed = [&](const Candidate& each) { return bases_[each.base].relay == &client; };
  return std::any_of(local_candidates_.begin(), local_candidates_.end(), is_relayed) ||
         (shelved_ && std::any_of(shelved_->local_candidates.begin(), shelved_->local_candidates.end(), is_relayed));
}

void Agent::forsake_begun_relays() {
  for (const auto& relay : relays_) {
    if (relay->ended() || relay->allocated() || relay->begun_for() != gathering_number_) continue;
    // What takes the place of one that is there is needed with or without the gathering.
    const bool replaces = std::any_of(relays_.begin(), relays_.end(), [&](const auto& other) {
      return other->allocated() && other->config().url == relay->config().url &&
             other->config().username == relay->config().username;
    });
    if (!replaces) relay->forsake();
  }
}

void Agent::close_unused_relays() {
  if (gathering_ != IceGatheringState::kComplete) return;
  for (const auto& relay : relays_) {
    // Where the way to the server is cut, the address may come back, and the allocation be asked for again.
    if (relay->allocated() && bases_[relay->base()].usable && !has_candidate(*relay)) close_relay(*relay);
  }
}

void Agent::forget_dead_relays() {
  for (size_t i = relays_.size(); i-- > 0;) {
    const TurnClient& client = *relays_[i];
    // While somebody waits for an allocation, what has failed in its place is known to have been tried.
    const bool waited_for = std::any_of(confirmations_.begin(), confirmations_.end(), [&](const Confirmation& each) {
      return each.client == &client || each.client == client.instead_of();
    });
    if (!client.is_over() || waited_for || !give_up_bases(client)) continue;
    for (const auto& other : relays_) {
      if (other->instead_of() == &client) other->set_instead_of(nullptr);
    }
    relays_.erase(relays_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

bool Agent::give_up_bases(const TurnClient& client) {
  if (!client.has_base()) return true;
  const auto is_relayed = [&](int base) { return bases_[base].relay == &client; };
  const bool used = has_candidate(client);
  // The latest of a server stays, of which has_lost_relay() tells; that which was given back is not lost.
  bool replaced = client.given_back();
  for (auto later = relays_.rbegin(); later->get() != &client; ++later) {
    const IceServer& config = (*later)->config();
    const bool same_user = config.username == client.config().username;
    replaced |= (*later)->has_base() && config.url == client.config().url && (same_user || !used);
  }
  if (!replaced || (selected_ && is_relayed(selected_->base))) return false;
  std::vector<CandidatePair*> obsolete;
  for (const auto& pair : pairs_) {
    if (is_relayed(pair->base)) obsolete.push_back(pair.get());
  }
  for (CandidatePair* pair : obsolete) remove_pair(pair);
  const auto obsolete_candidate = [&](const Candidate& candidate) { return is_relayed(candidate.base); };
  local_candidates_.remove_if(obsolete_candidate);
  if (shelved_) shelved_->local_candidates.remove_if(obsolete_candidate);
  for (Base& base : bases_) {
    if (base.relay != &client) continue;
    base = Base();
    base.usable = false;
    base.closed = true;
  }
  return true;
}

}  // namespace peerwire::ice

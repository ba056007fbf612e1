// What follows from the checks: nomination, the selected pair, consent, the state (RFC 8445 section 8, RFC 7675, and
// https://www.w3.org/TR/webrtc/#dom-rtcicetransportstate).
#include <algorithm>
#include <tuple>

#include "transport/ice/agent.h"

namespace peerwire::ice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kDisconnectedAfter = seconds(5);
constexpr auto kConsentLifetime = seconds(30);
// RFC 8863: a peer that is late may still reach us by its own checks. Browsers wait 15 s, not its 39.5 s.
constexpr auto kPatience = seconds(15);
constexpr auto kGiveUpAfter = seconds(30);
// How long the generation before a restart is heard after a pair of the new one has been selected.
constexpr auto kLingering = seconds(3);

const char* state_name(PairState state) {
  switch (state) {
    case PairState::kFrozen:
      return "frozen";
    case PairState::kWaiting:
      return "waiting";
    case PairState::kInProgress:
      return "in-progress";
    case PairState::kSucceeded:
      return "succeeded";
    case PairState::kFailed:
      return "failed";
  }
  return "";
}

double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

void Agent::switch_role(IceRole role, bool tell) {
  if (role_ == role) return;
  role_ = role;
  for (const auto& pair : pairs_) {
    pair->priority = pair_priority(role_, pair->local->candidate.priority, pair->remote->candidate.priority);
    pair->nominate_requested = false;
  }
  if (tell) emit([role](AgentDelegate& delegate) { delegate.on_role(role); });
}

bool Agent::healthy(const CandidatePair& pair) const {
  const Duration silence = std::clamp<Duration>(2 * pair.round_trip, milliseconds(1000), milliseconds(4000));
  if (!bases_[pair.base].usable) return false;
  if (lite_) return pair.valid && pair.unanswered < kLiteMissed;
  return pair.valid && (pair.unanswered < 3 || now_ - pair.first_unanswered < silence);
}

CandidatePair* Agent::best_valid(bool checked_only) const {
  // Among equals the selected pair stays; among silent ones the one that was heard last is the best guess.
  CandidatePair* best = !checked_only && selected_ && selected_->valid ? selected_ : nullptr;
  const auto rank = [this](const CandidatePair& pair) {
    const bool good = healthy(pair);
    return good ? std::make_tuple(true, pair.nominated, pair.generation, pair.priority, TimePoint{})
                : std::make_tuple(false, bases_[pair.base].usable, 0u, uint64_t{0}, pair.last_response);
  };
  for (const auto& pair : pairs_) {
    if (!pair->valid || (checked_only && pair->generation != checked_generation().number)) continue;
    if (checked_only) {
      // For nomination only health and priority count.
      if (!best || std::make_tuple(healthy(*pair), pair->priority) > std::make_tuple(healthy(*best), best->priority)) {
        best = pair.get();
      }
    } else if (!best || rank(*pair) > rank(*best)) {
      best = pair.get();
    }
  }
  return best;
}

TimePoint Agent::nomination_deadline(const CandidatePair& best) const {
  bool better_possible = false;
  for (const auto& pair : pairs_) {
    if (pair->generation != best.generation || pair->priority <= best.priority) continue;
    better_possible |= pair->state == PairState::kWaiting || pair->state == PairState::kFrozen ||
                       (pair->state == PairState::kInProgress && pair->transmissions < 4);
  }
  const TimePoint first_valid_at = checked_generation().first_valid_at;
  if (!better_possible && best.local->candidate.type != IceCandidateType::kRelay) return first_valid_at;
  const auto is = [&](IceCandidateType type) {
    return best.local->candidate.type == type || best.remote->candidate.type == type;
  };
  const Duration round_trips = std::clamp<Duration>(2 * best.round_trip, Duration(0), milliseconds(300));
  if (is(IceCandidateType::kRelay)) {
    // A direct path often takes a moment longer: both NATs have to have been opened first.
    const bool done = !better_possible && gathering_.is_complete() && checked_generation().remote_ended;
    return done ? first_valid_at : first_valid_at + milliseconds(200) + round_trips;
  }
  const bool both_host =
      best.local->candidate.type == IceCandidateType::kHost && best.remote->candidate.type == IceCandidateType::kHost;
  return first_valid_at + (both_host ? milliseconds(20) : milliseconds(80)) + round_trips;
}

CandidatePair* Agent::nomination_due() const {
  if (role_ != IceRole::kControlling || !can_check()) return nullptr;
  CandidatePair* best = best_valid(true);
  if (!best || best->nominate_requested) return nullptr;
  // Nominated by the peer before the roles were switched.
  if (selected_ && selected_->nominated && selected_->generation == best->generation && healthy(*selected_)) {
    if (std::none_of(pairs_.begin(), pairs_.end(), [](const auto& pair) { return pair->nominate_requested; })) {
      return selected_;
    }
  }
  for (const auto& pair : pairs_) {
    if (!pair->nominate_requested || pair->generation != best->generation || !healthy(*pair)) continue;
    // RFC 8445 section 8.1.1: one nomination. But who has begun over a relay need not pay for it for ever, and a peer
    // that knows one nomination only takes that of the higher priority, too.
    if (!pair->relayed() || best->relayed()) return nullptr;
  }
  return best;
}

void Agent::consider_nomination() {
  CandidatePair* best = nomination_due();
  if (!best || (!best->nominated && now_ < nomination_deadline(*best))) return;
  for (const auto& pair : pairs_) {
    if (pair->generation == best->generation) pair->nominate_requested = false;
  }
  best->nominate_requested = true;
  transmit_check(*best);
  best->next_transmission = now_ + keepalive_interval(*best);
}

void Agent::expire_consent() {
  if (lite_) return expire_lite_consent();
  for (const auto& pair : pairs_) {
    // A process that was held up has not asked, and cannot expect an answer: silence counts from a question on.
    if (!pair->valid || now_ - pair->last_response < kConsentLifetime || pair->unanswered < 3) continue;
    const bool was_selected = pair.get() == selected_;
    pair_failed(*pair);
    if (!was_selected) continue;
    selected_ = nullptr;
    if (!best_valid(false)) {
      // Lost for good, unless a restart that is under way finds another way.
      if (pair->generation == current_.number) current_.terminal_failure = true;
      progress_at_ = std::max(progress_at_, now_ - kPatience);
    }
  }
}

void Agent::conclude() {
  if (previous_ && now_ >= previous_expires_at_) {
    drop_generation(previous_->number);
    previous_.reset();
    gathering_.close_unused_allocations();
  }
  expire_consent();
  consider_nomination();
  CandidatePair* best = best_valid(false);
  if (best != selected_) select(best);
  // To have none where there was one is a change, too (webrtc-stats, selectedCandidatePairChanges).
  const std::string selected_id = selected_ ? selected_->id : std::string();
  if (selected_id != counted_selection_) {
    ++selected_changes_;
    counted_selection_ = selected_id;
  }
  if (selected_ && !healthy(*selected_)) {
    for (const auto& pair : pairs_) {
      if (pair.get() == selected_ || !(pair->valid || pair->state == PairState::kFailed)) continue;
      pair->next_transmission = std::min(pair->next_transmission, now_ + seconds(1));
    }
  }
  wake_failed();
  update_state();
}

void Agent::select(CandidatePair* pair) {
  selected_ = pair;
  if (!pair) return;
  if (pair->unanswered == 0) {
    pair->next_transmission = std::min(pair->next_transmission, now_ + random_.jittered<Duration>(seconds(2), 0.2));
  }
  tell_selected();
  // What the peer has sent the old way is still under way.
  if (pair->generation == current_.number && can_revert()) previous_expires_at_ = now_ + kLingering;
}

void Agent::tell_selected() {
  emit([local = selected_->local->candidate, remote = selected_->remote->candidate](AgentDelegate& delegate) {
    delegate.on_selected_pair(local, remote);
  });
}

IceTransportState Agent::compute_state() const {
  if (closed_) return IceTransportState::kClosed;
  if (lite_) return lite_state();
  if (selected_) {
    if (!bases_[selected_->base].usable) return IceTransportState::kDisconnected;
    if (now_ - selected_->last_response >= kDisconnectedAfter && selected_->unanswered >= 2) {
      return IceTransportState::kDisconnected;
    }
    // Not waited for are what has failed once, though it may be tried again, and what the peer has not told us of: the
    // last of it may never come.
    const bool checking = std::any_of(pairs_.begin(), pairs_.end(), [this](const auto& pair) {
      const bool learned = pair->remote->candidate.type == IceCandidateType::kPeerReflexive;
      return pair->generation == current_.number && wanted(*pair) && pair->failed_at == TimePoint{} && !learned &&
             (pair->state == PairState::kWaiting || pair->state == PairState::kInProgress ||
              pair->state == PairState::kFrozen);
    });
    const bool complete = selected_->nominated && selected_->generation == current_.number && current_.remote_ended &&
                          gathering_.is_complete() && !checking;
    return complete ? IceTransportState::kCompleted : IceTransportState::kConnected;
  }
  if (current_.terminal_failure) return IceTransportState::kFailed;
  if (!started_ || !current_.remote) {
    return state_ == IceTransportState::kNew ? IceTransportState::kNew : IceTransportState::kChecking;
  }
  size_t checked = 0, failed = 0;
  for (const auto& pair : pairs_) {
    if (pair->generation != current_.number) continue;
    ++checked;
    failed += pair->failed_at != TimePoint{};
  }
  const bool nothing_found = failed == checked && now_ - progress_at_ >= kPatience;
  if (nothing_found && current_.remote_ended && gathering_.is_complete()) {
    return IceTransportState::kFailed;
  }
  const bool anything = !pairs_.empty() || !remote_candidates_.empty();
  if (anything && now_ - progress_at_ >= kGiveUpAfter) return IceTransportState::kFailed;
  // The connection that it went over has ended, which need not be for good; or "has finished checking all existing
  // candidates pairs and not found a connection", while more may come (RTCIceTransportState).
  if (current_.first_valid_at != TimePoint{} || (nothing_found && checked > 0)) {
    return IceTransportState::kDisconnected;
  }
  return anything || state_ != IceTransportState::kNew ? IceTransportState::kChecking : IceTransportState::kNew;
}

void Agent::update_state() {
  const IceTransportState state = compute_state();
  if (state != state_) {
    if (state == IceTransportState::kCompleted && state_ != IceTransportState::kConnected) {
      // Both at once, but never unsaid: whoever waits for a usable connection may know no other word for it.
      emit([](AgentDelegate& delegate) { delegate.on_state(IceTransportState::kConnected); });
    }
    state_ = state;
    if (state == IceTransportState::kFailed) {
      current_.terminal_failure |= current_.remote_ended;
      for (const auto& pair : pairs_) pair->next_transmission = TimePoint::max();
      triggered_.clear();
    }
    emit([state](AgentDelegate& delegate) { delegate.on_state(state); });
  }
  const bool writable_now = writable();
  if (writable_now != writable_) {
    writable_ = writable_now;
    emit([writable_now](AgentDelegate& delegate) { delegate.on_writable(writable_now); });
  }
}

std::optional<Duration> Agent::round_trip() const {
  const CandidatePair* pair = sending_pair();
  return pair && pair->round_trip >= Duration(0) ? std::optional(pair->round_trip) : std::nullopt;
}

IceTransportStats Agent::stats(TimePoint now, double unix_ms) const {
  IceTransportStats stats;
  const auto epoch_ms = [&](const std::optional<TimePoint>& at) {
    return at ? unix_ms - 1000 * to_seconds(now - *at) : 0.0;
  };
  for (const auto& pair : pairs_) {
    IceCandidatePairStats& out = stats.pairs.emplace_back();
    out.id = pair->id;
    out.local_candidate_id = pair->local->id;
    out.remote_candidate_id = pair->remote->id;
    out.state = state_name(pair->state);
    out.nominated = pair->nominated;
    out.packets_sent = pair->packets_sent;
    out.packets_received = pair->packets_received;
    out.bytes_sent = pair->bytes_sent;
    out.bytes_received = pair->bytes_received;
    out.last_packet_sent_ms = epoch_ms(pair->last_packet_sent);
    out.last_packet_received_ms = epoch_ms(pair->last_packet_received);
    out.total_round_trip_time_s = to_seconds(pair->total_round_trip);
    out.current_round_trip_time_s = pair->round_trip < Duration(0) ? -1 : to_seconds(pair->round_trip);
    out.requests_received = pair->requests_received;
    out.requests_sent = pair->requests_sent;
    out.responses_received = pair->responses_received;
    out.responses_sent = pair->responses_sent;
    out.consent_requests_sent = pair->consent_sent;
    out.packets_discarded_on_send = pair->packets_discarded;
    out.bytes_discarded_on_send = pair->bytes_discarded;
  }
  for (const Candidate& local : local_candidates_) stats.candidates.push_back({local.id, local.candidate, false});
  for (const Candidate& remote : remote_candidates_) stats.candidates.push_back({remote.id, remote.candidate, true});
  if (selected_) stats.selected_pair_id = selected_->id;
  stats.selected_pair_changes = selected_changes_;
  return stats;
}

}  // namespace peerwire::ice

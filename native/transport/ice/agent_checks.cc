// Connectivity checks: which, when, and what their answers mean (RFC 8445 sections 6 and 7.2, RFC 7675).
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kPacing = milliseconds(20);  // Ta
constexpr auto kMinInterval = milliseconds(100);
constexpr auto kMaxInitialInterval = milliseconds(500);
constexpr auto kMaxInterval = milliseconds(1600);
constexpr int kMaxTransmissions = 7;
constexpr int kMaxTriggered = 3;  // of them, each time a pair is tried
constexpr auto kRetryFailed = seconds(5);
constexpr auto kRetryWoken = seconds(1);
constexpr int kMaxFailures = 2;  // of a pair, while another one is nominated
// RFC 7675 asks for 5 s. Two intervals with their jitter fit into the 5 s after which we call the path disconnected,
// so that neither lost checks nor a peer's NAT that has been rebound come to that.
constexpr auto kConsentInterval = seconds(2);
constexpr auto kUnansweredInterval = milliseconds(500);
constexpr auto kTriggeredInterval = milliseconds(100);
constexpr auto kBackupInterval = seconds(10);
constexpr auto kBackupIntervalUrgent = seconds(1);

}  // namespace

const Generation* Agent::generation_of(const CandidatePair& pair) const {
  if (pair.generation == current_.number) return &current_;
  return previous_ && pair.generation == previous_->number ? &*previous_ : nullptr;
}

const Generation& Agent::checked_generation() const {
  const bool ready = current_.remote && !current_.awaits_local;
  return !ready && can_revert() ? *previous_ : current_;
}

bool Agent::can_check() const {
  const Generation& generation = checked_generation();
  return started_ && !closed_ && !lite_ && generation.remote && !generation.awaits_local &&
         !generation.terminal_failure && state_ != IceTransportState::kFailed;
}

bool Agent::settled(uint32_t generation) const {
  return selected_ && selected_->nominated && selected_->generation == generation && healthy(*selected_);
}

bool Agent::wanted(const CandidatePair& pair) const {
  return !settled(pair.generation) || pair.priority > selected_->priority;
}

bool Agent::worth_retrying(const CandidatePair& pair) const {
  if (!settled(pair.generation)) return true;
  // RFC 8445 section 8.1.2: the nomination ends all checks but those of consent. Ours of a relay leaves time for a
  // better pair to be found (see nomination_due()), and an end to that, too.
  return wanted(pair) && selected_->relayed() && pair.failures < kMaxFailures;
}

Duration Agent::initial_interval() const {
  const auto active = std::count_if(pairs_.begin(), pairs_.end(), [](const auto& pair) {
    return pair->state == PairState::kWaiting || pair->state == PairState::kInProgress;
  });
  return std::clamp<Duration>(kPacing * active, kMinInterval, kMaxInitialInterval);
}

void Agent::schedule(TimePoint now) {
  gathering_.handle_timeout(now);
  if (!started_ || closed_) return;
  if (can_check()) {
    while (!triggered_.empty()) {
      // Not paced: each answers an authenticated check of the peer, which is paced itself.
      CandidatePair* pair = triggered_.front();
      triggered_.pop_front();
      begin_check(*pair);
    }
    while (next_check_at_ <= now) {
      CandidatePair* pair = next_ordinary();
      if (!pair) break;
      begin_check(*pair);
      next_check_at_ = now + kPacing;
    }
  }
  for (size_t i = 0; i < pairs_.size(); ++i) {
    if (pairs_[i]->next_transmission <= now) run_pair_timer(*pairs_[i]);
  }
}

void Agent::unfreeze() {
  // RFC 8445 section 6.1.4.2: one pair of each foundation that has none waiting or under way.
  for (const auto& pair : pairs_) {
    if (pair->state != PairState::kFrozen || pair->generation != checked_generation().number || !tried(*pair)) continue;
    const bool blocked = std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& other) {
      if (other == pair || other->generation != pair->generation || !other->same_foundation(*pair)) return false;
      // What has failed and is tried again has had its turn.
      const bool active = other->state == PairState::kWaiting || other->state == PairState::kInProgress;
      return (active && other->failed_at == TimePoint{}) ||
             (other->state == PairState::kFrozen && other->priority > pair->priority);
    });
    if (!blocked) pair->state = PairState::kWaiting;
  }
}

CandidatePair* Agent::next_ordinary() {
  for (int round = 0; round < 2; ++round) {
    CandidatePair* best = nullptr;
    for (const auto& pair : pairs_) {
      if (pair->state != PairState::kWaiting || pair->generation != checked_generation().number || !tried(*pair))
        continue;
      if (!best || pair->priority > best->priority) best = pair.get();
    }
    if (best) return best;
    if (round == 0) unfreeze();
  }
  return nullptr;
}

void Agent::begin_check(CandidatePair& pair) {
  if (pair.state == PairState::kSucceeded) {
    transmit_check(pair);
    if (pair.state == PairState::kSucceeded) pair.next_transmission = now_ + keepalive_interval(pair);
    return;
  }
  if (pair.state != PairState::kInProgress) {
    pair.state = PairState::kInProgress;
    pair.transmissions = 0;
    pair.triggered = 0;
    pair.interval = initial_interval();
  }
  pair.next_transmission = now_ + pair.interval;
  transmit_check(pair);
}

void Agent::transmit_check(CandidatePair& pair) {
  const Generation* credentials = generation_of(pair);
  if (lite_ || !credentials || !credentials->remote) {
    pair.next_transmission = TimePoint::max();
    return;
  }
  CandidatePair::Check& check = pair.checks[pair.next_check];
  pair.next_check = (pair.next_check + 1) % CandidatePair::kMaxChecks;
  check.transaction = random_.transaction_id();
  check.sent = pair.last_transmission = now_;
  check.role = role_;
  check.used = true;
  check.nominating = role_ == IceRole::kControlling && pair.nominate_requested;

  StunWriter writer(StunMethod::kBinding, StunClass::kRequest, check.transaction);
  char username[520];
  const std::string& theirs = credentials->remote->username_fragment;
  const std::string& ours = credentials->local.username_fragment;
  const size_t length = theirs.copy(username, 256);
  username[length] = ':';
  const size_t total = length + 1 + ours.copy(username + length + 1, 256);
  writer.add_text(StunAttribute::kUsername, {username, total});
  writer.add_u64(role_ == IceRole::kControlling ? StunAttribute::kIceControlling : StunAttribute::kIceControlled,
                 tie_breaker_);
  writer.add_u32(StunAttribute::kPriority, prflx_priority_of(pair.base));
  if (check.nominating) writer.add_flag(StunAttribute::kUseCandidate);
  writer.add_integrity(as_bytes(credentials->remote->password)).add_fingerprint();

  if (pair.unanswered++ == 0) pair.first_unanswered = now_;
  ++pair.transmissions;
  if (pair.state == PairState::kSucceeded) {
    ++pair.consent_sent;
  } else {
    ++pair.requests_sent;
  }
  if (!send_from(pair.base, pair.remote_address(), writer.finish(), false) && pair.state == PairState::kInProgress) {
    pair_failed(pair);
  }
}

void Agent::pair_failed(CandidatePair& pair) {
  pair.late = false;
  pair.state = PairState::kFailed;
  pair.valid = pair.nominated = pair.nominate_requested = false;
  pair.failed_at = now_;
  ++pair.failures;
  pair.next_transmission = pair.generation == checked_generation().number ? now_ + kRetryFailed : TimePoint::max();
  std::erase(triggered_, &pair);
}

void Agent::wake_failed() {
  if (!can_check()) return;
  for (const auto& pair : pairs_) {
    const bool sleeps = pair->state == PairState::kFailed && pair->next_transmission == TimePoint::max();
    if (!sleeps || pair->generation != checked_generation().number || !worth_retrying(*pair)) continue;
    pair->next_transmission = now_ + kRetryWoken;
  }
}

void Agent::trigger(CandidatePair& pair) {
  if (lite_) return;
  if (pair.state == PairState::kSucceeded) {
    if (pair.unanswered == 0) return;
    // The answer to what was sent last may still be under way. Where answers take long because this process or the
    // peer's cannot keep up, a check for every check of the peer's would be what it cannot keep up with.
    if (now_ - pair.last_transmission < std::clamp<Duration>(pair.round_trip, kTriggeredInterval, kConsentInterval)) {
      return;
    }
  }
  if (pair.state == PairState::kInProgress) {
    // The peer's check has opened the way for ours, which may have been lost before: another one now. But with a check
    // for every check, two agents whose answers are late would never stop.
    if (pair.triggered >= kMaxTriggered) return;
    ++pair.triggered;
  }
  if (pair.state == PairState::kFailed) {
    // Two sides that hear each other's checks, and never an answer, would go on for ever.
    if (settled(pair.generation) && pair.failures >= kMaxFailures && !pair.nominate_on_success) return;
    pair.state = PairState::kWaiting;
  }
  if (std::find(triggered_.begin(), triggered_.end(), &pair) == triggered_.end()) triggered_.push_back(&pair);
}

void Agent::run_pair_timer(CandidatePair& pair) {
  pair.next_transmission = TimePoint::max();
  if (lite_) return;
  switch (pair.state) {
    case PairState::kFrozen:
    case PairState::kWaiting:
      return;
    case PairState::kInProgress:
      if (!can_check()) return;
      if (!tried(pair) && !pair.request_received) {
        pair.state = PairState::kFrozen;  // superseded; comes back should the selected pair go silent
        return;
      }
      if (pair.transmissions >= kMaxTransmissions) return pair_failed(pair);
      pair.interval = std::min<Duration>(pair.interval * 2, kMaxInterval);
      pair.next_transmission = now_ + pair.interval;
      return transmit_check(pair);
    case PairState::kSucceeded:
      transmit_check(pair);
      pair.next_transmission = now_ + keepalive_interval(pair);
      return;
    case PairState::kFailed:
      // Otherwise it sleeps: see wake_failed().
      if (can_check() && worth_retrying(pair)) begin_check(pair);
      return;
  }
}

Duration Agent::unanswered_interval(const CandidatePair& pair) const {
  // Not before an answer could be there: a machine that is overloaded answers late, and must not be asked more for it.
  return std::clamp<Duration>(pair.round_trip * 3 / 2, kUnansweredInterval, kConsentInterval);
}

Duration Agent::keepalive_interval(const CandidatePair& pair) {
  if (pair.nominate_requested && !pair.nominated) {
    return std::min<Duration>(kMinInterval * std::max(1, pair.unanswered), unanswered_interval(pair));
  }
  const bool in_use = &pair == selected_;
  const bool urgent = selected_ && !in_use && !healthy(*selected_);
  Duration interval = in_use ? kConsentInterval : urgent ? Duration(kBackupIntervalUrgent) : Duration(kBackupInterval);
  // What was sent last has not been answered: ask again soon, but not for ever where nothing depends on it.
  const bool in_doubt = pair.unanswered > 0 && (in_use || pair.unanswered <= 3);
  if (in_doubt) interval = std::min(interval, unanswered_interval(pair));
  return random_.jittered(interval, 0.2);
}

bool Agent::handle_response(int base, const SocketAddress& from, const StunMessage& message) {
  for (const auto& owner : pairs_) {
    CandidatePair& pair = *owner;
    for (CandidatePair::Check& check : pair.checks) {
      if (!check.used || check.transaction != message.transaction) continue;
      const Generation* credentials = generation_of(pair);
      if (!credentials || !credentials->remote) return true;
      // RFC 8445 section 7.2.5.2.1: an answer from elsewhere proves nothing about this pair.
      if (pair.base != base || pair.remote_address() != from) return true;
      if (!message.check_integrity(as_bytes(credentials->remote->password))) return true;
      check.used = false;
      ++pair.responses_received;
      if (message.message_class == StunClass::kError) {
        if (message.error_code == 487) {
          if (check.role == role_) {
            switch_role(role_ == IceRole::kControlling ? IceRole::kControlled : IceRole::kControlling, true);
          }
          if (pair.state == PairState::kInProgress) pair.state = PairState::kWaiting;
          trigger(pair);
        } else if (pair.state == PairState::kInProgress) {
          pair_failed(pair);
        }
        return true;
      }
      pair.round_trip = now_ - check.sent;
      pair.total_round_trip += pair.round_trip;
      check_succeeded(pair, message, check.nominating);
      return true;
    }
  }
  return false;
}

void Agent::check_succeeded(CandidatePair& pair, const StunMessage& message, bool nominating) {
  pair.unanswered = 0;
  pair.failures = 0;
  pair.transmissions = 0;
  pair.last_response = now_;
  pair.late = false;
  if (message.mapped_address && *message.mapped_address != pair.local->address && pair.generation == current_.number) {
    // What the peer sees us as: a known candidate of the base, or a peer-reflexive one (RFC 8445 section 7.2.5.3.1).
    Candidate* seen = find_local(pair.base, *message.mapped_address, current_.number);
    if (!seen) {
      seen = add_local_candidate(IceCandidateType::kPeerReflexive, pair.base, *message.mapped_address,
                                 bases_[pair.base].address, {}, false);
    }
    if (seen) pair.local = seen;
  }
  if (nominating && role_ == IceRole::kControlling && pair.nominate_requested) {
    for (const auto& other : pairs_) {
      if (other->generation == pair.generation) other->nominated = false;  // one is, at any time
    }
    pair.nominated = true;
  }
  if (pair.nominate_on_success && role_ == IceRole::kControlled) {
    pair.nominated = true;
    pair.nominate_on_success = false;
  }
  if (pair.state != PairState::kSucceeded) {
    pair.state = PairState::kSucceeded;
    pair.valid = true;
    if (pair.generation == current_.number && current_.first_valid_at == TimePoint{}) current_.first_valid_at = now_;
    for (const auto& other : pairs_) {
      if (other->state == PairState::kFrozen && other->generation == pair.generation && other->same_foundation(pair)) {
        other->state = PairState::kWaiting;
      }
    }
  }
  if (pair.nominate_requested && !pair.nominated) {
    // The answer was to an earlier check: the nomination is still open.
    pair.next_transmission = std::min(pair.next_transmission, now_ + keepalive_interval(pair));
    return;
  }
  pair.next_transmission =
      now_ + random_.jittered<Duration>(
                 &pair == selected_ || !selected_ ? Duration(kConsentInterval) : Duration(kBackupInterval), 0.2);
}

TimePoint Agent::next_timeout() const {
  if (closed_) return TimePoint::max();
  TimePoint next = gathering_.next_timeout();
  if (previous_) next = std::min(next, previous_expires_at_);
  if (!started_) return next;
  if (lite_) return std::min(next, next_lite_timeout());
  bool waiting = false;
  for (const auto& pair : pairs_) {
    next = std::min(next, pair->next_transmission);
    waiting |= pair->generation == checked_generation().number &&
               (pair->state == PairState::kWaiting || pair->state == PairState::kFrozen) && tried(*pair);
  }
  if (waiting && can_check()) next = std::min(next, std::max(next_check_at_, now_ + milliseconds(1)));
  if (selected_) {
    if (now_ < selected_->last_response + seconds(5)) next = std::min(next, selected_->last_response + seconds(5));
    if (role_ == IceRole::kControlling) {
      if (const CandidatePair* best = nomination_due()) {
        if (const TimePoint deadline = nomination_deadline(*best); deadline > now_) next = std::min(next, deadline);
      }
    }
  } else if (can_check()) {
    for (const auto limit : {seconds(15), seconds(30)}) {
      if (now_ < progress_at_ + limit) next = std::min(next, progress_at_ + limit);
    }
  }
  return next;
}

void Agent::handle_timeout(TimePoint now) {
  Turn turn(*this, now);
}

}  // namespace peerwire::ice

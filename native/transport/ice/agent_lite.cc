// An ice-lite agent (RFC 8445 sections 2.5, 7.3, 8.2): it answers the checks of a full peer, uses the pair that the
// peer nominates, and takes the peer's checks, which do not end, for its being alive (RFC 7675 is the peer's business).
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {
namespace {

using std::chrono::seconds;

// The peer asks for consent every 4 to 6 seconds (RFC 7675 section 5.1): two of its checks may be lost.
constexpr auto kDisconnectedAfter = seconds(13);
constexpr auto kFailedAfter = seconds(30);

}  // namespace

void Agent::note_lite_request(CandidatePair& pair, bool use_candidate) {
  pair.last_response = now_;
  pair.unanswered = 0;
  // A peer whose NAT has given it another address goes on from there; one that nominates several pairs (RFC 5245)
  // checks them in turn.
  for (const auto& other : pairs_) {
    if (use_candidate && other.get() != &pair && other->generation == pair.generation) ++other->unanswered;
  }
  pair.next_transmission = TimePoint::max();
  if (!use_candidate && !pair.valid) return;
  pair.state = PairState::kSucceeded;
  pair.valid = true;
  if (pair.generation == current_.number && current_.first_valid_at == TimePoint{}) current_.first_valid_at = now_;
  note_nomination(pair, use_candidate);
  pair.next_transmission = TimePoint::max();
}

void Agent::expire_lite_consent() {
  for (const auto& pair : pairs_) {
    if (!pair->valid || now_ - pair->last_request < kFailedAfter) continue;
    const bool was_selected = pair.get() == selected_;
    pair_failed(*pair);
    pair->next_transmission = TimePoint::max();
    if (!was_selected) continue;
    selected_ = nullptr;
    if (!best_valid(false) && pair->generation == current_.number) current_.terminal_failure = true;
  }
}

IceTransportState Agent::lite_state() const {
  if (selected_) {
    if (!bases_[selected_->base].usable || now_ - selected_->last_request >= kDisconnectedAfter) {
      return IceTransportState::kDisconnected;
    }
    const bool complete = selected_->nominated && selected_->generation == current_.number && current_.remote_ended &&
                          gathering_.is_complete();
    return complete ? IceTransportState::kCompleted : IceTransportState::kConnected;
  }
  if (current_.terminal_failure) return IceTransportState::kFailed;
  if (!started_ || !current_.remote) {
    return state_ == IceTransportState::kNew ? IceTransportState::kNew : IceTransportState::kChecking;
  }
  // Nothing fails for want of checks that come: how long to wait for them is the peer's to know.
  if (now_ - progress_at_ >= kFailedAfter) return IceTransportState::kFailed;
  return current_.first_valid_at != TimePoint{} ? IceTransportState::kDisconnected : IceTransportState::kChecking;
}

TimePoint Agent::next_lite_timeout() const {
  TimePoint next = TimePoint::max();
  const auto at = [&](TimePoint when) {
    if (when > now_) next = std::min(next, when);
  };
  for (const auto& pair : pairs_) {
    if (pair->valid) at(pair->last_request + kFailedAfter);
  }
  if (selected_) {
    at(selected_->last_request + kDisconnectedAfter);
  } else if (current_.remote) {
    at(progress_at_ + kFailedAfter);
  }
  return next;
}

}  // namespace peerwire::ice

#include "transport/ice/stun_stream_query.h"

#include <algorithm>
#include <utility>

namespace peerwire::ice {

void StunStreamQuery::begin(TimePoint now) {
  mapped_before_ = std::exchange(mapped_, SocketAddress());
  outcome_ = Outcome::kPending;
  left_ = asked_ = false;
  patient_ = true;
  second_hand_ = open_;
  if (stream_ < 0) redirection_ = redirection_.origin();
  deadline_ = optional_ || second_hand_ ? TimePoint(now + kPatience) : TimePoint::max();
  due_ = stream_ < 0 || open_ ? now : deadline_;
}

void StunStreamQuery::connecting(TimePoint now, int stream) {
  stream_ = stream;
  if (optional_ && deadline_ == TimePoint::max()) deadline_ = now + kPatience;
  due_ = deadline_;
}

void StunStreamQuery::opened(TimePoint now) {
  if (open_) return;
  open_ = true;
  due_ = now;
}

StunWriter StunStreamQuery::ask(TimePoint now) {
  asked_ = true;
  transaction_ = random_.transaction_id();
  deadline_ = due_ = std::min<TimePoint>(deadline_, now + kAnswerTimeout);
  return StunWriter(StunMethod::kBinding, StunClass::kRequest, transaction_);
}

bool StunStreamQuery::handle_response(TimePoint now, const StunMessage& message) {
  if (outcome_ != Outcome::kPending || !asked_ || message.transaction != transaction_) return false;
  if (message.message_class == StunClass::kSuccess && message.mapped_address) {
    outcome_ = Outcome::kMapped;
    mapped_ = *message.mapped_address;
  } else if (message.message_class == StunClass::kError && message.error_code) {
    error_reason_ = message.error_reason;
    // The port that listens is of one family. What it has been mapped to is the same for every server, where peers can
    // reach it at all.
    if (message.error_code == 300 &&
        redirection_.follow(now, message, Redirection::Families::kSame, server_.over_tls(), &error_reason_)) {
      return true;
    }
    outcome_ = Outcome::kFailed;
    error_code_ = message.error_code;
  } else {
    return false;
  }
  return true;
}

void StunStreamQuery::ask_elsewhere(TimePoint now) {
  stream_ = -1;
  open_ = asked_ = second_hand_ = false;
  patient_ = true;
  deadline_ = optional_ ? deadline_ : TimePoint::max();
  due_ = now;
}

bool StunStreamQuery::lost(TimePoint now, int code, const std::string& reason) {
  const bool refused_by_system = stream_ < 0;
  stream_ = -1;
  open_ = asked_ = false;
  if (outcome_ != Outcome::kPending) return false;
  if (refused_by_system && std::exchange(patient_, false)) {
    due_ = now + kReconnectAfter;
    return false;
  }
  if (std::exchange(second_hand_, false)) {
    redirection_ = redirection_.origin();
    deadline_ = TimePoint::max();
    due_ = now + kReconnectAfter;
    return false;
  }
  outcome_ = Outcome::kFailed;
  error_code_ = code;
  error_reason_ = reason;
  return true;
}

void StunStreamQuery::expect_answer(TimePoint now, Duration round_trip) {
  if (!optional_ || outcome_ != Outcome::kPending) return;
  const Duration patience = std::max<Duration>(kRoundTrips * round_trip, kLeastPatience);
  deadline_ = std::min<TimePoint>(deadline_, now + patience);
  due_ = std::min(due_, deadline_);
}

}  // namespace peerwire::ice

#include "transport/ice/stun_server_query.h"

#include <utility>

namespace peerwire::ice {
namespace {

// Under the shortest lifetime of a UDP binding seen in the field (RFC 4787 asks for two minutes, many give 30 s).
constexpr auto kKeepaliveInterval = std::chrono::seconds(15);

}  // namespace

StunServerQuery::StunServerQuery(int base, SocketAddress server, std::string url, RandomSource& random)
    : base_(base), redirection_(server), url_(std::move(url)), random_(random), transaction_(random.transaction_id()) {}

void StunServerQuery::fail(int code, std::string reason) {
  outcome_ = Outcome::kError;
  error_code_ = code;
  error_reason_ = std::move(reason);
}

void StunServerQuery::ask_again(const SocketAddress& server) {
  redirection_ = server;
  mapped_before_ = std::exchange(mapped_, SocketAddress());
  outcome_ = Outcome::kPending;
  begin(TimePoint::min());
}

void StunServerQuery::begin(TimePoint when) {
  transaction_ = random_.transaction_id();
  retransmission_.reset();
  begun_at_ = {};
  next_ = when;
}

bool StunServerQuery::handle_timeout(TimePoint now, const std::function<bool(ByteView)>& send) {
  if (outcome_ == Outcome::kError || now < next_) return false;
  if (outcome_ == Outcome::kMapped) {
    StunWriter writer(StunMethod::kBinding, StunClass::kIndication, random_.transaction_id());
    send(writer.add_fingerprint().finish());
    next_ = now + kKeepaliveInterval;
    return false;
  }
  if (retransmission_.exhausted()) {
    fail(701, "STUN server did not answer");
    return true;
  }
  StunWriter writer(StunMethod::kBinding, StunClass::kRequest, transaction_);
  if (!send(writer.add_fingerprint().finish())) {
    fail(701, "STUN server cannot be reached from this address");
    return true;
  }
  if (begun_at_ == TimePoint{}) begun_at_ = now;
  retransmission_.sent(now);
  next_ = retransmission_.next();
  return false;
}

bool StunServerQuery::handle_response(TimePoint now, const StunMessage& message) {
  if (outcome_ != Outcome::kPending || message.transaction != transaction_) return false;
  if (message.message_class == StunClass::kSuccess && message.mapped_address) {
    outcome_ = Outcome::kMapped;
    mapped_ = *message.mapped_address;
    round_trip_ = now - begun_at_;
    next_ = now + kKeepaliveInterval;
  } else if (message.message_class == StunClass::kError && message.error_code == 300) {
    std::string reason;
    if (redirection_.follow(now, message, Redirection::Families::kSame, false, &reason)) {
      begin(now);
    } else {
      fail(300, std::move(reason));
    }
  } else if (message.message_class == StunClass::kError && message.error_code) {
    fail(message.error_code, std::string(message.error_reason));
  } else {
    return false;
  }
  return true;
}

}  // namespace peerwire::ice

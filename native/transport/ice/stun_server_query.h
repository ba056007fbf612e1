// One Binding request to one STUN server from one base, repeated until answered; afterwards a keepalive.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "transport/ice/random_source.h"
#include "transport/ice/redirection.h"
#include "transport/ice/retransmission.h"

namespace peerwire::ice {

class StunServerQuery {
 public:
  enum class Outcome { kPending, kMapped, kError };

  StunServerQuery(int base, SocketAddress server, std::string url, RandomSource& random);

  int base() const { return base_; }
  const SocketAddress& server() const { return redirection_.server(); }
  /// From the first transmission to the answer.
  Duration round_trip() const { return round_trip_; }
  const std::string& url() const { return url_; }
  Outcome outcome() const { return outcome_; }
  const SocketAddress& mapped() const { return mapped_; }
  /// What it was when it was asked for before; empty when it was not.
  const SocketAddress& mapped_before() const { return mapped_before_; }
  int error_code() const { return error_code_; }
  const std::string& error_reason() const { return error_reason_; }

  /// From the beginning, whatever has come of it so far.
  void ask_again(const SocketAddress& server);

  TimePoint next_timeout() const { return outcome_ == Outcome::kError ? TimePoint::max() : next_; }
  /// Sends what is due through `send`. True when the outcome has changed.
  bool handle_timeout(TimePoint now, const std::function<bool(ByteView)>& send);
  /// True when the message answers this query.
  bool handle_response(TimePoint now, const StunMessage& message);

 private:
  void fail(int code, std::string reason);
  /// From the first transmission on.
  void begin(TimePoint when);

  int base_;
  Redirection redirection_;
  std::string url_;
  RandomSource& random_;
  TransactionId transaction_;
  Retransmission retransmission_;
  TimePoint next_ = TimePoint::min(), begun_at_{};
  Duration round_trip_{};
  Outcome outcome_ = Outcome::kPending;
  SocketAddress mapped_, mapped_before_;
  int error_code_ = 0;
  std::string error_reason_;
};

}  // namespace peerwire::ice

// One Binding request to one STUN server over a connection out of the port of a base on which peers connect (RFC 8489
// section 6.2.2, RFC 6544 section 5.2): sent once, as TCP repeats it. The connection stays afterwards, so that a NAT
// keeps what the answer has told.
#pragma once

#include <string>

#include "transport/ice/random_source.h"
#include "transport/ice/redirection.h"
#include "transport/ice/stun_message.h"
#include "transport/ice_transport.h"

namespace peerwire::ice {

class StunStreamQuery {
 public:
  enum class Outcome { kPending, kMapped, kFailed };

  /// How long a server that is asked over UDP as well may hold up gathering, where it does not answer over UDP: a SYN
  /// that gets lost is sent again after a second.
  static constexpr Duration kPatience = std::chrono::seconds(3);
  /// Where it does, that long after it at least; or as many of its round trips: connecting takes one, asking another.
  static constexpr Duration kLeastPatience = std::chrono::milliseconds(500);
  static constexpr int kRoundTrips = 4;
  /// How long a server that is asked over nothing else may take, once it is connected to.
  static constexpr Duration kAnswerTimeout = std::chrono::seconds(10);
  /// The socket of a connection is gone by then, so that the port can have another one with the same server.
  static constexpr Duration kReconnectAfter = std::chrono::milliseconds(50);

  /// `optional`: the server is asked over UDP, too, and that is what counts.
  StunStreamQuery(int base, IceServer server, const SocketAddress& address, bool optional, RandomSource& random)
      : base_(base), server_(std::move(server)), redirection_(address), optional_(optional), random_(random) {}

  int base() const { return base_; }
  const IceServer& server() const { return server_; }
  /// The address that the server's name has.
  const SocketAddress& origin() const { return redirection_.origin(); }
  /// Who is asked: that server, or where it has sent us.
  const Redirection& redirection() const { return redirection_; }
  bool optional() const { return optional_; }
  Outcome outcome() const { return outcome_; }
  const SocketAddress& mapped() const { return mapped_; }
  /// What it was when it was asked for before; empty when it was not.
  const SocketAddress& mapped_before() const { return mapped_before_; }
  int error_code() const { return error_code_; }
  const std::string& error_reason() const { return error_reason_; }
  /// The base that is its connection; -1: there is none.
  int stream() const { return stream_; }
  /// Of a generation that is over, unless it is begun again: its outcome is of no interest.
  bool left() const { return left_; }
  void leave() { left_ = true; }

  /// Begins, or begins again: over the connection that there is; where that gives no answer, over another one.
  void begin(TimePoint now);
  /// When there is something to do: to connect, to ask, or to give up.
  TimePoint due() const { return outcome_ == Outcome::kPending ? due_ : TimePoint::max(); }
  bool is_to_connect() const { return stream_ < 0; }
  bool is_to_ask() const { return open_ && !asked_; }
  void connecting(TimePoint now, int stream);
  void opened(TimePoint now);
  /// The request, which is sent now.
  StunWriter ask(TimePoint now);
  /// True when the message answers this query. With an outcome that is still to come the answer has sent us elsewhere.
  bool handle_response(TimePoint now, const StunMessage& message);
  /// Over another connection: the caller closes that which there is.
  void ask_elsewhere(TimePoint now);
  /// There is no connection any more, or is not to be: the caller closes it. True when that is a failure, and not the
  /// beginning of another attempt.
  bool lost(TimePoint now, int code, const std::string& reason);
  /// The answer over UDP has taken `round_trip`: the optional one need not be waited for much longer.
  void expect_answer(TimePoint now, Duration round_trip);

 private:
  const int base_;
  const IceServer server_;
  Redirection redirection_;
  const bool optional_;
  RandomSource& random_;
  Outcome outcome_ = Outcome::kPending;
  int stream_ = -1;
  bool open_ = false, asked_ = false, left_ = false;
  bool patient_ = true;       // the port may still be about to lose a connection with the server
  bool second_hand_ = false;  // the connection has stood before: a NAT may have forgotten it
  TransactionId transaction_{};
  TimePoint due_ = TimePoint::max(), deadline_ = TimePoint::max();
  SocketAddress mapped_, mapped_before_;
  int error_code_ = 0;
  std::string error_reason_;
};

}  // namespace peerwire::ice

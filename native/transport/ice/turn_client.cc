#include "transport/ice/turn_client.h"

#include <algorithm>
#include <utility>

namespace peerwire::ice {
namespace {

constexpr int kMaxChallenges = 3;
constexpr int kTryAlternate = 300;
constexpr uint32_t kUdpTransport = 17u << 24;
constexpr uint32_t kIpv6Family = 2u << 24;
// Several round trips of any path. The connection may be one that a NAT has forgotten: it would be waited for in vain.
constexpr auto kConfirmPatience = std::chrono::seconds(2);

}  // namespace

TurnClient::TurnClient(int base, Redirection server, IceServer config, RandomSource& random,
                       TurnClientObserver* observer)
    : base_(base), redirection_(std::move(server)), config_(std::move(config)), random_(random), observer_(observer) {}

void TurnClient::start(TimePoint now) {
  if (state_ != State::kIdle) return;
  state_ = State::kAllocating;
  if (config_.username.size() > 508) return fail(701, "TURN user name is longer than 508 octets");
  begin(now, Kind::kAllocate, {});
}

void TurnClient::confirm(TimePoint now) {
  if (state_ != State::kAllocated || std::exchange(confirming_, true)) return;
  if (config_.over_stream()) unconfirmed_at_ = now + kConfirmPatience;
  begin(now, Kind::kRefresh, {});
}

void TurnClient::begin(TimePoint now, Kind kind, const SocketAddress& peer) {
  std::erase_if(requests_, [](const Request& request) { return request.done; });
  requests_.push_back({kind, peer, random_.transaction_id(), {}});
  if (!transmit(now, requests_.back())) {
    request_failed(now, requests_.back(), 701, "TURN server cannot be reached from this address");
  }
}

bool TurnClient::transmit(TimePoint now, Request& request) {
  static constexpr StunMethod kMethods[] = {StunMethod::kAllocate, StunMethod::kRefresh, StunMethod::kCreatePermission,
                                            StunMethod::kChannelBind};
  StunWriter writer(kMethods[static_cast<int>(request.kind)], StunClass::kRequest, request.transaction);
  switch (request.kind) {
    case Kind::kAllocate:
      writer.add_u32(StunAttribute::kRequestedTransport, kUdpTransport);
      // IPv4, and IPv6 where the server has it (RFC 8656 section 7.1): a peer may have only the one or the other.
      // coturn knows it by the number that it had before it was assigned one. Both may be passed over.
      writer.add_u32(StunAttribute::kAdditionalAddressFamily, kIpv6Family);
      writer.add_u32(StunAttribute::kDraftAdditionalAddressFamily, kIpv6Family);
      break;
    case Kind::kRefresh:
      writer.add_u32(StunAttribute::kLifetime, state_ == State::kClosed ? 0 : 600);
      break;
    case Kind::kCreatePermission:
      writer.add_xor_address(StunAttribute::kXorPeerAddress, request.peer);
      break;
    case Kind::kChannelBind:
      writer.add_u32(StunAttribute::kChannelNumber, uint32_t{peers_.at(request.peer).channel} << 16);
      writer.add_xor_address(StunAttribute::kXorPeerAddress, request.peer);
      break;
  }
  if (key_) {
    writer.add_text(StunAttribute::kUsername, config_.username);
    writer.add_text(StunAttribute::kRealm, realm_);
    writer.add_text(StunAttribute::kNonce, nonce_);
    writer.add_integrity(*key_);
  }
  writer.add_fingerprint();
  if (config_.over_stream()) {
    request.retransmission.sent_reliably(now);
  } else {
    request.retransmission.sent(now);
  }
  return observer_->turn_send(*this, writer.finish());
}

void TurnClient::connection_lost(const std::string& reason) {
  fail(701, reason);
}

void TurnClient::fail(int code, const std::string& reason) {
  if (ended()) return;
  state_ = State::kFailed;
  for (Request& request : requests_) request.done = true;
  observer_->turn_failed(*this, code, reason);
}

void TurnClient::request_failed(TimePoint now, Request& request, int code, const std::string& reason) {
  request.done = true;
  if (given_back()) return observer_->turn_given_back(*this);
  switch (request.kind) {
    case Kind::kAllocate:
      return fail(code, reason);
    case Kind::kRefresh:
      return refresh_failed(now, code, reason);
    case Kind::kCreatePermission:
      return permission_failed(now, request.peer, code);
    case Kind::kChannelBind:
      return binding_failed(now, request.peer, code);
  }
}

void TurnClient::refresh_failed(TimePoint now, int code, const std::string& reason) {
  if (is_passing(code)) {
    // One that confirm() has sent since decides.
    const bool asked = std::any_of(requests_.begin(), requests_.end(),
                                   [](const Request& other) { return other.kind == Kind::kRefresh && !other.done; });
    if (asked || leaving_) return;
    if (!confirming_ && now < expires_at_) {
      refresh_at_ = std::min<TimePoint>(now + kAskAgain, expires_at_);
      return;
    }
  }
  fail(code, reason);
}

TimePoint TurnClient::next_timeout() const {
  if (ended()) return giving_back() ? requests_.back().retransmission.next() : TimePoint::max();
  TimePoint next = std::min(refresh_at_, unconfirmed_at_);
  for (const Request& request : requests_) {
    if (!request.done) next = std::min(next, request.retransmission.next());
  }
  return std::min(next, next_renewal());
}

void TurnClient::handle_timeout(TimePoint now) {
  for (size_t i = 0; i < requests_.size() && !is_over(); ++i) {
    Request& request = requests_[i];
    if (request.done || now < request.retransmission.next()) continue;
    if (request.retransmission.exhausted()) {
      request_failed(now, request, 701, "TURN server did not answer");
    } else {
      // A transmission that fails now is like one that gets lost: what decides is the last time-out.
      transmit(now, request);
    }
  }
  if (ended()) return;
  if (now >= unconfirmed_at_) {
    unconfirmed_at_ = TimePoint::max();
    observer_->turn_unconfirmed(*this);
  }
  if (now >= refresh_at_) {
    refresh_at_ = TimePoint::max();
    if (leaving_) return fail(kTryAlternate, leaving_reason_);
    if (now >= expires_at_) return fail(701, "TURN server did not answer");
    if (!confirming_) begin(now, Kind::kRefresh, {});
  }
  renew_grants(now);
}

bool TurnClient::handle_datagram(TimePoint now, ByteView datagram) {
  if (state_ == State::kIdle || is_over() || datagram.size() < 4) return false;
  if (ended() && !StunMessage::looks_like_stun(datagram)) return false;
  if (datagram[0] >= 0x40 && datagram[0] <= 0x4f) {  // ChannelData
    receive_channel_data(now, datagram);
    return true;
  }
  const auto message = StunMessage::parse(datagram);
  if (!message) return false;
  if (message->message_class == StunClass::kIndication) {
    if (message->method != StunMethod::kData || ended()) return false;
    if (message->peer_address && message->data && expects(*message->peer_address)) {
      observer_->turn_data(*this, *message->peer_address, *message->data, now);
    }
    return true;
  }
  if (message->message_class == StunClass::kRequest) return false;
  for (size_t i = 0; i < requests_.size(); ++i) {
    Request& request = requests_[i];
    if (request.done || request.transaction != message->transaction) continue;
    const bool success = message->message_class == StunClass::kSuccess;
    const bool challenge = message->error_code == 401 || message->error_code == 438;
    if (key_ && !challenge && (success || message->has_integrity()) && !message->check_integrity(*key_)) return true;
    if (success) {
      handle_success(now, request, *message);
    } else if (message->error_code) {
      handle_error(now, request, *message);
    }
    return true;
  }
  return false;
}

void TurnClient::set_refresh(TimePoint now, uint32_t lifetime_s) {
  const auto lifetime = std::chrono::seconds(std::clamp<uint32_t>(lifetime_s, 4, 3600));
  refresh_at_ = now + std::max<Duration>(lifetime - std::chrono::seconds(60), lifetime / 2);
  expires_at_ = now + lifetime;
}

void TurnClient::handle_success(TimePoint now, Request& request, const StunMessage& message) {
  switch (request.kind) {
    case Kind::kAllocate:
      if (!message.relayed_address) return;
      request.done = true;
      for (const auto& address : {message.other_relayed_address, message.relayed_address}) {
        if (address) relayed_[address->is_ipv4()].address = *address;
      }
      if (message.mapped_address) mapped_ = *message.mapped_address;
      state_ = State::kAllocated;
      set_refresh(now, message.lifetime.value_or(600));
      observer_->turn_allocated(*this);
      return;
    case Kind::kRefresh:
      request.done = true;
      if (given_back()) return observer_->turn_given_back(*this);
      if (leaving_) return;  // an answer to a request before that which was answered with 300
      set_refresh(now, message.lifetime.value_or(600));
      unconfirmed_at_ = TimePoint::max();
      if (std::exchange(confirming_, false)) observer_->turn_confirmed(*this);
      return;
    case Kind::kCreatePermission:
      request.done = true;
      return permission_given(now, request.peer);
    case Kind::kChannelBind:
      request.done = true;
      return binding_given(now, request.peer);
  }
}

void TurnClient::handle_error(TimePoint now, Request& request, const StunMessage& message) {
  const int code = message.error_code;
  const bool stale_nonce = code == 438;
  if ((code == 401 || stale_nonce) && message.realm && message.nonce && ++request.challenges <= kMaxChallenges) {
    // A 401 that answers our credentials says that they are wrong; a new nonce alone is 438.
    const bool rejected = code == 401 && key_ && *message.realm == realm_ && *message.nonce == nonce_;
    if (!rejected && !(code == 401 && request.challenges > 1)) {
      realm_ = *message.realm;
      nonce_ = *message.nonce;
      key_ = long_term_key(config_.username, realm_, config_.password);
      request.transaction = random_.transaction_id();
      request.retransmission.reset();
      if (!transmit(now, request)) request_failed(now, request, 701, "TURN server cannot be reached from this address");
      return;
    }
  }
  std::string reason(message.error_reason);
  if (code == kTryAlternate && request.kind == Kind::kRefresh && !given_back()) {
    // Anybody can have sent it (RFC 8489 section 9.2.5). An Allocate is answered so by servers that have not asked who
    // we are yet (section 10).
    if (key_ && !config_.over_stream() && !message.has_integrity()) return;
    return leave(now, request, message);
  }
  if (code == kTryAlternate && request.kind == Kind::kAllocate) {
    redirected_ = follow(now, message, redirection_, &reason);
    if (redirected_ && !config_.over_stream()) {
      key_.reset();
      request.challenges = 0;
      request.transaction = random_.transaction_id();
      request.retransmission.reset();
      if (!transmit(now, request)) request_failed(now, request, 701, "TURN server cannot be reached from this address");
      return;
    }
  }
  request_failed(now, request, code, reason);
}

bool TurnClient::follow(TimePoint now, const StunMessage& message, Redirection& redirection,
                        std::string* reason) const {
  // Connections may be of either family, where the socket of datagrams is of one.
  const auto families = config_.over_stream() ? Redirection::Families::kAny : Redirection::Families::kSame;
  return redirection.follow(now, message, families, config_.over_tls(), reason);
}

void TurnClient::leave(TimePoint now, Request& request, const StunMessage& message) {
  // RFC 8656 section 8.3 knows no other end of an allocation than that of its time and a 437.
  request.done = true;
  confirming_ = false;
  unconfirmed_at_ = TimePoint::max();
  refresh_at_ = expires_at_;
  if (std::exchange(leaving_, true)) return;
  leaving_reason_ = message.error_reason;
  Redirection elsewhere = redirection_;
  const bool followed = follow(now, message, elsewhere, &leaving_reason_);
  observer_->turn_leaving(*this, followed ? &elsewhere : nullptr, leaving_reason_);
}

void TurnClient::close(TimePoint now) {
  const bool was_allocated = state_ == State::kAllocated;
  if (state_ != State::kFailed) state_ = State::kClosed;
  for (Request& request : requests_) request.done = true;
  if (!was_allocated) return;
  Request& request = requests_.emplace_back(Request{Kind::kRefresh, {}, random_.transaction_id(), {}});
  const bool sent = transmit(now, request);
  request.done = !sent || config_.over_stream();  // which ends with its connection, too
}

}  // namespace peerwire::ice

// Datagrams that come in: checks of the peer (RFC 8445 section 7.3), answers and application packets.
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {

bool Agent::handle_datagram(TimePoint now, int base, const SocketAddress& from, ByteView datagram) {
  if (closed_ || datagram.empty() || base < 0 || static_cast<size_t>(base) >= bases_.size()) return false;
  if (gathering_.handle_datagram(now, base, from, datagram)) return true;
  if (!StunMessage::looks_like_stun(datagram)) {
    now_ = now;
    return deliver(base, from, datagram);
  }
  const auto message = StunMessage::parse(datagram);
  if (!message) return false;
  Turn turn(*this, now);
  return handle_stun(base, from, *message);
}

bool Agent::deliver(int base, const SocketAddress& from, ByteView packet) {
  // RFC 7983: 0 to 3 is STUN, whether well-formed or not, 64 to 79 a TURN channel. Neither goes up.
  if (packet.empty() || packet[0] < 4 || (packet[0] >= 64 && packet[0] < 80)) return false;
  // Only from where an authenticated check or answer has come, be it under the credentials of before a restart.
  const auto trusted = [&](const CandidatePair& pair) {
    return pair.base == base && (pair.valid || pair.request_received) && pair.remote_address() == from;
  };
  CandidatePair* pair = last_source_;
  if (!pair || !trusted(*pair)) {
    const auto found = std::find_if(pairs_.begin(), pairs_.end(), [&](const auto& other) { return trusted(*other); });
    if (found == pairs_.end()) return false;
    pair = last_source_ = found->get();
  }
  ++pair->packets_received;
  pair->bytes_received += packet.size();
  pair->last_packet_received = now_;
  delegate_->on_data(packet);
  return true;
}

bool Agent::sends_directly() const {
  const CandidatePair* pair = sending_pair();
  if (!pair) return false;
  const Base& base = bases_[static_cast<size_t>(pair->base)];
  return !base.relay && base.tcp == TcpRole::kNone;
}

bool Agent::send(TimePoint now, ByteView packet, Fragmentation fragmentation) {
  CandidatePair* pair = sending_pair();
  if (!pair) return false;
  const bool direct = sends_directly();
  // Which a server, or a connection, would cut: it says nothing of the path.
  if (fragmentation == Fragmentation::kProbe && !direct) return false;
  now_ = now;
  const bool sent =
      fragmentation == Fragmentation::kUsual || !direct
          ? send_from(pair->base, pair->remote_address(), packet, true)
          : !relay_only_ && delegate_->send_large_datagram(pair->base, pair->remote_address(), packet, fragmentation);
  if (!sent) {
    if (fragmentation == Fragmentation::kProbe) return false;
    ++pair->packets_discarded;
    pair->bytes_discarded += packet.size();
    return false;
  }
  ++pair->packets_sent;
  pair->bytes_sent += packet.size();
  pair->last_packet_sent = now;
  return true;
}

bool Agent::handle_stun(int base, const SocketAddress& from, const StunMessage& message) {
  if (message.method != StunMethod::kBinding) return false;
  switch (message.message_class) {
    case StunClass::kRequest:
      handle_request(base, from, message);
      return true;
    case StunClass::kIndication:
      return true;  // a keepalive (RFC 8445 section 11)
    case StunClass::kSuccess:
    case StunClass::kError:
      return handle_response(base, from, message) || gathering_.handle_response(base, from, message);
  }
  return false;
}

void Agent::answer_error(int base, const SocketAddress& to, const StunMessage& request, int code, const char* reason,
                         const IceParameters* local) {
  StunWriter writer(StunMethod::kBinding, StunClass::kError, request.transaction);
  writer.add_error(code, reason);
  if (code == 420) writer.add_unknown_attributes(request);
  if (local) writer.add_integrity(as_bytes(local->password));
  writer.add_fingerprint();
  const ByteView answer = writer.finish();
  // Who does not know the password may not be where its request says that it came from. RFC 8489 section 9.1.3 would
  // have it answered whatever it was; but nobody is sent more than was spent on asking.
  if (!local && answer.size() > request.size()) return;
  send_from(base, to, answer, false);
}

bool Agent::resolve_role_conflict(int base, const SocketAddress& from, const StunMessage& message,
                                  const IceParameters& local) {
  if (lite_) {
    // Always controlled: whoever thinks so, too, is wrong.
    if (message.ice_controlled) answer_error(base, from, message, 487, "Role Conflict", &local);
    return !message.ice_controlled;
  }
  if (!started_) return true;
  // RFC 8445 section 7.3.1.1
  if (role_ == IceRole::kControlling && message.ice_controlling) {
    if (tie_breaker_ >= *message.ice_controlling) {
      answer_error(base, from, message, 487, "Role Conflict", &local);
      return false;
    }
    switch_role(IceRole::kControlled, true);
  } else if (role_ == IceRole::kControlled && message.ice_controlled) {
    if (tie_breaker_ < *message.ice_controlled) {
      answer_error(base, from, message, 487, "Role Conflict", &local);
      return false;
    }
    switch_role(IceRole::kControlling, true);
  }
  return true;
}

bool Agent::has_room_for_prflx(int base, const SocketAddress& from, bool nominated) {
  size_t learned = 0, unproven = 0;
  const auto none = remote_candidates_.end();
  auto obsolete = none, obsolete_unproven = none, least = none;
  for (auto it = remote_candidates_.begin(); it != remote_candidates_.end(); ++it) {
    if (it->candidate.type != IceCandidateType::kPeerReflexive) continue;
    ++learned;
    bool works = false, tried = false, counts = false;
    for (const auto& pair : pairs_) {
      if (pair->remote != &*it) continue;
      works |= pair->valid || pair.get() == selected_;
      tried |= pair->generation == current_.number &&
               (pair->state == PairState::kWaiting || pair->state == PairState::kInProgress);
      counts |= pair->base == base && pair->last_response == TimePoint{} && it->address.same_ip(from);
    }
    unproven += counts;
    if (works) continue;
    if (least == none) least = it;
    if (tried) continue;
    if (obsolete == none) obsolete = it;
    if (counts && obsolete_unproven == none) obsolete_unproven = it;
  }
  if (unproven >= kMaxUnprovenPrflx) {
    // Where another way is nominated and works, enough has been tried. What the peer nominates works for it; but there
    // are those that nominate with every check (RFC 5245).
    if (settled(current_.number)) {
      if (!nominated || now_ < current_.next_admission) return false;
      current_.next_admission = now_ + current_.admission_interval;
      current_.admission_interval = std::min<Duration>(current_.admission_interval * 2, std::chrono::hours(1));
    }
    obsolete = obsolete_unproven;
  } else if (learned < kMaxRemotePrflx && remote_candidates_.size() < kMaxRemoteCandidates) {
    return true;
  }
  if (obsolete == none && nominated) obsolete = least;
  if (obsolete == none) return false;
  remove_pairs([&](const CandidatePair& pair) { return pair.remote == &*obsolete; });
  remote_candidates_.erase(obsolete);
  return true;
}

Candidate* Agent::learn_remote(int base, const SocketAddress& from, const StunMessage& message,
                               const Generation& generation) {
  const TcpRole role = bases_[base].tcp;
  const IceProtocol protocol = role == TcpRole::kNone ? IceProtocol::kUdp : IceProtocol::kTcp;
  if (Candidate* known = find_remote(from, protocol, generation.number)) return known;
  if (!has_room_for_prflx(base, from, message.use_candidate && role_ == IceRole::kControlled)) return nullptr;
  Candidate& added = remote_candidates_.emplace_back();
  added.id = "R" + std::to_string(next_id_++);
  added.address = from;
  added.generation = generation.number;
  IceCandidate& candidate = added.candidate;
  candidate.foundation = "prflx" + std::to_string(next_id_++);  // different from all others (section 7.3.1.3)
  candidate.priority = *message.priority;
  candidate.address = from.ip_text();
  candidate.port = from.port();
  candidate.type = IceCandidateType::kPeerReflexive;
  candidate.protocol = protocol;
  if (role != TcpRole::kNone) candidate.tcp_type = role == TcpRole::kActive ? "passive" : "active";
  if (generation.remote) candidate.username_fragment = generation.remote->username_fragment;
  return &added;
}

void Agent::handle_request(int base, const SocketAddress& from, const StunMessage& message) {
  if (!message.username || !message.has_integrity())
    return answer_error(base, from, message, 400, "Bad Request", nullptr);
  const size_t colon = message.username->find(':');
  if (colon == std::string_view::npos) return answer_error(base, from, message, 401, "Unauthorized", nullptr);
  const std::string_view ours = message.username->substr(0, colon), theirs = message.username->substr(colon + 1);
  const auto is_ours = [&](const Generation& each) { return each.local.username_fragment == ours; };
  const auto matches = [&](const Generation& each) {
    return is_ours(each) && (!each.remote || each.remote->username_fragment == theirs);
  };
  const Generation* credentials = matches(current_) ? &current_ : nullptr;
  if (!credentials && previous_ && matches(*previous_)) credentials = &*previous_;
  // RFC 8445 section 7.3 asks for the first half alone: werift's second one is of before its restart.
  if (!credentials && is_ours(current_)) credentials = &current_;
  if (!credentials || !message.check_integrity(as_bytes(credentials->local.password))) {
    return answer_error(base, from, message, 401, "Unauthorized", nullptr);
  }
  const IceParameters& local = credentials->local;
  if (message.unknown_count) return answer_error(base, from, message, 420, "Unknown Attribute", &local);
  if (!message.priority) return answer_error(base, from, message, 400, "Bad Request", &local);
  // RFC 8445 section 7.3.1.1 leaves it at the error. But to the peer's NAT it may come from elsewhere than where the
  // request went, as ours gives every destination a port of its own: only a check of ours tells the peer then.
  const bool agreed = resolve_role_conflict(base, from, message, local);
  if (!agreed && lite_) return;
  bool answered = false;
  if (agreed) {
    StunWriter writer(StunMethod::kBinding, StunClass::kSuccess, message.transaction);
    writer.add_xor_address(StunAttribute::kXorMappedAddress, from);
    writer.add_integrity(as_bytes(local.password)).add_fingerprint();
    answered = send_from(base, from, writer.finish(), false);
  }

  CandidatePair* pair = find_pair(base, from, credentials->number);
  if (!pair) {
    Candidate* local_candidate = candidate_of(base, credentials->number);
    if (!local_candidate) return;
    Candidate* remote = learn_remote(base, from, message, *credentials);
    if (remote) pair = add_pair(*local_candidate, *remote);
    if (!pair) return;
  }
  ++pair->requests_received;
  if (answered) ++pair->responses_sent;
  pair->request_received = true;
  pair->last_request = now_;
  if (lite_) return note_lite_request(*pair, message.use_candidate);
  if (agreed && role_ == IceRole::kControlled) note_nomination(*pair, message.use_candidate);
  // A pair in progress whose first transmission is still under way needs no second one at the same moment.
  const bool just_sent = pair->state == PairState::kInProgress && pair->transmissions == 1 &&
                         now_ - pair->first_unanswered < std::chrono::milliseconds(1);
  if (credentials->remote && !just_sent) trigger(*pair);
}

void Agent::note_nomination(CandidatePair& pair, bool use_candidate) {
  if (!use_candidate) {
    // The peer has turned to another pair since. Under "aggressive" nomination (RFC 5245), where several stay
    // nominated, every check says so, and the pair of the highest priority is taken.
    const auto later = [&](const auto& other) {
      return other->nominated && other->generation == pair.generation && other->nomination > pair.nomination;
    };
    if (pair.nominated && std::any_of(pairs_.begin(), pairs_.end(), later)) pair.nominated = false;
    return;
  }
  if (!pair.nominated && !pair.nominate_on_success) {
    pair.nomination = ++nominations_;
    for (const auto& other : pairs_) {
      if (other.get() != &pair && other->nominated && !healthy(*other)) other->nominated = false;
    }
  }
  if (pair.state == PairState::kSucceeded) {
    pair.nominated = true;
  } else {
    pair.nominate_on_success = true;
  }
  // The peer has moved, or its NAT has: find out at once whether the pair in use is still alive.
  if (selected_ && &pair != selected_ && selected_->unanswered == 0) {
    selected_->next_transmission = std::min(selected_->next_transmission, now_);
  }
}

}  // namespace peerwire::ice

// Local candidates: of which bases and servers, and whom they are shown to (RFC 8445 section 5.1, RFC 8838).
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {
namespace {

constexpr size_t kMaxLocalCandidates = 128;

}  // namespace

int Agent::add_base(TimePoint now, const SocketAddress& address, uint16_t local_preference, bool private_use) {
  Turn turn(*this, now);
  const int base = take_base({address, local_preference, private_use});
  if (!private_use) {
    reuse_base(base);
    gathering_.ask_known_servers(base);
  }
  return base;
}

void Agent::reuse_base(int base) {
  if (relay_only_ || closed_) return;
  Turn turn(*this, now_);
  const SocketAddress own = bases_[base].address;
  if (candidate_of(base, current_.number)) return;
  const auto external = mapping_.external_of(own);
  const bool told = bases_[base].told;
  if (external && mapping_.replaces_host() && told) {
    add_local_candidate(IceCandidateType::kHost, base, *external, {}, {}, true);
    return;
  }
  Candidate* host = add_local_candidate(IceCandidateType::kHost, base, own, {}, {}, told);
  if (!told) {
    if (host) pair_local(*host);
    return;
  }
  if (external && *external != own) {
    add_local_candidate(IceCandidateType::kServerReflexive, base, *external, own, {}, true);
  }
}

Candidate* Agent::add_local_candidate(IceCandidateType type, int base, const SocketAddress& address,
                                      const SocketAddress& related, const std::string& url, bool surface) {
  if (!has_room_for_local(base)) return nullptr;
  const Base& owner = bases_[base];
  Candidate& added = local_candidates_.emplace_back();
  added.id = "L" + std::to_string(next_id_++);
  added.address = address;
  added.base = base;
  added.generation = current_.number;
  IceCandidate& candidate = added.candidate;
  const SocketAddress& foundation_base = owner.relay ? bases_[owner.relay->base()].address : owner.address;
  const bool tcp = owner.tcp != TcpRole::kNone;
  // A relayed candidate is its own base, of which a server may give one of each family.
  const char* const apart = tcp ? "\ntcp" : owner.relay && address.is_ipv6() ? "\nipv6" : "";
  candidate.foundation = candidate_foundation(type, foundation_base, url + apart);
  const IceServer* server = owner.relay && type == IceCandidateType::kRelay ? &owner.relay->config() : nullptr;
  candidate.priority =
      server ? relay_priority(*server, owner.local_preference) : candidate_priority(type, owner.local_preference);
  if (tcp) {
    candidate.protocol = IceProtocol::kTcp;
    candidate.tcp_type = owner.tcp == TcpRole::kActive ? "active" : "passive";
    candidate.priority = tcp_priority(type, owner.tcp, owner.local_preference);
  }
  // That of a peer-reflexive one is what its check has told the peer (RFC 8445 section 7.2.5.3.1).
  if (type != IceCandidateType::kPeerReflexive) make_priority_unique(added);
  candidate.address = address.ip_text();
  candidate.port = address.port();
  candidate.type = type;
  candidate.username_fragment = current_.local.username_fragment;
  candidate.url = url;
  if (server) candidate.relay_protocol = relay_protocol(*server);
  if (const std::string* name = name_of(address)) candidate.address = *name;
  // RFC 8839 section 5.1: all but host candidates have one, and what is not to be shown is "any", port 0. Firefox takes
  // no candidate without.
  const bool shown = !related.empty() && !name_of(related);
  if (type != IceCandidateType::kHost && !shown) {
    candidate.related_address = address.is_ipv4() ? "0.0.0.0" : "::";
  } else if (shown) {
    candidate.related_address = related.ip_text();
    candidate.related_port = related.port();
  }
  if (surface) {
    // Nobody is told of what comes after the end of a generation (RFC 8838 section 13): checks show it to the peer.
    added.held = !gathering_.is_complete();
    if (!holding_) tell_held_candidates();
    // Reflexive candidates send from their base: pairs of theirs would be those of the host candidate again.
    if (type == IceCandidateType::kHost || type == IceCandidateType::kRelay) pair_local(added);
    for (const auto& pair : pairs_) {
      if (pair->local == &added) pair->late = gathering_.is_complete();
    }
  }
  return &added;
}

bool Agent::has_room_for_local(int base) {
  if (local_candidates_.size() < kMaxLocalCandidates) return true;
  // A translator that forgets now and then shows a new one each time.
  const auto is_over = [&](const Candidate& candidate) {
    return candidate.candidate.type == IceCandidateType::kPeerReflexive &&
           std::none_of(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair->local == &candidate; });
  };
  const auto oldest = std::find_if(local_candidates_.begin(), local_candidates_.end(), is_over);
  if (oldest == local_candidates_.end()) return forget_gone_beside(base);
  local_candidates_.erase(oldest);
  return true;
}

void Agent::make_priority_unique(Candidate& added) {
  // RFC 8445 section 5.1.2: several of one base are of several servers, or relayed by one in both families.
  const auto taken = [&](const Candidate& other) {
    return &other != &added && other.generation == added.generation &&
           other.candidate.priority == added.candidate.priority;
  };
  constexpr uint32_t kLocalPreference = 1 << 8;
  while (std::any_of(local_candidates_.begin(), local_candidates_.end(), taken)) {
    added.candidate.priority -= kLocalPreference;
  }
}

void Agent::release_candidates(TimePoint now) {
  Turn turn(*this, now);
  holding_ = false;
  tell_held_candidates();
}

void Agent::tell_held_candidates() {
  if (closed_ || gathering_.is_complete()) return;
  for (Candidate& candidate : local_candidates_) {
    if (!candidate.held || candidate.generation != current_.number || !bases_[candidate.base].usable) continue;
    candidate.held = false;
    emit([shown = candidate.candidate](AgentDelegate& delegate) { delegate.on_local_candidate(shown); });
  }
}

const std::string* Agent::name_of(const SocketAddress& address) const {
  const auto found =
      std::find_if(names_.begin(), names_.end(), [&](const auto& entry) { return entry.first.same_ip(address); });
  return found == names_.end() ? nullptr : &found->second;
}

void Agent::replace_local(Candidate& known, Candidate& added) {
  for (const auto& pair : pairs_) {
    if (pair->local != &known) continue;
    pair->local = &added;
    if (pair.get() == selected_) tell_selected();
  }
  local_candidates_.remove_if([&](const Candidate& candidate) { return &candidate == &known; });
}

void Agent::add_server_reflexive(int base, const SocketAddress& mapped, const SocketAddress& mapped_before,
                                 const std::string& url) {
  if (mapped_before != mapped) withdraw_reflexive(base, mapped_before);
  if (relay_only_) return;
  // RFC 8445 section 5.1.3: without a NAT the mapped address is the host candidate again.
  Candidate* known = find_local(base, mapped, current_.number);
  if (known && known->candidate.type != IceCandidateType::kPeerReflexive) return;
  // A check may have shown the same address before the server did: nobody has been told of it yet.
  Candidate* added =
      add_local_candidate(IceCandidateType::kServerReflexive, base, mapped, bases_[base].address, url, true);
  if (added && known) replace_local(*known, *added);
}

void Agent::withdraw_reflexive(int base, const SocketAddress& address) {
  local_candidates_.remove_if([&](const Candidate& candidate) {
    const bool meant = candidate.base == base && candidate.address == address &&
                       candidate.candidate.type == IceCandidateType::kServerReflexive;
    return meant && candidate.held &&
           std::none_of(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair->local == &candidate; });
  });
}

void Agent::add_relayed_candidate(int base, const std::string& url) {
  const Base& own = bases_[base];
  if (find_local(base, own.address, current_.number)) return;
  add_local_candidate(IceCandidateType::kRelay, base, own.address, relay_only_ ? SocketAddress() : own.relay->mapped(),
                      url, true);
}

bool Agent::shows_address(int base) const {
  const std::string address = bases_[base].address.ip_text();
  return std::any_of(local_candidates_.begin(), local_candidates_.end(),
                     [&](const Candidate& shown) { return shown.candidate.address == address; });
}

}  // namespace peerwire::ice

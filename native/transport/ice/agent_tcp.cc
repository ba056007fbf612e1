// ICE over TCP (RFC 6544): bases whose datagrams are frames of connections, and which candidates go with which.
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {
namespace {

constexpr auto kRetryStood = std::chrono::seconds(1);

}  // namespace

int Agent::add_tcp_base(TimePoint now, const SocketAddress& address, uint16_t local_preference, TcpRole role,
                        bool told) {
  Turn turn(*this, now);
  Base added;
  added.address = address;
  added.local_preference = local_preference;
  added.tcp = role;
  added.told = told;
  const int base = take_base(std::move(added));
  reuse_base(base);
  return base;
}

bool Agent::pairable(const Candidate& local, const Candidate& remote) const {
  const bool tcp = remote.candidate.protocol == IceProtocol::kTcp;
  switch (bases_[local.base].tcp) {
    case TcpRole::kNone:
      return !tcp;
    case TcpRole::kActive:
      return tcp && remote.candidate.tcp_type == "passive";
    case TcpRole::kPassive:
      // RFC 6544 section 6.2: no checks begin here; the pair is there once the peer has connected and asked.
      return false;
  }
  return false;
}

uint32_t Agent::prflx_priority_of(int base) const {
  const Base& own = bases_[base];
  return own.tcp == TcpRole::kNone ? prflx_priority(own.local_preference)
                                   : tcp_priority(IceCandidateType::kPeerReflexive, own.tcp, own.local_preference);
}

void Agent::connection_closed(TimePoint now, int base, const SocketAddress& remote) {
  Turn turn(*this, now);
  for (const auto& pair : pairs_) {
    if (pair->base != base || pair->remote_address() != remote) continue;
    const bool stood = pair->valid;
    pair_failed(*pair);
    // It has been made before: soon again, and not at once, for whoever closes every one.
    if (!stood) continue;
    pair->next_transmission = std::min<TimePoint>(pair->next_transmission, now + kRetryStood);
    progress_at_ = now;
  }
}

bool Agent::admits(ByteView request) const {
  const auto message = StunMessage::parse(request);
  if (!message || !message->username || !message->has_integrity()) return false;
  const std::string_view fragment = message->username->substr(0, message->username->find(':'));
  const auto ours = [&](const Generation& generation) {
    return generation.local.username_fragment == fragment &&
           message->check_integrity(as_bytes(generation.local.password));
  };
  return ours(current_) || (previous_ && ours(*previous_));
}

}  // namespace peerwire::ice

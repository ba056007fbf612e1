// A pair of the checklist with the checks that are under way on it and what it has carried.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "transport/ice/candidate.h"
#include "transport/ice/stun_message.h"

namespace peerwire::ice {

enum class PairState : uint8_t { kFrozen, kWaiting, kInProgress, kSucceeded, kFailed };

struct CandidatePair {
  /// Every transmission is a transaction of its own, so that each response measures a round trip exactly. The last
  /// few are remembered.
  struct Check {
    TransactionId transaction{};
    TimePoint sent{};
    IceRole role = IceRole::kControlling;
    bool used = false, nominating = false;
  };
  static constexpr size_t kMaxChecks = 12;

  std::string id;
  int base = -1;
  const Candidate* local = nullptr;
  const Candidate* remote = nullptr;
  uint64_t priority = 0;
  uint32_t generation = 0;
  PairState state = PairState::kFrozen;
  bool valid = false;  // a check has succeeded and consent has not run out since
  bool nominated = false;
  bool nominate_requested = false;   // controlling: our checks on it, and on no other pair, carry USE-CANDIDATE
  bool nominate_on_success = false;  // controlled: the peer has nominated it before our check succeeded
  uint32_t nomination = 0;           // controlled: counts the peer's nominations, to know the latest
  bool request_received = false;     // an authenticated check has come from the remote candidate
  bool late = false;      // its base came once gathering was complete: tried once, to be there when it is needed
  int triggered = 0;      // of the check in progress: those that a check of the peer's has brought about
  int transmissions = 0;  // of the check in progress
  int unanswered = 0;     // transmissions since the last response
  int failures = 0;       // since then
  Duration interval{};
  TimePoint next_transmission = TimePoint::max();
  TimePoint first_unanswered{}, last_transmission{}, last_response{}, last_request{}, failed_at{};

  std::array<Check, kMaxChecks> checks{};
  size_t next_check = 0;

  uint64_t packets_sent = 0, packets_received = 0, bytes_sent = 0, bytes_received = 0;
  uint64_t packets_discarded = 0, bytes_discarded = 0;
  uint64_t requests_received = 0, requests_sent = 0, responses_received = 0, responses_sent = 0, consent_sent = 0;
  std::optional<TimePoint> last_packet_sent, last_packet_received;
  Duration total_round_trip{}, round_trip = Duration(-1);

  const SocketAddress& remote_address() const { return remote->address; }
  bool relayed() const {
    return local->candidate.type == IceCandidateType::kRelay || remote->candidate.type == IceCandidateType::kRelay;
  }
  bool same_foundation(const CandidatePair& other) const {
    return local->candidate.foundation == other.local->candidate.foundation &&
           remote->candidate.foundation == other.remote->candidate.foundation;
  }
};

}  // namespace peerwire::ice

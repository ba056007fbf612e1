// What follows one another with restarts (RFC 8445 section 9): credentials, and all that is of them.
#pragma once

#include <list>
#include <optional>

#include "base/clock.h"
#include "transport/ice/candidate.h"
#include "transport/ice_transport.h"

namespace peerwire::ice {

/// What a restart replaces. Pairs and candidates carry the number.
struct Generation {
  IceParameters local;
  std::optional<IceParameters> remote;
  uint32_t number = 0;
  bool remote_ended = false;
  bool awaits_local = false;  // the peer's offer has restarted and our restart() has not been called for it yet
  bool terminal_failure = false;
  bool gathered = false;  // only of the generation before: its gathering was complete
  TimePoint first_valid_at{};
  // When one more unproven candidate may be nominated, while another pair works: later and later.
  TimePoint next_admission{};
  Duration admission_interval = std::chrono::seconds(1);
};

/// A generation that had not come to carry data when an offer of ours asked for another, which may be undone: what
/// the peer has told of it, and been told.
struct ShelvedGeneration {
  Generation generation;
  std::list<Candidate> local_candidates, remote_candidates;
};

}  // namespace peerwire::ice

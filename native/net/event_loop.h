// The platform's part of the network thread: starts a thread with its event loop.
#pragma once

#include <memory>

#include "net/network_thread.h"

namespace peerwire {

/// A running loop; its destructor runs what was posted, then joins the thread. Null when the system refuses a thread
/// or the descriptors it needs.
std::unique_ptr<NetworkThread> start_event_loop();

/// Prints `sentence` and aborts: for broken invariants, never for input.
[[noreturn]] void fail_invariant(const char* sentence);

}  // namespace peerwire

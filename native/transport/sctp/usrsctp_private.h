// The private structures of usrsctp, as usrsctp_internals.h alone uses them.
#pragma once

#include <optional>

#include "transport/sctp/message_reassembly.h"

// As the library itself is compiled: the layout of its structures depends on these.
#define __Userspace__
#define SCTP_SIMPLE_ALLOCATOR
#define SCTP_PROCESS_LEVEL_LOCKS
extern "C" {
// The first of these must come first.
// clang-format off
#include <netinet/sctp_os.h>
#include <netinet/sctp_constants.h>
#include <netinet/sctp_pcb.h>
#include <netinet/sctp_var.h>
#include <netinet/sctp_callout.h>
#include <netinet/sctp_indata.h>
#include <netinet/sctp_output.h>
#include <netinet/sctp_timer.h>
#include <netinet/sctputil.h>
// clang-format on
extern struct iterator_control sctp_it_ctl;
/// The library's time (usrsctp_stack.cc).
int peerwire_usrsctp_time(struct timeval* time, void*) noexcept;
}

namespace peerwire::usrsctp {

inline struct sctp_tcb* first_association(struct socket* so) {
  auto* inp = static_cast<struct sctp_inpcb*>(so->so_pcb);
  return inp == nullptr ? nullptr : LIST_FIRST(&inp->sctp_asoc_list);
}

/// Of a message in the read queue: the chunk it is, where it is one marked by mark_i_data().
std::optional<DataChunk> marked_chunk(const struct sctp_queued_to_read& message);
/// With the association's lock held.
void send_acknowledgement(struct sctp_tcb* stcb);

}  // namespace peerwire::usrsctp

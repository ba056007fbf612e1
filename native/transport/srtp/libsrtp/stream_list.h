// What the list of a context's streams tells beyond what libsrtp asks of it.
#pragma once

#include <srtp.h>

#include <cstddef>

namespace peerwire {

/// SSRCs that a context has met and not forgotten.
size_t srtp_stream_count(srtp_t context);
/// Of a context that receives alone: one that comes back begins anew, and packets of it that somebody has kept would
/// pass once more.
void forget_longest_unused_srtp_stream(srtp_t context);

}  // namespace peerwire

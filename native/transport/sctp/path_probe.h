// Probes of a path's MTU: SCTP packets with a HEARTBEAT and a PAD chunk (RFC 8899 section 6.2.1, RFC 4820). A peer that
// does not know PAD passes over it, as its number says, and acknowledges the HEARTBEAT all the same. Not all do: werift
// ends its process. So the transport below says which peers are to be asked (larger_packet_sizes()).
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "transport/sctp/sctp_packet.h"

namespace peerwire {

/// A probe that is `size` octets long, a multiple of four, with a checksum of zero.
Bytes make_path_probe(const SctpHeader& header, size_t size);
/// The size of the probe that `packet` acknowledges, if its first chunk does. For a packet that read_sctp_packet()
/// accepted.
std::optional<size_t> read_path_probe_acknowledgement(ByteView packet);

}  // namespace peerwire

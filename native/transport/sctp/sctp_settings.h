// Every number with which usrsctp is tuned, and where it comes from: see docs/performance.md for the measurements.
#pragma once

#include <cstddef>
#include <cstdint>

#include "transport/packet_transport.h"

struct socket;

namespace peerwire {

inline constexpr uint16_t kInitialOutgoingStreams = 1024;  // browsers use ids up to 1023; more are added on demand
inline constexpr uint16_t kMaxIncomingStreams = 65535;     // RFC 8831 section 6.2
/// Octets, each way. Enough for 400 Mbit/s over the path as ICE measured it: what is on its way has to fit into both
/// ends, and over short paths more would only wait in a longer queue.
inline constexpr int kMinSocketBufferSize = 1024 * 1024;
inline constexpr int kMaxSocketBufferSize = 4 * 1024 * 1024;
inline constexpr int kSocketBufferOctetsPerMs = 50'000;
/// Of the data given to usrsctp, how much may be unsent: what is enough to fill the congestion window when it opens.
inline constexpr size_t kMaxUnsent = 128 * 1024;
/// With interleaving, how much more may be unsent of short messages, so that they do not wait for large ones.
inline constexpr size_t kMaxUnsentShort = 64 * 1024;
/// Milliseconds that data waits for its acknowledgement at least, before it is sent again: peers may keep one back for
/// 200 (RFC 9260 section 6.2), as Chromium, Firefox, pion and servers on usrsctp do, besides the round trip. With less,
/// each message that they do not answer is sent twice, and the congestion window falls to one packet.
inline constexpr uint32_t kLeastRtoMs = 400;

/// The size of the packets that the library makes for a transport that takes `max_packet_size` octets.
size_t packet_size_for(size_t max_packet_size);

/// Once, after initialisation.
void apply_process_wide_settings();
/// Options of one socket before it connects. False with errno when the library refuses one.
bool apply_socket_settings(struct socket* so, const PacketTransport& below, bool interleaving);

}  // namespace peerwire

// The seam between two layers of a transport stack: whole packets down, whole packets up.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "net/fragmentation.h"

namespace peerwire {

/// Takes the packets that a transport received. Called on the network thread.
class PacketReceiver {
 public:
  virtual ~PacketReceiver() = default;
  virtual void on_packet(ByteView packet) = 0;
  /// The transport below can now carry packets, or no longer can.
  virtual void on_writable_changed(bool writable) = 0;
  /// Packets take another path from now on: what was known of the one before is void.
  virtual void on_path_changed() {}
};

/// A layer as seen by the layer above it. Network thread only.
class PacketTransport {
 public:
  virtual ~PacketTransport() = default;
  /// Sends one packet. False when it was not sent (not writable, too large, closed); the caller retransmits or not.
  virtual bool send_packet(ByteView packet) = 0;
  virtual bool writable() const = 0;
  /// Largest packet in octets that send_packet() takes.
  virtual size_t max_packet_size() const = 0;
  /// Sizes above max_packet_size(), ascending, that the path may carry and whose discovery is worth a probe (RFC 8899).
  /// None where packets cannot be kept from being cut on the way.
  virtual std::vector<size_t> larger_packet_sizes() const { return {}; }
  /// As send_packet(), up to the last of larger_packet_sizes().
  virtual bool send_large_packet(ByteView packet, Fragmentation) { return send_packet(packet); }
  /// Of the path that packets take, as last measured: what a first time-out begins with.
  virtual std::optional<Duration> round_trip() const { return std::nullopt; }
  /// One receiver at a time, not owned; nullptr detaches. Packets that came while there was none are kept (bounded)
  /// and handed over here.
  virtual void set_packet_receiver(PacketReceiver* receiver) = 0;
};

}  // namespace peerwire

// What RTP streams count, under the names of https://w3c.github.io/webrtc-stats/. Times in seconds unless told; -1
// where nothing is known yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace peerwire {

/// remote-inbound-rtp: what the peer's report blocks say of a stream of ours.
struct RemoteInboundStats {
  int64_t packets_lost = 0;
  double fraction_lost = 0;
  double jitter = 0;
  double round_trip_time = -1;
  double total_round_trip_time = 0;
  uint64_t round_trip_time_measurements = 0;
  uint64_t packets_received = 0;
  double timestamp_ms = 0;  // Unix epoch
};

struct OutboundStats {
  uint32_t ssrc = 0;
  std::string rid;
  bool active = false;
  uint64_t packets_sent = 0, bytes_sent = 0, header_bytes_sent = 0;
  uint64_t retransmitted_packets_sent = 0, retransmitted_bytes_sent = 0;
  double total_packet_send_delay = 0;
  uint32_t nack_count = 0, fir_count = 0, pli_count = 0;
  uint64_t frames_sent = 0, huge_frames_sent = 0, frames_encoded = 0, key_frames_encoded = 0;
  double frames_per_second = -1;
  int frame_width = 0, frame_height = 0;
  int64_t qp_sum = -1;
  double total_encode_time = 0;
  uint64_t total_encoded_bytes_target = 0;
  double target_bitrate = -1;
  const char* quality_limitation_reason = "none";
  double quality_limitation_durations[4] = {0, 0, 0, 0};  // none, cpu, bandwidth, other
  uint32_t quality_limitation_resolution_changes = 0;
  std::string encoder_implementation;
  std::optional<RemoteInboundStats> remote;
};

struct SenderStats {
  uint32_t id = 0;  // whatever the caller gave the sender
  std::vector<OutboundStats> streams;
  uint64_t source_frames = 0;
  double source_frames_per_second = -1;
  int source_width = 0, source_height = 0;
  double audio_level = 0, total_audio_energy = 0, total_samples_duration = 0;
};

/// remote-outbound-rtp: what the peer's sender reports say.
struct RemoteOutboundStats {
  uint64_t packets_sent = 0, bytes_sent = 0, reports_sent = 0;
  double timestamp_ms = 0, remote_timestamp_ms = 0;  // Unix epoch
  double round_trip_time = -1, total_round_trip_time = 0;
  uint64_t round_trip_time_measurements = 0;
};

/// A counter with the name that webrtc-stats has for it: inbound-rtp has some sixty, which nobody but JavaScript reads.
struct NamedCounter {
  const char* name;
  double value;
};

/// What was played last, of which the sender's clock is known. For estimatedPlayoutTimestamp: the sender's time of what
/// is played now, counted on from there.
struct PlayedMoment {
  int64_t capture_ntp_ms = 0;
  int64_t played_us = 0;
};

/// Milliseconds since 1900; -1: not known.
inline double estimated_playout_ms(const std::optional<PlayedMoment>& last, int64_t now_us) {
  if (!last) return -1;
  return static_cast<double>(last->capture_ntp_ms) + static_cast<double>(now_us - last->played_us) / 1000;
}

struct InboundStats {
  uint32_t ssrc = 0;
  uint32_t rtx_ssrc = 0;  // 0: none
  std::string rid;
  int payload_type = -1;
  std::string decoder_implementation;
  /// Negative where duplicates outnumber what was lost.
  int64_t packets_lost = 0;
  std::vector<NamedCounter> counters;
  std::optional<RemoteOutboundStats> remote;
};

struct ReceiverStats {
  uint32_t id = 0;
  std::vector<InboundStats> streams;
};

struct RtpTransportStats {
  double available_outgoing_bitrate = -1;
  double available_incoming_bitrate = -1;
  uint64_t packets_discarded = 0;
  uint64_t authentication_failures = 0, replays = 0;
  double total_playout_duration = 0;  // of all receivers together
  std::vector<SenderStats> senders;
  std::vector<ReceiverStats> receivers;
};

}  // namespace peerwire

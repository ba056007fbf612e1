#include "media/stream/receive_section.h"

#include <algorithm>
#include <cmath>

#include "rtp/header_extensions.h"
#include "rtp/ntp_time.h"

namespace peerwire {
namespace {

/// https://w3c.github.io/webrtc-pc/#dom-rtcrtpcontributingsource-audiolevel
double linear_level(uint8_t minus_dbov) {
  return minus_dbov >= kSilentAudioLevel ? 0 : std::pow(10.0, -minus_dbov / 20.0);
}

}  // namespace

DemuxSection demux_section(const ReceiveParameters& parameters, uint32_t id) {
  DemuxSection section;
  section.id = id;
  section.mid = parameters.mid;
  section.rids = parameters.rids;
  for (const ReceiveCodecParameters& codec : parameters.codecs) {
    if (codec.kind != ReceiveCodecParameters::Kind::kRtx) {
      section.payload_types.push_back(codec.payload_type);
    } else if (codec.associated_payload_type >= 0) {
      section.rtx.push_back({codec.payload_type, static_cast<uint8_t>(codec.associated_payload_type)});
    }
  }
  const auto is_rtx = [&](uint32_t ssrc) {
    return std::any_of(parameters.retransmission_groups.begin(), parameters.retransmission_groups.end(),
                       [ssrc](const auto& group) { return group.rtx_ssrc == ssrc; });
  };
  for (const ReceiveParameters::Source& source : parameters.sources) {
    if (is_rtx(source.ssrc)) continue;
    DemuxSection::Source known;
    known.ssrc = source.ssrc;
    for (const auto& group : parameters.retransmission_groups) {
      if (group.ssrc == source.ssrc) known.rtx_ssrc = group.rtx_ssrc;
    }
    section.sources.push_back(known);
  }
  return section;
}

bool wants(const ReceiveParameters& parameters, bool FeedbackParameters::*member) {
  return std::any_of(parameters.codecs.begin(), parameters.codecs.end(),
                     [member](const ReceiveCodecParameters& codec) { return codec.feedback.*member; });
}

void put_capture_time(TappedFrame& frame, const std::optional<AbsCaptureTime>& capture_time) {
  if (!capture_time) return;
  frame.capture_time_ms = static_cast<double>(from_ntp_time(capture_time->ntp_time)) / 1000;
  if (capture_time->clock_offset) frame.clock_offset_ms = ntp_interval_ms(*capture_time->clock_offset);
}

void put_sources(RtpSourceTable& table, const RtpPacketView& packet, const RtpExtensionMap& extensions, double unix_ms,
                 const std::optional<AbsCaptureTime>& capture_time) {
  RtpSource source;
  source.source = packet.header().ssrc;
  source.timestamp_ms = unix_ms;
  source.rtp_timestamp = packet.header().timestamp;
  if (const auto value = packet.extension(extensions, RtpExtension::kAudioLevel)) {
    if (const auto level = decode_audio_level(*value)) source.audio_level = linear_level(level->level);
  }
  source.capture_time = capture_time;
  table.put(source);
  source.capture_time.reset();
  if (packet.header().csrcs.empty()) return;
  std::optional<CsrcAudioLevels> levels;
  if (const auto value = packet.extension(extensions, RtpExtension::kCsrcAudioLevel)) {
    levels = decode_csrc_audio_levels(*value);
  }
  for (size_t index = 0; index < packet.header().csrcs.size(); ++index) {
    source.source = packet.header().csrcs[index];
    source.is_contributing = true;
    source.audio_level = levels && index < levels->count ? linear_level(levels->levels[index]) : -1;
    table.put(source);
  }
}

std::optional<RemoteOutboundStats> remote_outbound_stats(const SsrcReception& reception, double unix_ms_of_arrival,
                                                         double rtt_s, double total_rtt_s, uint64_t measurements) {
  const std::optional<RemoteSenderState>& remote = reception.remote_sender();
  if (!remote) return std::nullopt;
  RemoteOutboundStats stats;
  stats.packets_sent = remote->packets_sent;
  stats.bytes_sent = remote->bytes_sent;
  stats.reports_sent = remote->reports_received;
  stats.timestamp_ms = unix_ms_of_arrival;
  stats.remote_timestamp_ms = static_cast<double>(from_ntp_time(remote->ntp_time)) / 1000;
  stats.round_trip_time = rtt_s;
  stats.total_round_trip_time = total_rtt_s;
  stats.round_trip_time_measurements = measurements;
  return stats;
}

}  // namespace peerwire

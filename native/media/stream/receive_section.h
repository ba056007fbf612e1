// What receiving sections of both kinds have in common: their parameters as the demultiplexer and the table of sources
// want them.
#pragma once

#include "media/stream/encoded_frame.h"
#include "media/stream/media_parameters.h"
#include "media/stream/rtp_source_table.h"
#include "rtp/header_extensions.h"
#include "rtp/packet_demuxer.h"
#include "rtp/reception_statistics.h"

namespace peerwire {

DemuxSection demux_section(const ReceiveParameters& parameters, uint32_t id);
/// Whether one of the codecs has the feedback that `member` points to.
bool wants(const ReceiveParameters& parameters, bool FeedbackParameters::*member);

/// Of a received frame that was captured then, if that is known.
void put_capture_time(TappedFrame& frame, const std::optional<AbsCaptureTime>& capture_time);
/// The SSRC and the CSRCs of a packet, with their levels where it tells them.
void put_sources(RtpSourceTable& table, const RtpPacketView& packet, const RtpExtensionMap& extensions, double unix_ms,
                 const std::optional<AbsCaptureTime>& capture_time);

/// By what sender reports and answers to our own say.
std::optional<RemoteOutboundStats> remote_outbound_stats(const SsrcReception& reception, double unix_ms_of_arrival,
                                                         double rtt_s, double total_rtt_s, uint64_t measurements);

}  // namespace peerwire

// RtpTransport's part in RTCP: reports of both directions, feedback, and what follows from what the peer reports.
#include <algorithm>
#include <array>
#include <utility>

#include "media/stream/rtcp_addressees.h"
#include "media/stream/rtp_transport.h"
#include "rtp/ntp_time.h"

namespace peerwire {
namespace {

constexpr size_t kMaxReportBlocks = 31;

}  // namespace

uint32_t RtpTransport::local_ssrc() const {
  return streams_.empty() ? own_ssrc_ : streams_.front()->ssrc();
}

rtcp::SourceDescription RtpTransport::description() const {
  return {{{local_ssrc(), streams_.empty() ? cname_ : streams_.front()->config().cname}}};
}

std::vector<rtcp::ReportBlock> RtpTransport::take_report_blocks_to_send(int64_t now_us) {
  std::vector<rtcp::ReportBlock> blocks;
  for (ReceivingSection* section : receiving_) section->add_report_blocks(blocks, now_us);
  return blocks;
}

/// RFC 3550 section 6.1: "additional RR packets" have what does not go into one. Each in a datagram of its own, as 31
/// blocks fill one.
void RtpTransport::send_further_reports(std::vector<rtcp::ReportBlock>& blocks) {
  while (blocks.size() > kMaxReportBlocks) {
    const auto from = blocks.end() - kMaxReportBlocks;
    std::vector<rtcp::Packet> packets;
    packets.emplace_back(rtcp::ReceiverReport{local_ssrc(), {from, blocks.end()}});
    packets.emplace_back(description());
    send_rtcp(packets);
    blocks.erase(from, blocks.end());
  }
}

void RtpTransport::send_reports(int64_t now_us) {
  std::vector<rtcp::ReportBlock> blocks = take_report_blocks_to_send(now_us);
  send_further_reports(blocks);
  std::vector<rtcp::ExtendedReport::Dlrr> answers = take_answers_to_reference_times(now_us);
  const uint64_t ntp = ntp_now();
  // A compound packet for each sender, as libwebrtc makes them: receivers (GStreamer's) may look at the first report of
  // a packet alone, and would never learn how to play the streams of the others together.
  bool is_anything_sent = false;
  for (const RtpSendStream* stream : streams_) {
    std::optional<rtcp::SenderReport> report = stream->sender_report(now_us, ntp);
    if (!report) continue;
    is_anything_sent = true;
    report->report_blocks = std::exchange(blocks, {});
    std::vector<rtcp::Packet> packets;
    packets.emplace_back(std::move(*report));
    packets.emplace_back(rtcp::SourceDescription{{{stream->ssrc(), stream->config().cname}}});
    // By each of them: a receiver notes the round trip of the stream that answers.
    if (!answers.empty()) packets.emplace_back(rtcp::ExtendedReport{stream->ssrc(), {}, answers});
    send_rtcp(packets);
  }
  if (is_anything_sent || receiving_.empty()) return;
  std::vector<rtcp::Packet> packets;
  packets.emplace_back(rtcp::ReceiverReport{local_ssrc(), std::move(blocks)});
  packets.emplace_back(description());
  // Without reports of ours there is no other way to measure the round trip.
  packets.emplace_back(rtcp::ExtendedReport{local_ssrc(), ntp, std::move(answers)});
  send_rtcp(packets);
}

std::vector<rtcp::ExtendedReport::Dlrr> RtpTransport::take_answers_to_reference_times(int64_t now_us) {
  std::vector<rtcp::ExtendedReport::Dlrr> answers;
  for (const auto& [ssrc, reference] : reference_times_) {
    answers.push_back({ssrc, reference.first, to_compact_ntp_interval(now_us - reference.second)});
  }
  reference_times_.clear();
  return answers;
}

void RtpTransport::send_feedback(rtcp::Packet packet, bool reduced_size) {
  std::vector<rtcp::Packet> packets;
  if (!reduced_size) {
    // RFC 4585 section 3.1: a compound packet begins with a report.
    packets.emplace_back(rtcp::ReceiverReport{local_ssrc(), {}});
    packets.emplace_back(description());
  }
  packets.push_back(std::move(packet));
  send_rtcp(packets);
}

void RtpTransport::send_bye(uint32_t ssrc, bool reduced_size) {
  send_feedback(rtcp::Bye{{ssrc}, {}}, reduced_size);
}

void RtpTransport::send_rtcp(std::span<const rtcp::Packet> packets) {
  if (!can_send()) return;
  const Bytes plain = rtcp::serialize(packets);
  if (plain.empty() || plain.size() + SrtpSession::kMaxRtcpOverhead > send_buffer_.size()) return;
  if (may_have_taps_) {
    for (ReceivingSection* section : receiving_) {
      PacketTap* tap = section->packet_tap();
      if (tap && addresses(packets, *section)) tap->on_packet(plain, true);
    }
  }
  std::copy(plain.begin(), plain.end(), send_buffer_.begin());
  const size_t size = srtp_->protect_rtcp(send_buffer_, plain.size());
  if (size > 0) lower_.send_packet(ByteView(send_buffer_.data(), size));
}

void RtpTransport::take_report_blocks(std::span<const rtcp::ReportBlock> blocks, int64_t now_us) {
  const uint32_t now_compact = to_compact_ntp(ntp_now());
  std::optional<int64_t> rtt;
  std::vector<rtcp::ReportBlock> ours;
  for (const rtcp::ReportBlock& block : blocks) {
    RtpSendStream* stream = find_stream(block.ssrc);
    if (!stream) continue;
    const auto measured =
        round_trip_time_us(now_compact, block.last_sender_report, block.delay_since_last_sender_report);
    if (measured) rtt = rtt ? std::min(*rtt, *measured) : *measured;
    if (stream->ssrc() != block.ssrc) {
      stream->on_rtx_reported(block);
      continue;
    }
    stream->on_report_block(block, unix_ms(), measured);
    ours.push_back(block);
  }
  if (ours.empty()) return;
  if (rtt) rtt_us_ = *rtt;
  control_->on_report_blocks(ours, rtt, now_us);
}

void RtpTransport::take_extended_report(const rtcp::ExtendedReport& report, int64_t now_us) {
  if (report.receiver_reference_ntp_time) {
    // RFC 3611 section 4.5: answered with the next report.
    reference_times_[report.sender_ssrc] = {to_compact_ntp(*report.receiver_reference_ntp_time), now_us};
    if (reference_times_.size() > kMaxReportBlocks) reference_times_.erase(reference_times_.begin());
  }
  const uint32_t now_compact = to_compact_ntp(ntp_now());
  for (const auto& entry : report.dlrr) {
    if (entry.ssrc != local_ssrc()) continue;
    if (const auto rtt = round_trip_time_us(now_compact, entry.last_rr, entry.delay_since_last_rr)) {
      if (control_->rtt_us() == 0) rtt_us_ = *rtt;
      for (ReceivingSection* section : receiving_) section->on_dlrr(report.sender_ssrc, *rtt);
    }
  }
}

}  // namespace peerwire

#include "media/stream/rtp_transport.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "media/stream/receive_section.h"
#include "media/stream/rtcp_addressees.h"
#include "rtp/header_extensions.h"
#include "rtp/ntp_time.h"
#include "transport/ice/random_source.h"

namespace peerwire {
namespace {

/// Browsers' number: fits every path that DTLS got through, with tunnels, SRTP and TURN.
constexpr size_t kMaxRtpPacketSize = 1200;
/// Authentication tag, and what SRTCP adds.
constexpr size_t kSrtpOverhead = 16 + 4;
constexpr size_t kMaxDatagramSize = 2048;
constexpr size_t kMaxEarlyPackets = 128;
/// Reports once a second, a half more or less, so that peers do not fall into step (RFC 3550 section 6.3.5).
constexpr int64_t kReportIntervalUs = 1'000'000;
constexpr int64_t kEarliestReportUs = 200'000;

int64_t to_us(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

/// One for all transports: what is sent over several is played together by the times of its reports.
const NtpClock& ntp_clock() {
  static const NtpClock clock = [] {
    const int64_t now_us = to_us(Clock::now());
    return NtpClock(static_cast<int64_t>(UnixClock().ms_of(now_us) * 1000), now_us);
  }();
  return clock;
}

/// RFC 5761 section 4: payload types 64 to 95 with the marker bit are RTCP.
bool is_rtcp(ByteView packet) {
  return packet.size() >= 2 && packet[1] >= 192 && packet[1] <= 223;
}

/// Held by the network thread to its end: who lets go of the workers last waits for what they are at, and the thread
/// has other connections to serve when its last transport of media closes.
struct Workers {
  const std::shared_ptr<WorkerPool> pool = WorkerPool::acquire();
};

}  // namespace

RtpTransport::RtpTransport(NetworkThread& network, DtlsTransport& dtls, PacketTransport& lower, UnixClock clock)
    : network_(network),
      dtls_(dtls),
      lower_(lower),
      clock_(clock),
      pool_(network.part<Workers>().pool),
      own_ssrc_(static_cast<uint32_t>(ice::RandomSource::system().u64() | 1)),
      cname_(std::to_string(ice::RandomSource::system().u64())) {
  receive_buffer_.reserve(kMaxDatagramSize);
  send_buffer_.resize(kMaxDatagramSize);
  control_ = std::make_unique<SendControl>(*this, now_us());
  dtls_.set_rtp_receiver(this);
}

RtpTransport::~RtpTransport() {
  network_.cancel_timer(timer_);
  dtls_.set_rtp_receiver(nullptr);
}

int64_t RtpTransport::now_us() const {
  return to_us(Clock::now());
}

TimePoint RtpTransport::time_of(int64_t us) const {
  return TimePoint(std::chrono::microseconds(us));
}

uint64_t RtpTransport::random() {
  return ice::RandomSource::system().u64();
}

uint64_t RtpTransport::ntp_of(int64_t monotonic_us) const {
  return ntp_clock().at(monotonic_us);
}

uint64_t RtpTransport::ntp_now() const {
  return ntp_of(now_us());
}

double RtpTransport::unix_ms() const {
  return unix_ms_of(now_us());
}

double RtpTransport::unix_ms_of(int64_t monotonic_us) const {
  return clock_.ms_of(monotonic_us);
}

int64_t RtpTransport::monotonic_us_of(double unix_ms) const {
  // No further away than anything that is sent could be from.
  constexpr double kMaxDistanceMs = 86'400'000;
  const int64_t now = now_us();
  return now + static_cast<int64_t>(std::clamp(unix_ms - unix_ms_of(now), -kMaxDistanceMs, kMaxDistanceMs) * 1000);
}

size_t RtpTransport::max_rtp_packet_size() const {
  const size_t lower = lower_.max_packet_size();
  return lower > kSrtpOverhead + 256 ? std::min(kMaxRtpPacketSize, lower - kSrtpOverhead) : 256;
}

// ---- keys ----

void RtpTransport::on_dtls_state(DtlsTransportState state) {
  const bool connected = state == DtlsTransportState::kConnected;
  if (connected && !srtp_) open_srtp();
  if (connected_ == connected) return;
  connected_ = connected;
  update_can_send();
  if (!connected) return;
  next_report_us_ = now_us() + kEarliestReportUs;
  const std::deque<Bytes> early = std::exchange(early_packets_, {});
  for (const Bytes& packet : early) on_packet(packet);
  reschedule();
}

void RtpTransport::update_can_send() {
  const bool can = can_send();
  if (can == could_send_) return;
  could_send_ = can;
  // When there is a path again what waits is stale: it would leave as a burst of sound and pictures that nobody misses.
  if (!can) {
    for (RtpSendStream* stream : streams_) stream->drop_waiting();
  }
  control_->on_network_available(can, now_us());
  for (const auto& [id, section] : std::map(sending_)) section->on_transport_state(can);
  // Only now do the sections say what they want to send: it would have to wait for the next allocation else.
  control_->allocate(now_us());
}

void RtpTransport::on_path_changed() {
  control_->on_route_change(now_us());
  reschedule();
}

void RtpTransport::open_srtp() {
  const ByteView keys = dtls_.srtp_keying_material();
  if (keys.empty()) return;
  srtp_ = SrtpSession::create(dtls_.info().srtp_cipher, keys, dtls_.role());
}

// ---- in ----

void RtpTransport::on_packet(ByteView packet) {
  if (!srtp_) {
    // The peer was ready first: what it sends meanwhile is not lost.
    if (!connected_ && early_packets_.size() < kMaxEarlyPackets && packet.size() <= kMaxDatagramSize) {
      early_packets_.emplace_back(packet.begin(), packet.end());
    }
    return;
  }
  if (packet.size() > kMaxDatagramSize) return;
  const int64_t now = now_us();
  receive_buffer_.assign(packet.begin(), packet.end());
  if (is_rtcp(packet)) {
    take_rtcp(receive_buffer_, now);
  } else {
    take_rtp(receive_buffer_, now);
  }
  reschedule();
}

void RtpTransport::take_rtp(Bytes& octets, int64_t now_us) {
  const size_t size = srtp_->unprotect_rtp(octets);
  if (size == 0) return;
  const std::span<uint8_t> plain(octets.data(), size);
  const std::optional<RtpPacketView> packet = RtpPacketView::parse(plain);
  if (!packet) {
    ++packets_discarded_;
    return;
  }
  estimate(*packet, octets.size(), now_us);
  take_plain_rtp(*packet, plain, now_us);
}

void RtpTransport::estimate(const RtpPacketView& packet, size_t protected_size, int64_t now_us) {
  if (feedback_ && receive_extensions_.has(RtpExtension::kTransportWideSequenceNumber)) {
    if (const auto value = packet.extension(receive_extensions_, RtpExtension::kTransportWideSequenceNumber)) {
      if (const auto number = decode_transport_sequence_number(*value)) {
        feedback_->on_packet(*number, packet.header().ssrc, protected_size, packet.header().marker, now_us);
      }
    }
  }
  if (estimator_ && receive_extensions_.has(RtpExtension::kAbsSendTime)) {
    if (const auto value = packet.extension(receive_extensions_, RtpExtension::kAbsSendTime)) {
      if (const auto time = decode_abs_send_time(*value)) {
        estimator_->on_packet(*time, packet.header().ssrc, packet.data().size(), now_us);
      }
    }
  }
}

void RtpTransport::take_plain_rtp(const RtpPacketView& packet, std::span<uint8_t> octets, int64_t now_us) {
  const std::optional<StreamRoute> route = demuxer_.demux(packet);
  ReceivingSection* section = route ? find_section(route->section) : nullptr;
  if (!section || !section->parameters().active) {
    ++packets_discarded_;
    return;
  }
  if (PacketTap* tap = section->packet_tap()) tap->on_packet(octets, false);
  section->on_rtp_packet(packet, octets, *route, now_us);
}

ReceivingSection* RtpTransport::find_section(uint32_t id) const {
  for (ReceivingSection* section : receiving_) {
    if (section->section_id() == id) return section;
  }
  return nullptr;
}

void RtpTransport::take_rtcp(Bytes& octets, int64_t now_us) {
  const size_t size = srtp_->unprotect_rtcp(octets);
  if (size == 0) return;
  take_plain_rtcp(ByteView(octets.data(), size), now_us);
}

void RtpTransport::take_plain_rtcp(ByteView octets, int64_t now_us) {
  const std::vector<rtcp::Packet> packets = rtcp::parse(octets, feedback_budget_);
  if (may_have_taps_) {
    for (const auto& [id, section] : sending_) {
      PacketTap* tap = section->packet_tap();
      if (tap && addresses(packets, *section)) tap->on_packet(octets, true);
    }
  }
  for (const rtcp::Packet& packet : packets) take(packet, now_us);
}

void RtpTransport::take_packet(Bytes packet, bool is_rtcp) {
  if (packet.size() > kMaxDatagramSize) return;
  if (is_rtcp) {
    take_plain_rtcp(packet, now_us());
  } else if (const auto view = RtpPacketView::parse(packet)) {
    take_plain_rtp(*view, packet, now_us());
  }
  reschedule();
}

void RtpTransport::send_packet(ByteView packet, bool is_rtcp) {
  if (!can_send() || packet.empty() || packet.size() + kSrtpOverhead + 16 > send_buffer_.size()) return;
  if (!is_rtcp && !RtpPacketView::parse(packet)) return;
  std::copy(packet.begin(), packet.end(), send_buffer_.begin());
  const size_t size =
      is_rtcp ? srtp_->protect_rtcp(send_buffer_, packet.size()) : srtp_->protect_rtp(send_buffer_, packet.size());
  if (size > 0) lower_.send_packet(ByteView(send_buffer_.data(), size));
}

RtpSendStream* RtpTransport::find_stream(uint32_t ssrc) const {
  for (RtpSendStream* stream : streams_) {
    if (stream->ssrc() == ssrc || (stream->rtx_ssrc() != 0 && stream->rtx_ssrc() == ssrc)) return stream;
  }
  return nullptr;
}

void RtpTransport::take(const rtcp::Packet& packet, int64_t now_us) {
  if (const auto* report = std::get_if<rtcp::SenderReport>(&packet)) {
    for (ReceivingSection* section : receiving_) section->on_sender_report(*report, now_us);
    take_report_blocks(report->report_blocks, now_us);
  } else if (const auto* received = std::get_if<rtcp::ReceiverReport>(&packet)) {
    take_report_blocks(received->report_blocks, now_us);
  } else if (const auto* bye = std::get_if<rtcp::Bye>(&packet)) {
    for (const uint32_t ssrc : bye->ssrcs) {
      for (ReceivingSection* section : receiving_) section->on_bye(ssrc);
      demuxer_.forget(ssrc);
    }
  } else if (const auto* nack = std::get_if<rtcp::Nack>(&packet)) {
    if (RtpSendStream* stream = find_stream(nack->media_ssrc)) {
      stream->on_nack(nack->sequence_numbers, now_us, rtt_us());
    }
  } else if (const auto* pli = std::get_if<rtcp::PictureLossIndication>(&packet)) {
    if (RtpSendStream* stream = find_stream(pli->media_ssrc)) stream->on_pli();
  } else if (const auto* fir = std::get_if<rtcp::FullIntraRequest>(&packet)) {
    for (const auto& entry : fir->entries) {
      if (RtpSendStream* stream = find_stream(entry.ssrc)) stream->on_fir(fir->sender_ssrc, entry.sequence_number);
    }
  } else if (const auto* remb = std::get_if<rtcp::ReceiverEstimatedMaximumBitrate>(&packet)) {
    control_->on_remb(remb->bitrate_bps, now_us);
  } else if (const auto* feedback = std::get_if<rtcp::TransportFeedback>(&packet)) {
    control_->on_transport_feedback(*feedback, now_us);
  } else if (const auto* extended = std::get_if<rtcp::ExtendedReport>(&packet)) {
    take_extended_report(*extended, now_us);
  }
}

// ---- out ----

void RtpTransport::resend(ByteView octets) {
  if (can_send()) lower_.send_packet(octets);
}

void RtpTransport::enqueue(std::unique_ptr<RtpPacketToSend> packet) {
  control_->enqueue(std::move(packet), now_us());
  // What one task brings leaves together.
  if (flush_pending_) return;
  flush_pending_ = true;
  network_.defer([weak = std::weak_ptr(alive_)] {
    if (const auto alive = weak.lock()) {
      alive->transport->flush_pending_ = false;
      alive->transport->process();
    }
  });
}

bool RtpTransport::wants_transport_feedback(const RtpPacketToSend& packet) const {
  const RtpSendStream* stream = find_stream(packet.header.ssrc);
  return stream && stream->config().extensions.has(RtpExtension::kTransportWideSequenceNumber);
}

size_t RtpTransport::size_of(const RtpPacketToSend& packet) const {
  const RtpSendStream* stream = find_stream(packet.header.ssrc);
  return stream ? packet.size(stream->config().extensions) + kSrtpOverhead : 0;
}

size_t RtpTransport::send_now(std::unique_ptr<RtpPacketToSend> packet,
                              std::optional<uint16_t> transport_sequence_number, int64_t now_us) {
  RtpSendStream* stream = find_stream(packet->header.ssrc);
  if (!stream || !can_send()) return 0;
  const RtpExtensionMap& extensions = stream->config().extensions;
  const std::span<uint8_t> room(send_buffer_.data(), send_buffer_.size() - kSrtpOverhead);
  const size_t plain_size = packet->write_to(room, extensions);
  if (plain_size == 0) return 0;
  const std::span<uint8_t> plain(send_buffer_.data(), plain_size);
  if (transport_sequence_number) {
    stamp_transport_sequence_number(plain, extensions, *transport_sequence_number);
    feedback_budget_ = std::min(feedback_budget_ + kFeedbackForAPacket, kMaxFeedbackBudget);
  }
  stamp_abs_send_time(plain, extensions, now_us);
  if (may_have_taps_) {
    for (const auto& [id, section] : sending_) {
      PacketTap* tap = section->packet_tap();
      if (tap && section->has_ssrc(packet->header.ssrc)) tap->on_packet(plain, false);
    }
  }
  const size_t size = srtp_->protect_rtp(send_buffer_, plain_size);
  if (size == 0) return 0;
  const ByteView octets(send_buffer_.data(), size);
  lower_.send_packet(octets);
  const size_t payload_size = packet->is_padding ? 0 : packet->payload.size();
  stream->on_sent(std::move(packet), octets, payload_size, plain_size - payload_size, now_us);
  return size;
}

std::unique_ptr<RtpPacketToSend> RtpTransport::make_padding(size_t octets, bool is_queue_empty, int64_t now_us) {
  RtpSendStream* chosen = nullptr;
  for (RtpSendStream* stream : streams_) {
    if (stream->is_audio() || !stream->can_pad(is_queue_empty)) continue;
    // Of a stream that is paused, if there is no other: without padding nothing shows that it may go on.
    if (!chosen || (chosen->target_bitrate() == 0 && stream->target_bitrate() > 0)) chosen = stream;
  }
  return chosen ? chosen->padding(octets, now_us) : nullptr;
}

void RtpTransport::add_streams(std::vector<BitrateAllocator::Audio>& audio,
                               std::vector<BitrateAllocator::Video>& video) {
  for (const auto& [id, section] : sending_) section->add_streams(audio, video);
}

void RtpTransport::set_bitrates(const BitrateAllocator::Share& share) {
  const auto found = sending_.find(static_cast<uint32_t>(share.id));
  if (found != sending_.end()) found->second->set_bitrates(share);
}

void RtpTransport::add(RtpSendStream& stream) {
  streams_.push_back(&stream);
  set_weight(stream);
}

uint16_t RtpTransport::first_sequence_number(uint32_t ssrc) {
  const auto before = next_sequence_numbers_.find(ssrc);
  // Low ones, so that a receiver sees no wrap at once (RFC 3550 section 5.1 wants them to be random).
  return before == next_sequence_numbers_.end() ? static_cast<uint16_t>(random() & 0x7fff) : before->second;
}

void RtpTransport::set_weight(const RtpSendStream& stream) {
  control_->set_stream_weight(stream.ssrc(), weight_of(stream.config().encoding.priority));
}

void RtpTransport::remove(RtpSendStream& stream) {
  std::erase(streams_, &stream);
  control_->remove_stream(stream.ssrc());
  if (stream.rtx_ssrc() != 0) control_->remove_stream(stream.rtx_ssrc());
}

void RtpTransport::add(SendingSection& section) {
  sending_[section.section_id()] = &section;
}

void RtpTransport::remove(SendingSection& section) {
  sending_.erase(section.section_id());
}

void RtpTransport::add(ReceivingSection& section) {
  receiving_.push_back(&section);
}

void RtpTransport::remove(ReceivingSection& section) {
  std::erase(receiving_, &section);
  demuxer_.remove_section(section.section_id());
  update_receiving();
}

void RtpTransport::allocate() {
  control_->want_allocation();
  reschedule();
}

void RtpTransport::update_receiving() {
  // What any section has negotiated: the numbers are those of all (RFC 8843 section 9.1), and a packet is looked at
  // before it is known whose it is.
  RtpExtensionMap map;
  bool transport_cc = false;
  bool remb = false;
  for (const ReceivingSection* section : receiving_) {
    const ReceiveParameters& parameters = section->parameters();
    if (!parameters.active) continue;
    for (size_t index = 0; index < static_cast<size_t>(RtpExtension::kCount); ++index) {
      const auto extension = static_cast<RtpExtension>(index);
      if (parameters.extensions.has(extension)) map.set(extension, parameters.extensions.id_of(extension));
    }
    transport_cc = transport_cc || wants(parameters, &FeedbackParameters::transport_cc);
    remb = remb || wants(parameters, &FeedbackParameters::remb);
  }
  receive_extensions_ = map;
  demuxer_.set_extensions(map);
  const bool can_feed_back = transport_cc && map.has(RtpExtension::kTransportWideSequenceNumber);
  if (can_feed_back && !feedback_) {
    feedback_ = std::make_unique<congestion::TransportFeedbackGenerator>(local_ssrc());
  } else if (!can_feed_back) {
    feedback_.reset();
  }
  // RFC-to-be REMB: only where there is nothing better.
  const bool can_estimate = !can_feed_back && remb && map.has(RtpExtension::kAbsSendTime);
  if (can_estimate && !estimator_) {
    estimator_ = std::make_unique<congestion::ReceiveSideEstimator>(local_ssrc());
  } else if (!can_estimate) {
    estimator_.reset();
  }
}

// ---- time ----

void RtpTransport::process() {
  // Without a path nothing is sent into the void, and nothing is concluded from what does not arrive.
  update_can_send();
  const int64_t now = now_us();
  int64_t next = control_->process(now);
  for (ReceivingSection* section : std::vector(receiving_)) next = std::min(next, section->process(now));
  if (feedback_) {
    for (rtcp::TransportFeedback& packet : feedback_->process(now)) {
      const bool reduced = !receiving_.empty() && receiving_.front()->reduced_size_rtcp();
      send_feedback(std::move(packet), reduced);
    }
    next = std::min(next, feedback_->next_us());
  }
  if (estimator_) {
    if (auto remb = estimator_->process(now)) {
      remb->sender_ssrc = local_ssrc();
      send_feedback(std::move(*remb), !receiving_.empty() && receiving_.front()->reduced_size_rtcp());
    }
    next = std::min(next, now + congestion::kProcessIntervalUs);
  }
  if (connected_ && (!receiving_.empty() || !streams_.empty())) {
    if (now >= next_report_us_) {
      next_report_us_ = now + kReportIntervalUs / 2 + static_cast<int64_t>(random() % kReportIntervalUs);
      send_reports(now);
    }
    next = std::min(next, next_report_us_);
    lip_sync_.process(receiving_, now);
  }
  set_timer(next);
}

void RtpTransport::set_timer(int64_t at_us) {
  network_.cancel_timer(timer_);
  timer_ = NetworkThread::kNoTimer;
  if (at_us == INT64_MAX) return;
  timer_ = network_.start_timer(time_of(at_us), [this] {
    timer_ = NetworkThread::kNoTimer;
    process();
  });
}

void RtpTransport::reschedule() {
  // What a burst of datagrams brings is looked at once, at the end of the turn.
  if (flush_pending_) return;
  flush_pending_ = true;
  network_.defer([weak = std::weak_ptr(alive_)] {
    if (const auto alive = weak.lock()) {
      alive->transport->flush_pending_ = false;
      alive->transport->process();
    }
  });
}

void RtpTransport::on_played(int64_t from_us, int64_t duration_us) {
  if (from_us < played_until_us_) return;
  played_until_us_ = from_us + duration_us;
  total_played_us_ += duration_us;
}

RtpTransportStats RtpTransport::stats() {
  RtpTransportStats stats;
  const int64_t now = now_us();
  if (control_->available_bps() > 0) stats.available_outgoing_bitrate = static_cast<double>(control_->available_bps());
  if (estimator_ && estimator_->estimate_bps()) {
    stats.available_incoming_bitrate = static_cast<double>(*estimator_->estimate_bps());
  }
  stats.packets_discarded = packets_discarded_;
  if (srtp_) {
    stats.authentication_failures = srtp_->counters().unauthenticated_packets;
    stats.replays = srtp_->counters().replayed_packets;
  }
  stats.total_playout_duration = static_cast<double>(total_played_us_) / 1e6;
  for (const auto& [id, section] : sending_) stats.senders.push_back(section->stats());
  for (ReceivingSection* section : receiving_) stats.receivers.push_back(section->stats(now));
  return stats;
}

}  // namespace peerwire

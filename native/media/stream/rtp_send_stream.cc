#include "media/stream/rtp_send_stream.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "media/stream/rtp_transport.h"
#include "rtp/header_extensions.h"
#include "rtp/ntp_time.h"
#include "rtp/rtx.h"

namespace peerwire {
namespace {

/// Header, CSRCs aside, and the extensions that a packet of ours carries at most.
constexpr size_t kRtpHeaderSize = 12;
constexpr size_t kRtxHeaderSize = 2;
/// Packets kept to be sent again where there is no RTX.
constexpr size_t kSentOctets = 512;
/// As often as a receiver asks for one. No pacer holds these back: who asks in a loop would get as much as the machine
/// can send.
constexpr int kMaxResent = 10;
/// Forwarders pass on the requests of those behind them. Of more the number of the last one may count again.
constexpr size_t kMaxRequesters = 64;
constexpr double kHugeFrameFactor =
    2.5;  // https://w3c.github.io/webrtc-stats/#dom-rtcoutboundrtpstreamstats-hugeframessent
/// As long as no round trip is known: a peer that asks in a loop is not to be answered in one.
constexpr int64_t kMinResendUs = 5'000;
/// Of timestamps that are compared: much less than half of those that 32 bits hold, at 90 kHz 6.6 hours.
constexpr int64_t kLongPauseUs = 3600ll * 1'000'000;
/// Placeholders, written over when the packet leaves.
constexpr uint8_t kUnstamped[3] = {0, 0, 0};
/// Of each packet of padding alone, as in browsers, however little is wanted: with RTX a server may take the first two
/// octets for an original number, and one that gets fewer writes where it must not (Janus, which ends by that).
constexpr size_t kPaddingSize = 224;

/// Whether who reports has seen a packet of that number, or of a later one.
bool reaches(const rtcp::ReportBlock& block, uint16_t sequence_number) {
  const auto highest = static_cast<uint16_t>(block.extended_highest_sequence_number);
  return static_cast<int16_t>(highest - sequence_number) >= 0;
}

}  // namespace

RtpSendStream::RtpSendStream(RtpTransport& transport, Config config, RtpSendStreamObserver* observer)
    : transport_(transport),
      config_(std::move(config)),
      observer_(observer),
      sequence_number_(transport.first_sequence_number(config_.encoding.ssrc)),
      rtx_sequence_number_(transport.first_sequence_number(config_.encoding.rtx_ssrc)),
      timestamp_offset_(static_cast<uint32_t>(transport.random())) {
  if (!is_audio()) packetizer_ = Packetizer::create(packetizer_settings());
  identify();
  transport_.add(*this);
}

RtpSendStream::~RtpSendStream() {
  transport_.keep_sequence_number(config_.encoding.ssrc, sequence_number_);
  transport_.keep_sequence_number(config_.encoding.rtx_ssrc, rtx_sequence_number_);
  transport_.remove(*this);
}

PacketizerSettings RtpSendStream::packetizer_settings() const {
  PacketizerSettings settings;
  settings.codec = config_.encoding.codec.video;
  settings.single_nal_units = config_.encoding.codec.single_nal_units;
  const uint64_t random = transport_.random();
  settings.first_picture_id = static_cast<uint16_t>(random & 0x7fff);
  settings.first_tl0_index = static_cast<uint8_t>(random >> 16);
  return settings;
}

void RtpSendStream::configure(Config config) {
  const SendCodecParameters before = config_.encoding.codec;
  if (config.mid != config_.mid || config.encoding.rid != config_.encoding.rid) identify();
  config_ = std::move(config);
  transport_.set_weight(*this);
  const SendCodecParameters& codec = config_.encoding.codec;
  if (!is_audio() && (codec.video != before.video || codec.single_nal_units != before.single_nal_units)) {
    packetizer_ = Packetizer::create(packetizer_settings());
  }
  // RTX has a payload type for each codec: what was sent as another one cannot be repaired with the new one's.
  if (codec.payload_type != before.payload_type) cache_.clear();
}

size_t RtpSendStream::max_payload_size() const {
  size_t extensions = 4 + 3 + 2 * 3;  // the header, transport-wide number, and paddings
  if (config_.extensions.has(RtpExtension::kAbsSendTime)) extensions += 4;
  if (config_.extensions.has(RtpExtension::kAbsCaptureTime)) extensions += 1 + kAbsCaptureTimeSize;
  if (config_.extensions.has(RtpExtension::kMid)) extensions += 1 + config_.mid.size();
  if (!config_.encoding.rid.empty()) extensions += 1 + config_.encoding.rid.size();
  if (config_.extensions.has(RtpExtension::kVideoOrientation)) extensions += 2;
  if (config_.extensions.has(RtpExtension::kDependencyDescriptor)) extensions += 1 + kMinDependencyDescriptorSize;
  return transport_.max_rtp_packet_size() - kRtpHeaderSize - kRtxHeaderSize - extensions;
}

uint32_t RtpSendStream::rtp_timestamp_of(int64_t capture_time_us) const {
  return timestamp_offset_ + ticks_of(capture_time_us, config_.encoding.codec.clock_rate);
}

void RtpSendStream::tell_capture_time(RtpPacketToSend& packet, double unix_ms) const {
  if (!config_.extensions.has(RtpExtension::kAbsCaptureTime)) return;
  // No further from 1970 than a clock can be: what programs say is not checked.
  constexpr double kMaxUnixMs = 4e12;
  const double ms = std::clamp(unix_ms, 0.0, kMaxUnixMs);
  const AbsCaptureTime time{to_ntp_time(static_cast<int64_t>(std::llround(ms * 1000))), 0};
  packet.set_extension(RtpExtension::kAbsCaptureTime, encode_abs_capture_time(time));
}

void RtpSendStream::add_extensions(RtpPacketToSend& packet, bool is_retransmission) const {
  const RtpExtensionMap& map = config_.extensions;
  if (map.has(RtpExtension::kTransportWideSequenceNumber)) {
    packet.set_extension(RtpExtension::kTransportWideSequenceNumber, ByteView(kUnstamped, 2));
  }
  if (map.has(RtpExtension::kAbsSendTime)) packet.set_extension(RtpExtension::kAbsSendTime, ByteView(kUnstamped, 3));
  // A repair keeps what was told of its frame, by a transform, too.
  if (map.has(RtpExtension::kAbsCaptureTime) && !packet.extension(RtpExtension::kAbsCaptureTime)) {
    // By the clock of the sender reports, as the extension has it.
    const AbsCaptureTime time{transport_.ntp_of(packet.capture_time_us), 0};
    packet.set_extension(RtpExtension::kAbsCaptureTime, encode_abs_capture_time(time));
  }
  // RFC 8843 section 9.2: until the peer is known to have learnt which section the SSRC belongs to.
  // Where no a=ssrc-group tells whose repairs an SSRC has, the packets themselves do: reports of the media say nothing
  // of it.
  if (is_retransmission ? is_rtx_identified_ : is_identified_) return;
  if (!config_.mid.empty()) packet.set_mid(config_.mid);
  if (config_.encoding.rid.empty()) return;
  packet.set_extension(is_retransmission ? RtpExtension::kRepairedRid : RtpExtension::kRid,
                       as_bytes(config_.encoding.rid));
}

std::unique_ptr<RtpPacketToSend> RtpSendStream::new_packet(uint32_t rtp_timestamp, int64_t capture_time_us) {
  auto packet = std::make_unique<RtpPacketToSend>();
  packet->header.payload_type = config_.encoding.codec.payload_type;
  packet->header.sequence_number = sequence_number_++;
  packet->header.timestamp = rtp_timestamp;
  packet->header.ssrc = ssrc();
  packet->capture_time_us = capture_time_us;
  packet->is_audio = is_audio();
  add_extensions(*packet, false);
  return packet;
}

void RtpSendStream::drop_waiting() {
  transport_.drop_waiting(ssrc());
  if (rtx_ssrc() != 0) transport_.drop_waiting(rtx_ssrc());
  cache_.forget_waiting();
  // Numbers that never left are given again: a receiver sees no gap.
  if (has_sent_) sequence_number_ = static_cast<uint16_t>(last_sent_number_ + 1);
  if (!has_begun_) begins_with_ = sequence_number_;
}

void RtpSendStream::abandon() {
  drop_waiting();
  abandoned_.set(sequence_number_);
}

void RtpSendStream::set_sending(bool sending) {
  if (sending && !is_sending_) {
    has_begun_ = false;
    begins_with_ = sequence_number_;
  }
  is_sending_ = sending;
}

uint32_t RtpSendStream::assign_timestamp(int64_t capture_time_us) {
  return assign_later(rtp_timestamp_of(capture_time_us), capture_time_us);
}

uint32_t RtpSendStream::assign_later(uint32_t timestamp, int64_t at_us) {
  // Frames that were captured at the same time are different frames all the same. After a pause of hours what is more
  // than half of all timestamps later looks like an earlier one.
  const bool has_paused = at_us - last_assigned_us_ > kLongPauseUs;
  if (last_assigned_ && !has_paused && static_cast<int32_t>(timestamp - *last_assigned_) <= 0) {
    timestamp = *last_assigned_ + 1;
  }
  last_assigned_ = timestamp;
  last_assigned_us_ = at_us;
  return timestamp;
}

uint32_t RtpSendStream::map_timestamp(uint32_t source_timestamp, int64_t now_us, bool follows_clock) {
  constexpr int64_t kMaxDriftSeconds = 10;
  uint32_t now = rtp_timestamp_of(now_us);
  if (is_audio() && has_sent_) {
    // Coded sound counts its samples, whatever the clock says.
    const int64_t passed_us = std::max<int64_t>(now_us - last_capture_us_, 1000);
    now = last_rtp_timestamp_ + static_cast<uint32_t>(passed_us * config_.encoding.codec.clock_rate / 1'000'000);
  }
  if (source_offset_) {
    const uint32_t mapped = source_timestamp + *source_offset_;
    // Sound may come out of order.
    const bool is_later =
        !last_assigned_ || (is_audio() && follows_clock) || static_cast<int32_t>(mapped - *last_assigned_) > 0;
    const int64_t drift = std::abs(int64_t{static_cast<int32_t>(mapped - now)});
    if (is_later && (!follows_clock || drift < kMaxDriftSeconds * config_.encoding.codec.clock_rate)) {
      last_assigned_ = mapped;
      last_assigned_us_ = now_us;
      return mapped;
    }
  }
  now = assign_later(now, now_us);
  source_offset_ = now - source_timestamp;
  return now;
}

void RtpSendStream::send_frame(EncodedVideoFrame frame, uint32_t timestamp, std::optional<double> told_capture_ms) {
  if (!packetizer_ || !transport_.can_send()) return;
  if (frame.codec != config_.encoding.codec.video) {
    // It was on its way, in a queue or a transform, when the codec changed: nobody can read it under the new payload
    // type.
    observer_->on_keyframe_wanted(ssrc());
    return;
  }
  PayloadLimits limits;
  limits.max_payload_size = max_payload_size();
  std::vector<VideoPayload> payloads = packetizer_->packetize(frame, limits);
  if (payloads.empty()) {
    // It does not fit what was negotiated; the next frames would refer to it.
    observer_->on_keyframe_wanted(ssrc());
    return;
  }
  const bool tells_rotation = config_.extensions.has(RtpExtension::kVideoOrientation) &&
                              (frame.rotation != 0 || rotation_ != 0 || frame.is_keyframe);
  if (frame.ends_picture) rotation_ = frame.rotation;
  const bool begins_picture = frame.spatial_index == 0;
  if (frame.is_keyframe && begins_picture) {
    // Packets of frames before it do not stand in its way.
    if (transport_.is_draining()) drop_waiting();
    keyframe_.set(sequence_number_);
  }
  keyframe_.on_next_number(sequence_number_);
  abandoned_.on_next_number(sequence_number_);
  for (VideoPayload& payload : payloads) {
    auto packet = new_packet(timestamp, frame.capture_time_us);
    packet->payload = std::move(payload.payload);
    packet->header.marker = payload.is_last && frame.ends_picture;
    packet->is_keyframe = frame.is_keyframe;
    packet->is_first_of_frame = payload.is_first && begins_picture;
    if (told_capture_ms) tell_capture_time(*packet, *told_capture_ms);
    if (tells_rotation && packet->header.marker) {
      packet->set_extension(RtpExtension::kVideoOrientation, encode_video_orientation({frame.rotation, false, false}));
    }
    if (!payload.dependency_descriptor.empty()) {
      packet->set_extension(RtpExtension::kDependencyDescriptor, payload.dependency_descriptor);
    }
    transport_.enqueue(std::move(packet));
  }
  last_rtp_timestamp_ = timestamp;
  last_capture_us_ = frame.capture_time_us;
  picture_octets_ += frame.data.size();
  if (!frame.ends_picture) return;
  const auto octets = static_cast<double>(std::exchange(picture_octets_, 0));
  if (average_frame_octets_ > 0 && octets > average_frame_octets_ * kHugeFrameFactor) ++stats_.huge_frames_sent;
  average_frame_octets_ += (octets - average_frame_octets_) * (average_frame_octets_ > 0 ? 0.05 : 1);
  ++stats_.frames_sent;
}

void RtpSendStream::send_frame(EncodedAudioFrame frame, std::optional<double> told_capture_ms) {
  if (!transport_.can_send()) return;
  auto packet = new_packet(rtp_timestamp_of(frame), frame.capture_time_us);
  packet->header.payload_type = frame.payload_type;
  packet->header.marker = frame.marker;
  packet->payload = std::move(frame.payload);
  if (told_capture_ms) tell_capture_time(*packet, *told_capture_ms);
  if (frame.has_level && config_.extensions.has(RtpExtension::kAudioLevel)) {
    packet->set_extension(RtpExtension::kAudioLevel, encode_audio_level({frame.voice, frame.level}));
  }
  // A tone has the timestamp of its beginning for as long as it lasts.
  if (packet->header.timestamp != last_rtp_timestamp_ || last_capture_us_ == 0) {
    last_rtp_timestamp_ = packet->header.timestamp;
    last_capture_us_ = frame.capture_time_us;
  }
  transport_.enqueue(std::move(packet));
}

void RtpSendStream::on_sent(std::unique_ptr<RtpPacketToSend> packet, ByteView octets, size_t payload_size,
                            size_t header_size, int64_t now_us) {
  // https://w3c.github.io/webrtc-stats/#dom-rtcsentrtpstreamstats-bytessent: retransmissions count, padding does not.
  ++stats_.packets_sent;
  stats_.header_bytes_sent += header_size;
  stats_.bytes_sent += payload_size;
  if (packet->is_retransmission && !packet->is_padding) {
    ++stats_.retransmitted_packets_sent;
    stats_.retransmitted_bytes_sent += payload_size;
    cache_.on_resent(original_sequence_number(*packet), now_us);
  }
  if (packet->header.ssrc != ssrc()) return;
  has_sent_ = true;
  last_sent_number_ = packet->header.sequence_number;
  if (!has_begun_ && static_cast<int16_t>(last_sent_number_ - begins_with_) >= 0) {
    has_begun_ = true;
    observer_->on_begun(ssrc());
  }
  octets_sent_ += payload_size;
  ++reported_packets_;
  stats_.total_packet_send_delay += static_cast<double>(now_us - packet->enqueued_us) / 1e6;
  if (!config_.encoding.codec.feedback.nack) return;
  if (has_rtx()) {
    // Of the codec before, if it had to wait.
    if (packet->header.payload_type != config_.encoding.codec.payload_type) return;
    const size_t size = packet->payload.size();
    cache_.insert(std::move(packet), size, now_us);
    return;
  }
  if (sent_.empty()) sent_.resize(kSentOctets);
  sent_[packet->header.sequence_number % kSentOctets] = {
      packet->header.sequence_number, 0, 0, payload_size, header_size, Bytes(octets.begin(), octets.end())};
}

std::unique_ptr<RtpPacketToSend> RtpSendStream::retransmission_of(const RtpPacketToSend& packet) {
  const SendCodecParameters& codec = config_.encoding.codec;
  auto again = std::make_unique<RtpPacketToSend>(
      to_rtx(packet, static_cast<uint8_t>(codec.rtx_payload_type), config_.encoding.rtx_ssrc, rtx_sequence_number_++));
  again->is_retransmission = true;
  add_extensions(*again, true);
  return again;
}

void RtpSendStream::on_nack(std::span<const uint16_t> sequence_numbers, int64_t now_us, int64_t rtt_us) {
  ++stats_.nack_count;
  if (!config_.encoding.codec.feedback.nack) return;
  cache_.set_rtt(rtt_us);
  const bool is_draining = transport_.is_draining();
  for (const uint16_t number : sequence_numbers) {
    // Where there is no room for everything, what comes before a keyframe is not worth it.
    if ((is_draining && keyframe_.is_after(number)) || abandoned_.is_after(number)) continue;
    if (has_rtx()) {
      if (const auto packet = cache_.take_for_resend(number, now_us)) transport_.enqueue(retransmission_of(*packet));
      continue;
    }
    if (sent_.empty()) continue;
    SentOctets& sent = sent_[number % kSentOctets];
    // What was sent again may be on its way. Less than a round trip, as of RTX: receivers ask again after as much.
    const int64_t guard_us = std::max(rtt_us * 3 / 4, kMinResendUs);
    if (sent.octets.empty() || sent.sequence_number != number || now_us - sent.resent_us < guard_us) continue;
    if (++sent.resent > kMaxResent) continue;
    sent.resent_us = now_us;
    transport_.resend(sent.octets);
    ++stats_.packets_sent;
    ++stats_.retransmitted_packets_sent;
    stats_.header_bytes_sent += sent.header_size;
    stats_.bytes_sent += sent.payload_size;
    stats_.retransmitted_bytes_sent += sent.payload_size;
  }
}

void RtpSendStream::on_pli() {
  ++stats_.pli_count;
  observer_->on_keyframe_wanted(ssrc());
}

void RtpSendStream::on_fir(uint32_t requester, uint8_t sequence_number) {
  // RFC 5104 section 4.3.1.2: the same number of the same requester is the same request, sent again.
  const auto [last, is_first] = last_firs_.try_emplace(requester, sequence_number);
  if (!is_first && last->second == sequence_number) return;
  last->second = sequence_number;
  if (last_firs_.size() > kMaxRequesters)
    last_firs_.erase(last == last_firs_.begin() ? std::next(last) : last_firs_.begin());
  ++stats_.fir_count;
  observer_->on_keyframe_wanted(ssrc());
}

void RtpSendStream::identify() {
  is_identified_ = is_rtx_identified_ = false;
  identified_from_ = sequence_number_;
  rtx_identified_from_ = rtx_sequence_number_;
}

void RtpSendStream::on_rtx_reported(const rtcp::ReportBlock& block) {
  is_rtx_identified_ |= reaches(block, rtx_identified_from_);
}

void RtpSendStream::on_report_block(const rtcp::ReportBlock& block, double unix_ms, std::optional<int64_t> rtt_us) {
  is_identified_ |= reaches(block, identified_from_);
  RemoteInboundStats& remote = stats_.remote ? *stats_.remote : stats_.remote.emplace();
  remote.packets_lost = block.cumulative_lost;
  remote.fraction_lost = block.fraction_lost / 256.0;
  const uint32_t clock_rate = std::max<uint32_t>(config_.encoding.codec.clock_rate, 1);
  remote.jitter = static_cast<double>(block.jitter) / clock_rate;
  remote.timestamp_ms = unix_ms;
  // What was sent up to the highest number that it has seen, less what it misses of that.
  const auto highest = static_cast<uint16_t>(block.extended_highest_sequence_number);
  const int64_t on_their_way = static_cast<uint16_t>(last_sent_number_ - highest);
  const int64_t lost = std::max<int32_t>(block.cumulative_lost, 0);
  const int64_t received = static_cast<int64_t>(reported_packets_) - on_their_way - lost;
  remote.packets_received = std::max(remote.packets_received, static_cast<uint64_t>(std::max<int64_t>(received, 0)));
  if (rtt_us) {
    remote.round_trip_time = static_cast<double>(*rtt_us) / 1e6;
    remote.total_round_trip_time += remote.round_trip_time;
    ++remote.round_trip_time_measurements;
  }
  observer_->on_packet_loss(ssrc(), remote.fraction_lost);
}

bool RtpSendStream::is_estimated() const {
  const FeedbackParameters& feedback = config_.encoding.codec.feedback;
  const RtpExtensionMap& map = config_.extensions;
  return (feedback.transport_cc && map.has(RtpExtension::kTransportWideSequenceNumber)) ||
         (feedback.remb && map.has(RtpExtension::kAbsSendTime));
}

std::unique_ptr<RtpPacketToSend> RtpSendStream::padding(size_t size, int64_t now_us) {
  // What was sent lately is worth more than zeros: it may repair something.
  if (const auto packet = has_rtx() ? cache_.take_for_padding(size, now_us) : nullptr) {
    auto again = retransmission_of(*packet);
    again->is_padding = true;
    return again;
  }
  std::unique_ptr<RtpPacketToSend> padding;
  if (has_rtx()) {
    padding = std::make_unique<RtpPacketToSend>();
    padding->header.ssrc = config_.encoding.rtx_ssrc;
    padding->header.payload_type = static_cast<uint8_t>(config_.encoding.codec.rtx_payload_type);
    padding->header.sequence_number = rtx_sequence_number_++;
    padding->header.timestamp = last_rtp_timestamp_;
    padding->capture_time_us = last_capture_us_;
    add_extensions(*padding, true);
  } else {
    padding = new_packet(last_rtp_timestamp_, last_capture_us_);
  }
  padding->is_padding = true;
  padding->padding_size = kPaddingSize;
  return padding;
}

std::optional<rtcp::SenderReport> RtpSendStream::sender_report(int64_t now_us, uint64_t ntp_time) const {
  if (!has_sent_) return std::nullopt;
  rtcp::SenderReport report;
  report.sender_ssrc = ssrc();
  report.ntp_time = ntp_time;
  const double since_s = static_cast<double>(now_us - last_capture_us_) / 1e6;
  report.rtp_timestamp =
      last_rtp_timestamp_ + static_cast<uint32_t>(static_cast<int64_t>(since_s * config_.encoding.codec.clock_rate));
  report.packet_count = static_cast<uint32_t>(reported_packets_);
  report.octet_count = static_cast<uint32_t>(octets_sent_);
  return report;
}

OutboundStats RtpSendStream::stats() const {
  OutboundStats stats = stats_;
  stats.ssrc = ssrc();
  stats.rid = config_.encoding.rid;
  stats.active = config_.encoding.active;
  stats.target_bitrate = target_bitrate_bps_;
  return stats;
}

}  // namespace peerwire

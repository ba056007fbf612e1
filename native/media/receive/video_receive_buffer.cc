#include "media/receive/video_receive_buffer.h"

#include <algorithm>
#include <utility>

namespace peerwire {
namespace {

/// So that numbers and timestamps before the first one are positive, too.
constexpr int64_t kBase = int64_t{1} << 40;
/// RFC 3550 appendix A.1: further than this is another sequence, if a second packet agrees.
constexpr int64_t kMaxJump = 1900;
/// Packets in a row that are older than what was released: the sender began anew a little lower.
constexpr int kMaxStale = 64;
constexpr int kMaxStaleButNewer = 4;
/// A gap that is an outage and not to be repaired: 1 s of so many packets.
constexpr int64_t kOutagePackets = 30;
constexpr int64_t kOutageTicks = 90'000;
constexpr int64_t kUsPerMs = 1000;
/// Less than half of what 32 bits of timestamps hold, which is 6.6 hours.
constexpr int64_t kLongPauseUs = 3ll * 3600 * 1'000'000;

}  // namespace

/// A packet whose number is far off.
struct VideoReceiveBuffer::Suspect {
  uint16_t sequence_number;
  Bytes packet;
  int64_t arrival_us;
};

VideoReceiveBuffer::VideoReceiveBuffer(VideoReceiveSettings settings)
    : assembler_(packets_, [this](uint8_t payload_type, VideoCodec& codec) -> Depacketizer* {
        Format* format = formats_[payload_type & 0x7f].get();
        if (!format) return nullptr;
        codec = format->settings.codec;
        return format->depacketizer.get();
      }) {
  configure(std::move(settings));
}

VideoReceiveBuffer::~VideoReceiveBuffer() = default;

void VideoReceiveBuffer::configure(VideoReceiveSettings settings) {
  settings_ = std::move(settings);
  for (size_t type = 0; type < formats_.size(); ++type) {
    const auto wanted = settings_.payload_types.find(static_cast<uint8_t>(type));
    if (wanted == settings_.payload_types.end()) {
      formats_[type].reset();
    } else if (!formats_[type] || !(formats_[type]->settings == wanted->second)) {
      formats_[type] = std::make_unique<Format>(
          Format{wanted->second, Depacketizer::create(wanted->second.codec, wanted->second.sprop_parameter_sets)});
    }
  }
}

void VideoReceiveBuffer::reset() {
  restart();
  ssrc_.reset();
  timestamps_ = {};
  newest_timestamp_ = 0;
  timing_.reset();
  render_.interrupt();
  sender_clock_.reset();
  newest_frame_.reset();
  has_given_up_ = has_dropped_ = false;
  last_packet_us_.reset();
  last_sent_packet_us_.reset();
  is_keyframe_wanted_ = is_keyframe_asked_for_ = false;
}

void VideoReceiveBuffer::restart() {
  clear_all();
  nacks_.reset();
  sequences_ = {};
  newest_sequence_.reset();
  suspect_.reset();
  stale_streak_ = stale_newer_streak_ = 0;
  dependencies_.reset();
  assembler_.reset();
  blocked_since_us_.reset();
}

void VideoReceiveBuffer::clear_all() {
  stats_.frames_dropped += static_cast<uint32_t>(frames_.size());
  frames_.clear();
  whole_keyframes_.clear();
  frame_octets_ = 0;
  keyframe_packets_.clear();
  packets_.clear();
  nacks_.clear_until(INT64_MAX);
  done_until_.reset();
  contiguous_until_.reset();
  partial_timestamp_.reset();
  decodability_.require_keyframe();
}

void VideoReceiveBuffer::on_packet(const RtpPacketView& packet, bool recovered_by_rtx, int64_t now_us) {
  if (ssrc_ != packet.header().ssrc) {
    if (ssrc_) reset();
    ssrc_ = packet.header().ssrc;
  }
  if (!recovered_by_rtx) {
    if (last_sent_packet_us_ && now_us - *last_sent_packet_us_ > kLongPauseUs) {
      // Whether its timestamp is later than those of before cannot be told any more.
      restart();
      timestamps_ = {};
      newest_timestamp_ = 0;
    }
    last_sent_packet_us_ = now_us;
  }
  last_packet_us_ = now_us;
  if (accept_sequence(packet, recovered_by_rtx, now_us)) insert(packet, recovered_by_rtx, now_us);
}

bool VideoReceiveBuffer::accept_sequence(const RtpPacketView& packet, bool recovered, int64_t now_us) {
  const uint16_t number = packet.header().sequence_number;
  if (!newest_sequence_) return true;
  const int64_t distance = sequences_.peek(number) + kBase - *newest_sequence_;
  if (distance <= kMaxJump && distance >= -kMaxJump) {
    suspect_.reset();
    return true;
  }
  if (recovered) return false;
  if (suspect_ && number == static_cast<uint16_t>(suspect_->sequence_number + 1)) {
    const std::unique_ptr<Suspect> first = std::move(suspect_);
    restart();
    if (const auto view = RtpPacketView::parse(first->packet)) insert(*view, false, first->arrival_us);
    return true;
  }
  suspect_ = std::make_unique<Suspect>(Suspect{number, Bytes(packet.data().begin(), packet.data().end()), now_us});
  return false;
}

void VideoReceiveBuffer::read_extensions(const RtpPacketView& packet, BufferedPacket& out) {
  const RtpExtensionMap& map = settings_.extensions;
  if (map.has(RtpExtension::kDependencyDescriptor)) {
    if (const auto value = packet.extension(map, RtpExtension::kDependencyDescriptor)) {
      out.dependencies = dependencies_.parse(*value);
    }
  }
  if (map.has(RtpExtension::kVideoOrientation)) {
    const auto value = packet.extension(map, RtpExtension::kVideoOrientation);
    if (value && value->size() == 1) out.orientation = (*value)[0];
  }
  if (map.has(RtpExtension::kPlayoutDelay)) {
    const auto value = packet.extension(map, RtpExtension::kPlayoutDelay);
    if (value && value->size() == 3) {
      out.playout_delay = static_cast<uint32_t>((*value)[0] << 16 | (*value)[1] << 8 | (*value)[2]);
    }
  }
}

void VideoReceiveBuffer::insert(const RtpPacketView& packet, bool recovered, int64_t now_us) {
  const RtpHeader& header = packet.header();
  BufferedPacket buffered;
  const Format* format = formats_[header.payload_type & 0x7f].get();
  if (packet.payload().empty() || !format) {
    buffered.is_empty = true;
  } else if (auto description = format->depacketizer->parse(packet.payload())) {
    buffered.description = *description;
    read_extensions(packet, buffered);
    if (const auto& dependencies = buffered.dependencies;
        dependencies && dependencies->starts_frame && dependencies->spatial_index == 0) {
      buffered.description.begins_picture = true;
    }
  } else {
    ++stats_.packets_discarded;
    return;
  }
  buffered.sequence = sequences_.unwrap(header.sequence_number) + kBase;
  buffered.timestamp = timestamps_.unwrap(header.timestamp) + kBase;
  buffered.arrival_us = now_us;
  buffered.payload_type = header.payload_type;
  buffered.marker = header.marker;
  const int64_t sequence = buffered.sequence;
  const int64_t timestamp = buffered.timestamp;
  const bool is_newer = timestamp > newest_timestamp_;
  // Of H.264 the first packet often has the parameter sets alone: what they announce is on its way.
  const bool is_of_keyframe = buffered.description.is_keyframe || buffered.description.has_parameter_sets;

  const bool was_asked_for = nacks_.on_packet(sequence, recovered, now_us);
  if (nacks_.take_given_up()) has_given_up_ = true;
  if (newest_sequence_ && sequence - *newest_sequence_ > kOutagePackets &&
      timestamp - newest_timestamp_ > kOutageTicks) {
    // Nobody wants to see what was missed for so long, nor wait for it.
    nacks_.clear_until(sequence);
    decodability_.require_keyframe();
  }
  buffered.is_repaired = recovered || was_asked_for;
  PacketBuffer::Inserted inserted = packets_.insert(buffered);
  if (inserted == PacketBuffer::Inserted::kFull) {
    make_room();
    inserted = packets_.insert(buffered);
    if (inserted == PacketBuffer::Inserted::kFull) {
      clear_all();
      inserted = packets_.insert(std::move(buffered));
    }
  }
  newest_sequence_ = std::max(newest_sequence_.value_or(sequence), sequence);
  switch (inserted) {
    case PacketBuffer::Inserted::kDuplicate:
      ++stats_.packets_duplicated;
      return;
    case PacketBuffer::Inserted::kFull:
      ++stats_.packets_discarded;
      return;
    case PacketBuffer::Inserted::kTooOld:
      ++stats_.packets_discarded;
      if (recovered) return;
      // An old packet that is sent again has its old timestamp.
      ++stale_streak_;
      if (is_newer) ++stale_newer_streak_;
      if (stale_streak_ < kMaxStale && stale_newer_streak_ < kMaxStaleButNewer) return;
      restart();
      insert(packet, false, now_us);
      return;
    case PacketBuffer::Inserted::kYes:
      break;
  }
  stale_streak_ = stale_newer_streak_ = 0;
  newest_timestamp_ = std::max(newest_timestamp_, timestamp);
  if (is_of_keyframe && !lacks_beginning(timestamp)) {
    const auto [place, is_new] = keyframe_packets_.try_emplace(timestamp, ArrivingKeyframe{sequence, now_us});
    if (!is_new) place->second.first_sequence = std::min(place->second.first_sequence, sequence);
    // It was answered, whatever becomes of the answer.
    if (is_new && !decodability_.is_opaque()) keyframes_.on_keyframe();
  }
  assembled_.clear();
  assembler_.on_inserted(sequence, assembled_);
  for (AssembledFrame& frame : assembled_) on_frame(std::move(frame));
  advance_contiguous();
}

/// The first frame of all, when packets were sent before the first one that came: they cannot be asked for.
bool VideoReceiveBuffer::lacks_beginning(int64_t timestamp) const {
  if (packets_.has_removed()) return false;
  const BufferedPacket* first = packets_.find(*packets_.first());
  return first && first->timestamp == timestamp && !first->description.begins_picture &&
         !first->description.may_begin_picture;
}

void VideoReceiveBuffer::on_frame(AssembledFrame frame) {
  if (frame.timestamp == partial_timestamp_) {
    frame.is_remainder = true;
    frame_octets_ += frame.octets();
    const int64_t first = frame.first_sequence;
    frames_.insert_or_assign(first, std::move(frame));
    return;
  }
  count_frame(frame);
  const EncodedVideoFrame& encoded = frame.frame;
  if (encoded.is_keyframe && !frame.is_damaged) whole_keyframes_.insert(frame.first_sequence);
  frame_octets_ += frame.octets();
  const int64_t first = frame.first_sequence;
  frames_.insert_or_assign(first, std::move(frame));
}

void VideoReceiveBuffer::count_frame(const AssembledFrame& frame) {
  const EncodedVideoFrame& encoded = frame.frame;
  ++stats_.frames_received;
  if (encoded.is_keyframe) ++stats_.keyframes_received;
  if (frame.packets > 1) {
    ++stats_.frames_assembled_from_multiple_packets;
    stats_.total_assembly_time_us += encoded.last_packet_us - encoded.first_packet_us;
  }
  if (frame.playout_delay) {
    constexpr int64_t kUnitUs = 10'000;
    timing_.set_playout_delay((*frame.playout_delay >> 12) * kUnitUs, (*frame.playout_delay & 0xfff) * kUnitUs);
  }
  timing_.on_frame(frame.timestamp, encoded.last_packet_us);
  // Repaired ones came late for a reason that playout has nothing to do with.
  if (!frame.has_repaired_packets)
    newest_frame_ = NewestFrame{encoded.rtp_timestamp, timing_.expected_us(frame.timestamp)};
  keyframe_packets_.erase(frame.timestamp);
}

void VideoReceiveBuffer::make_room() {
  // To the first keyframe that is whole, or else begun; with neither there is nothing worth keeping.
  std::optional<int64_t> from;
  if (!whole_keyframes_.empty()) {
    from = *whole_keyframes_.begin();
  } else {
    for (const auto& [timestamp, arriving] : keyframe_packets_) {
      if (!from || arriving.first_sequence < *from) from = arriving.first_sequence;
    }
  }
  if (!from || (packets_.first() && *from <= *packets_.first())) {
    clear_all();
    return;
  }
  drop_before(*from);
  decodability_.require_keyframe();
  contiguous_until_ = *from - 1;
  finish_until(*from - 1);
}

void VideoReceiveBuffer::set_rtt(int64_t rtt_ms) {
  constexpr int64_t kMaxRttMs = 10'000;
  rtt_us_ = std::clamp<int64_t>(rtt_ms, 0, kMaxRttMs) * kUsPerMs;
  nacks_.set_rtt(*rtt_us_);
  keyframes_.set_rtt(*rtt_us_);
}

void VideoReceiveBuffer::set_target_delay(std::optional<int64_t> delay_ms) {
  timing_.set_target_delay(delay_ms ? std::optional(std::clamp<int64_t>(*delay_ms, 0, 10'000) * kUsPerMs)
                                    : std::nullopt);
}

void VideoReceiveBuffer::set_sync_delay(int64_t delay_ms) {
  timing_.set_sync_delay(std::clamp<int64_t>(delay_ms, 0, 10'000) * kUsPerMs);
}

void VideoReceiveBuffer::on_sender_report(uint64_t ntp_time, uint32_t rtp_timestamp) {
  sender_clock_.on_sender_report(ntp_time, rtp_timestamp);
}

std::optional<SyncedStream> VideoReceiveBuffer::synced_stream() const {
  if (!newest_frame_) return std::nullopt;
  const auto ntp_us = sender_clock_.ntp_us(newest_frame_->rtp_timestamp);
  if (!ntp_us) return std::nullopt;
  return SyncedStream{*ntp_us, newest_frame_->arrival_us, timing_.current_delay_us(), timing_.unsynced_delay_us()};
}

void VideoReceiveBuffer::on_decode_failed() {
  decodability_.require_keyframe();
  // Only packets of a keyframe are of any use now.
  if (keyframe_packets_.empty() && newest_sequence_) nacks_.clear_until(*newest_sequence_);
}

void VideoReceiveBuffer::on_frame_decoded(int64_t decode_time_us, int64_t now_us) {
  timing_.on_decoded(decode_time_us);
  render_.on_frame(now_us);
}

VideoReceiveStats VideoReceiveBuffer::stats() const {
  VideoReceiveStats stats = stats_;
  stats.nacks = nacks_.sent();
  stats.keyframe_requests = keyframes_.sent();
  stats.current_delay_us = timing_.current_delay_us();
  stats.jitter_us = timing_.jitter_us();
  stats.render = render_.totals();
  return stats;
}

}  // namespace peerwire

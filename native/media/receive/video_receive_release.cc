// The way out of a VideoReceiveBuffer: which frame is next, when it is due, and what to ask the sender for meanwhile.
#include <algorithm>
#include <utility>

#include "media/receive/video_receive_buffer.h"

namespace peerwire {
namespace {

/// Frames that are looked at for one that can be decoded; whole keyframes are found in any case.
constexpr int kMaxScan = 32;
constexpr int64_t kMaxScannedPackets = 512;
constexpr size_t kMaxFrames = 1500;
constexpr size_t kMaxFrameOctets = 32 << 20;
/// How long a frame waits for what is missing before it.
constexpr int64_t kMaxHoldUs = 3'000'000;
constexpr int64_t kMinPatienceUs = 250'000;
constexpr int64_t kMaxPatienceUs = 1'000'000;
constexpr int64_t kPatienceWithoutNackUs = 100'000;
/// A keyframe whose first packets came is not asked for again so soon.
constexpr int64_t kKeyframeArrivalUs = 300'000;
/// A sender that is silent is not asked for anything.
constexpr int64_t kActiveUs = 2'000'000;
constexpr int64_t kUsPerMs = 1000;

}  // namespace

/// Packets of frames that are whole and follow each other need not be remembered, however long the frames wait.
void VideoReceiveBuffer::advance_contiguous() {
  if (!contiguous_until_) {
    // It begins with the first keyframe that is whole.
    if (whole_keyframes_.empty()) return;
    const int64_t first = *whole_keyframes_.begin();
    drop_before(first);
    finish_until(first - 1);
    return;
  }
  while (true) {
    const BufferedPacket* next = packets_.find(*contiguous_until_ + 1);
    if (!next) break;
    if (next->is_empty) {
      ++*contiguous_until_;
    } else if (const auto frame = frames_.find(*contiguous_until_ + 1); frame != frames_.end()) {
      contiguous_until_ = frame->second.last_sequence;
    } else {
      break;
    }
    // What is empty and comes right behind what is done is done.
    packets_.remove_until(*contiguous_until_);
    if (frames_.empty() || frames_.begin()->first > *contiguous_until_) done_until_ = contiguous_until_;
  }
}

bool VideoReceiveBuffer::follows(const AssembledFrame& frame) const {
  // Between what is done and the first whole frame nothing but empty packets may lie.
  return done_until_ && contiguous_until_ && frame.first_sequence > *done_until_ &&
         (frame.first_sequence == *done_until_ + 1 || frame.last_sequence <= *contiguous_until_);
}

VideoReceiveBuffer::FrameMap::const_iterator VideoReceiveBuffer::first_decodable() const {
  int scanned = 0;
  for (auto each = frames_.begin(); each != frames_.end() && scanned < kMaxScan; ++each, ++scanned) {
    // What comes behind a frame that cannot be decoded follows nothing.
    if (decodability_.can_decode(each->second, each == frames_.begin() && follows(each->second))) return each;
  }
  return whole_keyframes_.empty() ? frames_.end() : frames_.find(*whole_keyframes_.begin());
}

int64_t VideoReceiveBuffer::release_time_us(const AssembledFrame& frame, int64_t now_us) const {
  if (is_unpaced_ || frames_.size() > kMaxFrames || frame_octets_ > kMaxFrameOctets) return now_us;
  const int64_t render_us =
      frame.render_time_us.value_or(timing_.preview_us(frame.timestamp, frame.frame.last_packet_us));
  return std::max(now_us, render_us - timing_.decode_delay_us());
}

std::vector<EncodedVideoFrame> VideoReceiveBuffer::take_due(int64_t now_us) {
  std::vector<EncodedVideoFrame> due;
  while (true) {
    drop_hopeless(now_us);
    const auto found = first_decodable();
    if (found == frames_.end() || found != frames_.begin() || !follows(found->second)) {
      if (release_lower_layers(now_us, due)) continue;
    }
    if (found == frames_.end()) break;
    const auto frame = frames_.find(found->first);
    if (frame == frames_.begin() && !frame->second.render_time_us && follows(frame->second)) {
      frame->second.render_time_us =
          timing_.render_time_us(frame->second.timestamp, frame->second.frame.last_packet_us);
    }
    if (release_time_us(frame->second, now_us) > now_us) break;
    release(frame, now_us, due);
  }
  update_blocked(now_us);
  return due;
}

void VideoReceiveBuffer::erase(FrameMap::iterator frame) {
  frame_octets_ -= frame->second.octets();
  whole_keyframes_.erase(frame->first);
  frames_.erase(frame);
}

void VideoReceiveBuffer::drop_before(int64_t sequence) {
  while (!frames_.empty() && frames_.begin()->first < sequence) {
    ++stats_.frames_dropped;
    erase(frames_.begin());
  }
}

void VideoReceiveBuffer::finish_until(int64_t sequence) {
  done_until_ = sequence;
  contiguous_until_ = std::max(contiguous_until_.value_or(sequence), sequence);
  packets_.remove_until(sequence);
  nacks_.clear_until(sequence);
  std::erase_if(keyframe_packets_, [&](const auto& each) { return each.second.first_sequence <= sequence; });
  advance_contiguous();
}

void VideoReceiveBuffer::release(FrameMap::iterator frame, int64_t now_us, std::vector<EncodedVideoFrame>& out) {
  const bool is_following = frame == frames_.begin() && follows(frame->second);
  drop_before(frame->first);
  AssembledFrame released = std::move(frame->second);
  frame_octets_ -= released.octets();
  whole_keyframes_.erase(frame->first);
  frames_.erase(frame);
  const int64_t last_sequence = released.last_sequence;
  partial_timestamp_.reset();
  hand_out(std::move(released), is_following, now_us, out);
  finish_until(last_sequence);
}

bool VideoReceiveBuffer::release_lower_layers(int64_t now_us, std::vector<EncodedVideoFrame>& out) {
  const bool is_patient = now_us - blocked_since_us_.value_or(now_us) < patience_us();
  if (is_patient && !decodability_.lacks_layers()) return false;
  if (!done_until_ || done_until_ != contiguous_until_) return false;
  const int64_t end = std::min({*newest_sequence_ + 1, *done_until_ + 1 + kMaxScannedPackets,
                                frames_.empty() ? INT64_MAX : frames_.begin()->first});
  for (int64_t sequence = *done_until_ + 1; sequence < end; ++sequence) {
    const BufferedPacket* packet = packets_.find(sequence);
    // Of the newest picture more is still to come.
    if (!packet || packet->timestamp >= newest_timestamp_) continue;
    std::optional<AssembledFrame> lower = assembler_.lower_layers(sequence);
    const bool is_next = sequence == *done_until_ + 1;
    if (!lower || !decodability_.can_decode(*lower, is_next)) continue;
    int64_t last_sequence = lower->last_sequence;
    partial_timestamp_ = lower->timestamp;
    for (int64_t rest = last_sequence + 1; rest <= *newest_sequence_; ++rest) {
      const BufferedPacket* other = packets_.find(rest);
      if (other && other->timestamp > lower->timestamp) break;
      if (other && other->timestamp == lower->timestamp) last_sequence = rest;
    }
    count_frame(*lower);
    hand_out(std::move(*lower), is_next, now_us, out);
    finish_until(last_sequence);
    return true;
  }
  return false;
}

void VideoReceiveBuffer::hand_out(AssembledFrame released, bool is_following, int64_t now_us,
                                  std::vector<EncodedVideoFrame>& out) {
  released.frame.is_discontinuous = decodability_.needs_keyframe() || (released.frame.is_keyframe && !is_following);
  const int64_t render_us =
      released.render_time_us.value_or(timing_.render_time_us(released.timestamp, released.frame.last_packet_us));
  timing_.on_released(render_us, now_us);
  const size_t layers = decodability_.decodable_layers(released);
  decodability_.on_decoded(released, is_following, layers);
  // What only looks like one answers nothing.
  if (released.frame.is_keyframe && !decodability_.is_opaque()) is_keyframe_wanted_ = false;
  ++stats_.jitter_buffer_emitted_count;
  stats_.jitter_buffer_delay_us += now_us - released.frame.first_packet_us;
  stats_.jitter_buffer_target_delay_us += timing_.target_delay_us();
  stats_.jitter_buffer_minimum_delay_us += timing_.minimum_delay_us();
  released.frame.render_time_us = std::max(render_us, now_us);
  if (const auto ntp_us = sender_clock_.ntp_us(released.frame.rtp_timestamp)) {
    released.frame.capture_ntp_ms = *ntp_us / kUsPerMs;
  }
  const auto put = [&](EncodedVideoFrame& frame, const std::optional<FrameDependencies>& dependencies) {
    if (dependencies) {
      frame.number = dependencies->number;
      frame.references = dependencies->references;
    }
    frame.ends_picture = false;
    out.push_back(std::move(frame));
  };
  const EncodedVideoFrame& lowest = released.frame;
  for (size_t index = 0; index < layers; ++index) {
    EncodedVideoFrame& upper = released.upper[index].frame;
    upper.is_independent = decodability_.is_independent(upper);
    upper.render_time_us = lowest.render_time_us;
    upper.capture_ntp_ms = lowest.capture_ntp_ms;
  }
  put(released.frame, released.dependencies);
  for (size_t index = 0; index < layers; ++index) {
    put(released.upper[index].frame, released.upper[index].dependencies);
  }
  out.back().ends_picture = true;
  blocked_since_us_.reset();
  has_given_up_ = has_dropped_ = false;
}

void VideoReceiveBuffer::drop_hopeless(int64_t now_us) {
  while (!frames_.empty()) {
    const auto head = frames_.begin();
    const bool is_following = follows(head->second);
    if (head->second.is_remainder) {
      if (!is_following) return;
      const int64_t last_sequence = head->second.last_sequence;
      erase(head);
      finish_until(last_sequence);
      continue;
    }
    if (decodability_.can_decode(head->second, is_following)) return;
    // Nothing is missing before it that could still come; or it has not come for too long.
    const int64_t hold_us = decodability_.is_opaque() ? patience_us() : kMaxHoldUs;
    if (!is_following && now_us - head->second.frame.last_packet_us < hold_us) return;
    if (decodability_.is_opaque() && !head->second.is_damaged) {
      // It may be the keyframe that was asked for.
      decodability_.require_keyframe();
      return;
    }
    decodability_.on_dropped(head->second);
    const bool is_base = head->second.frame.temporal_index == 0;
    if (!is_following || is_base) decodability_.require_keyframe();
    has_dropped_ = true;
    const int64_t last_sequence = head->second.last_sequence;
    ++stats_.frames_dropped;
    erase(head);
    finish_until(last_sequence);
  }
}

void VideoReceiveBuffer::update_blocked(int64_t now_us) {
  const bool is_blocked = frames_.empty() ? has_dropped_ || nacks_.missing() > 0 : first_decodable() == frames_.end();
  if (!is_blocked) {
    blocked_since_us_.reset();
  } else if (!blocked_since_us_) {
    blocked_since_us_ = now_us;
  }
}

int64_t VideoReceiveBuffer::patience_us() const {
  if (has_given_up_) return 0;
  if (!settings_.nack) return kPatienceWithoutNackUs;
  // Four tries, each a little more than a round trip, and the answer to the last of them.
  constexpr int64_t kMaxJitterShareUs = 50'000;
  const int64_t tries_us = rtt_us_.value_or(0) * 9 / 2 + std::min(timing_.jitter_us(), kMaxJitterShareUs);
  const int64_t wanted = std::max(tries_us, timing_.target_delay_us() / 2);
  return std::clamp(wanted, kMinPatienceUs, kMaxPatienceUs);
}

std::optional<int64_t> VideoReceiveBuffer::keyframe_arrival_limit_us() const {
  std::optional<int64_t> limit;
  const int64_t wait_us =
      settings_.nack ? std::max(kKeyframeArrivalUs, 3 * rtt_us_.value_or(0)) : kPatienceWithoutNackUs;
  for (const auto& [timestamp, arriving] : keyframe_packets_) {
    limit = std::max(limit.value_or(0), arriving.since_us + wait_us);
  }
  return limit;
}

std::optional<int64_t> VideoReceiveBuffer::keyframe_needed_us(int64_t now_us) const {
  if (!settings_.keyframe_requests) return std::nullopt;
  if (is_keyframe_wanted_ || is_keyframe_asked_for_) return now_us;
  if (!last_packet_us_ || now_us - *last_packet_us_ > kActiveUs || !whole_keyframes_.empty()) return std::nullopt;
  std::optional<int64_t> from;
  if (decodability_.needs_keyframe() || decodability_.lacks_layers()) {
    from = now_us;
  } else if (blocked_since_us_) {
    from = *blocked_since_us_ + patience_us();
  }
  if (!from) return std::nullopt;
  return std::max({now_us, *from, keyframe_arrival_limit_us().value_or(0)});
}

bool VideoReceiveBuffer::take_keyframe_request(int64_t now_us) {
  const auto from = keyframe_needed_us(now_us);
  if (!keyframes_.take(from && *from <= now_us, now_us)) return false;
  is_keyframe_wanted_ = is_keyframe_asked_for_ = false;
  return true;
}

std::vector<uint16_t> VideoReceiveBuffer::take_nacks(int64_t now_us) {
  if (!settings_.nack) return {};
  std::vector<uint16_t> numbers = nacks_.take(now_us);
  if (nacks_.take_given_up()) has_given_up_ = true;
  if (!numbers.empty()) ++stats_.nack_count;
  return numbers;
}

int64_t VideoReceiveBuffer::next_timeout_us(int64_t now_us, bool asks_for_keyframes) const {
  int64_t next = kNever;
  const auto frame = first_decodable();
  if (frame != frames_.end()) next = release_time_us(frame->second, now_us);
  if (blocked_since_us_) {
    const int64_t patient_until = *blocked_since_us_ + patience_us();
    if (patient_until > now_us) next = std::min(next, patient_until);
  }
  if (settings_.nack) next = std::min(next, std::max(now_us, nacks_.next_us().value_or(kNever)));
  if (const auto needed = asks_for_keyframes ? keyframe_needed_us(now_us) : std::nullopt) {
    next = std::min(next, std::max(*needed, keyframes_.next_us(now_us)));
  }
  return next;
}

}  // namespace peerwire

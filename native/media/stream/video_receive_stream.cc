#include "media/stream/video_receive_stream.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/clock.h"
#include "media/packetization/keyframe.h"
#include "media/stream/receive_section.h"

namespace peerwire {
namespace {

/// Frames that wait for the decoder: two seconds' worth. A machine that is slower has to begin anew at a keyframe.
constexpr size_t kMaxPending = 60;

int64_t clock_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
}

}  // namespace

bool FrameDecoder::decode(EncodedVideoFrame frame) {
  if (queue_.pending() >= kMaxPending) return false;
  if (frame.is_keyframe) ++keyframes_;
  queue_.post([self = weak_from_this(), keyframes = keyframes_, frame = std::move(frame)] {
    if (const auto alive = self.lock()) alive->run(frame, keyframes);
  });
  return true;
}

void FrameDecoder::run(const EncodedVideoFrame& frame, uint64_t keyframes) {
  if (stopped_.load()) return;
  if (!decoder_ || codec_ != frame.codec) {
    codec_ = frame.codec;
    // VP8's is quick, and its threads wait for each other in loops.
    decoder_ = VideoDecoder::create(frame.codec, frame.codec == VideoCodec::kVp8 ? 1 : 2);
  }
  Result result;
  result.is_keyframe = frame.is_keyframe;
  result.keyframes = keyframes;
  result.received_us = frame.first_packet_us;
  const int64_t begun = clock_us();
  std::optional<VideoFrame> picture;
  result.succeeded = decoder_ && decoder_->decode(frame, picture);
  result.done_us = clock_us();
  result.decode_time_us = result.done_us - begun;
  if (decoder_) {
    result.qp = decoder_->last_qp();
    result.implementation = decoder_->implementation();
  }
  if (picture) {
    result.has_picture = true;
    result.width = picture->width();
    result.height = picture->height();
    picture->rotation = frame.rotation;
    picture->rtp_timestamp = frame.rtp_timestamp;
    picture->capture_time_us = frame.render_time_us;
    picture->capture_ntp_ms = frame.capture_ntp_ms;
    result.capture_ntp_ms = frame.capture_ntp_ms;
  }
  done_(result);
  if (picture && !stopped_.load()) source_->deliver(*picture);
}

VideoReceiveStream::VideoReceiveStream(NetworkThread& network, std::shared_ptr<WorkerPool> pool,
                                       std::shared_ptr<VideoSource> source, uint32_t ssrc, std::string rid,
                                       VideoReceiveSettings settings, Observer& observer)
    : network_(network),
      pool_(std::move(pool)),
      source_(std::move(source)),
      ssrc_(ssrc),
      rid_(std::move(rid)),
      observer_(observer),
      buffer_(std::move(settings)) {
  begin_decoding();
}

VideoReceiveStream::~VideoReceiveStream() {
  end_decoding();
}

void VideoReceiveStream::begin_decoding() {
  path_ = std::make_shared<ReturnPath<VideoReceiveStream>>(network_, *this);
  decoder_ = std::make_shared<FrameDecoder>(pool_, source_, [path = path_](FrameDecoder::Result result) {
    path->post([result](VideoReceiveStream& stream) { stream.on_decoded(result); });
  });
}

void VideoReceiveStream::end_decoding() {
  path_->close();
  decoder_->stop();
}

void VideoReceiveStream::reset() {
  end_decoding();
  begin_decoding();
  buffer_.reset();
  // Who wakes it may have other sound beside it, or none.
  buffer_.set_sync_delay(0);
  reception_.interrupt();
  capture_times_.reset();
  last_shown_.reset();
  layers_.clear();
  was_passed_over_ = awaits_keyframe_ = false;
}

void VideoReceiveStream::set_shown(bool shown) {
  if (shown && !shown_) buffer_.want_keyframe();
  shown_ = shown;
}

void VideoReceiveStream::on_packet(const RtpPacketView& packet, bool recovered_by_rtx, int64_t now_us) {
  last_packet_us_ = now_us;
  payload_type_ = packet.header().payload_type;
  if (!recovered_by_rtx) reception_.on_packet(packet, kVideoClockRate, now_us);
  buffer_.on_packet(packet, recovered_by_rtx, now_us);
}

void VideoReceiveStream::on_sender_report(const rtcp::SenderReport& report, int64_t now_us) {
  reception_.on_sender_report(report, now_us);
  buffer_.on_sender_report(report.ntp_time, report.rtp_timestamp);
}

void VideoReceiveStream::on_rtt(int64_t rtt_us) {
  if (rtt_us > 0) buffer_.set_rtt(std::max<int64_t>(rtt_us / 1000, 1));
}

void VideoReceiveStream::on_remote_rtt(int64_t rtt_us) {
  remote_rtt_us_ = rtt_us;
  total_remote_rtt_us_ += rtt_us;
  ++remote_rtt_measurements_;
}

void VideoReceiveStream::process(int64_t now_us) {
  buffer_.set_unpaced(is_only_relayed());
  for (EncodedVideoFrame& frame : buffer_.take_due(now_us)) release(std::move(frame));
}

void VideoReceiveStream::release(EncodedVideoFrame frame) {
  if (!shown_) return;
  if (!tapped_) {
    decode(std::move(frame));
    return;
  }
  TappedFrame tapped;
  tapped.is_keyframe = frame.is_keyframe;
  tapped.rtp_timestamp = frame.rtp_timestamp;
  tapped.ssrc = ssrc_;
  tapped.payload_type = payload_type_;
  tapped.rid = rid_;
  tapped.width = frame.width > 0 ? frame.width : width_;
  tapped.height = frame.height > 0 ? frame.height : height_;
  tapped.temporal_index = frame.temporal_index;
  tapped.spatial_index = frame.spatial_index;
  tapped.ends_picture = frame.ends_picture;
  tapped.is_independent = frame.is_independent;
  tapped.frame_id = frame.number;
  tapped.dependencies = frame.references;
  put_capture_time(tapped, capture_times_.at(frame.rtp_timestamp, kVideoClockRate));
  observer_.on_tapped_frame(std::move(tapped), std::move(frame));
}

void VideoReceiveStream::decode(EncodedVideoFrame frame) {
  // Of a transform that kept the last layer for itself.
  if (!layers_.empty() && layers_.front().rtp_timestamp != frame.rtp_timestamp) {
    decode_picture(join_layers(std::exchange(layers_, {})));
  }
  const bool ends_picture = frame.ends_picture;
  layers_.push_back(std::move(frame));
  if (ends_picture) decode_picture(join_layers(std::exchange(layers_, {})));
}

void VideoReceiveStream::decode_picture(EncodedVideoFrame frame) {
  if (source_->relay().has_sinks()) source_->relay().deliver(frame);
  // Asked again: what was delivered may have shown that pictures are wanted.
  if (is_only_relayed()) {
    was_passed_over_ = true;
    return;
  }
  if (was_passed_over_ && !frame.is_keyframe) {
    buffer_.want_keyframe();
    return;
  }
  was_passed_over_ = false;
  if (decoder_->decode(std::move(frame))) return;
  ++frames_dropped_;
  buffer_.on_decode_failed();
}

void VideoReceiveStream::on_decoded(const FrameDecoder::Result& result) {
  if (!result.succeeded) {
    ++frames_dropped_;
    // Otherwise the keyframe that mends it is on its way already.
    if (result.keyframes == decoder_->keyframes()) buffer_.on_decode_failed();
    return;
  }
  buffer_.on_frame_decoded(result.decode_time_us, result.done_us);
  implementation_ = result.implementation;
  if (!result.has_picture) return;
  if (result.capture_ntp_ms) last_shown_ = PlayedMoment{*result.capture_ntp_ms, result.done_us};
  ++frames_decoded_;
  if (result.is_keyframe) ++key_frames_decoded_;
  decode_time_us_ += result.decode_time_us;
  processing_delay_us_ += std::max<int64_t>(result.done_us - result.received_us, 0);
  width_ = result.width;
  height_ = result.height;
  if (result.qp >= 0) {
    has_qp_ = true;
    qp_sum_ += static_cast<uint64_t>(result.qp);
  }
  decoded_.add(result.done_us);
}

void VideoReceiveStream::set_tap(bool active) {
  if (tapped_ == active) return;
  tapped_ = active;
  buffer_.set_opaque(active);
  // What comes out of a transform depends on what went in since a keyframe.
  buffer_.want_keyframe();
}

void VideoReceiveStream::write_frame(EncodedVideoFrame frame) {
  if (!shown_) return;
  // Only now can be seen for certain what it is.
  frame.is_keyframe = is_keyframe(frame.codec, frame.data);
  if (frame.is_discontinuous) awaits_keyframe_ = true;
  if (frame.is_keyframe) {
    awaits_keyframe_ = false;
    buffer_.on_keyframe_found();
  }
  if (!awaits_keyframe_) {
    decode(std::move(frame));
    return;
  }
  ++frames_dropped_;
  buffer_.want_keyframe();
}

InboundStats VideoReceiveStream::stats(int64_t now_us, double unix_ms_now) const {
  const ReceptionCounters received = reception_.counters();
  const VideoReceiveStats buffered = buffer_.stats();
  InboundStats stats;
  stats.ssrc = ssrc_;
  stats.rtx_ssrc = rtx_ssrc_;
  stats.rid = rid_;
  stats.payload_type = payload_type_;
  stats.decoder_implementation = implementation_;
  const auto number = [](auto value) { return static_cast<double>(value); };
  const auto seconds = [](int64_t us) { return static_cast<double>(us) / 1e6; };
  const auto known = [&](bool has, double value) { return has ? value : -1; };
  stats.counters = {
      {"packetsReceived", number(received.packets_received)},
      {"bytesReceived", number(received.bytes_received)},
      {"headerBytesReceived", number(received.header_bytes_received)},
      {"retransmittedPacketsReceived", number(received.retransmitted_packets_received)},
      {"retransmittedBytesReceived", number(received.retransmitted_bytes_received)},
      {"jitter", received.jitter_s},
      {"lastPacketReceivedTimestamp", unix_ms_now - number(now_us - last_packet_us_) / 1000},
      {"estimatedPlayoutTimestamp", estimated_playout_ms(last_shown_, now_us)},
      {"packetsDiscarded", number(buffered.packets_discarded)},
      {"nackCount", number(buffered.nack_count)},
      {"pliCount", number(pli_count_)},
      {"firCount", number(fir_count_)},
      {"framesReceived", number(buffered.frames_received)},
      {"framesDecoded", number(frames_decoded_)},
      {"keyFramesDecoded", number(key_frames_decoded_)},
      {"framesRendered", number(buffered.render.frames)},
      {"framesDropped", number(buffered.frames_dropped + frames_dropped_)},
      {"framesPerSecond", known(frames_decoded_ > 0, decoded_.in_last_second(now_us))},
      {"frameWidth", known(width_ > 0, width_)},
      {"frameHeight", known(height_ > 0, height_)},
      {"qpSum", known(has_qp_, number(qp_sum_))},
      {"totalDecodeTime", seconds(decode_time_us_)},
      {"totalProcessingDelay", seconds(processing_delay_us_)},
      {"totalInterFrameDelay", seconds(buffered.render.total_inter_frame_delay_us)},
      {"totalSquaredInterFrameDelay", buffered.render.total_squared_inter_frame_delay_s2},
      {"freezeCount", number(buffered.render.freeze_count)},
      {"totalFreezesDuration", seconds(buffered.render.total_freezes_us)},
      {"pauseCount", number(buffered.render.pause_count)},
      {"totalPausesDuration", seconds(buffered.render.total_pauses_us)},
      {"framesAssembledFromMultiplePackets", number(buffered.frames_assembled_from_multiple_packets)},
      {"totalAssemblyTime", seconds(buffered.total_assembly_time_us)},
      {"jitterBufferDelay", seconds(buffered.jitter_buffer_delay_us)},
      {"jitterBufferTargetDelay", seconds(buffered.jitter_buffer_target_delay_us)},
      {"jitterBufferMinimumDelay", seconds(buffered.jitter_buffer_minimum_delay_us)},
      {"jitterBufferEmittedCount", number(buffered.jitter_buffer_emitted_count)},
  };
  stats.packets_lost = received.packets_lost;
  const std::optional<RemoteSenderState>& remote = reception_.remote_sender();
  const double age_ms = remote ? number(now_us - remote->arrival_us) / 1000 : 0;
  stats.remote =
      remote_outbound_stats(reception_, unix_ms_now - age_ms, remote_rtt_us_ < 0 ? -1 : seconds(remote_rtt_us_),
                            seconds(total_remote_rtt_us_), remote_rtt_measurements_);
  return stats;
}

}  // namespace peerwire

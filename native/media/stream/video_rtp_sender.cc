#include "media/stream/video_rtp_sender.h"

#include <algorithm>
#include <utility>

namespace peerwire {
namespace {

constexpr int64_t kBlackUs = 1'000'000;
constexpr PictureSize kBlackSize{320, 240};  // where no picture ever came

}  // namespace

VideoRtpSender::VideoRtpSender(RtpTransport& transport, uint32_t id, std::shared_ptr<RtpSenderObserver> observer)
    : transport_(transport), id_(id), observer_(std::move(observer)) {
  transport_.add(static_cast<SendingSection&>(*this));
}

VideoRtpSender::~VideoRtpSender() {
  transport_.network().cancel_timer(black_timer_);
  transport_.network().cancel_timer(waiting_timer_);
  listen_to(nullptr);
  for (const EncodingPtr& encoding : encodings_) {
    if (encoding->stream->has_sent()) transport_.send_bye(encoding->stream->ssrc(), parameters_.reduced_size_rtcp);
    remove_encoding(*encoding);
  }
  transport_.remove(static_cast<SendingSection&>(*this));
  transport_.allocate();
}

RtpSendStream::Config VideoRtpSender::stream_config(const EncodingParameters& parameters) const {
  RtpSendStream::Config config;
  config.kind = MediaKind::kVideo;
  config.mid = parameters_.mid;
  config.cname = parameters_.cname;
  config.extensions = parameters_.extensions;
  config.encoding = parameters;
  return config;
}

VideoRtpSender::EncodingPtr VideoRtpSender::create_encoding(const EncodingParameters& parameters) {
  auto encoding = std::make_shared<Encoding>();
  encoding->sender = this;
  encoding->parameters = parameters;
  encoding->rid = parameters.rid;
  encoding->stream = std::make_unique<RtpSendStream>(transport_, stream_config(parameters), this);
  encoding->path = std::make_shared<ReturnPath<Encoding>>(transport_.network(), *encoding);
  encoding->encoder = std::make_shared<VideoStreamEncoder>(
      transport_.pool(), [path = encoding->path](std::vector<EncodedVideoFrame> picture) {
        path->post([picture = std::move(picture)](Encoding& coded) mutable {
          coded.sender->on_encoded(coded, std::move(picture));
        });
      });
  return encoding;
}

void VideoRtpSender::remove_encoding(Encoding& encoding) {
  set_sink(encoding, false);
  encoding.is_attached = false;
  encoding.path->close();
  encoding.encoder->stop();
  encoding.stream.reset();
}

void VideoRtpSender::configure(SendParameters parameters) {
  const bool was_active = parameters_.active;
  if (parameters.estimate_wishes != parameters_.estimate_wishes) {
    transport_.set_estimate_wishes(parameters.estimate_wishes);
  }
  parameters_ = std::move(parameters);
  std::vector<EncodingPtr> next;
  for (const EncodingParameters& wanted : parameters_.encodings) {
    EncodingPtr encoding = find(wanted.ssrc);
    if (encoding) {
      encoding->rid = wanted.rid;
      encoding->parameters = wanted;
      encoding->stream->configure(stream_config(wanted));
      if (parameters_.active && !was_active) encoding->stream->identify();
    } else {
      encoding = create_encoding(wanted);
    }
    next.push_back(std::move(encoding));
  }
  for (const EncodingPtr& encoding : encodings_) {
    if (std::find(next.begin(), next.end(), encoding) == next.end()) remove_encoding(*encoding);
  }
  encodings_ = std::move(next);
  const bool may_adapt = encodings_.size() == 1;
  for (const EncodingPtr& encoding : encodings_) {
    encoding->encoder->configure(encoding->parameters, parameters_.degradation, parameters_.is_detail, may_adapt,
                                 encoding->stream->max_payload_size());
    // The peer, or the one it has become, has seen nothing yet.
    if (parameters_.active && !was_active && encoding->is_attached) demand_keyframe(*encoding);
  }
  update_sinks();
  transport_.allocate();
}

void VideoRtpSender::set_track(std::shared_ptr<VideoTrack> video, std::shared_ptr<AudioTrack>) {
  if (video == track_) return;
  for (const EncodingPtr& encoding : encodings_) {
    set_sink(*encoding, false);
    encoding->is_attached = false;
  }
  track_ = std::move(video);
  update_sinks();
  transport_.allocate();
}

void VideoRtpSender::update_sinks() {
  bool any = false;
  std::vector<EncodingPtr> begun;
  for (const EncodingPtr& encoding : encodings_) {
    const bool wanted =
        (track_ || is_pushed_) && parameters_.active && encoding->parameters.active && transport_.can_send();
    any = any || wanted;
    if (wanted && !encoding->is_attached) {
      encoding->awaits_keyframe = true;
      encoding->has_rate = false;
      begun.push_back(encoding);
    }
    if (!wanted) {
      encoding->waiting_pictures.clear();
      encoding->has_waited = false;
      encoding->stream->set_target_bitrate(0);
    }
    encoding->is_attached = wanted;
    encoding->stream->set_sending(wanted);
  }
  listen_to(any && track_ && !is_pushed_ ? track_->source() : nullptr);
  if (relays_ && !may_relay()) relays_ = false;
  for (const EncodingPtr& encoding : begun) demand_keyframe(*encoding);
  for (const EncodingPtr& encoding : encodings_) {
    set_sink(*encoding, encoding->is_attached && !is_pushed_ && !relays_);
    encoding->encoder->set_sending(encoding->has_sink);
  }
  send_waiting();
  if (any && black_timer_ == NetworkThread::kNoTimer) feed_black();
}

void VideoRtpSender::feed_black() {
  const bool is_sending =
      std::any_of(encodings_.begin(), encodings_.end(), [](const auto& one) { return one->is_attached; });
  black_timer_ = NetworkThread::kNoTimer;
  if (!is_sending || is_pushed_) return;
  const int64_t now = transport_.now_us();
  black_timer_ = transport_.network().start_timer(transport_.time_of(now + kBlackUs), [this] { feed_black(); });
  if (!track_ || !track_->is_blank()) return;
  if (relays_ && !may_relay()) update_sinks();
  for (const EncodingPtr& encoding : encodings_) {
    if (!encoding->has_sink || encoding->encoder->idle_us(now) < kBlackUs / 2) continue;
    const VideoEncoderStats coded = encoding->encoder->stats();
    PictureSize size{coded.source_width, coded.source_height};
    if (size.width <= 0 && relay_source_) size = {encoding->width, encoding->height};
    if (size.width <= 0 || size.height <= 0) size = kBlackSize;
    VideoFrame frame;
    frame.buffer = I420Buffer::allocate(size.width, size.height);
    frame = black_frame(frame);
    frame.capture_time_us = now;
    encoding->encoder->on_video_frame(frame);
  }
}

void VideoRtpSender::set_sink(Encoding& encoding, bool wanted) {
  if (wanted == encoding.has_sink || !track_) return;
  encoding.has_sink = wanted;
  if (wanted) {
    encoding.encoder->request_keyframe();
    track_->add_sink(encoding.encoder);
  } else {
    track_->remove_sink(encoding.encoder.get());
  }
}

void VideoRtpSender::demand_keyframe(Encoding& encoding) {
  if (is_pushed_) {
    observer_->on_source_keyframe_wanted(encoding.rid);
  } else if (relays_) {
    relay_source_->relay().request_keyframe();
  } else {
    encoding.encoder->request_keyframe();
  }
}

void VideoRtpSender::on_transport_state(bool) {
  update_sinks();
}

BitrateAllocator::Encoding VideoRtpSender::allocation_of(const Encoding& encoding) const {
  const EncodingParameters& parameters = encoding.parameters;
  const VideoEncoderStats stats = encoding.encoder->stats();
  BitrateAllocator::Encoding allocation;
  allocation.active = encoding.is_attached;
  // Before the first frame nobody knows how large the pictures are.
  BitrateRange range;
  if (stats.wanted_width > 0) {
    const PictureSize size{stats.wanted_width, stats.wanted_height};
    const ScalabilityMode mode = fitting_scalability(parameters.scalability, size);
    range = mode.spatial_layers > 1
                ? layered_bitrate_range(mode, size, stats.framerate, parameters_.is_detail)
                : bitrate_range(size, stats.framerate, parameters_.is_detail, encodings_.size() > 1);
  }
  // Browsers keep the encoding that is listed first alive, however large it is. Servers count on that: one that
  // forwards the largest, listed first, and reckons the rate by what comes of it, would otherwise wait for it forever.
  if (&encoding == encodings_.front().get()) range.least_bps = BitrateRange().least_bps;
  allocation.min_bps = range.least_bps;
  allocation.max_bps = range.useful_bps;
  // What comes coded takes what it takes.
  if (!encoding.has_sink) allocation.max_bps = std::max(allocation.max_bps, encoding.bitrate.bps() * 2);
  if (parameters.max_bitrate_bps > 0) allocation.max_bps = parameters.max_bitrate_bps;
  if (parameters_.max_bitrate_bps > 0) {
    allocation.max_bps = std::min<int64_t>(allocation.max_bps, parameters_.max_bitrate_bps);
  }
  allocation.min_bps = std::min(allocation.min_bps, allocation.max_bps);
  allocation.target_bps = std::clamp<int64_t>(range.good_bps, allocation.min_bps, allocation.max_bps);
  allocation.priority = parameters.priority;
  return allocation;
}

void VideoRtpSender::add_streams(std::vector<BitrateAllocator::Audio>&, std::vector<BitrateAllocator::Video>& video) {
  by_size_ = encodings_;
  // The application may have them in any order; what is scaled down most is the smallest.
  std::stable_sort(by_size_.begin(), by_size_.end(), [](const EncodingPtr& first, const EncodingPtr& second) {
    const auto size = [](const EncodingParameters& parameters) {
      return parameters.max_width > 0 ? static_cast<double>(parameters.max_width) * parameters.max_height
                                      : 1 / parameters.scale_down_by;
    };
    return size(first->parameters) < size(second->parameters);
  });
  const bool is_wanted =
      std::any_of(by_size_.begin(), by_size_.end(), [](const auto& each) { return each->is_attached; });
  if (!is_wanted) {
    for (const EncodingPtr& encoding : by_size_) {
      encoding->stream->set_target_bitrate(0);
      encoding->encoder->set_bitrate(0, 0);
    }
    by_size_.clear();
    return;
  }
  BitrateAllocator::Video stream;
  stream.id = id_;
  for (const EncodingPtr& encoding : by_size_) stream.encodings.push_back(allocation_of(*encoding));
  video.push_back(std::move(stream));
}

void VideoRtpSender::set_bitrates(const BitrateAllocator::Share& share) {
  const bool any_goes_on = std::any_of(share.bps.begin(), share.bps.end(), [](int64_t bps) { return bps > 0; });
  for (size_t index = 0; index < share.bps.size() && index < by_size_.size(); ++index) {
    Encoding& encoding = *by_size_[index];
    if (!encoding.stream) continue;  // removed since
    encoding.has_rate = true;
    const auto bitrate = static_cast<uint32_t>(std::clamp<int64_t>(share.bps[index], 0, UINT32_MAX));
    // Of a layer that goes off for want of room what it lost would take the room of those that go on.
    const bool goes_off = bitrate == 0 && any_goes_on && encoding.has_sink && encoding.stream->target_bitrate() > 0;
    if (goes_off) encoding.stream->abandon();
    encoding.stream->set_target_bitrate(bitrate);
    const auto sustained = static_cast<uint32_t>(std::clamp<int64_t>(share.sustained_bps[index], 0, UINT32_MAX));
    encoding.encoder->set_bitrate(bitrate, sustained);
  }
  send_waiting();
}

void VideoRtpSender::on_keyframe_wanted(uint32_t ssrc) {
  const EncodingPtr encoding = find(ssrc);
  if (!encoding) return;
  if (tapped_ && observer_takes_requests_) {
    observer_->on_keyframe_request(encoding->rid);
  } else {
    demand_keyframe(*encoding);
  }
}

void VideoRtpSender::request_keyframe(const std::vector<std::string>& rids) {
  for (const EncodingPtr& encoding : encodings_) {
    const bool is_meant = rids.empty() || std::find(rids.begin(), rids.end(), encoding->rid) != rids.end();
    if (is_meant) demand_keyframe(*encoding);
  }
}

void VideoRtpSender::add_dependencies(Encoding& encoding, const EncodedVideoFrame& frame, TappedFrame& tapped) {
  const auto layer = static_cast<size_t>(std::clamp(frame.temporal_index, 0, ScalabilityMode::kMaxTemporalLayers - 1));
  const auto spatial = static_cast<size_t>(std::clamp(frame.spatial_index, 0, ScalabilityMode::kMaxSpatialLayers - 1));
  auto& last = encoding.last_frame_ids[spatial];
  tapped.frame_id = encoding.next_frame_id++;
  if (frame.is_keyframe || !frame.refers_to_earlier) last.fill(-1);
  // The base layer builds on itself, what is above it on the latest below.
  const int64_t needed = layer == 0 ? last[0] : *std::max_element(last.begin(), last.begin() + layer);
  if (needed >= 0) tapped.dependencies.push_back(needed);
  // And a spatial layer on the one that came just before.
  if (frame.refers_to_lower) tapped.dependencies.push_back(tapped.frame_id - 1);
  last[layer] = tapped.frame_id;
}

void VideoRtpSender::on_encoded(Encoding& encoding, std::vector<EncodedVideoFrame> picture) {
  const uint32_t rtp_timestamp = encoding.stream->assign_timestamp(picture.front().capture_time_us);
  // The last frame is none that came coded any more.
  encoding.width = encoding.height = 0;
  encoding.waiting_pictures.push_back({std::move(picture), rtp_timestamp, transport_.now_us()});
  send_waiting();
}

void VideoRtpSender::set_pushed(bool pushed) {
  if (is_pushed_ == pushed) return;
  is_pushed_ = pushed;
  for (const EncodingPtr& encoding : encodings_) {
    // Who makes the frames now is asked for a keyframe.
    encoding->is_attached = false;
    encoding->stream->forget_source();
  }
  update_sinks();
  transport_.allocate();
}

void VideoRtpSender::push_frame(PushedFrame pushed) {
  const EncodingPtr encoding = find_rid(pushed.rid);
  if (!is_pushed_ || !encoding || !encoding->is_attached || pushed.octets.empty()) return;
  if (encoding->awaits_keyframe && !pushed.is_keyframe) return;
  encoding->awaits_keyframe = false;
  const int64_t now = transport_.now_us();
  EncodedVideoFrame frame;
  frame.codec = encoding->parameters.codec.video;
  frame.data = std::move(pushed.octets);
  frame.is_keyframe = pushed.is_keyframe;
  frame.width = pushed.width;
  frame.height = pushed.height;
  frame.rotation = pushed.rotation;
  frame.temporal_index = std::max(pushed.temporal_index, 0);
  frame.capture_time_us = pushed.capture_time_ms < 0 ? now : transport_.monotonic_us_of(pushed.capture_time_ms);
  encoding->bitrate.add(frame.data.size(), now);
  const uint32_t ticks = ticks_of(pushed.timestamp_us, encoding->parameters.codec.clock_rate);
  pass_on(*encoding, std::move(frame), encoding->stream->map_timestamp(ticks, now, false));
}

void VideoRtpSender::pass_on(Encoding& encoding, EncodedVideoFrame frame, uint32_t rtp_timestamp) {
  // Layers show when there is a frame of one.
  encoding.temporal_layers = std::clamp(frame.temporal_index + 1, encoding.temporal_layers, 3);
  frame.temporal_layers = encoding.temporal_layers;
  if (frame.width > 0) {
    encoding.width = frame.width;
    encoding.height = frame.height;
  }
  ++encoding.frames_passed_on;
  send_or_tap(encoding, std::move(frame), rtp_timestamp);
}

void VideoRtpSender::send_or_tap(Encoding& encoding, EncodedVideoFrame frame, uint32_t rtp_timestamp) {
  if (!tapped_) {
    encoding.stream->send_frame(std::move(frame), rtp_timestamp);
    return;
  }
  TappedFrame tapped;
  tapped.octets = std::move(frame.data);
  tapped.is_keyframe = frame.is_keyframe;
  tapped.rtp_timestamp = rtp_timestamp;
  tapped.ssrc = encoding.stream->ssrc();
  tapped.payload_type = encoding.parameters.codec.payload_type;
  tapped.rid = encoding.rid;
  tapped.width = frame.width;
  tapped.height = frame.height;
  tapped.temporal_index = frame.temporal_index;
  tapped.spatial_index = frame.spatial_index;
  tapped.ends_picture = frame.ends_picture;
  tapped.is_independent = frame.is_independent;
  add_dependencies(encoding, frame, tapped);
  tapped.timestamp_us = frame.capture_time_us;
  tapped.capture_time_ms = transport_.unix_ms_of(frame.capture_time_us);
  tapped.token = tap_.put({std::move(frame), rtp_timestamp, encoding.weak_from_this()});
  observer_->on_encoded_frame(std::move(tapped));
}

void VideoRtpSender::set_tap(bool active, bool takes_keyframe_requests) {
  tapped_ = active;
  observer_takes_requests_ = takes_keyframe_requests;
}

void VideoRtpSender::write_frame(WrittenFrame written) {
  std::optional<Tapped> tapped = tap_.take(written.token);
  const EncodingPtr encoding = tapped ? tapped->encoding.lock() : nullptr;
  if (!encoding || !encoding->stream || written.octets.empty()) return;
  tapped->frame.data = std::move(written.octets);
  encoding->stream->send_frame(std::move(tapped->frame), written.rtp_timestamp.value_or(tapped->rtp_timestamp),
                               written.capture_time_ms);
}

VideoRtpSender::EncodingPtr VideoRtpSender::find(uint32_t ssrc) const {
  for (const EncodingPtr& encoding : encodings_) {
    if (encoding->stream->ssrc() == ssrc) return encoding;
  }
  return nullptr;
}

bool VideoRtpSender::has_ssrc(uint32_t ssrc) const {
  return std::any_of(encodings_.begin(), encodings_.end(), [&](const EncodingPtr& encoding) {
    return encoding->stream->ssrc() == ssrc || (ssrc != 0 && encoding->stream->rtx_ssrc() == ssrc);
  });
}

VideoRtpSender::EncodingPtr VideoRtpSender::find_rid(const std::string& rid) const {
  if (rid.empty()) return encodings_.empty() ? nullptr : encodings_.front();
  for (const EncodingPtr& encoding : encodings_) {
    if (encoding->rid == rid) return encoding;
  }
  return nullptr;
}

SenderStats VideoRtpSender::stats() const {
  SenderStats stats;
  stats.id = id_;
  for (const EncodingPtr& encoding : encodings_) {
    OutboundStats out = encoding->stream->stats();
    const VideoEncoderStats coded = encoding->encoder->stats();
    out.active = parameters_.active && encoding->parameters.active;
    out.frames_encoded = coded.frames_encoded;
    out.key_frames_encoded = coded.keyframes_encoded;
    out.frames_per_second = coded.frames_encoded > 0 ? coded.frames_per_second : -1;
    // Of the last frame: on hold nothing is coded, either.
    const bool is_coded_here = encoding->has_sink || encoding->width <= 0;
    out.frame_width = is_coded_here ? coded.width : encoding->width;
    out.frame_height = is_coded_here ? coded.height : encoding->height;
    out.qp_sum = coded.has_qp ? static_cast<int64_t>(coded.qp_sum) : -1;
    out.total_encode_time = coded.total_encode_time_s;
    out.total_encoded_bytes_target = coded.total_encoded_bytes_target;
    static constexpr const char* kReasons[] = {"none", "cpu", "bandwidth", "other"};
    out.quality_limitation_reason = kReasons[static_cast<size_t>(coded.limitation)];
    std::copy(std::begin(coded.limitation_durations_s), std::end(coded.limitation_durations_s),
              std::begin(out.quality_limitation_durations));
    out.quality_limitation_resolution_changes = coded.resolution_changes;
    out.encoder_implementation = coded.implementation;
    if (coded.frames_offered > stats.source_frames) {
      stats.source_frames = coded.frames_offered;
      stats.source_frames_per_second = coded.source_frames_per_second;
      stats.source_width = coded.source_width;
      stats.source_height = coded.source_height;
    }
    stats.streams.push_back(std::move(out));
  }
  return stats;
}

}  // namespace peerwire

#include "media/stream/video_rtp_receiver.h"

#include <algorithm>
#include <utility>

#include "media/stream/receive_section.h"
#include "rtp/rtx.h"

namespace peerwire {
namespace {

/// Streams of one section: three layers, and what they were before a change.
constexpr size_t kMaxStreams = 12;
/// Numbers that fit a packet, however far they are apart.
constexpr size_t kMaxNacked = 250;
/// Without a packet for so long, a stream no longer keeps another from being shown.
constexpr int64_t kQuietUs = 500'000;
/// https://w3c.github.io/webrtc-pc/: muted when media has ended; libwebrtc's time for that is of this order.
constexpr int64_t kForgetUs = 30'000'000;

}  // namespace

VideoRtpReceiver::VideoRtpReceiver(RtpTransport& transport, uint32_t id, std::shared_ptr<VideoSource> source,
                                   std::shared_ptr<RtpSourceTable> table, std::shared_ptr<RtpReceiverObserver> observer)
    : transport_(transport),
      id_(id),
      source_(std::move(source)),
      table_(std::move(table)),
      observer_(std::move(observer)) {
  transport_.add(static_cast<ReceivingSection&>(*this));
  source_->relay().set_origin(this);
}

VideoRtpReceiver::~VideoRtpReceiver() {
  source_->relay().remove_origin(this);
  transport_.remove(static_cast<ReceivingSection&>(*this));
}

VideoReceiveSettings VideoRtpReceiver::settings() const {
  VideoReceiveSettings settings;
  for (const ReceiveCodecParameters& codec : parameters_.codecs) {
    if (codec.kind != ReceiveCodecParameters::Kind::kVideo) continue;
    settings.payload_types[codec.payload_type] = {codec.video, codec.parameter_sets};
  }
  settings.extensions = parameters_.extensions;
  settings.nack = wants(parameters_, &FeedbackParameters::nack);
  settings.keyframe_requests =
      wants(parameters_, &FeedbackParameters::pli) || wants(parameters_, &FeedbackParameters::fir);
  return settings;
}

void VideoRtpReceiver::configure(ReceiveParameters parameters) {
  // A renegotiation concerns one section of hundreds: what the others share is not worked out anew for each of them.
  if (parameters == parameters_) return;
  parameters_ = std::move(parameters);
  transport_.update_receiving();
  has_fir_ = wants(parameters_, &FeedbackParameters::fir) && !wants(parameters_, &FeedbackParameters::pli);
  if (!parameters_.active) {
    transport_.demuxer().pause_section(id_);
    while (!streams_.empty()) rest(streams_.begin());
    shown_ssrc_ = 0;
    flows_ = false;  // the description has muted the track
    return;
  }
  transport_.demuxer().set_section(demux_section(parameters_, id_));
  for (const auto& [ssrc, stream] : streams_) stream->buffer().configure(settings());
}

VideoReceiveStream* VideoRtpReceiver::shown() const {
  const auto found = streams_.find(shown_ssrc_);
  return found == streams_.end() ? nullptr : found->second.get();
}

const std::string& VideoRtpReceiver::rid_of(const StreamRoute& route) const {
  static const std::string kNone;
  const auto index = static_cast<size_t>(route.rid_index);
  return route.rid_index >= 0 && index < parameters_.rids.size() ? parameters_.rids[index] : kNone;
}

VideoRtpReceiver::Streams::iterator VideoRtpReceiver::quietest_of(Streams& streams) {
  return std::min_element(streams.begin(), streams.end(), [](const auto& first, const auto& second) {
    return first.second->last_packet_us() < second.second->last_packet_us();
  });
}

void VideoRtpReceiver::rest(Streams::iterator stream) {
  stream->second->reset();
  if (resting_.size() >= kMaxStreams) resting_.erase(quietest_of(resting_));
  resting_.insert(streams_.extract(stream));
}

std::unique_ptr<VideoReceiveStream> VideoRtpReceiver::wake(uint32_t ssrc, const std::string& rid) {
  if (auto resting = resting_.extract(ssrc)) {
    resting.mapped()->set_rid(rid);
    resting.mapped()->buffer().configure(settings());
    return std::move(resting.mapped());
  }
  std::erase_if(resting_, [&](const auto& each) { return each.second->rid() == rid; });
  return std::make_unique<VideoReceiveStream>(transport_.network(), transport_.pool(), source_, ssrc, rid, settings(),
                                              *this);
}

VideoReceiveStream* VideoRtpReceiver::stream_for(uint32_t ssrc, const StreamRoute& route, int64_t now_us) {
  const auto found = streams_.find(ssrc);
  const std::string& rid = rid_of(route);
  if (found != streams_.end()) {
    if (found->second->rid() != rid) found->second->set_rid(rid);
    return found->second.get();
  }
  if (streams_.size() >= kMaxStreams) {
    const auto quietest = quietest_of(streams_);
    if (now_us - quietest->second->last_packet_us() < kQuietUs) return nullptr;
    streams_.erase(quietest);
  }
  auto stream = wake(ssrc, rid);
  // One alone is decoded. A new SSRC takes the place of the one before it; another layer does not.
  const VideoReceiveStream* current = shown();
  if (!current || current->rid() == stream->rid()) {
    for (const auto& [other, before] : streams_) before->set_shown(false);
    stream->set_shown(true);
    shown_ssrc_ = ssrc;
  } else {
    stream->set_shown(false);
  }
  stream->set_tap(tapped_);
  stream->buffer().set_target_delay(target_delay());
  stream->on_rtt(transport_.rtt_us());
  return streams_.emplace(ssrc, std::move(stream)).first->second.get();
}

void VideoRtpReceiver::choose_shown(int64_t now_us) {
  const VideoReceiveStream* current = shown();
  if (current && now_us - current->last_packet_us() < kQuietUs) return;
  VideoReceiveStream* best = nullptr;
  for (const auto& [ssrc, stream] : streams_) {
    if (!best || stream->last_packet_us() > best->last_packet_us()) best = stream.get();
  }
  if (!best || best == current) return;
  shown_ssrc_ = best->ssrc();
  for (const auto& [ssrc, stream] : streams_) stream->set_shown(ssrc == shown_ssrc_);
}

void VideoRtpReceiver::on_rtp_packet(const RtpPacketView& packet, std::span<uint8_t> octets, const StreamRoute& route,
                                     int64_t now_us) {
  if (route.is_rtx) {
    const auto found = route.media_ssrc ? streams_.find(*route.media_ssrc) : streams_.end();
    if (found == streams_.end()) return;
    VideoReceiveStream& stream = *found->second;
    stream.set_rtx_ssrc(packet.header().ssrc);
    stream.reception().on_retransmission(packet, now_us);
    const std::span<uint8_t> restored = restore_from_rtx(octets, route.media_payload_type, *route.media_ssrc);
    const auto original = RtpPacketView::parse(restored);
    if (original) stream.on_packet(*original, true, now_us);
    return;
  }
  VideoReceiveStream* stream = stream_for(packet.header().ssrc, route, now_us);
  if (!stream) return;
  stream->capture_times().on_packet(packet, parameters_.extensions);
  stream->on_packet(packet, false, now_us);
  choose_shown(now_us);
  if (!packet.payload().empty()) {
    put_sources(*table_, packet, parameters_.extensions, transport_.unix_ms(),
                stream->capture_times().at(packet.header().timestamp, kVideoClockRate));
    set_flowing(true);
  }
}

bool VideoRtpReceiver::has_ssrc(uint32_t ssrc) const {
  return streams_.contains(ssrc);
}

void VideoRtpReceiver::set_flowing(bool flows) {
  if (flows_ == flows) return;
  flows_ = flows;
  observer_->on_flow(flows);
}

void VideoRtpReceiver::on_sender_report(const rtcp::SenderReport& report, int64_t now_us) {
  const auto found = streams_.find(report.sender_ssrc);
  if (found != streams_.end()) found->second->on_sender_report(report, now_us);
}

void VideoRtpReceiver::on_bye(uint32_t ssrc) {
  const auto found = streams_.find(ssrc);
  if (found == streams_.end()) return;
  rest(found);
  if (streams_.empty()) set_flowing(false);
}

void VideoRtpReceiver::on_dlrr(uint32_t, int64_t rtt_us) {
  for (const auto& [ssrc, stream] : streams_) stream->on_remote_rtt(rtt_us);
}

void VideoRtpReceiver::add_report_blocks(std::vector<rtcp::ReportBlock>& blocks, int64_t now_us) {
  for (const auto& [ssrc, stream] : streams_) {
    if (now_us - stream->last_packet_us() > kForgetUs) continue;
    if (const auto block = stream->reception().make_report_block(ssrc, now_us)) blocks.push_back(*block);
  }
}

int64_t VideoRtpReceiver::process(int64_t now_us) {
  int64_t next = INT64_MAX;
  for (const auto& [ssrc, stream] : streams_) {
    stream->on_rtt(transport_.rtt_us());
    stream->process(now_us);
    send_feedback(*stream, now_us);
    next = std::min(next, stream->buffer().next_timeout_us(now_us, ssrc == shown_ssrc_));
  }
  return next;
}

void VideoRtpReceiver::send_feedback(VideoReceiveStream& stream, int64_t now_us) {
  const std::vector<uint16_t> missing = stream.buffer().take_nacks(now_us);
  for (size_t first = 0; first < missing.size(); first += kMaxNacked) {
    const size_t end = std::min(first + kMaxNacked, missing.size());
    std::vector<uint16_t> part(missing.begin() + static_cast<ptrdiff_t>(first),
                               missing.begin() + static_cast<ptrdiff_t>(end));
    transport_.send_feedback(rtcp::Nack{transport_.local_ssrc(), stream.ssrc(), std::move(part)},
                             parameters_.reduced_size_rtcp);
  }
  // Nobody looks at the others.
  if (stream.ssrc() != shown_ssrc_ || !stream.buffer().take_keyframe_request(now_us)) return;
  if (has_fir_) {
    stream.on_fir_sent();
    transport_.send_feedback(rtcp::FullIntraRequest{transport_.local_ssrc(), {{stream.ssrc(), fir_number_++}}},
                             parameters_.reduced_size_rtcp);
  } else {
    stream.on_pli_sent();
    transport_.send_feedback(rtcp::PictureLossIndication{transport_.local_ssrc(), stream.ssrc()},
                             parameters_.reduced_size_rtcp);
  }
}

void VideoRtpReceiver::set_jitter_buffer_target(double target_ms) {
  target_ms_ = target_ms;
  for (const auto& [ssrc, stream] : streams_) stream->buffer().set_target_delay(target_delay());
}

std::optional<int64_t> VideoRtpReceiver::target_delay() const {
  return target_ms_ < 0 ? std::nullopt : std::optional<int64_t>(static_cast<int64_t>(target_ms_));
}

void VideoRtpReceiver::request_keyframe() {
  if (VideoReceiveStream* stream = shown()) stream->buffer().request_keyframe();
  transport_.reschedule();
}

void VideoRtpReceiver::set_tap(bool active) {
  tapped_ = active;
  for (const auto& [ssrc, stream] : streams_) stream->set_tap(active);
}

void VideoRtpReceiver::on_tapped_frame(TappedFrame tapped, EncodedVideoFrame frame) {
  tapped.octets = std::move(frame.data);
  tapped.receive_time_ms = transport_.unix_ms_of(frame.last_packet_us);
  tapped.token = tap_.put({std::move(frame), tapped.ssrc});
  observer_->on_encoded_frame(std::move(tapped));
}

void VideoRtpReceiver::write_frame(WrittenFrame written) {
  std::optional<Tapped> tapped = tap_.take(written.token);
  const auto found = tapped ? streams_.find(tapped->ssrc) : streams_.end();
  if (found == streams_.end() || written.octets.empty()) return;
  tapped->frame.data = std::move(written.octets);
  if (written.rtp_timestamp) tapped->frame.rtp_timestamp = *written.rtp_timestamp;
  found->second->write_frame(std::move(tapped->frame));
  transport_.reschedule();
}

std::optional<SyncedStream> VideoRtpReceiver::synced_stream() const {
  VideoReceiveStream* stream = shown();
  return stream ? stream->buffer().synced_stream() : std::nullopt;
}

void VideoRtpReceiver::set_sync_delay(int64_t delay_us) {
  if (VideoReceiveStream* stream = shown()) stream->buffer().set_sync_delay(delay_us / 1000);
}

ReceiverStats VideoRtpReceiver::stats(int64_t now_us) {
  ReceiverStats stats;
  stats.id = id_;
  for (const Streams* streams : {&streams_, &resting_}) {
    for (const auto& [ssrc, stream] : *streams) stats.streams.push_back(stream->stats(now_us, transport_.unix_ms()));
  }
  return stats;
}

}  // namespace peerwire

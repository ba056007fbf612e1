#include "media/stream/audio_rtp_sender.h"

#include <algorithm>
#include <utility>

namespace peerwire {
namespace {

/// What Opus uses without being told (libwebrtc's numbers): voice needs the former to be good, stereo music the latter.
constexpr uint32_t kLeastBps = 6'000;
constexpr uint32_t kMonoBps = 32'000;
constexpr uint32_t kStereoBps = 64'000;
constexpr uint32_t kMaxOpusBps = 510'000;
constexpr uint32_t kFixedBps = 64'000;  // G.711, G.722
/// What had to be decoded once may have to be again.
constexpr int64_t kRelayRestUs = 5'000'000;
constexpr int64_t kSilenceBlockUs = 10'000;
constexpr int64_t kLookUs = 200'000;  // whether silence is wanted

}  // namespace

AudioRtpSender::AudioRtpSender(RtpTransport& transport, uint32_t id, std::shared_ptr<RtpSenderObserver> observer)
    : transport_(transport),
      id_(id),
      observer_(std::move(observer)),
      path_(std::make_shared<ReturnPath<AudioRtpSender>>(transport.network(), *this)),
      encoder_(std::make_shared<AudioStreamEncoder>(transport.pool(), [path = path_](EncodedAudioFrame frame) {
        path->post([frame = std::move(frame)](AudioRtpSender& sender) mutable { sender.on_encoded(std::move(frame)); });
      })) {
  transport_.add(static_cast<SendingSection&>(*this));
}

AudioRtpSender::~AudioRtpSender() {
  listen_to(nullptr);
  transport_.network().cancel_timer(silence_timer_);
  path_->close();
  set_sink(false);
  encoder_->stop();
  if (stream_ && stream_->has_sent()) transport_.send_bye(stream_->ssrc(), parameters_.reduced_size_rtcp);
  stream_.reset();
  transport_.remove(static_cast<SendingSection&>(*this));
  transport_.allocate();
}

RtpSendStream::Config AudioRtpSender::stream_config() const {
  RtpSendStream::Config config;
  config.kind = MediaKind::kAudio;
  config.mid = parameters_.mid;
  config.cname = parameters_.cname;
  config.extensions = parameters_.extensions;
  config.encoding = parameters_.encodings.front();
  return config;
}

void AudioRtpSender::configure(SendParameters parameters) {
  if (parameters.encodings.empty()) return;
  const bool was_active = parameters_.active;
  parameters_ = std::move(parameters);
  if (stream_ && stream_->ssrc() == parameters_.encodings.front().ssrc) {
    stream_->configure(stream_config());
    if (parameters_.active && !was_active) stream_->identify();
  } else {
    stream_ = std::make_unique<RtpSendStream>(transport_, stream_config(), this);
  }
  encoder_->configure(parameters_.encodings.front(), parameters_.telephone_event);
  update_sink();
  transport_.allocate();
}

void AudioRtpSender::set_track(std::shared_ptr<VideoTrack>, std::shared_ptr<AudioTrack> audio) {
  if (audio == track_) return;
  set_sink(false);
  is_attached_ = false;
  track_ = std::move(audio);
  update_sink();
  transport_.allocate();
}

bool AudioRtpSender::is_sending() const {
  return (track_ || is_pushed_) && stream_ && parameters_.active && parameters_.encodings.front().active &&
         transport_.can_send();
}

void AudioRtpSender::update_sink() {
  is_attached_ = is_sending();
  listen_to(is_attached_ && track_ && !is_pushed_ ? track_->source() : nullptr);
  if (relays_ && !may_relay()) relays_ = false;
  const bool encodes = is_attached_ && !is_pushed_ && !relays_;
  encoder_->set_sending(encodes);
  set_sink(encodes);
  if (is_attached_ && silence_timer_ == NetworkThread::kNoTimer) feed_silence(transport_.now_us());
}

void AudioRtpSender::listen_to(std::shared_ptr<AudioSource> source) {
  if (source == relay_source_) return;
  if (relay_source_) relay_source_->relay().remove_sink(this);
  relay_source_ = std::move(source);
  relays_ = false;
  no_relay_until_us_ = 0;
  if (!relay_source_) return;
  relay_source_->relay().add_sink(this);
  relays_ = relay_source_->relay().has_origin();
  if (stream_) stream_->forget_source();
}

bool AudioRtpSender::may_relay() const {
  const EncodingParameters& encoding = parameters_.encodings.front();
  return track_ && track_->is_plain() && encoding.max_bitrate_bps == 0 && encoding.codec.red_payload_type < 0 &&
         transport_.now_us() >= std::max(tones_until_us_, no_relay_until_us_);
}

void AudioRtpSender::on_relayed(const RelayedAudio& relayed) {
  if (!is_attached_ || !stream_) return;
  const SendCodecParameters& codec = parameters_.encodings.front().codec;
  if (!may_relay() || codec.audio.codec != relayed.codec) {
    if (!relays_) return;
    relays_ = false;
    no_relay_until_us_ = transport_.now_us() + kRelayRestUs;
    update_sink();
    return;
  }
  if (!relays_) {
    relays_ = true;
    stream_->forget_source();
    update_sink();
  }
  EncodedAudioFrame frame;
  frame.payload.assign(relayed.payload.begin(), relayed.payload.end());
  frame.payload_type = codec.payload_type;
  frame.marker = relayed.marker;
  frame.rtp_timestamp =
      stream_->map_timestamp(relayed.rtp_timestamp, transport_.now_us(), true) - stream_->timestamp_offset();
  frame.capture_time_us = relayed.arrival_us;
  frame.has_level = relayed.audio_level >= 0;
  frame.level = static_cast<uint8_t>(std::clamp(relayed.audio_level, 0, 127));
  frame.voice = relayed.voice;
  on_encoded(std::move(frame));
}

void AudioRtpSender::set_sink(bool wanted) {
  if (wanted == has_sink_ || !track_) return;
  has_sink_ = wanted;
  if (wanted) {
    track_->add_sink(encoder_);
  } else {
    track_->remove_sink(encoder_.get());
  }
}

void AudioRtpSender::set_pushed(bool pushed) {
  if (is_pushed_ == pushed) return;
  is_pushed_ = pushed;
  if (stream_) stream_->forget_source();
  update_sink();
  transport_.allocate();
}

void AudioRtpSender::push_frame(PushedFrame pushed) {
  if (!is_pushed_ || !is_sending() || pushed.octets.empty()) return;
  const SendCodecParameters& codec = parameters_.encodings.front().codec;
  const int64_t now = transport_.now_us();
  EncodedAudioFrame frame;
  frame.payload = std::move(pushed.octets);
  frame.payload_type = codec.payload_type;
  const uint32_t ticks = ticks_of(pushed.timestamp_us, codec.clock_rate);
  frame.rtp_timestamp = stream_->map_timestamp(ticks, now, false) - stream_->timestamp_offset();
  frame.capture_time_us = pushed.capture_time_ms < 0 ? now : transport_.monotonic_us_of(pushed.capture_time_ms);
  if (pushed.audio_level >= 0) {
    frame.has_level = true;
    frame.level = static_cast<uint8_t>(std::min(pushed.audio_level, 127));
    frame.voice = frame.level < 127;
  }
  on_encoded(std::move(frame));
}

void AudioRtpSender::on_transport_state(bool) {
  update_sink();
}

void AudioRtpSender::add_streams(std::vector<BitrateAllocator::Audio>& audio, std::vector<BitrateAllocator::Video>&) {
  if (!is_attached_) return;
  const EncodingParameters& encoding = parameters_.encodings.front();
  const bool is_opus = encoding.codec.audio.codec == AudioCodec::kOpus;
  BitrateAllocator::Audio stream;
  stream.id = id_;
  stream.priority = encoding.priority;
  stream.max_bps = kFixedBps;
  if (is_opus) stream.max_bps = encoding.codec.audio.channels > 1 ? kStereoBps : kMonoBps;
  if (is_opus && encoding.max_bitrate_bps > 0) stream.max_bps = std::min(encoding.max_bitrate_bps, kMaxOpusBps);
  if (is_opus && parameters_.max_bitrate_bps > 0) {
    stream.max_bps = std::min<int64_t>(stream.max_bps, parameters_.max_bitrate_bps);
  }
  stream.max_bps = std::max<int64_t>(stream.max_bps, kLeastBps);
  stream.min_bps = is_opus ? kLeastBps : kFixedBps;
  stream.preferred_bps = stream.max_bps;
  audio.push_back(stream);
}

void AudioRtpSender::set_bitrates(const BitrateAllocator::Share& share) {
  if (share.bps.empty() || !stream_) return;
  const auto bitrate = static_cast<uint32_t>(std::clamp<int64_t>(share.bps.front(), 0, kMaxOpusBps));
  stream_->set_target_bitrate(bitrate);
  encoder_->set_bitrate(bitrate);
}

void AudioRtpSender::on_encoded(EncodedAudioFrame frame) {
  if (!stream_) return;
  if (!tapped_) {
    stream_->send_frame(std::move(frame));
    return;
  }
  TappedFrame tapped;
  tapped.octets = std::move(frame.payload);
  tapped.rtp_timestamp = stream_->rtp_timestamp_of(frame);
  tapped.ssrc = stream_->ssrc();
  tapped.payload_type = frame.payload_type;
  tapped.capture_time_ms = transport_.unix_ms_of(frame.capture_time_us);
  tapped.audio_level = frame.has_level ? frame.level : -1;
  tapped.token = tap_.put(std::move(frame));
  observer_->on_encoded_frame(std::move(tapped));
}

void AudioRtpSender::set_tap(bool active, bool) {
  tapped_ = active;
}

void AudioRtpSender::write_frame(WrittenFrame written) {
  std::optional<EncodedAudioFrame> frame = tap_.take(written.token);
  if (!frame || !stream_ || written.octets.empty()) return;
  frame->payload = std::move(written.octets);
  if (written.rtp_timestamp) frame->rtp_timestamp = *written.rtp_timestamp - stream_->timestamp_offset();
  if (written.audio_level) {
    frame->has_level = true;
    frame->level = *written.audio_level;
  }
  stream_->send_frame(std::move(*frame), written.capture_time_ms);
}

bool AudioRtpSender::has_ssrc(uint32_t ssrc) const {
  return stream_ && stream_->ssrc() == ssrc;
}

void AudioRtpSender::play_tone(char tone, int duration_ms) {
  if (!is_sending()) return;
  encoder_->play_tone(tone, duration_ms);
  const int64_t now = transport_.now_us();
  tones_until_us_ = std::max(tones_until_us_, now) + int64_t{duration_ms} * 1000 + 200'000;
  // Tones take the place of sound that is coded here.
  update_sink();
  transport_.network().cancel_timer(silence_timer_);
  feed_silence(now);
}

void AudioRtpSender::feed_silence(int64_t block_us) {
  silence_timer_ = NetworkThread::kNoTimer;
  if (!is_sending()) return;
  const bool is_blank = track_ && !is_pushed_ && track_->is_blank();
  const bool is_wanted = block_us < tones_until_us_ || is_blank;
  const int64_t next = block_us + (is_wanted ? kSilenceBlockUs : kLookUs);
  silence_timer_ = transport_.network().start_timer(transport_.time_of(next), [this, next] { feed_silence(next); });
  if (!is_wanted) return;
  if (relays_ && !may_relay()) update_sink();
  if (encoder_->idle_us(block_us) < 5 * kSilenceBlockUs) return;
  encoder_->on_silence(silent_block(block_us));
}

SenderStats AudioRtpSender::stats() const {
  SenderStats stats;
  stats.id = id_;
  if (!stream_) return stats;
  OutboundStats out = stream_->stats();
  out.active = parameters_.active && parameters_.encodings.front().active;
  stats.streams.push_back(std::move(out));
  const AudioEncoderStats source = encoder_->stats();
  stats.audio_level = source.audio_level;
  stats.total_audio_energy = source.total_audio_energy;
  stats.total_samples_duration = source.total_samples_duration_s;
  return stats;
}

}  // namespace peerwire

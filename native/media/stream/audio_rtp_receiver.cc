#include "media/stream/audio_rtp_receiver.h"

#include <algorithm>
#include <utility>

#include "media/stream/receive_section.h"
#include "rtp/header_extensions.h"

namespace peerwire {
namespace {

constexpr int64_t kBlockUs = 10'000;
/// After a stall the blocks that were not played meanwhile are made up for, but no more than these.
constexpr int64_t kMaxCatchUpUs = 200'000;
/// A stream that has been quiet for so long gives way to another one.
constexpr int64_t kQuietUs = 300'000;
/// Or for so many of its packets, and at least so long, if two in a row of the other one have come.
constexpr int64_t kSucceededPackets = 3;
constexpr int64_t kSucceededUs = 60'000;
// What is further apart is a pause of DTX, or something between was lost.
constexpr int64_t kLongestPacketUs = 120'000;
constexpr int64_t kForgetUs = 30'000'000;

/// All streams of the process play at the same times: one wake-up serves them all.
int64_t next_tick_us(int64_t now_us) {
  return (now_us / kBlockUs + 1) * kBlockUs;
}

/// What comes between, tones and the noise of pauses, is not what the stream is coded with. A tone has one timestamp
/// for as long as it lasts, and a clock rate that need not be the stream's.
bool is_sound(ReceiveCodecParameters::Kind kind) {
  return kind == ReceiveCodecParameters::Kind::kAudio || kind == ReceiveCodecParameters::Kind::kRed;
}

/// Tells the receiver, on its thread, whether somebody listens.
class Listeners final : public SourceDemand {
 public:
  explicit Listeners(std::shared_ptr<ReturnPath<AudioRtpReceiver>> path) : path_(std::move(path)) {}
  void on_demand(bool wanted) override {
    path_->post([wanted](AudioRtpReceiver& receiver) { receiver.set_heard(wanted); });
  }

 private:
  const std::shared_ptr<ReturnPath<AudioRtpReceiver>> path_;
};

}  // namespace

AudioRtpReceiver::AudioRtpReceiver(RtpTransport& transport, uint32_t id, std::shared_ptr<AudioSource> source,
                                   std::shared_ptr<RtpSourceTable> table, std::shared_ptr<RtpReceiverObserver> observer)
    : transport_(transport),
      id_(id),
      source_(std::move(source)),
      playout_(std::make_shared<AudioPlayout>(transport.pool(), source_)),
      table_(std::move(table)),
      observer_(std::move(observer)) {
  transport_.add(static_cast<ReceivingSection&>(*this));
  source_->relay().set_origin(this);
  path_ = std::make_shared<ReturnPath<AudioRtpReceiver>>(transport_.network(), *this);
  source_->set_demand(std::make_shared<Listeners>(path_));
}

AudioRtpReceiver::~AudioRtpReceiver() {
  path_->close();  // the source may have another receiver by now
  source_->relay().remove_origin(this);
  playout_->stop();
  transport_.remove(static_cast<ReceivingSection&>(*this));
}

void AudioRtpReceiver::configure(ReceiveParameters parameters) {
  // A renegotiation concerns one section of hundreds: what the others share is not worked out anew for each of them.
  if (parameters == parameters_) return;
  parameters_ = std::move(parameters);
  transport_.update_receiving();
  playout_->configure(parameters_);
  if (!parameters_.active) {
    transport_.demuxer().pause_section(id_);
    if (has_stream_) end_stream();
    flows_ = false;  // the description has muted the track
    return;
  }
  transport_.demuxer().set_section(demux_section(parameters_, id_));
}

const ReceiveCodecParameters* AudioRtpReceiver::codec_of(uint8_t payload_type) const {
  for (const ReceiveCodecParameters& codec : parameters_.codecs) {
    if (codec.payload_type == payload_type) return &codec;
  }
  return nullptr;
}

bool AudioRtpReceiver::may_take_over(const RtpHeader& header, int64_t now_us) {
  const bool is_in_sequence =
      successor_ && successor_->ssrc == header.ssrc && successor_->next_sequence_number == header.sequence_number;
  successor_ = {header.ssrc, static_cast<uint16_t>(header.sequence_number + 1)};
  const int64_t succeeded_us = std::clamp(packet_interval_us_ * kSucceededPackets, kSucceededUs, kQuietUs);
  return now_us - last_packet_us_ >= (is_in_sequence ? succeeded_us : kQuietUs);
}

void AudioRtpReceiver::begin_stream(uint32_t ssrc, int64_t now_us) {
  has_stream_ = true;
  next_block_us_ = next_tick_us(now_us);
  if (ssrc_ == ssrc) return;
  ssrc_ = ssrc;
  reception_ = SsrcReception();
  payload_type_ = -1;
  packet_interval_us_ = 0;
  remote_rtt_us_ = -1;
  total_remote_rtt_us_ = 0;
  remote_rtt_measurements_ = 0;
}

void AudioRtpReceiver::end_stream() {
  has_stream_ = false;
  playout_->reset();
  reception_.interrupt();
  capture_times_.reset();
  sender_clock_.reset();
}

void AudioRtpReceiver::on_rtp_packet(const RtpPacketView& packet, std::span<uint8_t>, const StreamRoute& route,
                                     int64_t now_us) {
  const RtpHeader& header = packet.header();
  const ReceiveCodecParameters* codec = codec_of(header.payload_type);
  if (route.is_rtx || !codec) return;
  if (packet.payload().empty()) {
    // Padding, by which peers measure the path, or keep it open: it has come, and is not to be reported as lost.
    if (has_stream_ && header.ssrc == ssrc_) reception_.on_packet(packet, codec->clock_rate, now_us);
    return;
  }
  if (!has_stream_ || header.ssrc != ssrc_) {
    if (has_stream_ && !may_take_over(header, now_us)) return;
    if (has_stream_) end_stream();
    begin_stream(header.ssrc, now_us);
  }
  last_packet_us_ = now_us;
  if (is_sound(codec->kind)) {
    const auto ticks = static_cast<int32_t>(header.timestamp - last_timestamp_);
    const int64_t interval_us = int64_t{ticks} * 1'000'000 / codec->clock_rate;
    if (payload_type_ == header.payload_type && interval_us > 0 && interval_us <= kLongestPacketUs) {
      packet_interval_us_ = interval_us;
    }
    payload_type_ = header.payload_type;
    last_timestamp_ = header.timestamp;
    last_sound_us_ = now_us;
  }
  reception_.on_packet(packet, codec->clock_rate, now_us);
  capture_times_.on_packet(packet, parameters_.extensions);
  const auto capture_time = capture_times_.at(header.timestamp, codec->clock_rate);
  put_sources(*table_, packet, parameters_.extensions, transport_.unix_ms(), capture_time);
  AudioPlayout::Packet arrived;
  arrived.header.ssrc = header.ssrc;
  arrived.header.payload_type = header.payload_type;
  arrived.header.timestamp = header.timestamp;
  arrived.payload.assign(packet.payload().begin(), packet.payload().end());
  arrived.arrival_us = now_us;
  arrived.marker = header.marker;
  if (const auto value = packet.extension(parameters_.extensions, RtpExtension::kAudioLevel)) {
    if (const auto level = decode_audio_level(*value)) {
      arrived.audio_level = level->level;
      arrived.voice = level->has_voice;
    }
  }
  set_flowing(true);
  // RED, tones and the noise of pauses, too: nothing gets past a transform that decrypts. As in Chromium.
  if (!tapped_) {
    pass_on(std::move(arrived));
    return;
  }
  TappedFrame tapped;
  tapped.octets = std::move(arrived.payload);
  tapped.rtp_timestamp = header.timestamp;
  tapped.ssrc = header.ssrc;
  tapped.payload_type = header.payload_type;
  tapped.sequence_number = header.sequence_number;
  tapped.csrcs = header.csrcs;
  tapped.receive_time_ms = transport_.unix_ms();
  put_capture_time(tapped, capture_time);
  tapped.audio_level = arrived.audio_level;
  tapped.token = tap_.put(std::move(arrived));
  observer_->on_encoded_frame(std::move(tapped));
}

void AudioRtpReceiver::set_tap(bool active) {
  tapped_ = active;
}

void AudioRtpReceiver::write_frame(WrittenFrame written) {
  std::optional<AudioPlayout::Packet> packet = tap_.take(written.token);
  if (!packet || written.octets.empty()) return;
  packet->payload = std::move(written.octets);
  if (written.rtp_timestamp) packet->header.timestamp = *written.rtp_timestamp;
  pass_on(std::move(*packet));
}

void AudioRtpReceiver::pass_on(AudioPlayout::Packet packet) {
  const ReceiveCodecParameters* codec = codec_of(packet.header.payload_type);
  if (codec && source_->relay().has_sinks()) {
    RelayedAudio relayed;
    // What is no codec of sound is not relayed: whoever hears of it decodes.
    relayed.codec = codec->kind == ReceiveCodecParameters::Kind::kAudio ? codec->audio : AudioCodec::kRed;
    relayed.payload = packet.payload;
    relayed.rtp_timestamp = packet.header.timestamp;
    relayed.marker = packet.marker;
    relayed.audio_level = packet.audio_level;
    relayed.voice = packet.voice;
    relayed.arrival_us = packet.arrival_us;
    source_->relay().deliver(relayed);
  }
  const bool is_passed_over = is_only_relayed();
  if (was_passed_over_ && !is_passed_over) playout_->reset();
  was_passed_over_ = is_passed_over;
  if (!is_passed_over) playout_->insert(std::move(packet));
}

bool AudioRtpReceiver::has_ssrc(uint32_t ssrc) const {
  return has_stream_ && ssrc_ == ssrc;
}

void AudioRtpReceiver::set_flowing(bool flows) {
  if (flows_ == flows) return;
  flows_ = flows;
  observer_->on_flow(flows);
}

void AudioRtpReceiver::on_sender_report(const rtcp::SenderReport& report, int64_t now_us) {
  if (!has_stream_ || report.sender_ssrc != ssrc_) return;
  reception_.on_sender_report(report, now_us);
  const ReceiveCodecParameters* codec = payload_type_ < 0 ? nullptr : codec_of(static_cast<uint8_t>(payload_type_));
  if (!codec) return;
  sender_clock_.emplace(static_cast<int>(codec->clock_rate));
  sender_clock_->on_sender_report(report.ntp_time, report.rtp_timestamp);
  playout_->set_sender_clock(*sender_clock_);
}

std::optional<SyncedStream> AudioRtpReceiver::synced_stream() const {
  if (!has_stream_ || !sender_clock_) return std::nullopt;
  const std::optional<int64_t> captured = sender_clock_->ntp_us(last_timestamp_);
  if (!captured) return std::nullopt;
  SyncedStream stream;
  stream.capture_ntp_us = *captured;
  stream.arrival_us = last_sound_us_;
  stream.current_delay_us = playout_->current_delay_us();
  stream.minimum_delay_us = playout_->unsynced_delay_us();
  return stream;
}

void AudioRtpReceiver::set_sync_delay(int64_t delay_us) {
  if (sync_delay_us_ == delay_us) return;
  sync_delay_us_ = delay_us;
  playout_->set_sync_delay(delay_us);
}

void AudioRtpReceiver::on_bye(uint32_t ssrc) {
  if (!has_stream_ || ssrc != ssrc_) return;
  end_stream();
  set_flowing(false);
}

void AudioRtpReceiver::on_dlrr(uint32_t, int64_t rtt_us) {
  remote_rtt_us_ = rtt_us;
  total_remote_rtt_us_ += rtt_us;
  ++remote_rtt_measurements_;
}

void AudioRtpReceiver::add_report_blocks(std::vector<rtcp::ReportBlock>& blocks, int64_t now_us) {
  if (!has_stream_ || now_us - last_packet_us_ > kForgetUs) return;
  if (const auto block = reception_.make_report_block(*ssrc_, now_us)) blocks.push_back(*block);
}

void AudioRtpReceiver::set_heard(bool heard) {
  is_heard_ = heard;
  if (!heard || has_stream_) return;
  next_block_us_ = next_tick_us(transport_.now_us());
  transport_.reschedule();
}

int64_t AudioRtpReceiver::process(int64_t now_us) {
  if (!has_stream_ && !is_heard_) return INT64_MAX;
  if (now_us - next_block_us_ > kMaxCatchUpUs) next_block_us_ = next_tick_us(now_us) - kBlockUs;
  for (; next_block_us_ <= now_us; next_block_us_ += kBlockUs) {
    if (!has_stream_) {
      playout_->play_silence(next_block_us_);
    } else if (!was_passed_over_) {
      playout_->play(next_block_us_);
      transport_.on_played(next_block_us_, kBlockUs);
    }
  }
  return next_block_us_;
}

void AudioRtpReceiver::set_jitter_buffer_target(double target_ms) {
  playout_->set_target_delay(target_ms < 0 ? 0 : static_cast<int64_t>(target_ms * 1000));
}

ReceiverStats AudioRtpReceiver::stats(int64_t now_us) {
  ReceiverStats result;
  result.id = id_;
  if (!ssrc_) return result;
  const ReceptionCounters received = reception_.counters();
  AudioReceiveStats played = playout_->stats();
  // Of the one before, of which the last blocks are still on their way.
  if (played.ssrc != ssrc_) played = AudioReceiveStats();
  InboundStats stats;
  stats.ssrc = *ssrc_;
  stats.payload_type = payload_type_;
  stats.packets_lost = received.packets_lost;
  const auto number = [](auto value) { return static_cast<double>(value); };
  stats.counters = {
      {"packetsReceived", number(received.packets_received)},
      {"bytesReceived", number(received.bytes_received)},
      {"headerBytesReceived", number(received.header_bytes_received)},
      {"jitter", received.jitter_s},
      {"lastPacketReceivedTimestamp", transport_.unix_ms() - number(now_us - last_packet_us_) / 1000},
      {"estimatedPlayoutTimestamp", estimated_playout_ms(playout_->last_played(), now_us)},
      {"packetsDiscarded", number(played.packets_discarded)},
      {"fecPacketsReceived", number(played.fec_packets_received)},
      {"fecPacketsDiscarded", number(played.fec_packets_discarded)},
      {"totalProcessingDelay", played.processing_delay_s},
      {"jitterBufferDelay", played.jitter_buffer_delay_s},
      {"jitterBufferTargetDelay", played.jitter_buffer_target_delay_s},
      {"jitterBufferMinimumDelay", played.jitter_buffer_minimum_delay_s},
      {"jitterBufferEmittedCount", number(played.jitter_buffer_emitted_count)},
      {"totalSamplesReceived", number(played.total_samples_received)},
      {"concealedSamples", number(played.concealed_samples)},
      {"silentConcealedSamples", number(played.silent_concealed_samples)},
      {"concealmentEvents", number(played.concealment_events)},
      {"insertedSamplesForDeceleration", number(played.inserted_samples_for_deceleration)},
      {"removedSamplesForAcceleration", number(played.removed_samples_for_acceleration)},
      {"audioLevel", played.audio_level},
      {"totalAudioEnergy", played.total_audio_energy},
      {"totalSamplesDuration", played.total_samples_duration_s},
  };
  const auto seconds = [](int64_t us) { return static_cast<double>(us) / 1e6; };
  const std::optional<RemoteSenderState>& remote = reception_.remote_sender();
  const double age_ms = remote ? number(now_us - remote->arrival_us) / 1000 : 0;
  stats.remote = remote_outbound_stats(reception_, transport_.unix_ms() - age_ms,
                                       remote_rtt_us_ < 0 ? -1 : seconds(remote_rtt_us_), seconds(total_remote_rtt_us_),
                                       remote_rtt_measurements_);
  result.streams.push_back(std::move(stats));
  return result;
}

}  // namespace peerwire

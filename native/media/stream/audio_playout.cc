#include <bitset>
#include <utility>

#include "media/packetization/red.h"
#include "media/stream/audio_rtp_receiver.h"

namespace peerwire {
namespace {

/// Blocks and packets that wait: some seconds. A machine that falls behind further loses sound, not memory.
constexpr size_t kMaxPending = 200;
constexpr size_t kMaxArrived = 400;

}  // namespace

template <typename Task>
void AudioPlayout::post(Task task) {
  queue_.post([weak = weak_from_this(), task = std::move(task)]() mutable {
    const auto self = weak.lock();
    if (self && !self->stopped_.load()) task(*self);
  });
}

void AudioPlayout::configure(const ReceiveParameters& parameters) {
  post([codecs = parameters.codecs](AudioPlayout& self) {
    using Kind = ReceiveCodecParameters::Kind;
    // What stays keeps its decoder: it goes on in the middle of a stream.
    std::bitset<AudioJitterBuffer::kPayloadTypes> kept;
    for (const ReceiveCodecParameters& codec : codecs) {
      if (codec.kind != Kind::kRed && codec.payload_type < kept.size()) kept.set(codec.payload_type);
    }
    self.buffer_.keep_payload_types(kept);
    self.is_red_.clear();
    for (const ReceiveCodecParameters& codec : codecs) {
      AudioPayloadFormat format;
      format.clock_rate = static_cast<int>(codec.clock_rate);
      format.channels = codec.channels;
      format.codec = codec.audio;
      if (codec.kind == Kind::kComfortNoise) format.codec = AudioCodec::kComfortNoise;
      if (codec.kind == Kind::kTelephoneEvent) format.codec = AudioCodec::kTelephoneEvent;
      if (codec.kind == Kind::kRed) {
        self.is_red_[codec.payload_type] = true;
      } else {
        self.buffer_.set_payload_type(codec.payload_type, format);
      }
    }
  });
}

void AudioPlayout::insert(Packet packet) {
  std::lock_guard lock(mutex_);
  if (arrived_.size() < kMaxArrived) arrived_.push_back(std::move(packet));
}

void AudioPlayout::take_arrived() {
  taken_.clear();
  {
    std::lock_guard lock(mutex_);
    taken_.swap(arrived_);
  }
  for (const Packet& packet : taken_) {
    if (!is_red_.contains(packet.header.payload_type)) {
      buffer_.insert(packet.header, packet.payload, packet.arrival_us);
      continue;
    }
    const auto blocks = split_red(packet.payload, packet.header.timestamp);
    if (!blocks) continue;
    for (const RedBlock& block : *blocks) {
      AudioJitterBuffer::PacketHeader header = packet.header;
      header.payload_type = block.payload_type;
      header.timestamp = block.timestamp;
      header.is_redundant = !block.is_primary;
      buffer_.insert(header, block.payload, packet.arrival_us);
    }
  }
}

void AudioPlayout::play(int64_t now_us) {
  if (queue_.pending() > kMaxPending) return;
  post([now_us](AudioPlayout& self) {
    self.take_arrived();
    auto block = std::make_shared<AudioBlock>(self.buffer_.get_block(now_us));
    self.current_delay_us_.store(self.buffer_.current_delay_us());
    self.unsynced_delay_us_.store(self.buffer_.unsynced_delay_us());
    {
      std::lock_guard lock(self.mutex_);
      self.stats_ = self.buffer_.stats();
    }
    block->capture_time_us = now_us;
    if (self.sender_clock_ && block->rtp_timestamp) {
      if (const auto ntp_us = self.sender_clock_->ntp_us(*block->rtp_timestamp)) block->capture_ntp_ms = *ntp_us / 1000;
    }
    if (block->capture_ntp_ms) {
      std::lock_guard lock(self.mutex_);
      self.last_played_ = PlayedMoment{*block->capture_ntp_ms, now_us};
    }
    self.source_->deliver(block);
  });
}

void AudioPlayout::play_silence(int64_t now_us) {
  if (queue_.pending() > kMaxPending) return;
  post([now_us](AudioPlayout& self) { self.source_->deliver(silent_block(now_us)); });
}

void AudioPlayout::reset() {
  {
    std::lock_guard lock(mutex_);
    arrived_.clear();
  }
  // A peer may say BYE after every packet; a stream that is not begun anew here is found out by its SSRC.
  if (queue_.pending() > kMaxPending) return;
  post([](AudioPlayout& self) {
    self.buffer_.reset();
    self.sender_clock_.reset();
    std::lock_guard lock(self.mutex_);
    self.stats_ = self.buffer_.stats();
    self.last_played_.reset();
  });
}

void AudioPlayout::set_target_delay(int64_t delay_us) {
  post([delay_us](AudioPlayout& self) { self.buffer_.set_base_minimum_delay_us(delay_us); });
}

void AudioPlayout::set_sync_delay(int64_t delay_us) {
  if (queue_.pending() > kMaxPending) return;
  post([delay_us](AudioPlayout& self) { self.buffer_.set_minimum_delay_us(delay_us); });
}

void AudioPlayout::set_sender_clock(const SenderClock& clock) {
  if (queue_.pending() > kMaxPending) return;
  post([clock](AudioPlayout& self) { self.sender_clock_ = clock; });
}

AudioReceiveStats AudioPlayout::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

std::optional<PlayedMoment> AudioPlayout::last_played() const {
  std::lock_guard lock(mutex_);
  return last_played_;
}

}  // namespace peerwire

#include "media/track/program_audio_source.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace peerwire {
namespace {

constexpr int64_t kBlockUs = 10'000;
/// A program that is late by more than this has paused.
constexpr int64_t kPauseUs = 200'000;
/// How long the rest waits for what follows it.
constexpr int64_t kRestUs = 50'000;

int64_t microseconds(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

TimePoint time_point(int64_t us) {
  return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::microseconds(us)));
}

double length_us(size_t frames, int sample_rate) {
  return static_cast<double>(frames) * 1e6 / sample_rate;
}

}  // namespace

std::shared_ptr<ProgramAudioSource> ProgramAudioSource::create(Ticker::Place place) {
  return std::make_shared<ProgramAudioSource>(std::move(place));
}

ProgramAudioSource::ProgramAudioSource(Ticker::Place place) : place_(place), ticker_(std::move(place)) {}

bool ProgramAudioSource::push(AudioBlock block) {
  const double length = length_us(block.frames(), block.sample_rate);
  if (waiting_us_.load() + length > static_cast<double>(kLongestUs)) return false;
  waiting_us_.fetch_add(length);
  place_.run([weak = weak_from_this(), moved = std::make_shared<AudioBlock>(std::move(block))] {
    if (const auto self = weak.lock()) self->take(std::move(*moved));
  });
  return true;
}

size_t ProgramAudioSource::block_samples() const {
  return static_cast<size_t>(sample_rate_ / 100) * channels_;
}

void ProgramAudioSource::take(AudioBlock block) {
  const TimePoint now = place_.timers->now();
  const int64_t now_us = microseconds(now);
  last_push_us_ = now_us;
  if (block.sample_rate != sample_rate_ || block.channels != channels_) {
    send_rest(now_us);
    sample_rate_ = block.sample_rate;
    channels_ = block.channels;
  }
  if (!due_us_ || *due_us_ < now_us - kPauseUs) due_us_ = now_us;
  if (pending_samples() == 0 && block.samples.size() == block_samples()) {
    due_us_ = std::max(*due_us_, now_us - kPauseUs) + kBlockUs;
    send(std::move(block.samples), now_us);
    return;
  }
  pending_.insert(pending_.end(), block.samples.begin(), block.samples.end());
  if (const auto next = send_due(now)) {
    ticker_.start(*next, [weak = weak_from_this()](TimePoint time) -> std::optional<TimePoint> {
      const auto self = weak.lock();
      return self ? self->send_due(time) : std::nullopt;
    });
  } else {
    ticker_.stop();
  }
}

std::optional<TimePoint> ProgramAudioSource::send_due(TimePoint now) {
  const int64_t now_us = microseconds(now);
  const size_t size = block_samples();
  if (!due_us_ || *due_us_ < now_us - kPauseUs) due_us_ = now_us;
  while (pending_samples() >= size && *due_us_ <= now_us) {
    const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(taken_);
    std::vector<int16_t> samples(begin, begin + static_cast<std::ptrdiff_t>(size));
    taken_ += size;
    send(std::move(samples), *due_us_);
    *due_us_ += kBlockUs;
  }
  if (taken_ == pending_.size() || taken_ > pending_.size() / 2) {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
  if (pending_samples() >= size) return time_point(*due_us_);
  if (pending_samples() == 0) return std::nullopt;
  const int64_t rest_us = std::max(*due_us_, last_push_us_ + kRestUs);
  if (now_us < rest_us) return time_point(rest_us);
  send_rest(*due_us_);
  *due_us_ += kBlockUs;
  return std::nullopt;
}

void ProgramAudioSource::send_rest(int64_t time_us) {
  if (pending_samples() == 0) return;
  std::vector<int16_t> rest(pending_.begin() + static_cast<std::ptrdiff_t>(taken_), pending_.end());
  pending_.clear();
  taken_ = 0;
  const size_t known = rest.size();
  const size_t size = block_samples();
  if (rest.size() % size != 0) rest.resize(rest.size() + size - rest.size() % size);
  // The silence that was added has never been waited for.
  waiting_us_.fetch_add(length_us((rest.size() - known) / channels_, sample_rate_));
  send(std::move(rest), time_us);
}

void ProgramAudioSource::send(std::vector<int16_t> samples, int64_t time_us) {
  auto block = std::make_shared<AudioBlock>();
  block->sample_rate = sample_rate_;
  block->channels = channels_;
  block->capture_time_us = time_us;
  block->samples = std::move(samples);
  deliver(block);
  // Only now: who waits for it takes it that sinks have got everything.
  waiting_us_.fetch_sub(length_us(block->frames(), sample_rate_));
}

}  // namespace peerwire

#include "media/track/program_audio_source.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace peerwire {
namespace {

/// A program that is late by more than this has paused.
constexpr int64_t kPauseUs = 200'000;
/// How long the rest waits for what follows it.
constexpr int64_t kRestUs = 50'000;

int64_t microseconds(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

/// Not before it: it is due when it comes.
TimePoint time_point(double us) {
  const auto whole = std::chrono::microseconds(static_cast<int64_t>(std::ceil(us)));
  return TimePoint(std::chrono::duration_cast<Duration>(whole));
}

bool is_same_format(const AudioBlock& block, int sample_rate, int channels) {
  return block.sample_rate == sample_rate && block.channels == channels;
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
  {
    const std::lock_guard lock(mutex_);
    if (waiting_us_ + length > static_cast<double>(kLongestUs)) return false;
    waiting_us_ += length;
  }
  place_.run([weak = weak_from_this(), moved = std::make_shared<AudioBlock>(std::move(block))] {
    if (const auto self = weak.lock()) self->take(std::move(*moved));
  });
  return true;
}

void ProgramAudioSource::clear() {
  uint64_t era = 0;
  {
    const std::lock_guard lock(mutex_);
    era = ++era_;
    waiting_us_ = 0;
  }
  place_.run([weak = weak_from_this(), era] {
    if (const auto self = weak.lock()) self->drop(era);
  });
}

int64_t ProgramAudioSource::waiting_us() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int64_t>(waiting_us_);
}

void ProgramAudioSource::count_waiting(double us) {
  const std::lock_guard lock(mutex_);
  if (taken_era_ == era_) waiting_us_ += us;
}

void ProgramAudioSource::drop(uint64_t era) {
  ticker_.stop();
  pending_.clear();
  taken_ = 0;
  later_.clear();
  taken_era_ = era;
}

size_t ProgramAudioSource::block_samples() const {
  return static_cast<size_t>(sample_rate_ / 100) * channels_;
}

double ProgramAudioSource::block_us() const {
  // Not 10 ms where the rate is no multiple of 100, as 22,050 Hz: the time line would be slower than the sound.
  return length_us(static_cast<size_t>(sample_rate_ / 100), sample_rate_);
}

void ProgramAudioSource::take(AudioBlock block) {
  const TimePoint now = place_.timers->now();
  const int64_t now_us = microseconds(now);
  last_push_us_ = now_us;
  if (later_.empty() && !is_same_format(block, sample_rate_, channels_) &&
      (pending_samples() == 0 || pending_samples() < block_samples())) {
    send_rest();
    sample_rate_ = block.sample_rate;
    channels_ = block.channels;
  }
  if (!due_us_ || *due_us_ < static_cast<double>(now_us - kPauseUs)) due_us_ = static_cast<double>(now_us);
  if (!later_.empty() || !is_same_format(block, sample_rate_, channels_)) {
    later_.push_back(std::move(block));
    return;  // the ticker runs
  }
  if (pending_samples() == 0 && block.samples.size() == block_samples()) {
    *due_us_ += block_us();
    send(std::move(block.samples), now_us);
    return;
  }
  keep(block);
  if (const auto next = send_due(now)) {
    ticker_.start(*next, [weak = weak_from_this()](TimePoint time) -> std::optional<TimePoint> {
      const auto self = weak.lock();
      return self ? self->send_due(time) : std::nullopt;
    });
  } else {
    ticker_.stop();
  }
}

void ProgramAudioSource::keep(const AudioBlock& block) {
  pending_.insert(pending_.end(), block.samples.begin(), block.samples.end());
}

void ProgramAudioSource::turn_to_next() {
  sample_rate_ = later_.front().sample_rate;
  channels_ = later_.front().channels;
  while (!later_.empty() && is_same_format(later_.front(), sample_rate_, channels_)) {
    keep(later_.front());
    later_.pop_front();
  }
}

std::optional<TimePoint> ProgramAudioSource::send_due(TimePoint now) {
  const int64_t now_us = microseconds(now);
  const auto now_as_due = static_cast<double>(now_us);
  if (!due_us_ || *due_us_ < now_as_due - kPauseUs) due_us_ = now_as_due;
  send_blocks(now_as_due);
  while (pending_samples() < block_samples() && !later_.empty()) {
    if (pending_samples() > 0 && *due_us_ > now_as_due) return time_point(*due_us_);
    send_rest();
    turn_to_next();
    send_blocks(now_as_due);
  }
  if (pending_samples() >= block_samples()) return time_point(*due_us_);
  if (pending_samples() == 0) return std::nullopt;
  const double rest_us = std::max(*due_us_, static_cast<double>(last_push_us_ + kRestUs));
  if (now_as_due < rest_us) return time_point(rest_us);
  send_rest();
  return std::nullopt;
}

void ProgramAudioSource::send_blocks(double now_us) {
  const size_t size = block_samples();
  while (pending_samples() >= size && *due_us_ <= now_us) {
    const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(taken_);
    std::vector<int16_t> samples(begin, begin + static_cast<std::ptrdiff_t>(size));
    taken_ += size;
    send(std::move(samples), static_cast<int64_t>(*due_us_));
    *due_us_ += block_us();
  }
  if (taken_ == pending_.size() || taken_ > pending_.size() / 2) {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
}

void ProgramAudioSource::send_rest() {
  if (pending_samples() == 0) return;
  std::vector<int16_t> rest(pending_.begin() + static_cast<std::ptrdiff_t>(taken_), pending_.end());
  pending_.clear();
  taken_ = 0;
  const size_t known = rest.size();
  rest.resize(block_samples());
  // The silence that was added has never been waited for.
  count_waiting(length_us((rest.size() - known) / static_cast<size_t>(channels_), sample_rate_));
  send(std::move(rest), static_cast<int64_t>(*due_us_));
  *due_us_ += block_us();
}

void ProgramAudioSource::send(std::vector<int16_t> samples, int64_t time_us) {
  auto block = std::make_shared<AudioBlock>();
  block->sample_rate = sample_rate_;
  block->channels = channels_;
  block->capture_time_us = time_us;
  block->samples = std::move(samples);
  deliver(block);
  // Only now: who waits for it takes it that sinks have got everything.
  count_waiting(-length_us(block->frames(), sample_rate_));
}

}  // namespace peerwire

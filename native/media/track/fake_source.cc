#include "media/track/fake_source.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>

#include "media/track/test_picture.h"
#include "media/track/test_sound.h"

namespace peerwire {
namespace {

constexpr int64_t kBlockUs = 10'000;
/// A source that is later than this, on a machine that was busy or asleep, leaves out what it missed.
constexpr int64_t kLatestUs = 200'000;

int64_t microseconds(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

TimePoint time_point(int64_t us) {
  return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::microseconds(us)));
}

int64_t time_of_day_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Times of pictures or blocks: on a grid that meets the full seconds, so that flash and beep begin together.
class Grid {
 public:
  /// The grid's first time at or after `time_us`.
  static Grid from(int64_t time_us, double rate) {
    // The slow ones begin at once.
    const int64_t second = rate < 1 ? time_us : time_us / kSecondUs * kSecondUs;
    const auto index = static_cast<int64_t>(std::ceil(static_cast<double>(time_us - second) * rate / 1e6 - 1e-9));
    return Grid(second, rate, index);
  }
  int64_t time_us() const { return origin_us_ + std::llround(static_cast<double>(index_) * 1e6 / rate_); }
  void advance() { ++index_; }

 private:
  Grid(int64_t origin_us, double rate, int64_t index) : origin_us_(origin_us), rate_(rate), index_(index) {}
  int64_t origin_us_;
  double rate_;
  int64_t index_;
};

class FakeVideo final : public FakeVideoSource, public std::enable_shared_from_this<FakeVideo> {
 public:
  FakeVideo(uint32_t device, FakeVideoSettings settings, Ticker::Place place)
      : picture_(device), settings_(settings), ticker_(std::move(place)) {}

  void configure(FakeVideoSettings settings) override {
    std::lock_guard ticker_lock(ticker_mutex_);
    bool is_other_rate = false;
    {
      std::lock_guard lock(mutex_);
      is_other_rate = settings.framerate != settings_.framerate;
      settings_ = settings;
    }
    if (is_other_rate && is_running_) begin();
  }

 protected:
  void on_wanted(bool wanted) override {
    std::lock_guard ticker_lock(ticker_mutex_);
    is_running_ = wanted;
    if (wanted) {
      begin();
    } else {
      ticker_.stop();
    }
  }

 private:
  void begin() {
    TimePoint first;
    {
      std::lock_guard lock(mutex_);
      grid_ = Grid::from(microseconds(ticker_.now()), settings_.framerate);
      first = time_point(grid_->time_us());
    }
    ticker_.start(first, [weak = weak_from_this()](TimePoint now) -> std::optional<TimePoint> {
      const auto self = weak.lock();
      return self ? self->tick(now) : std::nullopt;
    });
  }

  std::optional<TimePoint> tick(TimePoint now) {
    FakeVideoSettings settings;
    int64_t time_us = 0;
    TimePoint next;
    {
      std::lock_guard lock(mutex_);
      settings = settings_;
      if (microseconds(now) - grid_->time_us() > kLatestUs) {
        grid_ = Grid::from(microseconds(now) - static_cast<int64_t>(1e6 / settings.framerate), settings.framerate);
      }
      time_us = grid_->time_us();
      grid_->advance();
      next = time_point(grid_->time_us());
    }
    VideoFrame frame;
    frame.buffer = picture_.draw(settings.width, settings.height, {number_++, time_us, time_of_day_ms()});
    frame.capture_time_us = time_us;
    deliver(frame);
    return next;
  }

  // Of the ticker's queue.
  TestPicture picture_;
  uint32_t number_ = 0;

  std::mutex mutex_;
  FakeVideoSettings settings_;
  std::optional<Grid> grid_;

  std::mutex ticker_mutex_;
  bool is_running_ = false;
  Ticker ticker_;
};

class FakeAudio final : public FakeAudioSource, public std::enable_shared_from_this<FakeAudio> {
 public:
  FakeAudio(uint32_t device, FakeAudioSettings settings, Ticker::Place place)
      : sound_(device), settings_(settings), ticker_(std::move(place)) {}

  void configure(FakeAudioSettings settings) override {
    std::lock_guard lock(mutex_);
    settings_ = settings;
  }

 protected:
  void on_wanted(bool wanted) override {
    if (!wanted) {
      ticker_.stop();
      return;
    }
    TimePoint first;
    {
      std::lock_guard lock(mutex_);
      next_us_ = (microseconds(ticker_.now()) + kBlockUs - 1) / kBlockUs * kBlockUs;
      first = time_point(next_us_ + kBlockUs);  // a block is there when its last sample has been heard
    }
    ticker_.start(first, [weak = weak_from_this()](TimePoint now) -> std::optional<TimePoint> {
      const auto self = weak.lock();
      return self ? self->tick(now) : std::nullopt;
    });
  }

 private:
  std::optional<TimePoint> tick(TimePoint now) {
    FakeAudioSettings settings;
    int64_t time_us = 0;
    {
      std::lock_guard lock(mutex_);
      settings = settings_;
      const int64_t late_us = microseconds(now) - (next_us_ + kBlockUs);
      if (late_us > kLatestUs) next_us_ += late_us / kBlockUs * kBlockUs;
      time_us = next_us_;
      next_us_ += kBlockUs;
    }
    // Rates that 10 ms do not divide (11,025 Hz): blocks of 110 and 111 samples, so that a second is a second.
    const auto samples_until = [&](int64_t us) { return us / kBlockUs * settings.sample_rate / 100; };
    const auto frames = static_cast<int>(samples_until(time_us + kBlockUs) - samples_until(time_us));
    deliver(sound_.make(settings.sample_rate, settings.channels, frames, time_us));
    return time_point(time_us + 2 * kBlockUs);
  }

  TestSound sound_;  // of the ticker's queue
  std::mutex mutex_;
  FakeAudioSettings settings_;
  int64_t next_us_ = 0;
  Ticker ticker_;
};

}  // namespace

std::shared_ptr<FakeVideoSource> FakeVideoSource::create(uint32_t device, FakeVideoSettings settings,
                                                         Ticker::Place place) {
  return std::make_shared<FakeVideo>(device, settings, std::move(place));
}

std::shared_ptr<FakeAudioSource> FakeAudioSource::create(uint32_t device, FakeAudioSettings settings,
                                                         Ticker::Place place) {
  return std::make_shared<FakeAudio>(device, settings, std::move(place));
}

}  // namespace peerwire

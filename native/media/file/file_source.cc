#include "media/file/file_source.h"

#include <chrono>
#include <mutex>
#include <optional>

namespace peerwire {
namespace {

constexpr int64_t kBlockUs = 10'000;
/// A source that is later than this goes on from now, and does not hurry after what it missed.
constexpr int64_t kLatestUs = 200'000;
/// What a damaged file may say of the time between two frames.
constexpr int64_t kLongestGapUs = 60'000'000;

int64_t microseconds(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

TimePoint time_point(int64_t us) {
  return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::microseconds(us)));
}

/// The parts of both kinds: `Base` is the source, `Self` what derives from this and has play().
template <typename Base, typename Self>
class FileSource : public Base, public std::enable_shared_from_this<Self> {
 public:
  FileSource(FilePlayback playback, Ticker::Place place) : playback_(std::move(playback)), ticker_(std::move(place)) {}

 protected:
  /// While nobody takes anything the file rests where it is.
  void on_wanted(bool wanted) override {
    if (!wanted) {
      ticker_.stop();
      return;
    }
    const TimePoint now = ticker_.now();
    resumed_us_ = microseconds(now);
    ticker_.start(now, [weak = this->weak_from_this()](TimePoint time) -> std::optional<TimePoint> {
      const auto self = weak.lock();
      return self ? self->tick(time) : std::nullopt;
    });
  }

  std::optional<TimePoint> finish(const std::string& error) {
    is_over_ = true;
    if (playback_.ended) playback_.ended(error);
    playback_.ended = nullptr;
    return std::nullopt;
  }

  // Of the ticker's queue, but for resumed_us_.
  FilePlayback playback_;
  bool is_over_ = false;
  std::atomic<int64_t> resumed_us_{0};  // not zero: the time line has to begin there
  Ticker ticker_;
};

class VideoFileSource final : public FileSource<VideoSource, VideoFileSource> {
 public:
  VideoFileSource(std::unique_ptr<VideoFile> file, FilePlayback playback, Ticker::Place place)
      : FileSource(std::move(playback), std::move(place)), file_(std::move(file)) {}

  std::optional<TimePoint> tick(TimePoint now) {
    if (is_over_) return std::nullopt;
    const int64_t now_us = microseconds(now);
    if (!has_next_) {
      std::string error;
      if (!read_next(error)) return finish(error);
    }
    const int64_t resumed_us = resumed_us_.exchange(0);
    if (resumed_us || now_us - due_us(next_.time_us) > kLatestUs) origin_us_ = now_us - next_.time_us;
    VideoFrame frame = std::move(next_.frame);
    const int64_t time_us = next_.time_us;
    frame.capture_time_us = due_us(time_us);
    has_next_ = false;
    deliver(frame);

    std::string error;
    if (read_next(error)) return time_point(due_us(next_.time_us));
    if (!error.empty()) return finish(error);
    // The last picture stays for its time.
    is_last_ = true;
    return time_point(due_us(time_us + gap_us_));
  }

 private:
  int64_t due_us(int64_t time_us) const { return origin_us_ + time_us; }

  /// False at the end, or with what went wrong in `error`.
  bool read_next(std::string& error) {
    if (is_last_) return false;
    const int64_t before_us = last_us_;
    ReadResult result = file_->read(next_);
    if (result == ReadResult::kEnd && playback_.loop && has_any_) {
      offset_us_ = before_us + gap_us_;
      if (!file_->rewind()) {
        error = "the file cannot be played again";
        return false;
      }
      result = file_->read(next_);
    }
    if (result == ReadResult::kDamaged) error = "the file is damaged";
    if (result == ReadResult::kEnd && !has_any_) error = "there is no picture in the file";
    if (result != ReadResult::kRead) return false;
    next_.time_us += offset_us_;
    // Times that go back or jump far are those of a damaged file: the next picture follows at the usual distance.
    const int64_t gap_us = next_.time_us - before_us;
    if (has_any_ && (gap_us <= 0 || gap_us > kLongestGapUs)) {
      next_.time_us = before_us + gap_us_;
    } else if (has_any_) {
      gap_us_ = gap_us;
    }
    last_us_ = next_.time_us;
    has_any_ = true;
    has_next_ = true;
    return true;
  }

  const std::unique_ptr<VideoFile> file_;
  VideoFile::Picture next_;
  bool has_next_ = false;
  bool has_any_ = false;
  bool is_last_ = false;
  int64_t origin_us_ = 0;
  int64_t offset_us_ = 0;  // of this round
  int64_t last_us_ = 0;
  int64_t gap_us_ = static_cast<int64_t>(1e6 / file_->format().framerate);
};

class AudioFileSource final : public FileSource<AudioSource, AudioFileSource> {
 public:
  AudioFileSource(std::unique_ptr<AudioFile> file, FilePlayback playback, Ticker::Place place)
      : FileSource(std::move(playback), std::move(place)), file_(std::move(file)) {}

  std::optional<TimePoint> tick(TimePoint now) {
    if (is_over_) return std::nullopt;
    const int64_t now_us = microseconds(now);
    if (resumed_us_.exchange(0) || now_us - next_us_ > kLatestUs) next_us_ = now_us;
    auto block = std::make_shared<AudioBlock>();
    const auto [sample_rate, channels] = file_->format();
    block->sample_rate = sample_rate;
    block->channels = channels;
    block->capture_time_us = next_us_;
    // Rates that 10 ms do not divide: blocks that make up a second in a second.
    const auto until = [rate = static_cast<int64_t>(sample_rate)](int64_t count) { return count * rate / 100; };
    const auto frames = static_cast<size_t>(until(count_ + 1) - until(count_));
    std::string error;
    if (!fill(frames, *block, error)) return finish(error);
    ++count_;
    next_us_ += kBlockUs;
    deliver(block);
    return time_point(next_us_);
  }

 private:
  bool fill(size_t frames, AudioBlock& block, std::string& error) {
    bool is_new_round = false;
    while (block.frames() < frames) {
      const ReadResult result = file_->read(frames - block.frames(), block.samples);
      if (result == ReadResult::kRead) {
        is_new_round = false;
        continue;
      }
      if (result == ReadResult::kDamaged) {
        error = "the file is damaged";
        return false;
      }
      if (!playback_.loop || is_new_round) break;
      is_new_round = true;
      if (!file_->rewind()) {
        error = "the file cannot be played again";
        return false;
      }
    }
    if (block.samples.empty()) return false;
    block.samples.resize(frames * static_cast<size_t>(block.channels));
    return true;
  }

  const std::unique_ptr<AudioFile> file_;
  int64_t next_us_ = 0;
  int64_t count_ = 0;
};

}  // namespace

std::shared_ptr<VideoSource> create_file_source(std::unique_ptr<VideoFile> file, FilePlayback playback,
                                                Ticker::Place place) {
  return std::make_shared<VideoFileSource>(std::move(file), std::move(playback), std::move(place));
}

std::shared_ptr<AudioSource> create_file_source(std::unique_ptr<AudioFile> file, FilePlayback playback,
                                                Ticker::Place place) {
  return std::make_shared<AudioFileSource>(std::move(file), std::move(playback), std::move(place));
}

}  // namespace peerwire

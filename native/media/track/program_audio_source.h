// Sound that a program hands over in pieces of any length and at any pace, sent on in real time.
//
// Pieces of exactly 10 ms are sent on as they are, at once, as long as nothing waits: whoever keeps time himself is not
// interfered with. Others are cut into blocks of 10 ms, which follow one another on a time line. After a delay of the
// program's the time line catches up, so that no latency stays; after a pause it begins anew. What is left in the end,
// shorter than a block, is filled with silence when nothing has followed for a while. Sound of another format waits for
// what waits already.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "media/track/media_track.h"
#include "media/track/ticker.h"

namespace peerwire {

class ProgramAudioSource final : public AudioSource, public std::enable_shared_from_this<ProgramAudioSource> {
 public:
  /// More than this does not wait.
  static constexpr int64_t kLongestUs = 120'000'000;

  static std::shared_ptr<ProgramAudioSource> create(Ticker::Place place = Ticker::pool());
  /// Use create().
  explicit ProgramAudioSource(Ticker::Place place);

  /// False, and nothing taken, when too much waits already. Any thread, in order.
  bool push(AudioBlock block);
  /// Sound that has been taken and not been sent on, microseconds.
  int64_t waiting_us() const;
  /// Drops what waits. On the thread that pushes.
  void clear();

 private:
  void take(AudioBlock block);
  void keep(const AudioBlock& block);
  /// Turns to the format of what waits behind the last one's.
  void turn_to_next();
  /// Sends what is due; when to come back.
  std::optional<TimePoint> send_due(TimePoint now);
  /// Whole blocks that are due.
  void send_blocks(double now_us);
  /// What is less than a block, filled up with silence.
  void send_rest();
  void send(std::vector<int16_t> samples, int64_t time_us);
  void drop(uint64_t era);
  void count_waiting(double us);
  size_t block_samples() const;
  double block_us() const;
  size_t pending_samples() const { return pending_.size() - taken_; }

  const Ticker::Place place_;

  mutable std::mutex mutex_;
  double waiting_us_ = 0;
  uint64_t era_ = 0;  // counts clear()

  // On the place's queue.
  Ticker ticker_;
  int sample_rate_ = 0;
  int channels_ = 0;
  std::vector<int16_t> pending_;
  size_t taken_ = 0;              // of pending_, from its begin
  std::deque<AudioBlock> later_;  // of other formats, behind pending_
  std::optional<double> due_us_;
  int64_t last_push_us_ = 0;
  uint64_t taken_era_ = 0;  // of what is here
};

}  // namespace peerwire

#include "media/stream/lip_sync.h"

namespace peerwire {
namespace {

constexpr int64_t kIntervalUs = 1'000'000;
/// Another stream may take the place of one that has ended: until it can be compared, nothing is changed.
constexpr int64_t kPatienceUs = 5'000'000;

}  // namespace

void LipSync::synchronize(SyncedSection& audio, SyncedSection& video, int64_t now_us) {
  const std::optional<SyncedStream> heard = audio.synced_stream();
  const std::optional<SyncedStream> seen = video.synced_stream();
  if (!heard || !seen) return;
  Group& group = groups_[audio.sync_group()];
  group.compared_us = now_us;
  if (now_us < group.next_us) return;
  group.next_us = now_us + kIntervalUs;
  const StreamSynchronization::Delays delays = group.synchronization.update(*heard, *seen);
  audio.set_sync_delay(delays.audio_us);
  video.set_sync_delay(delays.video_us);
}

void LipSync::forget_others(int64_t now_us) {
  std::erase_if(groups_, [now_us](const auto& entry) { return now_us - entry.second.compared_us > kPatienceUs; });
}

}  // namespace peerwire

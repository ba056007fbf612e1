#include "media/send/bitrate_allocator.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace peerwire {
namespace {

// What paused resumes only with so much more than its minimum: otherwise it would blink.
constexpr double kToggleShare = 0.10;
constexpr int64_t kMinToggleBps = 20'000;
// An encoding costs a keyframe to enable.
constexpr double kEncodingHysteresis = 1.2;
// What the most important video keeps always, unless its own minimum is less: the estimate may be wrong, and without
// video it would take long to learn better.
constexpr int64_t kKeptBps = 30'000;
// What runs keeps at least this much of its rate: an encoder cannot be told to send nothing.
constexpr double kMinDrainShare = 0.1;

int64_t resume_bps(int64_t min_bps) {
  return min_bps + std::max(kMinToggleBps, static_cast<int64_t>(static_cast<double>(min_bps) * kToggleShare));
}

const BitrateAllocator::Encoding* first_active(const BitrateAllocator::Video& video) {
  for (const auto& encoding : video.encodings) {
    if (encoding.active) return &encoding;
  }
  return nullptr;
}

int64_t max_of(const BitrateAllocator::Video& video) {
  int64_t sum = 0;
  for (const auto& encoding : video.encodings) sum += encoding.active ? encoding.max_bps : 0;
  return sum;
}

double weight_of(const BitrateAllocator::Video& video) {
  double weight = 0;
  for (const auto& encoding : video.encodings) {
    if (encoding.active) weight = std::max(weight, peerwire::weight_of(encoding.priority));
  }
  return weight;
}

int64_t kept_bps(const BitrateAllocator::Video* video) {
  const BitrateAllocator::Encoding* first = video ? first_active(*video) : nullptr;
  return first ? std::min(first->min_bps, kKeptBps) : 0;
}

}  // namespace

int64_t BitrateAllocator::Share::total() const {
  return std::accumulate(bps.begin(), bps.end(), int64_t{0});
}

bool& BitrateAllocator::enabled(int64_t id, size_t encoding) {
  return enabled_[{id, encoding}];
}

void BitrateAllocator::set_streams(std::vector<Audio> audio, std::vector<Video> video) {
  audio_ = std::move(audio);
  video_ = std::move(video);
  std::map<std::pair<int64_t, size_t>, bool> kept;
  for (const Video& stream : video_) {
    for (size_t index = 0; index < stream.encodings.size(); ++index) {
      const auto known = enabled_.find({stream.id, index});
      // What is new begins enabled, if its minimum fits: there is nothing yet that could blink.
      kept[{stream.id, index}] = known == enabled_.end() ? true : known->second;
    }
  }
  enabled_ = std::move(kept);
}

int64_t BitrateAllocator::min_total_bps() const {
  int64_t sum = 0;
  for (const Audio& stream : audio_) sum += stream.min_bps;
  for (const Video& stream : video_) {
    if (const Encoding* first = first_active(stream)) sum += first->min_bps;
  }
  return sum;
}

int64_t BitrateAllocator::max_total_bps() const {
  int64_t sum = 0;
  for (const Audio& stream : audio_) sum += stream.max_bps;
  for (const Video& stream : video_) sum += max_of(stream);
  return sum;
}

const BitrateAllocator::Video* BitrateAllocator::most_important() const {
  const auto found = std::max_element(video_.begin(), video_.end(), [](const Video& first, const Video& second) {
    return weight_of(first) < weight_of(second);
  });
  return found == video_.end() ? nullptr : &*found;
}

int64_t BitrateAllocator::give_audio(int64_t rest) {
  // The minimum in any case: silence is worse than a queue.
  for (const Audio& stream : audio_) {
    Candidate& candidate = candidates_.emplace_back();
    candidate.share = shares_.size();
    candidate.min_bps = stream.min_bps;
    candidate.max_bps = std::max(stream.min_bps, stream.max_bps);
    candidate.weight = peerwire::weight_of(stream.priority);
    candidate.given = stream.min_bps;
    rest -= stream.min_bps;
    shares_.push_back({stream.id, {0}, {}});
  }
  const int64_t kept = kept_bps(most_important());
  for (size_t index = 0; index < audio_.size() && rest > kept; ++index) {
    Candidate& candidate = candidates_[index];
    const int64_t wanted = std::clamp(audio_[index].preferred_bps, candidate.min_bps, candidate.max_bps);
    const int64_t more = std::min(rest - kept, wanted - candidate.given);
    candidate.given += more;
    rest -= more;
  }
  return rest;
}

int64_t BitrateAllocator::enable_video(int64_t target_bps, int64_t rest) {
  const Video* important = most_important();
  std::vector<Candidate> streams;
  for (const Video& stream : video_) {
    const Encoding* first = first_active(stream);
    Candidate& candidate = streams.emplace_back();
    candidate.share = shares_.size();
    shares_.push_back({stream.id, std::vector<int64_t>(stream.encodings.size(), 0), {}});
    if (!first) continue;
    candidate.min_bps = first->min_bps;
    candidate.max_bps = std::max(first->min_bps, max_of(stream));
    candidate.weight = weight_of(stream);
  }
  std::stable_sort(streams.begin(), streams.end(),
                   [](const Candidate& a, const Candidate& b) { return a.weight > b.weight; });
  for (Candidate& candidate : streams) {
    if (candidate.max_bps <= 0) continue;
    const Video& stream = video_[candidate.share - audio_.size()];
    const size_t first = static_cast<size_t>(first_active(stream) - stream.encodings.data());
    bool& is_enabled = enabled(stream.id, first);
    const int64_t needed = is_enabled ? candidate.min_bps : resume_bps(candidate.min_bps);
    is_enabled = &stream == important || (rest > 0 && rest >= needed);
    if (!is_enabled) {
      padding_bps_ = std::max(padding_bps_, target_bps - std::max<int64_t>(0, rest) + resume_bps(candidate.min_bps));
      continue;
    }
    candidate.given = std::min(candidate.min_bps, std::max(rest, kept_bps(important)));
    rest = std::max<int64_t>(0, rest - candidate.given);
    candidates_.push_back(candidate);
  }
  return rest;
}

void BitrateAllocator::fill(std::vector<Candidate>& candidates, int64_t rest) const {
  // By weight, until each has its maximum; what those that are full leave goes round again.
  while (rest > 0) {
    double weights = 0;
    for (const Candidate& one : candidates) weights += one.given < one.max_bps ? one.weight : 0;
    if (weights <= 0) return;
    int64_t given = 0;
    for (Candidate& one : candidates) {
      if (one.given >= one.max_bps) continue;
      const auto part = static_cast<int64_t>(static_cast<double>(rest) * one.weight / weights);
      const int64_t more = std::min(part, one.max_bps - one.given);
      one.given += more;
      given += more;
    }
    rest -= given;
    if (given < static_cast<int64_t>(candidates.size())) return;  // less than a bit for each
  }
}

void BitrateAllocator::split(const Video& video, int64_t rest, std::vector<int64_t>& bps) {
  const int64_t all = rest;
  bool first = true, blocked = false;
  size_t last = video.encodings.size();
  for (size_t index = 0; index < video.encodings.size(); ++index) {
    const Encoding& encoding = video.encodings[index];
    if (!encoding.active) continue;
    bool& is_enabled = enabled(video.id, index);
    if (!first) {
      const auto needed =
          static_cast<int64_t>(static_cast<double>(encoding.min_bps) * (is_enabled ? 1.0 : kEncodingHysteresis));
      const bool fits = !blocked && rest > 0 && rest >= needed;
      // What the layers below have been given counts in full, whether they use it or not: only what is sent shows that
      // the path carries it.
      if (!fits && !blocked) padding_bps_ = std::max(padding_bps_, all - rest + needed);
      is_enabled = fits;
      blocked |= !fits;
    }
    first = false;
    if (!is_enabled || blocked) continue;
    const int64_t wanted =
        std::clamp(encoding.target_bps, encoding.min_bps, std::max(encoding.min_bps, encoding.max_bps));
    bps[index] = std::min(rest, wanted);
    rest -= bps[index];
    last = index;
  }
  // What is left improves the largest that runs, then the smaller ones.
  for (size_t index = last + 1; index-- > 0 && rest > 0 && last < video.encodings.size();) {
    if (bps[index] <= 0) continue;
    const int64_t more = std::min(rest, std::max<int64_t>(0, video.encodings[index].max_bps - bps[index]));
    bps[index] += more;
    rest -= more;
  }
}

void BitrateAllocator::share_out(int64_t target_bps) {
  shares_.clear();
  candidates_.clear();
  padding_bps_ = 0;
  if (target_bps <= 0) {
    for (const Audio& stream : audio_) shares_.push_back({stream.id, {0}, {}});
    for (const Video& stream : video_) {
      shares_.push_back({stream.id, std::vector<int64_t>(stream.encodings.size(), 0), {}});
    }
    return;
  }
  const int64_t rest = enable_video(target_bps, give_audio(target_bps));
  fill(candidates_, rest);
  for (const Candidate& candidate : candidates_) {
    Share& share = shares_[candidate.share];
    if (candidate.share < audio_.size()) {
      share.bps[0] = candidate.given;
    } else {
      split(video_[candidate.share - audio_.size()], candidate.given, share.bps);
    }
  }
}

const std::vector<BitrateAllocator::Share>& BitrateAllocator::allocate(int64_t target_bps) {
  share_out(target_bps);
  for (Share& share : shares_) share.sustained_bps = share.bps;
  return shares_;
}

const std::vector<BitrateAllocator::Share>& BitrateAllocator::allocate(int64_t target_bps, int64_t estimate_bps) {
  if (target_bps <= 0 || estimate_bps <= target_bps) return allocate(target_bps);
  allocate(estimate_bps);
  int64_t of_audio = 0, of_video = 0;
  for (size_t index = 0; index < shares_.size(); ++index) {
    (index < audio_.size() ? of_audio : of_video) += shares_[index].total();
  }
  const int64_t left = std::max<int64_t>(0, target_bps - of_audio);
  if (of_video <= left) return shares_;
  const double factor = std::max(kMinDrainShare, static_cast<double>(left) / static_cast<double>(of_video));
  for (size_t index = audio_.size(); index < shares_.size(); ++index) {
    for (int64_t& bps : shares_[index].bps) bps = static_cast<int64_t>(static_cast<double>(bps) * factor);
  }
  return shares_;
}

}  // namespace peerwire

// Shares the target rate among the streams of a transport: audio first, video by priority, and within a video stream
// among its simulcast encodings from the smallest on. One video stream, the most important, never pauses.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace peerwire {

/// W3C RTCPriorityType as relative weights (webrtc-priority section 4.1: each double the one below).
enum class BitratePriority : uint8_t { kVeryLow, kLow, kMedium, kHigh };
constexpr double weight_of(BitratePriority priority) {
  constexpr double kWeights[] = {1, 2, 4, 8};
  return kWeights[static_cast<size_t>(priority)];
}

class BitrateAllocator {
 public:
  struct Audio {
    int64_t id = 0;
    int64_t min_bps = 0;
    /// Given before video gets more than what never pauses needs.
    int64_t preferred_bps = 0;
    int64_t max_bps = 0;
    BitratePriority priority = BitratePriority::kLow;
  };
  struct Encoding {
    bool active = true;
    int64_t min_bps = 0;
    /// With this it looks good: only then the next larger encoding gets anything.
    int64_t target_bps = 0;
    int64_t max_bps = 0;
    BitratePriority priority = BitratePriority::kLow;
  };
  struct Video {
    int64_t id = 0;
    std::vector<Encoding> encodings;  // from the smallest to the largest
  };
  /// Rates of one stream: of audio one, of video one for each encoding; 0: it pauses.
  struct Share {
    int64_t id = 0;
    std::vector<int64_t> bps;
    /// What it would be if no queue were drained: by this an encoder chooses how large its pictures are.
    std::vector<int64_t> sustained_bps;

    int64_t total() const;
  };

  /// Replaces the streams; what was enabled among them stays so.
  void set_streams(std::vector<Audio> audio, std::vector<Video> video);
  /// Shares of `target_bps`, audio streams first, in the order in which they were set. 0 pauses everything.
  const std::vector<Share>& allocate(int64_t target_bps);
  /// While congestion control drains a queue the target is below the estimate for a second or two. Nothing pauses for
  /// that: who runs is decided by the estimate, and video gives up as much as is needed, if need be more than down to
  /// its minimum.
  const std::vector<Share>& allocate(int64_t target_bps, int64_t estimate_bps);

  /// For congestion control: what is needed so that nothing pauses, and what could be used.
  int64_t min_total_bps() const;
  int64_t max_total_bps() const;
  /// Up to what padding would have to be sent, media counted, so that the next encoding or stream, which waits for its
  /// minimum, may be enabled: of a stream, with what the others have been given, of an encoding, with what those below
  /// it have.
  int64_t padding_bps() const { return padding_bps_; }

 private:
  struct Candidate {
    size_t share = 0;  // index into shares_
    int64_t min_bps = 0;
    int64_t max_bps = 0;
    double weight = 1;
    int64_t given = 0;
  };

  void share_out(int64_t target_bps);
  const Video* most_important() const;
  int64_t give_audio(int64_t rest);
  int64_t enable_video(int64_t target_bps, int64_t rest);
  void fill(std::vector<Candidate>& candidates, int64_t rest) const;
  void split(const Video& video, int64_t rest, std::vector<int64_t>& bps);
  bool& enabled(int64_t id, size_t encoding);

  std::vector<Audio> audio_;
  std::vector<Video> video_;
  std::vector<Share> shares_;
  std::vector<Candidate> candidates_;
  std::map<std::pair<int64_t, size_t>, bool> enabled_;
  int64_t padding_bps_ = 0;
};

}  // namespace peerwire

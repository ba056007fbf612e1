// When pictures are to be made smaller, or fewer, and when they may be what was asked for again: by the quantizer, by
// the frames that rate control leaves out, and by the time that coding takes. Time is an argument.
#pragma once

#include <cstdint>

#include "media/codec/video_codec.h"

namespace peerwire {

class QualityAdaptation {
 public:
  /// A frame was given to the encoder.
  /// @param qp of what came out; negative: nothing came, or it is not known
  /// @param load share of the time between frames that coding takes
  void on_frame(VideoCodec codec, bool was_coded, int qp, double load, int64_t now_us);
  /// It may not adapt any more.
  void reset() { *this = QualityAdaptation(); }
  /// The pictures have another size: what was seen of the ones before says nothing of them.
  void on_resized();

  /// Reductions for either reason.
  int steps() const { return cpu_.steps + quality_.steps; }
  bool is_limited_by_cpu() const { return cpu_.steps > 0; }
  bool is_limited_by_quality() const { return quality_.steps > 0; }

 private:
  /// Reductions for one reason.
  struct Ladder {
    int steps = 0;
    /// What a recovery has to wait for: longer each time one has turned out to be too early.
    int64_t patience_us = 0;
    int64_t recovered_us = -1;  // the last time; negative: never

    void step_down(int64_t now_us);
    void step_up(int64_t now_us);
  };
  bool may_recover(const Ladder& ladder, int64_t now_us) const;

  Ladder cpu_, quality_;
  double qp_ = -1;      // smoothed
  double dropped_ = 0;  // share of frames that were not coded, smoothed
  int64_t changed_us_ = -1;
};

}  // namespace peerwire

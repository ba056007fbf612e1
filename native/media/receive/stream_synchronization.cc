#include "media/receive/stream_synchronization.h"

#include <algorithm>
#include <cstdlib>

namespace peerwire {

void SenderClock::on_sender_report(uint64_t ntp_time, uint32_t rtp_timestamp) {
  if (ntp_time == 0) return;
  const auto seconds = static_cast<int64_t>(ntp_time >> 32);
  const auto fraction = static_cast<int64_t>((ntp_time & 0xffffffff) * 1'000'000 >> 32);
  report_ = Report{seconds * 1'000'000 + fraction, rtp_timestamp};
}

std::optional<int64_t> SenderClock::ntp_us(uint32_t rtp_timestamp) const {
  if (!report_) return std::nullopt;
  // Clocks run apart by far less than lip sync can be told in the seconds from one report to the next.
  const auto ticks = static_cast<int32_t>(rtp_timestamp - report_->rtp_timestamp);
  return report_->ntp_us + int64_t{ticks} * 1'000'000 / rate_;
}

void StreamSynchronization::reset() {
  difference_us_.reset();
  relative_us_.reset();
  delays_ = {};
}

StreamSynchronization::Delays StreamSynchronization::update(const SyncedStream& audio, const SyncedStream& video) {
  const int64_t relative_us = (video.arrival_us - audio.arrival_us) - (video.capture_ntp_us - audio.capture_ntp_us);
  const int64_t measured_us = relative_us + video.current_delay_us - audio.current_delay_us;
  // Clocks of such senders have nothing to do with each other.
  if (std::abs(measured_us) > kMaxDelayUs) {
    reset();
    return delays_;
  }
  const bool is_confirmed = relative_us_ && std::abs(relative_us - *relative_us_) <= kAgreementUs;
  relative_us_ = relative_us;
  // Half of what is new: arrival times are uneven, and the delays take time to follow.
  difference_us_ = difference_us_ ? (*difference_us_ + measured_us) / 2 : measured_us;
  // Nor is it time to act when the last delays have done it, and only the memory of before says otherwise.
  if (std::min(std::abs(*difference_us_), std::abs(measured_us)) <= kToleranceUs) return delays_;

  const int64_t max_step = is_confirmed ? kMaxLeapUs : kMaxStepUs;
  const auto correct = [max_step](int64_t late_us, const SyncedStream& late, int64_t& late_delay,
                                  const SyncedStream& early, int64_t& early_delay) {
    const int64_t step = std::min(late_us, max_step);
    if (late_delay > late.minimum_delay_us) {
      // What was waited for before need not be waited for as long now.
      late_delay = std::max<int64_t>(0, std::min(late_delay, late.current_delay_us) - step);
      if (late_delay <= late.minimum_delay_us) late_delay = 0;
      return;
    }
    late_delay = 0;
    early_delay = std::clamp<int64_t>(early.current_delay_us + step, 0, kMaxDelayUs);
  };
  if (*difference_us_ > 0) {
    correct(*difference_us_, video, delays_.video_us, audio, delays_.audio_us);
  } else {
    correct(-*difference_us_, audio, delays_.audio_us, video, delays_.video_us);
  }
  // What was measured before a leap says nothing of what is after it.
  if (std::abs(*difference_us_) > kMaxStepUs && is_confirmed) difference_us_.reset();
  return delays_;
}

}  // namespace peerwire

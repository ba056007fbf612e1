// The streams that a receiver has heard lately: what getSynchronizationSources() and getContributingSources() tell.
#pragma once

#include <map>
#include <mutex>
#include <utility>

#include "media/stream/rtp_receiver.h"

namespace peerwire {

/// Any thread.
class RtpSourceTable {
 public:
  /// In no order.
  std::vector<RtpSource> sources() const;
  /// Of the sources that have been silent longest, what is too much is forgotten.
  void put(const RtpSource& source);

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<bool, uint32_t>, RtpSource> sources_;
};

}  // namespace peerwire

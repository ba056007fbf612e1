#include "media/stream/rtp_source_table.h"

#include <algorithm>

namespace peerwire {
namespace {

/// A packet names 15 contributors at most; a hostile peer would name new ones in each.
constexpr size_t kMaxSources = 128;

}  // namespace

std::vector<RtpSource> RtpSourceTable::sources() const {
  std::lock_guard lock(mutex_);
  std::vector<RtpSource> copy;
  copy.reserve(sources_.size());
  for (const auto& [key, source] : sources_) copy.push_back(source);
  return copy;
}

void RtpSourceTable::put(const RtpSource& source) {
  std::lock_guard lock(mutex_);
  sources_.insert_or_assign({source.is_contributing, source.source}, source);
  if (sources_.size() <= kMaxSources) return;
  sources_.erase(std::min_element(sources_.begin(), sources_.end(), [](const auto& first, const auto& second) {
    return first.second.timestamp_ms < second.second.timestamp_ms;
  }));
}

}  // namespace peerwire

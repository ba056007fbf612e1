#include "net/unsegmented_destinations.h"

#include <algorithm>

namespace peerwire {

bool UnsegmentedDestinations::contains(TimePoint now, const SocketAddress& to) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& each) { return now < each.until && each.to == to; });
}

void UnsegmentedDestinations::add(TimePoint now, const SocketAddress& to) {
  std::erase_if(entries_, [&](const Entry& each) { return each.until <= now || each.to == to; });
  if (entries_.size() >= kMax) entries_.erase(entries_.begin());
  entries_.push_back({to, now + kRemembered});
}

}  // namespace peerwire

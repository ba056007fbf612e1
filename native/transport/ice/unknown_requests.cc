#include "transport/ice/unknown_requests.h"

#include <algorithm>

#include "transport/ice/candidate.h"

namespace peerwire::ice {

std::optional<UnknownRequests::Request> UnknownRequests::take(TimePoint now, std::string_view username,
                                                              const SocketAddress& from) {
  const size_t colon = username.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Request request{std::string(username.substr(0, colon)), std::string(username.substr(colon + 1))};
  if (!valid_fragment(request.local_fragment) || !valid_remote_fragment(request.remote_fragment)) return std::nullopt;
  while (!order_.empty() && (now - order_.front().at >= kQuiet || order_.size() >= kMaxRemembered)) {
    told_.erase(order_.front().key);
    order_.pop_front();
  }
  std::string key = from.text() + ' ' + std::string(username);
  if (told_.contains(key)) return std::nullopt;
  if (updated_ != TimePoint{}) {
    allowance_ = std::min(kBurst, allowance_ + kPerSecond * std::chrono::duration<double>(now - updated_).count());
  }
  updated_ = now;
  if (allowance_ < 1) return std::nullopt;
  allowance_ -= 1;
  told_.insert(key);
  order_.push_back({now, std::move(key)});
  return request;
}

}  // namespace peerwire::ice

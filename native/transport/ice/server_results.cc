#include "transport/ice/server_results.h"

#include <algorithm>

namespace peerwire::ice {

ServerResults::Result& ServerResults::result_of(const std::string& url) {
  for (Result& result : results_) {
    if (result.url == url) return result;
  }
  Result& added = results_.emplace_back();
  added.url = url;
  return added;
}

void ServerResults::note(const std::string& url, int base, int code, const std::string& reason) {
  Result& result = result_of(url);
  if (code == 0) {
    result.succeeded = true;
    return;
  }
  if (result.code != 0 && (result.code != 701 || code == 701)) return;
  result.code = code;
  result.reason = reason;
  // "If the local IP address value is not already exposed as part of a local candidate, the address will be set to
  // null" (https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnectioniceerrorevent-address).
  if (base < 0 || !agent_.shows_address(base)) return;
  const SocketAddress& address = agent_.bases()[base].address;
  result.address = address.ip_text();
  result.port = address.port();
}

void ServerResults::note_unasked(const std::string& url, int code, const std::string& reason) {
  Result& result = result_of(url);
  if (result.code) return;
  result.code = code;
  result.reason = reason;
}

void ServerResults::report(const std::vector<std::string_view>& awaited_urls) {
  for (Result& result : results_) {
    if (result.succeeded || result.reported || result.code == 0) continue;
    if (std::find(awaited_urls.begin(), awaited_urls.end(), result.url) != awaited_urls.end()) continue;
    result.reported = true;
    agent_.emit([result](AgentDelegate& delegate) {
      delegate.on_candidate_error(result.address, result.port, result.url, result.code, result.reason);
    });
  }
}

}  // namespace peerwire::ice

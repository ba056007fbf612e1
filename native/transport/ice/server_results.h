// What has come of the servers that a gathering asks, each from several bases (RFC 8445 section 5.1.1.2): one result
// for a URL, as an icecandidateerror event tells it (https://w3c.github.io/webrtc-pc/#event-icecandidateerror).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "transport/ice/gathering_delegate.h"

namespace peerwire::ice {

class ServerResults {
 public:
  explicit ServerResults(GatheringDelegate& agent) : agent_(agent) {}
  ServerResults(const ServerResults&) = delete;
  ServerResults& operator=(const ServerResults&) = delete;

  /// The server is asked: failures are told in the order of that.
  void expect(const std::string& url) { result_of(url); }
  /// The server has answered, and given what it was asked for, if `code` is 0. `base`: that it was asked from, or -1.
  void note(const std::string& url, int base, int code, const std::string& reason);
  /// The server cannot be asked.
  void note_unasked(const std::string& url, int code, const std::string& reason);
  /// Tells the failures of servers that have not been told, and of which nothing more is awaited.
  void report(const std::vector<std::string_view>& awaited_urls);
  /// For the next gathering.
  void clear() { results_.clear(); }

 private:
  struct Result {
    std::string url;
    bool succeeded = false, reported = false;
    int code = 0;
    std::string reason, address;
    uint16_t port = 0;
  };
  Result& result_of(const std::string& url);

  GatheringDelegate& agent_;
  std::vector<Result> results_;
};

}  // namespace peerwire::ice

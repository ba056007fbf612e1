// Where a server sends a request on to (ALTERNATE-SERVER, RFC 8489 section 10), and that this does not go in circles.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "transport/ice/stun_message.h"
#include "transport/ice_transport.h"

namespace peerwire::ice {

class Redirection {
 public:
  /// On from one server to the next, within five minutes.
  static constexpr size_t kMaxFollowed = 3;

  /// Nowhere, to begin with.
  Redirection(const SocketAddress& origin) : origin_(origin), server_(origin) {}

  /// The server that was asked first.
  const SocketAddress& origin() const { return origin_; }
  /// The one that is to be asked.
  const SocketAddress& server() const { return server_; }
  /// `asked` with the name that the certificate of server() has to have.
  IceServer named(IceServer asked) const;

  enum class Families { kSame, kAny };
  /// Goes to where an answer of server(), a 300, sends us. False where it does not, and nothing changes; `reason` is
  /// then the answer's, with ours. `families`: whether a server can be reached at an address of the other family, if
  /// there is none of the same.
  bool follow(TimePoint now, const StunMessage& answer, Families families, bool over_tls, std::string* reason);

 private:
  struct Asked {
    SocketAddress server;
    TimePoint left_at;
  };
  SocketAddress origin_, server_;
  std::string domain_;        // ALTERNATE-DOMAIN of the last one that had it; empty: none
  std::vector<Asked> asked_;  // before server()
};

}  // namespace peerwire::ice

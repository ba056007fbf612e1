// Messages of multicast DNS (RFC 6762, on the format of RFC 1035), as much of them as host names need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "net/socket_address.h"

namespace peerwire {

struct MdnsMessage {
  enum class Type : uint16_t { kA = 1, kAaaa = 28, kAny = 255 };
  /// Of everything in a message; what is more is left unread.
  static constexpr size_t kMaxQuestions = 32, kMaxAnswers = 64;

  struct Question {
    std::string name;
    Type type = Type::kA;
    bool unicast_response = false;  // the QU bit (section 5.4)
  };
  struct Answer {
    std::string name;
    SocketAddress address;  // port 0
    uint32_t ttl_s = 0;     // 0: a goodbye (section 10.1)
    bool cache_flush = false;
  };

  /// That a name has addresses of one family only: a NSEC record (section 6.1), for which who asks for both need not
  /// wait. Written, never read.
  struct OnlyType {
    std::string name;
    Type type = Type::kA;
    uint32_t ttl_s = 0;
    bool cache_flush = false;
  };

  uint16_t id = 0;
  bool response = false;
  std::vector<Question> questions;  // for addresses, of class IN
  std::vector<Answer> answers;      // addresses of class IN, additional records among them

  std::vector<OnlyType> only_types;  // additional records

  /// None for what is no message, or one that the RFC wants passed over (opcode, RCODE). Records of other types are
  /// passed over. Names are in lower case.
  static std::optional<MdnsMessage> parse(ByteView datagram);
  Bytes serialize() const;

  /// The name in lower case where it is one that may be published by WebRTC's mDNS candidates, a single label below
  /// ".local"; else none (draft-ietf-mmusic-mdns-ice-candidates section 3.2.1).
  static std::optional<std::string> host_name(std::string_view name);
};

}  // namespace peerwire

// Asks for names of multicast DNS and answers for our own: a state machine without socket, thread or clock (RFC 6762,
// draft-ietf-mmusic-mdns-ice-candidates).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/mdns_message.h"

namespace peerwire {

/// A way to the others on a link. Interface 0: every one, of both families.
struct MdnsLink {
  IpFamily family = IpFamily::kNone;
  int interface = 0;
  auto operator<=>(const MdnsLink&) const = default;
};

class MdnsEndpoint {
 public:
  static constexpr uint16_t kPort = 5353;
  static constexpr size_t kMaxQuestions = 256;  // open at a time; more are answered with nothing
  static constexpr size_t kMaxCached = 256, kMaxPublished = 4096;
  /// When an unanswered question is repeated, and given up.
  static constexpr Duration kRepeatAfter[] = {std::chrono::milliseconds(250), std::chrono::seconds(1),
                                              std::chrono::seconds(2), std::chrono::seconds(4),
                                              std::chrono::seconds(8)};
  /// Chromium has one answer a second for all of its names, and they are many.
  static constexpr Duration kGiveUpAfter = std::chrono::seconds(12);
  /// Section 10: of names of hosts. As long at most is an answer remembered, whatever it says itself.
  static constexpr uint32_t kTtl = 120;

  /// What leaves: to the group of the link, or to one address.
  class Sender {
   public:
    virtual ~Sender() = default;
    virtual void multicast(const MdnsLink& link, ByteView datagram) = 0;
    virtual void unicast(const MdnsLink& link, const SocketAddress& to, ByteView datagram) = 0;
    /// Whether our questions leave from another port than 5353: then answers are to come there (section 5.1).
    virtual bool asks_from_other_port() const = 0;
  };
  /// The addresses, port 0; none when nobody has the name.
  using Answered = std::function<void(const std::vector<SocketAddress>& addresses)>;

  explicit MdnsEndpoint(Sender* sender) : sender_(sender) {}

  /// Asks for a name, as MdnsMessage::host_name() gives it. Answered in a later call, never in this one.
  uint64_t ask(TimePoint now, const std::string& name, Answered answered);
  void cancel(uint64_t question);
  /// Answers for the name from now on. False when there are too many.
  bool publish(const std::string& name, const SocketAddress& address);
  void withdraw(const std::string& name);

  /// `from` is on the link: the caller has seen to that (section 11).
  void handle_datagram(TimePoint now, const MdnsLink& link, const SocketAddress& from, ByteView datagram);
  TimePoint next_timeout() const;
  void handle_timeout(TimePoint now);

  bool idle() const { return questions_.empty() && published_.empty(); }
  size_t cached() const { return cache_.size(); }

 private:
  struct Question {
    uint64_t id;
    std::string name;
    Answered answered;
    TimePoint asked, next;
    size_t sent = 0;
  };
  struct Published {
    SocketAddress address;
    // Section 6: a record not more than once in a second on one link. The second is that there is no other.
    std::map<std::pair<MdnsLink, bool>, TimePoint> told;
  };
  struct Cached {
    std::vector<SocketAddress> addresses;
    TimePoint until;
  };

  void transmit(Question& question);
  void answer(TimePoint now, const MdnsLink& link, const SocketAddress& from, const MdnsMessage& query);
  void learn(TimePoint now, const MdnsMessage& response);
  void remember(TimePoint now, const std::string& name, std::vector<SocketAddress> addresses, uint32_t ttl_s);

  Sender* sender_;
  uint64_t last_id_ = 0;
  std::deque<Question> questions_;
  std::map<std::string, Published> published_;
  std::map<std::string, Cached> cache_;
};

}  // namespace peerwire

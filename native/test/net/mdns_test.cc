// Multicast DNS: messages, and endpoints on a link in virtual time.
#include <gtest/gtest.h>

#include "net/mdns_endpoint.h"
#include "net/multicast_socket.h"

namespace peerwire {
namespace {

using namespace std::chrono_literals;

SocketAddress ip(const char* text, uint16_t port = 0) {
  return *SocketAddress::parse(text, port);
}

TEST(Subnet, ContainsWhatSharesItsPrefix) {
  const Subnet small{ip("192.0.2.9"), ip("255.255.255.240")};
  EXPECT_TRUE(small.contains(ip("192.0.2.1", 5353)));
  EXPECT_FALSE(small.contains(ip("192.0.2.17", 5353)));
  EXPECT_FALSE(small.contains(ip("2001:db8::1", 5353)));
  const Subnet large{ip("2001:db8::1"), ip("ffff:ffff:ffff:ffff::")};
  EXPECT_TRUE(large.contains(ip("2001:db8::ffff:1")));
  EXPECT_FALSE(large.contains(ip("2001:db8:0:1::1")));
  EXPECT_FALSE(large.contains(ip("192.0.2.1")));
}

TEST(MdnsMessage, ComesBackAsItWas) {
  MdnsMessage message;
  message.id = 7;
  message.response = true;
  message.questions.push_back({"abc.local", MdnsMessage::Type::kAaaa, true});
  message.answers.push_back({"abc.local", ip("192.0.2.1"), 120, true});
  message.answers.push_back({"d-e_f.local", ip("2001:db8::1"), 10, false});
  const auto again = MdnsMessage::parse(message.serialize());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, 7);
  EXPECT_TRUE(again->response);
  ASSERT_EQ(again->questions.size(), 1u);
  EXPECT_EQ(again->questions[0].name, "abc.local");
  EXPECT_TRUE(again->questions[0].unicast_response);
  ASSERT_EQ(again->answers.size(), 2u);
  EXPECT_EQ(again->answers[0].address, ip("192.0.2.1"));
  EXPECT_EQ(again->answers[0].ttl_s, 120u);
  EXPECT_TRUE(again->answers[0].cache_flush);
  EXPECT_EQ(again->answers[1].name, "d-e_f.local");
  EXPECT_EQ(again->answers[1].address, ip("2001:db8::1"));
}

TEST(MdnsMessage, SaysThatThereIsNoAddressOfTheOtherFamily) {
  MdnsMessage message;
  message.only_types.push_back({"a.local", MdnsMessage::Type::kAaaa, 120, true});
  const Bytes record = {1, 'a', 5, 'l', 'o', 'c', 'a', 'l', 0,   0,   47, 0x80, 1, 0, 0, 0, 120,
                        0, 15,  1, 'a', 5,   'l', 'o', 'c', 'a', 'l', 0,  0,    4, 0, 0, 0, 8};
  const Bytes octets = message.serialize();
  EXPECT_EQ(Bytes(octets.begin() + 12, octets.end()), record);
  EXPECT_EQ(octets[11], 1) << "additional";
  const auto again = MdnsMessage::parse(octets);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->answers.empty());
}

TEST(MdnsMessage, FollowsPointersBackwardsOnly) {
  // One question "ab.local", an answer whose name is a pointer to it.
  const Bytes good = {0, 0, 0x84, 0, 0, 1,    0,  1, 0, 0,    0, 0, 2, 'A', 'b', 5, 'l', 'o', 'c', 'a', 'l',
                      0, 0, 1,    0, 1, 0xc0, 12, 0, 1, 0x80, 1, 0, 0, 0,   120, 0, 4,   192, 0,   2,   1};
  const auto message = MdnsMessage::parse(good);
  ASSERT_TRUE(message);
  ASSERT_EQ(message->answers.size(), 1u);
  EXPECT_EQ(message->answers[0].name, "ab.local");
  for (const uint8_t target : {26, 27, 40, 255}) {
    Bytes bad = good;
    bad[27] = target;
    EXPECT_FALSE(MdnsMessage::parse(bad)) << int{target};
  }
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(MdnsMessage::parse(ByteView(good).first(size))) << size;
  }
  for (const uint8_t flags : {0x03, 0x05}) {  // a response code: passed over
    Bytes refused = good;
    refused[3] = flags;
    EXPECT_FALSE(MdnsMessage::parse(refused));
  }
}

TEST(MdnsMessage, KnowsWhichNamesMayBeCandidates) {
  EXPECT_EQ(MdnsMessage::host_name("ABC-1.LOCAL"), "abc-1.local");
  for (const auto& wrong :
       {"", "local", ".local", "a.b.local", "a.example", "a b.local", "a.local.", "\xc3\xa9.local"}) {
    EXPECT_FALSE(MdnsMessage::host_name(wrong)) << wrong;
  }
  EXPECT_FALSE(MdnsMessage::host_name(std::string(64, 'a') + ".local"));
}

/// Endpoints that hear each other, unless what is sent is lost.
class Link {
 public:
  struct Host : MdnsEndpoint::Sender {
    Host(Link& owner, const char* address, uint16_t own_port)
        : link(owner), port(own_port), own(ip(address, own_port)) {
      link.hosts.push_back(this);
    }
    void multicast(const MdnsLink&, ByteView datagram) override {
      ++sent;
      for (Host* other : link.hosts) {
        if (other != this && link.lose-- <= 0) link.post(*other, own, datagram);
      }
    }
    void unicast(const MdnsLink&, const SocketAddress& to, ByteView datagram) override {
      ++unicasts;
      unicast_octets += datagram.size();
      for (Host* other : link.hosts) {
        if (other->own == to) link.post(*other, own, datagram);
      }
    }
    bool asks_from_other_port() const override { return port != MdnsEndpoint::kPort; }
    void hear(const SocketAddress& from, ByteView datagram) {
      endpoint.handle_datagram(link.now, {IpFamily::kIpv4, 1}, from, datagram);
    }
    std::vector<std::string> resolve(const std::string& name) {
      std::vector<std::string> texts;
      bool answered = false;
      endpoint.ask(link.now, name, [&](const auto& addresses) {
        answered = true;
        for (const auto& address : addresses) texts.push_back(address.ip_text());
      });
      EXPECT_FALSE(answered) << "never in the call itself";
      while (!answered) {
        if (link.deliver()) continue;
        link.now = std::max(link.now, endpoint.next_timeout());
        endpoint.handle_timeout(link.now);
      }
      return texts;
    }

    Link& link;
    uint16_t port;
    SocketAddress own;
    int sent = 0, unicasts = 0;
    size_t unicast_octets = 0;
    MdnsEndpoint endpoint{this};
  };

  void post(Host& to, const SocketAddress& from, ByteView datagram) {
    under_way.emplace_back([&to, from, copy = Bytes(datagram.begin(), datagram.end())] { to.hear(from, copy); });
  }
  /// False when nothing is under way.
  bool deliver() {
    const bool any = !under_way.empty();
    while (!under_way.empty()) {
      const auto task = std::move(under_way.front());
      under_way.pop_front();
      task();
    }
    return any;
  }

  std::deque<std::function<void()>> under_way;
  TimePoint now{1h};
  int lose = 0;
  std::vector<Host*> hosts;
};

using Texts = std::vector<std::string>;

TEST(MdnsEndpoint, FindsANameOfAnotherHostAndRemembersItForItsTime) {
  Link link;
  Link::Host asker(link, "10.0.0.1", 5353), owner(link, "10.0.0.2", 5353);
  ASSERT_TRUE(owner.endpoint.publish("name.local", ip("10.0.0.2", 99)));
  link.deliver();
  EXPECT_EQ(asker.endpoint.cached(), 0u) << "nobody had asked";
  const TimePoint begun = link.now;
  EXPECT_EQ(asker.resolve("name.local"), (Texts{"10.0.0.2"}));
  EXPECT_EQ(link.now, begun);
  const int asked = asker.sent;
  EXPECT_EQ(asker.resolve("name.local"), (Texts{"10.0.0.2"}));
  EXPECT_EQ(asker.sent, asked) << "remembered";
  link.now += 121s;
  EXPECT_EQ(asker.resolve("name.local"), (Texts{"10.0.0.2"}));
  EXPECT_GT(asker.sent, asked);
  owner.endpoint.withdraw("name.local");
  link.deliver();
  EXPECT_EQ(asker.resolve("name.local"), Texts{}) << "its goodbye was heard";
  EXPECT_TRUE(owner.endpoint.idle());
  EXPECT_TRUE(asker.endpoint.idle());
}

TEST(MdnsEndpoint, RepeatsWhatWasLostAndGivesUpInTheEnd) {
  Link link;
  Link::Host asker(link, "10.0.0.1", 5353), owner(link, "10.0.0.2", 5353);
  owner.endpoint.publish("name.local", ip("10.0.0.2"));
  link.deliver();
  link.lose = 2;
  TimePoint begun = link.now;
  EXPECT_EQ(asker.resolve("name.local"), (Texts{"10.0.0.2"}));
  EXPECT_EQ(link.now - begun, 1s);
  begun = link.now;
  const int before = asker.sent;
  EXPECT_EQ(asker.resolve("nobody.local"), Texts{});
  EXPECT_EQ(link.now - begun, MdnsEndpoint::kGiveUpAfter);
  EXPECT_EQ(asker.sent - before, 6);
}

TEST(MdnsEndpoint, IsAnsweredDirectlyWhereItAsksFromAnotherPort) {
  Link link;
  Link::Host asker(link, "10.0.0.1", 40000), owner(link, "10.0.0.2", 5353);
  owner.endpoint.publish("name.local", ip("10.0.0.2"));
  EXPECT_EQ(asker.resolve("name.local"), (Texts{"10.0.0.2"}));
  EXPECT_EQ(owner.unicasts, 1);
}

TEST(MdnsEndpoint, SaysTheSameNotMoreThanOnceASecond) {
  Link link;
  Link::Host asker(link, "10.0.0.1", 5353), owner(link, "10.0.0.2", 5353);
  owner.endpoint.publish("name.local", ip("10.0.0.2"));
  const int announced = owner.sent;
  MdnsMessage query;
  query.questions.push_back({"name.local", MdnsMessage::Type::kAny, false});
  for (int i = 0; i < 100; ++i) owner.hear(asker.own, query.serialize());
  EXPECT_EQ(owner.sent - announced, 1);
  link.now += 1s;
  owner.hear(asker.own, query.serialize());
  EXPECT_EQ(owner.sent - announced, 2);
}

TEST(MdnsEndpoint, AnswersAQuestionThatIsRepeatedInOneMessageOnce) {
  for (const uint16_t port : {uint16_t{5353}, uint16_t{40000}}) {
    Link link;
    Link::Host asker(link, "10.0.0.1", port), owner(link, "10.0.0.2", 5353);
    owner.endpoint.publish("name.local", ip("10.0.0.2"));
    MdnsMessage query;
    query.questions.push_back({"name.local", MdnsMessage::Type::kA, true});
    owner.hear(asker.own, query.serialize());
    const size_t once = owner.unicast_octets;
    EXPECT_GT(once, 0u);
    while (query.questions.size() < MdnsMessage::kMaxQuestions) query.questions.push_back(query.questions.front());
    owner.hear(asker.own, query.serialize());
    EXPECT_EQ(owner.unicast_octets, 2 * once);
  }
}

TEST(MdnsEndpoint, TakesAnswersForWhatItAskedAndFromThePortOfTheProtocolOnly) {
  Link link;
  Link::Host asker(link, "10.0.0.1", 5353);
  MdnsMessage unasked;
  unasked.response = true;
  unasked.answers.push_back({"name.local", ip("10.0.0.9"), 120, true});
  asker.hear(ip("10.0.0.9", 5353), unasked.serialize());
  EXPECT_EQ(asker.endpoint.cached(), 0u);
  Texts told;
  asker.endpoint.ask(link.now, "name.local", [&](const auto& addresses) {
    for (const auto& address : addresses) told.push_back(address.ip_text());
  });
  asker.hear(ip("10.0.0.9", 1234), unasked.serialize());
  MdnsMessage group = unasked;
  group.answers[0].address = ip("224.0.0.1");
  asker.hear(ip("10.0.0.9", 5353), group.serialize());
  EXPECT_EQ(told, Texts{});
  asker.hear(ip("10.0.0.9", 5353), unasked.serialize());
  EXPECT_EQ(told, (Texts{"10.0.0.9"}));
}

TEST(MdnsEndpoint, BoundsItsQuestionsAndItsMemory) {
  Link link;
  Link::Host asker(link, "10.0.0.1", 5353), owner(link, "10.0.0.2", 5353);
  size_t nothing = 0, found = 0;
  for (size_t i = 0; i < 2 * MdnsEndpoint::kMaxQuestions; ++i) {
    asker.endpoint.ask(link.now, "n" + std::to_string(i) + ".local",
                       [&](const auto& addresses) { ++(addresses.empty() ? nothing : found); });
  }
  asker.endpoint.handle_timeout(link.now);
  EXPECT_EQ(nothing, MdnsEndpoint::kMaxQuestions);
  asker.endpoint.handle_timeout(link.now + MdnsEndpoint::kGiveUpAfter);
  EXPECT_TRUE(asker.endpoint.idle());
  for (size_t i = 0; i < 2 * MdnsEndpoint::kMaxCached; ++i) {
    const std::string name = "m" + std::to_string(i) + ".local";
    owner.endpoint.publish(name, ip("10.0.0.2"));
    EXPECT_EQ(asker.resolve(name).size(), 1u);
  }
  EXPECT_LE(asker.endpoint.cached(), MdnsEndpoint::kMaxCached);
}

}  // namespace
}  // namespace peerwire

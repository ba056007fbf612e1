// What an agent says to those who do not know its password: never more than they have spent on asking, so that nobody
// who forges the address of another makes it a flood.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kUsername = "aaaa:bbbb";

class AgentStrangers : public testing::Test {
 protected:
  AgentStrangers() {
    a.agent.set_remote_parameters(network.now, Host::parameters("bbbb"));
    a.agent.start(network.now, IceRole::kControlled);
    a.add_address(own);
    a.gather();
    network.attach(stranger, [this](const auto&, const auto&, ByteView datagram) {
      answers.emplace_back(datagram.begin(), datagram.end());
    });
  }

  /// Everything that the stranger is sent because of its request.
  std::vector<Bytes> ask(ByteView request) {
    answers.clear();
    a.receive(stranger, own, request);
    network.run(30s);
    return answers;
  }

  static StunWriter request() { return {StunMethod::kBinding, StunClass::kRequest, SeededRandom(1).transaction_id()}; }

  const SocketAddress own = at("10.0.0.1", 1001), stranger = at("10.0.0.66", 666);
  Network network;
  Host a{network, "aaaa", 1};
  std::vector<Bytes> answers;
};

TEST_F(AgentStrangers, AreNotSentMoreThanTheyAsked) {
  std::vector<Bytes> requests;
  const auto add = [&](StunWriter& writer) {
    const ByteView whole = writer.finish();
    requests.emplace_back(whole.begin(), whole.end());
  };
  for (const bool fingerprint : {false, true}) {
    for (const char* username : {"", "a", ":", "aaaa", kUsername, "aaaa:cccc", "nobody:bbbb"}) {
      for (const bool integrity : {false, true}) {
        for (const int more : {0, 1, 4, 8, 11, 12, 13, 20, 100}) {
          StunWriter writer = request();
          if (*username) writer.add_text(StunAttribute::kUsername, username);
          if (more) writer.add_bytes(StunAttribute::kSoftware, Bytes(static_cast<size_t>(more), 'x'));
          if (integrity) writer.add_integrity(as_bytes("guess"));
          if (fingerprint) writer.add_fingerprint();
          add(writer);
        }
      }
    }
  }
  // One of those attributes that have to be understood, many times.
  for (const int count : {1, 8, 50}) {
    StunWriter writer = request();
    for (int i = 0; i < count; ++i) writer.add_flag(static_cast<StunAttribute>(0x7f00 + i));
    add(writer);
  }
  size_t answered = 0;
  for (const Bytes& each : requests) {
    size_t octets = 0;
    for (const Bytes& answer : ask(each)) octets += answer.size();
    EXPECT_LE(octets, each.size());
    answered += octets > 0;
  }
  // Those that are large enough are told why (RFC 8489 section 9.1.3).
  EXPECT_GT(answered, requests.size() / 2);
  EXPECT_EQ(a.agent.remote_candidate_count(), 0u);
}

TEST_F(AgentStrangers, LearnThatTheirPasswordIsWrong) {
  StunWriter check = request();
  check.add_text(StunAttribute::kUsername, kUsername).add_u32(StunAttribute::kPriority, 1);
  check.add_integrity(as_bytes("guess")).add_fingerprint();
  const auto told = ask(check.finish());
  ASSERT_EQ(told.size(), 1u);
  const auto answer = StunMessage::parse(told[0]);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->message_class, StunClass::kError);
  EXPECT_EQ(answer->error_code, 401);
  EXPECT_TRUE(answer->has_fingerprint);
}

// werift goes on to call itself what it did before its restart (RFC 8445 section 7.3).
TEST_F(AgentStrangers, AreNoneWhenTheyKnowThePasswordWhateverTheyCallThemselves) {
  StunWriter check = request();
  check.add_text(StunAttribute::kUsername, "aaaa:cccc").add_u32(StunAttribute::kPriority, 1);
  check.add_integrity(as_bytes(Host::parameters("aaaa").password)).add_fingerprint();
  const auto told = ask(check.finish());
  // And a check of ours.
  ASSERT_GE(told.size(), 2u);
  const auto answer = StunMessage::parse(told[0]);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->message_class, StunClass::kSuccess);
  const auto triggered = StunMessage::parse(told[1]);
  ASSERT_TRUE(triggered);
  EXPECT_EQ(triggered->username, "bbbb:aaaa");
}

TEST_F(AgentStrangers, AreNotAnsweredWhereTheyDoNotAsk) {
  for (const auto message_class : {StunClass::kIndication, StunClass::kSuccess, StunClass::kError}) {
    for (const auto method : {StunMethod::kBinding, StunMethod::kAllocate, StunMethod::kData, StunMethod::kSend}) {
      StunWriter writer(method, message_class, SeededRandom(2).transaction_id());
      if (message_class == StunClass::kError) writer.add_error(401, "Unauthorized");
      writer.add_fingerprint();
      EXPECT_TRUE(ask(writer.finish()).empty());
    }
  }
  StunWriter allocate(StunMethod::kAllocate, StunClass::kRequest, SeededRandom(3).transaction_id());
  EXPECT_TRUE(ask(allocate.finish()).empty());
  EXPECT_TRUE(ask(Bytes(1200, 22)).empty());
}

}  // namespace
}  // namespace peerwire::ice::test

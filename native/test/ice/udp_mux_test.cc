// The shared socket: who gets what, and that what it remembers is bounded.
#include "transport/ice/udp_mux.h"

#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <mutex>

#include "transport/ice/stun_message.h"

namespace peerwire::ice {
namespace {

using namespace std::chrono_literals;

struct Member : UdpMux::Member {
  explicit Member(bool takes) : takes_all(takes) {}
  bool on_mux_datagram(int tag, const SocketAddress&, ByteView) override {
    std::lock_guard lock(mutex);
    tags.push_back(tag);
    changed.notify_all();
    return takes_all;
  }
  size_t count() {
    std::lock_guard lock(mutex);
    return tags.size();
  }
  bool wait_for(size_t wanted) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 5s, [&] { return tags.size() >= wanted; });
  }
  const bool takes_all;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<int> tags;
};

struct Sink : DatagramReceiver {
  void on_datagram(int, const SocketAddress&, ByteView) override {}
};

class UdpMuxTest : public testing::Test {
 protected:
  UdpMuxTest() : network(NetworkThread::acquire()) {
    run([&] {
      int error = 0;
      mux = UdpMux::acquire(*network, *SocketAddress::parse("127.0.0.1", 0), &error);
      for (auto& peer : peers)
        peer = UdpSocket::bind(*network, *SocketAddress::parse("127.0.0.1", 0), 0, &sink, &error);
    });
  }
  ~UdpMuxTest() override {
    run([&] {
      for (auto& peer : peers) peer.reset();
      mux.reset();
    });
  }
  template <typename Task>
  void run(Task task) {
    network->post_and_wait([&] { task(); });
  }
  /// As an agent that asks many candidates; only the first octet counts here.
  void ask(Member* member, const SocketAddress& remote) { mux->send(member, Bytes{0, 1, 2, 3}, remote); }
  static SocketAddress nobody(size_t i) {
    return *SocketAddress::parse("127.1." + std::to_string(i / 200) + "." + std::to_string(i % 200 + 1), 9);
  }
  void data_from(size_t peer) { peers[peer]->send_now(Bytes{0x80, 1, 2, 3}, mux->local_address()); }

  std::shared_ptr<NetworkThread> network;
  Sink sink;
  std::shared_ptr<UdpMux> mux;
  std::array<std::unique_ptr<UdpSocket>, 2> peers;
};

TEST_F(UdpMuxTest, RemembersTheLatestRemotesOfAMemberAndNoneAfterIt) {
  Member first(true), second(true);
  run([&] {
    mux->add(&first, 1, "first");
    mux->add(&second, 2, "second");
    ask(&second, nobody(0));
    ask(&first, peers[0]->local_address());
    for (size_t i = 0; i < 3 * UdpMux::kMaxRemotes; ++i) {
      ask(&first, nobody(i));
      // The one in use is asked every few seconds.
      if (i % 100 == 0) ask(&first, peers[0]->local_address());
    }
    EXPECT_LE(mux->remote_count(), UdpMux::kMaxRemotes + 1);
    data_from(0);
  });
  ASSERT_TRUE(first.wait_for(1));
  EXPECT_EQ(first.tags, std::vector{1});
  run([&] {
    mux->remove(&first);
    EXPECT_EQ(mux->remote_count(), 1u);
    mux->remove(&second);
    EXPECT_EQ(mux->remote_count(), 0u);
  });
}

TEST_F(UdpMuxTest, LearnsFromAnswersToChecksButNotFromErrors) {
  Member member(true);
  const auto answer = [&](StunClass stun_class, size_t peer) {
    StunWriter writer(StunMethod::kBinding, stun_class, TransactionId{});
    mux->send(&member, writer.finish(), peers[peer]->local_address());
  };
  run([&] {
    mux->add(&member, 1, "member");
    answer(StunClass::kError, 1);
    EXPECT_EQ(mux->remote_count(), 0u);
    answer(StunClass::kSuccess, 0);
    EXPECT_EQ(mux->remote_count(), 1u);
    data_from(1);
    data_from(0);
  });
  ASSERT_TRUE(member.wait_for(1));
  run([&] {
    EXPECT_EQ(member.count(), 1u);
    mux->remove(&member);
  });
}

TEST_F(UdpMuxTest, OffersWhatComesFromACommonRemoteToEachUntilOneTakesIt) {
  Member refuses(false), takes(true);
  run([&] {
    mux->add(&refuses, 1, "refuses");
    mux->add(&takes, 2, "takes");
    ask(&refuses, peers[0]->local_address());
    ask(&takes, peers[0]->local_address());
    ask(&refuses, peers[1]->local_address());
    data_from(0);
    data_from(1);
  });
  ASSERT_TRUE(takes.wait_for(1));
  ASSERT_TRUE(refuses.wait_for(2));
  EXPECT_EQ(takes.count(), 1u);
  run([&] {
    mux->remove(&takes);
    mux->remove(&refuses);
  });
}

struct UnknownListener : UdpMux::Listener {
  void on_unknown_request(const SocketAddress& local, const SocketAddress& from,
                          const UnknownRequests::Request& request) override {
    std::lock_guard lock(mutex);
    told.push_back(local.text() + ' ' + from.text() + ' ' + request.local_fragment + ' ' + request.remote_fragment);
    changed.notify_all();
  }
  bool wait_for(size_t wanted) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 5s, [&] { return told.size() >= wanted; });
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> told;
};

Bytes binding_request(std::string_view username) {
  StunWriter writer(StunMethod::kBinding, StunClass::kRequest, TransactionId{1, 2, 3});
  const ByteView octets = writer.add_text(StunAttribute::kUsername, username).add_fingerprint().finish();
  return {octets.begin(), octets.end()};
}

TEST_F(UdpMuxTest, TellsOfRequestsForNobodyAndTheNextTransmissionFindsWhoWasMadeForThem) {
  UnknownListener listener;
  Member made(true);
  run([&] {
    mux->add_listener(&listener);
    peers[0]->send_now(binding_request("server:client"), mux->local_address());
  });
  ASSERT_TRUE(listener.wait_for(1));
  run([&] {
    mux->add(&made, 1, "server");
    peers[0]->send_now(binding_request("server:client"), mux->local_address());
    peers[1]->send_now(binding_request("other:client"), mux->local_address());
  });
  ASSERT_TRUE(made.wait_for(1));
  ASSERT_TRUE(listener.wait_for(2));
  run([&] {
    EXPECT_EQ(listener.told[0],
              mux->local_address().text() + ' ' + peers[0]->local_address().text() + " server client");
    EXPECT_EQ(listener.told.size(), 2u);
    mux->remove_listener(&listener);
    mux->remove(&made);
  });
}

TEST(UnknownRequests, AreToldOnceInAWhileAndInBoundedNumber) {
  UnknownRequests requests;
  TimePoint now{std::chrono::hours(1)};
  const auto from = *SocketAddress::parse("192.0.2.1", 1);
  const auto first = requests.take(now, "libp2p+webrtc+v1/abc:efgh", from);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->local_fragment, "libp2p+webrtc+v1/abc");
  EXPECT_EQ(first->remote_fragment, "efgh");
  EXPECT_FALSE(requests.take(now + 500ms, "libp2p+webrtc+v1/abc:efgh", from)) << "a retransmission";
  EXPECT_TRUE(requests.take(now + 500ms, "libp2p+webrtc+v1/abc:efgh", from.with_port(2)));
  EXPECT_TRUE(requests.take(now + 3s, "libp2p+webrtc+v1/abc:efgh", from)) << "still unanswered";
  EXPECT_TRUE(requests.take(now + 3s, "abcd:ef-=#_", from)) << "taken from a peer";
  for (const char* wrong : {"", ":", "abcd", "abc:efgh", "ab-d:efgh", "abcd:e", "ab\"d:efgh", "abcd:ef\ngh"}) {
    EXPECT_FALSE(requests.take(now + 3s, wrong, from)) << wrong;
  }
  now += 10s;
  int told = 0;
  for (int i = 0; i < 100000; ++i) {
    told += requests.take(now + i * 10us, "server" + std::to_string(i) + ":client", from).has_value();
  }
  EXPECT_GE(told, static_cast<int>(UnknownRequests::kBurst));
  EXPECT_LE(told, static_cast<int>(UnknownRequests::kBurst + UnknownRequests::kPerSecond) + 1) << "in one second";
}

}  // namespace
}  // namespace peerwire::ice

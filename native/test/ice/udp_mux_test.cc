// The shared socket: who gets what, and that what it remembers is bounded.
#include "transport/ice/udp_mux.h"

#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <mutex>

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

}  // namespace
}  // namespace peerwire::ice

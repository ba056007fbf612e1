// TCP connections on the network thread, on loopback.
#include "net/tcp_socket.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

namespace peerwire {
namespace {

using namespace std::chrono_literals;

const SocketAddress kLoopback = *SocketAddress::parse("127.0.0.1", 0);

/// Runs everything on the network thread, and waits for what happens there.
class TcpSocketTest : public testing::Test, public TcpListener::Observer {
 protected:
  struct End : StreamObserver {
    explicit End(TcpSocketTest& owner) : test(owner) {}
    void on_stream_open() override {
      test.change([&] { open = true; });
    }
    void on_stream_octets(ByteView octets) override {
      test.change([&] {
        received.insert(received.end(), octets.begin(), octets.end());
        ++reads;
        if (leave) retire(*test.network, std::move(socket));
      });
    }
    void on_stream_closed(const std::string& why) override {
      test.change([&] { closed = why; });
    }
    TcpSocketTest& test;
    std::unique_ptr<TcpSocket> socket;
    Bytes received;
    int reads = 0;
    std::string closed;
    bool open = false, leave = false;
  };

  void SetUp() override {
    run([&] {
      int error = 0;
      listener = TcpListener::listen(*network, kLoopback, this, &error);
      ASSERT_NE(listener, nullptr) << error;
    });
  }
  void TearDown() override {
    run([&] {
      client.socket.reset();
      server.socket.reset();
      listener.reset();
    });
  }
  void on_accepted(std::unique_ptr<TcpSocket> socket) override {
    change([&] {
      if (!accepting) return;
      server.socket = std::move(socket);
      server.socket->set_observer(&server);
      server.open = true;
    });
  }
  template <typename Task>
  void run(Task task) {
    network->post_and_wait([&] { task(); });
  }
  template <typename Task>
  void change(Task task) {
    std::lock_guard lock(mutex);
    task();
    changed.notify_all();
  }
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 30s, condition);
  }
  void connect(const SocketAddress& to) {
    run([&] {
      int error = 0;
      client.socket = TcpSocket::connect(*network, {}, to, &client, &error);
      ASSERT_NE(client.socket, nullptr) << error;
    });
  }
  SocketAddress address() {
    SocketAddress found;
    run([&] { found = listener->local_address(); });
    return found;
  }

  std::shared_ptr<NetworkThread> network = NetworkThread::acquire();
  std::mutex mutex;
  std::condition_variable changed;
  std::unique_ptr<TcpListener> listener;
  End client{*this}, server{*this};
  bool accepting = true;
};

#if defined(TCP_QUICKACK)
TEST_F(TcpSocketTest, AcknowledgesAtOnceSoThatNobodyGathersSmallPackets) {
  sockaddr_storage name;
  const socklen_t length = address().to_sockaddr(&name);
  const int peer = ::socket(AF_INET, SOCK_STREAM, 0);  // with Nagle's algorithm, as is the default
  ASSERT_EQ(::connect(peer, reinterpret_cast<sockaddr*>(&name), length), 0);
  ASSERT_TRUE(wait([&] { return server.open; }));
  const Bytes packet(100), report(50);
  constexpr int kPackets = 80;
  for (int i = 0; i < kPackets; ++i) {
    ASSERT_EQ(::send(peer, packet.data(), packet.size(), 0), static_cast<ssize_t>(packet.size()));
    // Who sends, too, has its acknowledgements wait for that, up to 40 ms.
    if (i % 4 == 0) run([&] { server.socket->send(report); });
    std::this_thread::sleep_for(5ms);
  }
  ASSERT_TRUE(wait([&] { return server.received.size() == kPackets * packet.size(); }));
  change([&] { EXPECT_GT(server.reads, kPackets / 2); });
  ::close(peer);
}
#endif

TEST_F(TcpSocketTest, CarriesOctetsBothWaysAlsoThoseSentBeforeItStood) {
  Bytes sent(100'000);
  for (size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<uint8_t>(i * 7);
  const SocketAddress to = address();
  run([&] {
    int error = 0;
    client.socket = TcpSocket::connect(*network, {}, to, &client, &error);
    ASSERT_TRUE(client.socket->send(sent));
  });
  ASSERT_TRUE(wait([&] { return client.open && server.received.size() == sent.size(); }));
  EXPECT_EQ(server.received, sent);
  run([&] {
    EXPECT_EQ(client.socket->local_address(), server.socket->remote_address());
    EXPECT_EQ(client.socket->remote_address(), server.socket->local_address());
    EXPECT_TRUE(server.socket->send(Bytes{1, 2, 3}));
  });
  ASSERT_TRUE(wait([&] { return client.received.size() == 3; }));
}

TEST_F(TcpSocketTest, TellsThatNobodyListens) {
  const SocketAddress to = address();
  run([&] { listener.reset(); });
  connect(to);
  ASSERT_TRUE(wait([&] { return !client.closed.empty(); }));
  EXPECT_EQ(client.closed, "Connection refused");
  EXPECT_FALSE(client.open);
  run([&] { EXPECT_FALSE(client.socket->send(Bytes{1})); });
}

TEST_F(TcpSocketTest, SendsWhatIsQueuedBeforeItCloses) {
  connect(address());
  ASSERT_TRUE(wait([&] { return client.open && server.open; }));
  run([&] {
    client.socket->send(Bytes(1000, 5));
    client.socket.reset();
  });
  ASSERT_TRUE(wait([&] { return !server.closed.empty(); }));
  EXPECT_EQ(server.received.size(), 1000u);
  EXPECT_EQ(server.closed, "connection closed by the peer");
}

TEST_F(TcpSocketTest, ClosesWithoutAResetWhenThereIsInputThatNobodyHasRead) {
  sockaddr_storage name;
  const socklen_t length = address().to_sockaddr(&name);
  const int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::connect(peer, reinterpret_cast<sockaddr*>(&name), length), 0);
  ASSERT_TRUE(wait([&] { return server.open; }));
  run([&] {
    // The thread is here, and does not read.
    const Bytes unread(100'000, 1);
    EXPECT_GT(::send(peer, unread.data(), unread.size(), MSG_DONTWAIT), 0);
    server.socket->send(Bytes(1000, 5));
    server.socket.reset();
  });
  Bytes received(2000);
  EXPECT_EQ(::recv(peer, received.data(), received.size(), MSG_WAITALL), 1000);
  EXPECT_EQ(::recv(peer, received.data(), received.size(), 0), 0) << std::strerror(errno);
  ::close(peer);
}

TEST_F(TcpSocketTest, TakesWholeMessagesOrNoneWhenThePeerDoesNotRead) {
  // A listener that nobody accepts from: the kernel takes what fits into its buffers, and no more.
  accepting = false;
  connect(address());
  ASSERT_TRUE(wait([&] { return client.open || !client.closed.empty(); }));
  const Bytes message(10'000, 1);
  run([&] {
    size_t refused = 0;
    // More at once than the queue holds: nothing leaves before the turn ends.
    for (int i = 0; i < 100; ++i) refused += !client.socket->send(message);
    EXPECT_GT(refused, 0u);
    EXPECT_LE(client.socket->queued(), TcpSocket::kMaxQueued);
    EXPECT_EQ(client.socket->queued() % message.size(), 0u);
  });
}

TEST_F(TcpSocketTest, MayBeRetiredFromItsOwnCall) {
  client.leave = true;
  connect(address());
  ASSERT_TRUE(wait([&] { return client.open && server.open; }));
  run([&] { server.socket->send(Bytes(200'000, 3)); });
  ASSERT_TRUE(wait([&] { return !server.closed.empty(); }));
  EXPECT_EQ(client.socket, nullptr);
  EXPECT_TRUE(client.closed.empty());
}

TEST_F(TcpSocketTest, ConnectsFromAPortThatListensAgainAndAgain) {
  const SocketAddress to = address();
  std::unique_ptr<TcpListener> own;
  SocketAddress from;
  run([&] {
    int error = 0;
    own = TcpListener::listen(*network, kLoopback, this, &error);
    ASSERT_NE(own, nullptr) << error;
    from = own->local_address();
  });
  for (int i = 0; i < 3; ++i) {
    run([&] {
      int error = 0;
      client.socket = TcpSocket::connect(*network, TcpOrigin(*own), to, &client, &error);
      ASSERT_NE(client.socket, nullptr) << error << " at connection " << i;
      EXPECT_EQ(TcpSocket::connect(*network, TcpOrigin(*own), to, &client, &error), nullptr);
      EXPECT_EQ(error, EADDRINUSE);
      EXPECT_EQ(TcpListener::listen(*network, from, this, &error), nullptr) << "the port is still ours alone";
      EXPECT_EQ(error, EADDRINUSE);
    });
    ASSERT_TRUE(wait([&] { return client.open && server.open; }));
    run([&] {
      EXPECT_EQ(server.socket->remote_address(), from);
      client.socket.reset();
    });
    ASSERT_TRUE(wait([&] { return !server.closed.empty(); }));
    EXPECT_EQ(server.closed, "Connection reset by peer");
    run([&] {
      server.socket.reset();
      client.open = server.open = false;
      server.closed.clear();
    });
  }
  // And it listens still.
  connect(from);
  ASSERT_TRUE(wait([&] { return client.open && server.open; }));
  run([&] {
    EXPECT_EQ(server.socket->local_address(), from);
    own.reset();
  });
}

TEST_F(TcpSocketTest, RefusesAnAddressThatIsTakenOrNotOurs) {
  const SocketAddress taken = address();
  run([&] {
    int error = 0;
    EXPECT_EQ(TcpListener::listen(*network, taken, this, &error), nullptr);
    EXPECT_EQ(error, EADDRINUSE);
    const auto foreign = *SocketAddress::parse("192.0.2.1", 0);
    EXPECT_EQ(TcpSocket::connect(*network, foreign, taken, &client, &error), nullptr);
    EXPECT_EQ(error, EADDRNOTAVAIL);
  });
}

}  // namespace
}  // namespace peerwire

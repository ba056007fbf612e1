// A connection to a STUN server that the transports of a TCP port share, on loopback.
#include "transport/ice/shared_server_connection.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>

#include "net/frame_reader.h"
#include "transport/ice/tcp_mux.h"
#include "transport/ice/turn_framing.h"

namespace peerwire::ice {
namespace {

using namespace std::chrono_literals;

const SocketAddress kLoopback = *SocketAddress::parse("127.0.0.1", 0);

/// A server that answers Binding requests, or does not. All of it lives on the network thread.
class SharedServerConnectionTest : public testing::Test, private TcpListener::Observer {
 protected:
  struct Member final : SharedServerConnection::Member {
    explicit Member(SharedServerConnectionTest& owner) : test(owner) {}
    void on_server_open(int slot) override { tell("open " + std::to_string(slot)); }
    void on_server_message(int slot, ByteView message) override {
      tell("answer " + std::to_string(slot) + " to " + std::to_string(StunMessage::parse(message)->transaction[0]));
    }
    void on_server_closed(int slot, const std::string& reason) override {
      tell("closed " + std::to_string(slot) + ": " + reason);
    }
    void tell(const std::string& what) {
      {
        std::lock_guard lock(test.mutex);
        told.push_back(what);
      }
      if (reaction) reaction();
      test.changed.notify_all();
    }
    SharedServerConnectionTest& test;
    std::vector<std::string> told;
    std::function<void()> reaction;
  };

  SharedServerConnectionTest() {
    run([&] {
      int error = 0;
      listener = TcpListener::listen(*network, kLoopback, this, &error);
      mux = TcpMux::acquire(*network, kLoopback, false, &error);
      ASSERT_TRUE(listener && mux) << error;
      server.url = "stun:127.0.0.1";
      server.host = "127.0.0.1";
    });
  }
  ~SharedServerConnectionTest() override {
    run([&] {
      shared.reset();
      mux.reset();
      ends.clear();
      listener.reset();
    });
  }

  template <typename Task>
  void run(Task task) {
    network->post_and_wait([&] { task(); });
  }
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 10s, condition);
  }
  std::shared_ptr<SharedServerConnection> connect() {
    std::string reason;
    auto made = mux->connect_to(server, listener->local_address(), nullptr, &reason);
    EXPECT_NE(made, nullptr) << reason;
    return made;
  }
  void ask(Member& member, int slot, uint8_t number) {
    StunWriter writer(StunMethod::kBinding, StunClass::kRequest, TransactionId{number});
    EXPECT_TRUE(shared->send(&member, slot, writer.finish()));
  }
  size_t connections() {
    size_t count = 0;
    run([&] { count = ends.size(); });
    return count;
  }

 private:
  struct End final : StreamObserver {
    void on_stream_open() override {}
    void on_stream_octets(ByteView octets) override {
      reader.read(octets, [this](ByteView frame) {
        if (silent) return true;
        const auto request = StunMessage::parse(frame);
        StunWriter writer(StunMethod::kBinding, StunClass::kSuccess, request->transaction);
        return socket->send(writer.add_xor_address(StunAttribute::kXorMappedAddress, kLoopback).finish());
      });
    }
    void on_stream_closed(const std::string&) override {}
    std::unique_ptr<TcpSocket> socket;
    FrameReader reader{measure_turn_frame};
    bool silent = false;
  };
  void on_accepted(std::unique_ptr<TcpSocket> socket) override {
    auto& end = ends.emplace_back(std::make_unique<End>());
    end->silent = silent;
    end->socket = std::move(socket);
    end->socket->set_observer(end.get());
  }

 protected:
  std::shared_ptr<NetworkThread> network = NetworkThread::acquire();
  std::mutex mutex;
  std::condition_variable changed;
  std::unique_ptr<TcpListener> listener;
  std::vector<std::unique_ptr<End>> ends;
  bool silent = false;
  std::shared_ptr<TcpMux> mux;
  IceServer server;
  std::shared_ptr<SharedServerConnection> shared;
  Member first{*this}, second{*this};
};

using Told = std::vector<std::string>;

TEST_F(SharedServerConnectionTest, GivesEachItsOwnAnswersAndTellsALateOneThatItIsOpen) {
  run([&] {
    shared = connect();
    shared->add(&first, 1);
    EXPECT_EQ(connect(), shared);
    EXPECT_EQ(shared->local_address(), mux->local_address());
  });
  ASSERT_TRUE(wait([&] { return first.told == Told{"open 1"}; }));
  run([&] {
    shared->add(&second, 2);
    EXPECT_TRUE(second.told.empty()) << "not from within";
  });
  ASSERT_TRUE(wait([&] { return second.told == Told{"open 2"}; }));
  run([&] {
    ask(second, 2, 20);
    ask(first, 1, 10);
  });
  ASSERT_TRUE(wait([&] { return first.told.size() == 2 && second.told.size() == 2; }));
  EXPECT_EQ(first.told[1], "answer 1 to 10");
  EXPECT_EQ(second.told[1], "answer 2 to 20");
  EXPECT_EQ(connections(), 1u);
}

TEST_F(SharedServerConnectionTest, MayBeLeftByAllFromWithinACall) {
  first.reaction = second.reaction = [&] {
    shared->remove(&first, 1);
    shared->remove(&second, 2);
    const auto last = std::move(shared);
  };
  run([&] {
    shared = connect();
    shared->add(&first, 1);
    shared->add(&second, 2);
  });
  ASSERT_TRUE(wait([&] { return first.told.size() + second.told.size() == 1; }));
  run([&] {
    // Here and not on the test's thread: who was told has reacted by now.
    first.reaction = second.reaction = nullptr;
    // The port can have another one as soon as the socket is gone.
    network->defer([&] {
      shared = connect();
      shared->add(&first, 3);
    });
  });
  ASSERT_TRUE(wait([&] { return !first.told.empty() && first.told.back() == "open 3"; }));
}

TEST_F(SharedServerConnectionTest, EndsForAllWhenTheServerLeavesOneWithoutAnAnswer) {
  run([&] {
    silent = true;
    shared = connect();
    shared->add(&first, 1);
    shared->add(&second, 2);
  });
  ASSERT_TRUE(wait([&] { return !first.told.empty() && !second.told.empty(); }));
  run([&] {
    ask(first, 1, 10);
    // Who leaves sooner may have other reasons.
    ask(second, 2, 20);
    shared->remove(&second, 2);
    shared->add(&second, 3);
    EXPECT_EQ(connect(), shared);
  });
  bool late = false;
  run([&] {
    network->start_timer(network->now() + SharedServerConnection::kSilence, [&] {
      std::lock_guard lock(mutex);
      late = true;
      changed.notify_all();
    });
  });
  ASSERT_TRUE(wait([&] { return late; }));
  run([&] { shared->remove(&first, 1); });
  ASSERT_TRUE(wait([&] { return second.told.back() == "closed 3: the server no longer answers"; }));
  run([&] {
    silent = false;
    network->defer([&] {
      const auto old = std::exchange(shared, connect());
      EXPECT_NE(shared, old);
      shared->add(&first, 4);
    });
  });
  ASSERT_TRUE(wait([&] { return first.told.back() == "open 4"; }));
}

}  // namespace
}  // namespace peerwire::ice

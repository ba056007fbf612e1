// Addresses that come and go right before a transport gathers, in a network namespace: for root on Linux.
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/network_thread.h"
#include "transport/ice/agent_transport.h"

namespace peerwire {
namespace {

/// What a transport tells of its candidates.
struct Gathered : IceTransportObserver {
  void on_ice_state(IceTransportState) override {}
  void on_ice_gathering_state(IceGatheringState) override {}
  void on_local_candidate(const IceCandidate& candidate) override { addresses.push_back(candidate.address); }
  void on_candidate_error(const std::string&, uint16_t, const std::string&, int, const std::string& reason) override {
    ADD_FAILURE() << reason;
  }
  void on_selected_pair(const IceCandidate&, const IceCandidate&) override {}
  void on_ice_role(IceRole) override {}

  std::vector<std::string> addresses;
};

std::unique_ptr<IceTransport> make_transport(NetworkThread& network, IceTransportObserver* observer) {
  return IceTransport::create(network, {}, {"user", "0123456789abcdefghijklmn", false}, observer);
}

std::vector<std::string> gather(NetworkThread& network) {
  Gathered gathered;
  make_transport(network, &gathered)->gather();
  std::sort(gathered.addresses.begin(), gathered.addresses.end());
  return gathered.addresses;
}

/// The interface of loopback in a namespace of one's own: may be given any addresses.
class Loopback {
 public:
  Loopback() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
  ~Loopback() { close(fd_); }
  void bring_up() { set_flags("lo", IFF_UP); }
  /// `alias`: as `lo:1`. Each address of a network of its own, so that none goes with another.
  void add(const char* alias, uint32_t number) {
    ifreq request = named(alias);
    auto* address = reinterpret_cast<sockaddr_in*>(&request.ifr_addr);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(0xc0a80001u | number << 8);  // 192.168.number.1
    ASSERT_EQ(ioctl(fd_, SIOCSIFADDR, &request), 0) << std::strerror(errno);
  }
  void remove(const char* alias) { set_flags(alias, 0); }

 private:
  static ifreq named(const char* name) {
    ifreq request{};
    std::snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    return request;
  }
  void set_flags(const char* name, short flags) {
    ifreq request = named(name);
    request.ifr_flags = flags;
    ASSERT_EQ(ioctl(fd_, SIOCSIFFLAGS, &request), 0) << std::strerror(errno);
  }
  const int fd_;
};

/// Runs `test` on a thread whose network threads have a network of their own.
template <typename Test>
void run_with_a_network(Test test) {
  int refused = 0;
  std::thread([&] {
    if (unshare(CLONE_NEWNET) != 0) {
      refused = errno;
    } else {
      test();
    }
  }).join();
  if (refused) GTEST_SKIP() << "no network namespace: " << std::strerror(refused);
}

/// Runs `test` on such a network thread.
template <typename Test>
void run_alone(Test test) {
  run_with_a_network([&] {
    auto network = NetworkThread::acquire();  // starts a thread, which is where this one is
    network->post_and_wait([&] {
      Loopback loopback;
      loopback.bring_up();
      test(*network, loopback);
    });
  });
}

using Addresses = std::vector<std::string>;

// One task: the loop has no turn in between in which it could be told.
TEST(AddedAddress, IsACandidateOfWhoGathersNext) {
  run_alone([](NetworkThread& network, Loopback& loopback) {
    loopback.add("lo:1", 1);
    EXPECT_EQ(gather(network), (Addresses{"192.168.1.1"}));
    EXPECT_EQ(gather(network), (Addresses{"192.168.1.1"}));
    loopback.add("lo:2", 2);
    EXPECT_EQ(gather(network), (Addresses{"192.168.1.1", "192.168.2.1"}));
    loopback.remove("lo:1");
    EXPECT_EQ(gather(network), (Addresses{"192.168.2.1"}));
  });
}

TEST(AddedAddress, IsTakenIntoAccountWhereGatheringWasBegunAhead) {
  run_alone([](NetworkThread& network, Loopback& loopback) {
    loopback.add("lo:1", 1);
    loopback.add("lo:2", 2);
    Gathered gathered;
    const auto transport = make_transport(network, &gathered);
    transport->gather_ahead();
    EXPECT_EQ(gathered.addresses, Addresses());
    loopback.remove("lo:1");
    loopback.add("lo:3", 3);
    transport->gather();
    std::sort(gathered.addresses.begin(), gathered.addresses.end());
    EXPECT_EQ(gathered.addresses, (Addresses{"192.168.2.1", "192.168.3.1"}));
  });
}

// The kernel keeps what it has to tell for a while, and then forgets it: nobody reads it here meanwhile.
TEST(AddedAddress, IsACandidateThoughTooMuchHasChangedToBeTold) {
  run_alone([](NetworkThread& network, Loopback& loopback) {
    loopback.add("lo:1", 1);
    EXPECT_EQ(gather(network), (Addresses{"192.168.1.1"}));
    for (int i = 0; i < 2000; ++i) {
      loopback.add("lo:2", 2);
      loopback.remove("lo:2");
    }
    loopback.add("lo:3", 3);
    EXPECT_EQ(gather(network), (Addresses{"192.168.1.1", "192.168.3.1"}));
  });
}

/// A transport that runs while addresses come, eight in place of the eight before.
class Roaming {
 public:
  static constexpr uint32_t kAddresses = 8;

  explicit Roaming(IceOptions options = {}) : options_(std::move(options)) {
    network_->post_and_wait([this] {
      loopback_ = std::make_unique<Loopback>();
      loopback_->bring_up();
      move();
      transport_ = std::make_unique<ice::AgentTransport>(*network_, options_, parameters(), &observer_);
      transport_->gather();
    });
  }
  ~Roaming() {
    network_->post_and_wait([this] {
      transport_.reset();
      loopback_.reset();
    });
  }

  void move_on() {
    network_->post_and_wait([this] { move(); });
  }
  void restart() {
    network_->post_and_wait([this] { transport_->restart(parameters(), options_); });
  }
  /// Whether those of now are candidates, sooner or later.
  bool knows_addresses() {
    for (const auto end = Clock::now() + std::chrono::seconds(10); Clock::now() < end; std::this_thread::yield()) {
      bool are_known = false;
      network_->post_and_wait([&] { are_known = are_candidates(); });
      if (are_known) return true;
    }
    return false;
  }
  size_t sockets() {
    size_t count = 0;
    network_->post_and_wait([&] { count = transport_->slot_count(); });
    return count;
  }

 private:
  struct Silent : Gathered {
    void on_candidate_error(const std::string&, uint16_t, const std::string&, int, const std::string&) override {}
  };
  IceParameters parameters() const { return {"user" + std::to_string(number_), "0123456789abcdefghijklmn", false}; }
  void move() {
    for (uint32_t alias = 0; alias < kAddresses; ++alias) {
      loopback_->add(("lo:" + std::to_string(alias + 1)).c_str(), ++number_);
    }
  }
  bool are_candidates() const {
    const auto candidates = transport_->stats(0).candidates;
    for (uint32_t back = 0; back < kAddresses; ++back) {
      const std::string address = "192.168." + std::to_string(number_ - back) + ".1";
      if (std::none_of(candidates.begin(), candidates.end(),
                       [&](const auto& each) { return each.candidate.address == address; })) {
        return false;
      }
    }
    return true;
  }

  const IceOptions options_;
  std::shared_ptr<NetworkThread> network_ = NetworkThread::acquire();
  std::unique_ptr<Loopback> loopback_;
  Silent observer_;
  std::unique_ptr<ice::AgentTransport> transport_;
  uint32_t number_ = 0;
};

TEST(AddedAddress, IsACandidateHoweverManyHaveComeAndGone) {
  run_with_a_network([] {
    Roaming roaming;
    for (int i = 0; i < 25; ++i) {
      roaming.move_on();
      ASSERT_TRUE(roaming.knows_addresses()) << i;
    }
    EXPECT_LE(roaming.sockets(), 128u);
  });
}

TEST(AddedAddress, IsACandidateHoweverManyHaveBeenAskedForRelaysInVain) {
  run_with_a_network([] {
    IceServer server;
    server.url = "turn:192.0.2.1";  // there is no way to it
    server.scheme = IceServer::Scheme::kTurn;
    server.host = "192.0.2.1";
    server.username = server.password = "user";
    IceOptions options;
    options.servers = {server};
    Roaming roaming(options);
    for (int i = 0; i < 25; ++i) {
      roaming.move_on();
      ASSERT_TRUE(roaming.knows_addresses()) << i;
    }
    EXPECT_LE(roaming.sockets(), 128u);
  });
}

TEST(AddedAddress, HasASocketNoLongerThanItsGenerations) {
  run_with_a_network([] {
    Roaming roaming;
    const size_t at_first = roaming.sockets();
    for (int i = 0; i < 12; ++i) {
      roaming.move_on();
      ASSERT_TRUE(roaming.knows_addresses()) << i;
      roaming.restart();
    }
    EXPECT_LE(roaming.sockets(), 4 * at_first);
  });
}

}  // namespace
}  // namespace peerwire

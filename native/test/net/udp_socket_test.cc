// Datagrams on real sockets: what leaves together, what comes of segments that the system refuses, and what may be cut.
#include "net/udp_socket.h"

#include <dirent.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "net/control_messages.h"

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace peerwire {
namespace {

struct Nobody : DatagramReceiver {
  void on_datagram(int, const SocketAddress&, ByteView) override {}
};

struct Collector : DatagramReceiver {
  void on_datagram(int, const SocketAddress&, ByteView datagram) override {
    std::lock_guard lock(mutex);
    received.emplace_back(datagram.begin(), datagram.end());
    changed.notify_all();
  }
  std::vector<Bytes> wait_for(size_t count) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(20), [&] { return received.size() >= count; });
    return received;
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Bytes> received;
};

/// What one call of recvmsg() gives: the octets, and how long the segments are that the system has put together.
struct Arrival {
  Bytes octets;
  size_t segment = 0;  // 0: a datagram by itself
};

/// A socket without our code.
class PlainSocket {
 public:
  explicit PlainSocket(const SocketAddress& local, bool gro = true) {
    sockaddr_storage name;
    const socklen_t length = local.to_sockaddr(&name);
    fd_ = ::socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&name), length), 0);
    const int on = 1;
    if (gro) gro_ = setsockopt(fd_, IPPROTO_UDP, UDP_GRO, &on, sizeof on) == 0;
  }
  ~PlainSocket() { ::close(fd_); }
  bool gro() const { return gro_; }
  SocketAddress address() const {
    sockaddr_storage name;
    socklen_t length = sizeof name;
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &length), 0);
    return *SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&name), length);
  }
  Arrival receive() {
    pollfd wait{fd_, POLLIN, 0};
    EXPECT_EQ(poll(&wait, 1, 20'000), 1) << "nothing arrived";
    Arrival arrival{Bytes(65536)};
    iovec vector{arrival.octets.data(), arrival.octets.size()};
    alignas(cmsghdr) uint8_t control[64];
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    const ssize_t size = recvmsg(fd_, &header, MSG_DONTWAIT);
    arrival.octets.resize(size > 0 ? static_cast<size_t>(size) : 0);
    for (cmsghdr* each = CMSG_FIRSTHDR(&header); each; each = next_control_message(header, each)) {
      if (each->cmsg_level != IPPROTO_UDP || each->cmsg_type != UDP_GRO) continue;
      int segment = 0;
      std::memcpy(&segment, CMSG_DATA(each), sizeof segment);
      arrival.segment = static_cast<size_t>(segment);
    }
    return arrival;
  }
  void send(ByteView datagram, const SocketAddress& to) {
    sockaddr_storage name;
    const socklen_t length = to.to_sockaddr(&name);
    EXPECT_EQ(sendto(fd_, datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&name), length),
              static_cast<ssize_t>(datagram.size()));
  }

 private:
  int fd_ = -1;
  bool gro_ = false;
};

/// The descriptor of our socket, which it shows nobody.
int descriptor_of(const SocketAddress& local) {
  DIR* folder = opendir("/proc/self/fd");
  if (!folder) return -1;
  int found = -1;
  while (const dirent* entry = readdir(folder)) {
    const int fd = std::atoi(entry->d_name);
    sockaddr_storage name;
    socklen_t length = sizeof name;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) continue;
    const auto address = SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&name), length);
    if (address && *address == local) found = fd;
  }
  closedir(folder);
  return found;
}

Bytes datagram_of(size_t size, uint8_t first) {
  Bytes octets(size);
  for (size_t i = 0; i < size; ++i) octets[i] = static_cast<uint8_t>(first + i * 7);
  return octets;
}

class UdpSocketTest : public testing::TestWithParam<const char*> {
 protected:
  UdpSocketTest() : network(NetworkThread::acquire()), loopback(*SocketAddress::parse(GetParam(), 0)) {}
  void SetUp() override {
    run([&] {
      int error = 0;
      socket = UdpSocket::bind(*network, loopback, 0, &collector, &error);
      if (!socket) failure = error;
    });
    if (!socket) GTEST_SKIP() << "no " << GetParam() << " here: " << std::strerror(failure);
  }
  ~UdpSocketTest() override {
    run([&] { socket.reset(); });
  }
  template <typename Task>
  void run(Task task) {
    network->post_and_wait([&] { task(); });
  }
  /// Sends all in one turn of the loop.
  void send_all(const std::vector<Bytes>& datagrams, const SocketAddress& to,
                Fragmentation fragmentation = Fragmentation::kUsual) {
    run([&] {
      for (const Bytes& datagram : datagrams) EXPECT_TRUE(socket->send(datagram, to, fragmentation));
    });
  }
  bool segments_to(const SocketAddress& to) {
    bool result = false;
    run([&] { result = socket->segments_to(to); });
    return result;
  }
  /// Whether the kernel segments at all on this way.
  bool system_segments(const PlainSocket& plain) const {
    const int on = 0;
    return plain.gro() && setsockopt(descriptor_of(address()), IPPROTO_UDP, 103 /* UDP_SEGMENT */, &on, sizeof on) == 0;
  }
  SocketAddress address() const { return socket->local_address(); }

  std::shared_ptr<NetworkThread> network;
  const SocketAddress loopback;
  Collector collector;
  std::unique_ptr<UdpSocket> socket;
  int failure = 0;
};

/// Only under IPv6 a socket can make its way narrower.
class NarrowUdpSocketTest : public UdpSocketTest {};

TEST_P(UdpSocketTest, WhatATurnEmitsLeavesInOneBatchOfSegments) {
  PlainSocket plain(loopback);
  if (!system_segments(plain)) GTEST_SKIP() << "this kernel has no UDP_SEGMENT or no UDP_GRO";
  std::vector<Bytes> datagrams;
  Bytes whole;
  for (uint8_t i = 0; i < 20; ++i) {
    datagrams.push_back(datagram_of(i == 19 ? 700 : 1300, i));
    whole.insert(whole.end(), datagrams.back().begin(), datagrams.back().end());
  }
  send_all(datagrams, plain.address());
  const Arrival arrival = plain.receive();
  EXPECT_EQ(arrival.segment, 1300u);
  EXPECT_EQ(arrival.octets, whole);
  EXPECT_TRUE(segments_to(plain.address()));
}

TEST_P(UdpSocketTest, OthersKeepTheirOrderAndTheirBounds) {
  PlainSocket plain(loopback, false);
  std::vector<Bytes> datagrams;
  for (const size_t size : {100, 1300, 1300, 1300, 40, 1300, 1301, 1, 1300, 60000, 1200, 1200}) {
    datagrams.push_back(datagram_of(size, static_cast<uint8_t>(datagrams.size())));
  }
  send_all(datagrams, plain.address());
  for (const Bytes& datagram : datagrams) EXPECT_EQ(plain.receive().octets, datagram);
}

TEST_P(UdpSocketTest, TakesSegmentsThatTheSystemHasPutTogetherApart) {
  std::unique_ptr<UdpSocket> sender;
  Nobody nobody;
  std::vector<Bytes> datagrams;
  for (uint8_t i = 0; i < 30; ++i) datagrams.push_back(datagram_of(i == 29 ? 3 : 1000, i));
  run([&] {
    int error = 0;
    sender = UdpSocket::bind(*network, loopback, 0, &nobody, &error);
    for (const Bytes& datagram : datagrams) EXPECT_TRUE(sender->send(datagram, address()));
  });
  EXPECT_EQ(collector.wait_for(datagrams.size()), datagrams);
  run([&] { sender.reset(); });
}

TEST_P(UdpSocketTest, FallsBackToSingleDatagramsOnceAndRemembersItOfTheDestination) {
  PlainSocket plain(loopback), other(loopback);
  if (!system_segments(plain)) GTEST_SKIP() << "this kernel has no UDP_SEGMENT or no UDP_GRO";
  // The kernel segments only what has checksums: without them it refuses, as it does for a path that is too narrow.
  const int fd = descriptor_of(address());
  const int on = 1;
  const bool ipv6 = address().is_ipv6();
  constexpr int kNoChecksum6 = 101;  // UDP_NO_CHECK6_TX
  ASSERT_EQ(setsockopt(fd, ipv6 ? IPPROTO_UDP : SOL_SOCKET, ipv6 ? kNoChecksum6 : SO_NO_CHECK, &on, sizeof on), 0);
  std::vector<Bytes> datagrams;
  for (uint8_t i = 0; i < 10; ++i) datagrams.push_back(datagram_of(1300, i));
  const int accept = 1;
  if (ipv6) {
    // Whoever receives has to agree to datagrams without a checksum (RFC 6936).
    ASSERT_EQ(
        setsockopt(descriptor_of(plain.address()), IPPROTO_UDP, 102 /* UDP_NO_CHECK6_RX */, &accept, sizeof accept), 0);
  }
  EXPECT_TRUE(segments_to(plain.address()));
  send_all(datagrams, plain.address());
  for (const Bytes& datagram : datagrams) EXPECT_EQ(plain.receive().octets, datagram);
  EXPECT_FALSE(segments_to(plain.address()));
  // Remembered: the way would segment again, and is not asked.
  const int off = 0;
  ASSERT_EQ(setsockopt(fd, ipv6 ? IPPROTO_UDP : SOL_SOCKET, ipv6 ? kNoChecksum6 : SO_NO_CHECK, &off, sizeof off), 0);
  send_all(datagrams, plain.address());
  for (const Bytes& datagram : datagrams) EXPECT_EQ(plain.receive().octets, datagram);
  EXPECT_FALSE(segments_to(plain.address()));
  // Of this destination alone.
  EXPECT_TRUE(segments_to(other.address()));
  send_all(datagrams, other.address());
  EXPECT_EQ(other.receive().octets.size(), 10 * 1300u);
}

TEST_P(NarrowUdpSocketTest, OneNarrowPathDoesNotKeepTheOthersFromSegments) {
  PlainSocket narrow(loopback), wide(loopback);
  if (!system_segments(narrow)) GTEST_SKIP() << "this kernel has no UDP_SEGMENT or no UDP_GRO";
  const int fd = descriptor_of(address());
  const int narrow_mtu = 1300, device_mtu = 0;
  const std::vector<Bytes> datagrams = {datagram_of(1290, 1), datagram_of(1290, 2), datagram_of(1290, 3)};
  // IPV6_MTU stands in for the path: what goes over it is cut, as the system does by itself.
  ASSERT_EQ(setsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &narrow_mtu, sizeof narrow_mtu), 0);
  send_all(datagrams, narrow.address());
  for (const Bytes& datagram : datagrams) EXPECT_EQ(narrow.receive().octets, datagram);
  EXPECT_FALSE(segments_to(narrow.address()));
  ASSERT_EQ(setsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &device_mtu, sizeof device_mtu), 0);
  send_all(datagrams, wide.address());
  EXPECT_EQ(wide.receive().octets.size(), 3 * 1290u);
}

TEST_P(NarrowUdpSocketTest, ADatagramThatIsTooLargeIsLostAloneAndEndsNoSegments) {
  PlainSocket plain(loopback);
  if (!system_segments(plain)) GTEST_SKIP() << "this kernel has no UDP_SEGMENT or no UDP_GRO";
  const int fd = descriptor_of(address());
  const int narrow = 1300;
  std::vector<Bytes> datagrams = {datagram_of(1290, 1), datagram_of(1290, 2), datagram_of(1290, 3), datagram_of(90, 4)};
  run([&] {
    // IPV6_MTU stands in for a path that has become narrower.
    for (const Bytes& datagram : datagrams) EXPECT_TRUE(socket->send(datagram, plain.address(), Fragmentation::kNever));
    EXPECT_TRUE(socket->send_probe(datagram_of(1, 0), plain.address()));  // sets the socket to kNever
    EXPECT_EQ(setsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &narrow, sizeof narrow), 0);
    for (const Bytes& datagram : datagrams) EXPECT_TRUE(socket->send(datagram, plain.address(), Fragmentation::kNever));
  });
  EXPECT_EQ(plain.receive().octets.size(), 3 * 1290u + 90u);
  EXPECT_EQ(plain.receive().octets.size(), 1u);
  EXPECT_EQ(plain.receive().octets, datagrams.back());
  EXPECT_TRUE(segments_to(plain.address()));
}

TEST_P(UdpSocketTest, AProbeThatDoesNotFitIsRefusedAtOnce) {
  PlainSocket plain(loopback);
  run([&] {
    EXPECT_TRUE(socket->send_probe(datagram_of(16'000, 1), plain.address()));
    // Loopback carries 65,536 with its headers: one more than the length of a datagram can say is the only refusal.
    EXPECT_FALSE(socket->send_probe(Bytes(65'508), plain.address()));
    EXPECT_FALSE(socket->send_probe({}, plain.address()));
  });
  EXPECT_EQ(plain.receive().octets, datagram_of(16'000, 1));
}

TEST_P(NarrowUdpSocketTest, WhatMayBeCutPassesWhereTheRestDoesNot) {
  PlainSocket plain(loopback, false);
  const Bytes large = datagram_of(9000, 1);
  send_all({large, large, datagram_of(100, 2)}, plain.address(), Fragmentation::kAllowed);
  EXPECT_EQ(plain.receive().octets, large);
  EXPECT_EQ(plain.receive().octets, large);
  EXPECT_EQ(plain.receive().octets, datagram_of(100, 2));
  EXPECT_TRUE(segments_to(plain.address()));
}

INSTANTIATE_TEST_SUITE_P(Loopback, UdpSocketTest, testing::Values("127.0.0.1", "::1"));
INSTANTIATE_TEST_SUITE_P(Loopback, NarrowUdpSocketTest, testing::Values("::1"));

}  // namespace
}  // namespace peerwire

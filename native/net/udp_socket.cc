#include "net/udp_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "net/control_messages.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace peerwire {
namespace {

constexpr int kSocketBuffer = 4 << 20;
constexpr size_t kMaxDatagram = 65507;
constexpr size_t kMaxQueued = 2 << 20;       // octets waiting for a socket that takes no more
constexpr size_t kFlushAt = 256 << 10;       // octets after which the end of the turn is not waited for
constexpr size_t kMaxSegments = 64;          // UDP_MAX_SEGMENTS of the kernel
constexpr size_t kMaxSegmentedSize = 62000;  // below 65,535 with headers
constexpr size_t kBatch = 16;
constexpr int kReadRounds = 4;  // batches read in one turn, so that timers and other sockets get theirs
constexpr size_t kReadBuffer = 65536;
constexpr size_t kMaxPooledQueues = 8;
/// What every path carries whole (RFC 8899 section 5.1.2): no matter what may become of larger ones.
constexpr size_t kSafeSize = 1200;
constexpr int kMinimumIpv6Mtu = 1280;

/// One for the thread, not for each socket: only one socket reads at a time.
struct ReadBuffers {
  std::unique_ptr<uint8_t[]> octets{new uint8_t[kBatch * kReadBuffer]};
  mmsghdr messages[kBatch];
  iovec vectors[kBatch];
  sockaddr_storage names[kBatch];
  alignas(cmsghdr) uint8_t control[kBatch][64];
};

ReadBuffers& read_buffers() {
  thread_local std::unique_ptr<ReadBuffers> buffers = std::make_unique<ReadBuffers>();
  return *buffers;
}

void raise_buffer(int fd, int force_option, int option) {
  const int size = kSocketBuffer;
  // FORCE goes beyond net.core.rmem_max, with CAP_NET_ADMIN only; without it the system's limit is what we get.
  if (setsockopt(fd, SOL_SOCKET, force_option, &size, sizeof size) != 0) {
    setsockopt(fd, SOL_SOCKET, option, &size, sizeof size);
  }
}

bool no_way(int error) {
  return error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL || error == EINVAL ||
         error == EACCES || error == EPERM || error == EAFNOSUPPORT || error == ENETDOWN;
}

/// sendmmsg(2), by number: that of musl sends them one by one.
int send_messages(int fd, mmsghdr* messages, size_t count) {
  return static_cast<int>(syscall(SYS_sendmmsg, fd, messages, count, 0));
}

bool may_refuse_segments(int error) {
  return error == EINVAL || error == EIO || error == EMSGSIZE || error == EOPNOTSUPP;
}

}  // namespace

struct UdpSocket::SendQueue {
  struct Entry {
    SocketAddress to;
    uint32_t offset = 0, size = 0;
    Fragmentation fragmentation = Fragmentation::kUsual;
    /// Whether it and `other` may leave in one call: what is small does not care.
    bool agrees_with(Fragmentation other) const { return size <= kSafeSize || fragmentation == other; }
  };
  Bytes octets;
  std::vector<Entry> entries;
  size_t sent = 0;  // entries

  size_t waiting() const { return sent < entries.size() ? octets.size() - entries[sent].offset : 0; }
};

/// The sockets of this thread that have something to send at the end of the turn, and queues to use again.
struct UdpSocket::FlushList {
  std::vector<UdpSocket*> sockets;
  std::vector<std::unique_ptr<SendQueue>> pool;
  bool deferred = false;

  static FlushList& current() {
    thread_local FlushList list;
    return list;
  }
  std::unique_ptr<SendQueue> take() {
    if (pool.empty()) return std::make_unique<SendQueue>();
    auto queue = std::move(pool.back());
    pool.pop_back();
    return queue;
  }
  void give_back(std::unique_ptr<SendQueue> queue) {
    queue->octets.clear();
    queue->entries.clear();
    queue->sent = 0;
    if (pool.size() < kMaxPooledQueues && queue->octets.capacity() <= 2 * kFlushAt) pool.push_back(std::move(queue));
  }
  void flush_all() {
    deferred = false;
    // Flushing calls nobody, so the list does not grow meanwhile.
    for (UdpSocket* socket : sockets) {
      socket->flush_listed_ = false;
      socket->flush();
    }
    sockets.clear();
  }
};

std::unique_ptr<UdpSocket> UdpSocket::bind(NetworkThread& network, const SocketAddress& local, int tag,
                                           DatagramReceiver* receiver, int* error) {
  sockaddr_storage name;
  const socklen_t length = local.to_sockaddr(&name);
  const int fd = ::socket(name.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
  if (fd < 0) {
    if (error) *error = errno;
    return nullptr;
  }
  const int on = 1;
  if (local.is_ipv6()) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  socklen_t bound_length = sizeof name;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&name), length) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&name), &bound_length) != 0) {
    if (error) *error = errno;
    ::close(fd);
    return nullptr;
  }
  raise_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
  raise_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF);
  setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);  // kernels before 5.0: single datagrams, as good
  const auto bound = SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&name), bound_length);
  std::unique_ptr<UdpSocket> socket(new UdpSocket(network, fd, bound.value_or(local), tag, receiver));
  if (!network.watch(fd, socket.get())) {
    if (error) *error = errno;
    return nullptr;
  }
  return socket;
}

UdpSocket::UdpSocket(NetworkThread& network, int fd, const SocketAddress& local, int tag, DatagramReceiver* receiver)
    : network_(network), fd_(fd), local_(local), tag_(tag), receiver_(receiver) {}

UdpSocket::~UdpSocket() {
  if (destroyed_) *destroyed_ = true;
  flush();  // what was queued before the end (a close_notify, the release of an allocation) leaves
  FlushList& list = FlushList::current();
  std::erase(list.sockets, this);
  if (queue_) list.give_back(std::move(queue_));
  network_.unwatch(fd_);
  ::close(fd_);
}

void UdpSocket::on_readable() {
  ReadBuffers& buffers = read_buffers();
  bool destroyed = false;
  destroyed_ = &destroyed;
  for (int round = 0; round < kReadRounds; ++round) {
    for (size_t i = 0; i < kBatch; ++i) {
      buffers.vectors[i] = {buffers.octets.get() + i * kReadBuffer, kReadBuffer};
      msghdr& header = buffers.messages[i].msg_hdr;
      header = {};
      header.msg_name = &buffers.names[i];
      header.msg_namelen = sizeof buffers.names[i];
      header.msg_iov = &buffers.vectors[i];
      header.msg_iovlen = 1;
      header.msg_control = buffers.control[i];
      header.msg_controllen = sizeof buffers.control[i];
    }
    const int count = recvmmsg(fd_, buffers.messages, kBatch, 0, nullptr);
    if (count < 0 && errno == EINTR) continue;
    // An ICMP error of an earlier datagram is reported once (ECONNREFUSED and the like); time-outs tell the agent.
    if (count <= 0) break;
    for (int i = 0; i < count; ++i) {
      msghdr& header = buffers.messages[i].msg_hdr;
      const auto from = SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(header.msg_name), header.msg_namelen);
      if (!from || (header.msg_flags & MSG_TRUNC)) continue;
      ByteView octets(static_cast<uint8_t*>(buffers.vectors[i].iov_base), buffers.messages[i].msg_len);
      size_t segment = octets.size();
      for (cmsghdr* control = CMSG_FIRSTHDR(&header); control; control = next_control_message(header, control)) {
        if (control->cmsg_level != IPPROTO_UDP || control->cmsg_type != UDP_GRO) continue;
        int size = 0;
        std::memcpy(&size, CMSG_DATA(control), sizeof size);
        if (size > 0) segment = static_cast<size_t>(size);
      }
      while (!octets.empty()) {
        const size_t size = std::min(segment, octets.size());
        receiver_->on_datagram(tag_, *from, octets.first(size));
        if (destroyed) return;
        octets = octets.subspan(size);
      }
    }
    if (static_cast<size_t>(count) < kBatch) break;
  }
  destroyed_ = nullptr;
}

bool UdpSocket::send(ByteView datagram, const SocketAddress& to, Fragmentation fragmentation) {
  if (datagram.empty() || datagram.size() > kMaxDatagram || to.family() != local_.family()) return false;
  FlushList& list = FlushList::current();
  if (!queue_) queue_ = list.take();
  if (queue_->waiting() + datagram.size() > kMaxQueued) return false;
  queue_->entries.push_back(
      {to, static_cast<uint32_t>(queue_->octets.size()), static_cast<uint32_t>(datagram.size()), fragmentation});
  queue_->octets.insert(queue_->octets.end(), datagram.begin(), datagram.end());
  if (blocked_) return true;
  if (queue_->waiting() >= kFlushAt) {
    flush();
    return true;
  }
  if (!flush_listed_) {
    flush_listed_ = true;
    list.sockets.push_back(this);
    if (!list.deferred) {
      list.deferred = true;
      network_.defer([] { FlushList::current().flush_all(); });
    }
  }
  return true;
}

bool UdpSocket::send_now(ByteView datagram, const SocketAddress& to) {
  if (queue_ && queue_->waiting()) return send(datagram, to);
  if (datagram.empty() || to.family() != local_.family()) return false;
  sockaddr_storage name;
  const socklen_t length = to.to_sockaddr(&name);
  for (;;) {
    if (sendto(fd_, datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&name), length) >= 0) return true;
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == ENOBUFS) return send(datagram, to);
    // Anything else is as good as a datagram lost on the way.
    return !no_way(errno);
  }
}

bool UdpSocket::send_probe(ByteView datagram, const SocketAddress& to) {
  if (datagram.empty() || datagram.size() > kMaxDatagram || to.family() != local_.family()) return false;
  flush();
  if (queue_) return send(datagram, to, Fragmentation::kNever);
  set_fragmentation(Fragmentation::kNever);
  sockaddr_storage name;
  const socklen_t length = to.to_sockaddr(&name);
  while (sendto(fd_, datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&name), length) < 0) {
    if (errno == EINTR) continue;
    return errno != EMSGSIZE && !no_way(errno);
  }
  return true;
}

void UdpSocket::set_fragmentation(Fragmentation fragmentation) {
  if (fragmentation_ == fragmentation) return;
  fragmentation_ = fragmentation;
  const bool ipv6 = local_.is_ipv6();
  const int discover = fragmentation == Fragmentation::kUsual     ? IP_PMTUDISC_WANT
                       : fragmentation == Fragmentation::kAllowed ? IP_PMTUDISC_DONT
                                                                  : IP_PMTUDISC_PROBE;
  static_assert(IP_PMTUDISC_WANT == IPV6_PMTUDISC_WANT && IP_PMTUDISC_DONT == IPV6_PMTUDISC_DONT &&
                IP_PMTUDISC_PROBE == IPV6_PMTUDISC_PROBE);
  setsockopt(fd_, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &discover,
             sizeof discover);
  if (!ipv6) return;
  // Routers do not cut IPv6: what every link carries is what fragments are made for.
  const int fragment = fragmentation == Fragmentation::kAllowed ? kMinimumIpv6Mtu : 0;
  setsockopt(fd_, IPPROTO_IPV6, IPV6_MTU, &fragment, sizeof fragment);
}

void UdpSocket::flush() {
  if (!queue_ || blocked_) return;
  while (queue_->waiting()) {
    if (!send_batch()) {
      blocked_ = true;
      network_.want_writable(fd_, true);
      // The part that has left is given up only now and then: moving the rest is not free.
      if (queue_->entries[queue_->sent].offset > kMaxQueued / 2) {
        const uint32_t gone = queue_->entries[queue_->sent].offset;
        queue_->octets.erase(queue_->octets.begin(), queue_->octets.begin() + gone);
        queue_->entries.erase(queue_->entries.begin(), queue_->entries.begin() + static_cast<long>(queue_->sent));
        for (SendQueue::Entry& entry : queue_->entries) entry.offset -= gone;
        queue_->sent = 0;
      }
      return;
    }
  }
  single_ = 0;
  FlushList::current().give_back(std::move(queue_));
}

bool UdpSocket::send_batch() {
  constexpr size_t kMessages = 32;
  mmsghdr messages[kMessages];
  iovec vectors[kMessages];
  sockaddr_storage names[kMessages];
  alignas(cmsghdr) uint8_t control[kMessages][CMSG_SPACE(sizeof(uint16_t))];
  size_t entries_of[kMessages];
  size_t count = 0, at = queue_->sent;
  const std::vector<SendQueue::Entry>& entries = queue_->entries;
  const size_t single_end = queue_->sent + single_;
  Fragmentation fragmentation = fragmentation_;
  bool decided = false;  // by an entry to which it matters
  while (count < kMessages && at < entries.size()) {
    const SendQueue::Entry& first = entries[at];
    if (!decided && first.size > kSafeSize) {
      fragmentation = first.fragmentation;
      decided = true;
    }
    if (!first.agrees_with(fragmentation)) break;
    size_t run = 1, total = first.size;
    // Entries lie one after the other, so a run of equal size for one receiver is one message of segments; the last
    // may be shorter. What may be cut into fragments cannot be a segment.
    const bool segments = at >= single_end && fragmentation != Fragmentation::kAllowed && segments_to(first.to);
    while (segments && at + run < entries.size() && run < kMaxSegments && entries[at + run - 1].size == first.size &&
           entries[at + run].size <= first.size && entries[at + run].agrees_with(fragmentation) &&
           entries[at + run].to == first.to && total + entries[at + run].size <= kMaxSegmentedSize) {
      total += entries[at + run].size;
      ++run;
    }
    vectors[count] = {queue_->octets.data() + first.offset, total};
    msghdr& header = messages[count].msg_hdr;
    header = {};
    header.msg_name = &names[count];
    header.msg_namelen = first.to.to_sockaddr(&names[count]);
    header.msg_iov = &vectors[count];
    header.msg_iovlen = 1;
    if (run > 1) {
      header.msg_control = control[count];
      header.msg_controllen = sizeof control[count];
      cmsghdr* segment = CMSG_FIRSTHDR(&header);
      *segment = {};
      segment->cmsg_level = IPPROTO_UDP;
      segment->cmsg_type = UDP_SEGMENT;
      segment->cmsg_len = CMSG_LEN(sizeof(uint16_t));
      const auto size = static_cast<uint16_t>(first.size);
      std::memcpy(CMSG_DATA(segment), &size, sizeof size);
    }
    entries_of[count++] = run;
    at += run;
  }
  set_fragmentation(fragmentation);
  const int sent = send_messages(fd_, messages, count);
  if (sent < 0) {
    if (errno == EINTR) return true;
    if (errno == EAGAIN || errno == ENOBUFS) return false;
    if (entries_of[0] > 1 && may_refuse_segments(errno)) {
      single_ = entries_of[0];
      refused_with_ = errno;
    } else {
      queue_->sent += entries_of[0];  // lost, as any datagram may be
      if (single_ > 0) --single_;
      refused_with_ = 0;
    }
    return true;
  }
  for (int i = 0; i < sent; ++i) {
    // Taken by itself after it was refused in segments, and not too large for the way.
    if (const int error = std::exchange(refused_with_, 0)) note_unsegmented(entries[queue_->sent].to, error);
    if (single_ > 0) --single_;
    queue_->sent += entries_of[i];
  }
  return true;
}

void UdpSocket::note_unsegmented(const SocketAddress& to, int error) {
  if (error == EIO || error == EOPNOTSUPP) {
    segmentation_ = false;  // the device, which has no checksum offload
  } else {
    unsegmented_.add(network_.now(), to);  // a path so narrow that the datagram is cut, which no segment is
  }
}

void UdpSocket::on_writable() {
  blocked_ = false;
  network_.want_writable(fd_, false);
  flush();
}

}  // namespace peerwire

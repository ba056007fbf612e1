#include "net/interface_monitor.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace peerwire {
namespace {

struct CurrentMonitor {
  std::unique_ptr<InterfaceMonitor> monitor;
};

int open_netlink() {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return -1;
  sockaddr_nl name{};
  name.nl_family = AF_NETLINK;
  name.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

InterfaceMonitor* InterfaceMonitor::of(NetworkThread& network) {
  auto& monitor = network.part<CurrentMonitor>().monitor;
  if (monitor) return monitor.get();
  const int fd = open_netlink();
  if (fd < 0) return nullptr;
  std::unique_ptr<InterfaceMonitor> opened(new InterfaceMonitor(network, fd));
  if (!network.watch(fd, opened.get())) return nullptr;
  monitor = std::move(opened);
  return monitor.get();
}

std::unique_ptr<InterfaceMonitor::Observation> InterfaceMonitor::observe(NetworkThread& network, Observer* observer) {
  InterfaceMonitor* monitor = of(network);
  return monitor ? std::make_unique<Observation>(*monitor, observer) : nullptr;
}

std::vector<InterfaceAddress> InterfaceMonitor::addresses(NetworkThread& network, int* error) {
  InterfaceMonitor* monitor = of(network);
  return monitor ? monitor->current(error) : listed_addresses(error);
}

InterfaceMonitor::~InterfaceMonitor() {
  network_.cancel_timer(timer_);
  network_.unwatch(fd_);
  ::close(fd_);
}

std::vector<InterfaceAddress> InterfaceMonitor::current(int* error) {
  // The kernel makes a change before it tells of it, and whoever has asked for it learns that it is made after all have
  // been told: a list that was asked for after the last message that was read lacks nothing but what a message tells
  // that waits here now.
  read_changes();
  int failure = 0;
  const TimePoint now = network_.now();
  if (!listed_ || now - listed_at_ > kLongestTrusted) {
    listed_ = listed_addresses(&failure);
    listed_at_ = now;
  }
  if (error) *error = failure;
  if (failure) return *std::exchange(listed_, std::nullopt);
  return *listed_;
}

void InterfaceMonitor::read_changes() {
  // What a message says does not matter: how things are is asked once they have settled. Nor does it that some were
  // lost (ENOBUFS). Only the kernel can send here what is taken for a change, and the worst of it is a look.
  bool changed = false;
  uint8_t buffer[8192];
  for (;;) {
    const bool failed = recv(fd_, buffer, sizeof buffer, 0) < 0;
    if (failed && errno == EINTR) continue;
    if (failed && errno == EAGAIN) break;
    changed = true;
    if (failed && errno != ENOBUFS) break;
  }
  if (!changed) return;
  listed_.reset();
  if (!observers_.empty()) tell_once_settled();
}

void InterfaceMonitor::tell_after(Duration delay) {
  if (timer_ != NetworkThread::kNoTimer) return;
  timer_ = network_.start_timer(network_.now() + delay, [this, delay] {
    timer_ = NetworkThread::kNoTimer;
    tell(delay);
  });
}

void InterfaceMonitor::tell(Duration waited) {
  if (observers_.empty()) return;
  int error = 0;
  const std::vector<InterfaceAddress> listed = current(&error);
  // Nothing is known of what is there: for want of descriptors, perhaps. That is no reason to take all for gone.
  if (error) return tell_after(std::min(2 * waited, kLongestTrusted));
  for (Observer* observer : std::vector<Observer*>(observers_)) {
    const bool observing = std::find(observers_.begin(), observers_.end(), observer) != observers_.end();
    if (observing) observer->on_interfaces_changed(listed);
  }
}

}  // namespace peerwire

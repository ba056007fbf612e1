#include "net/interface_monitor.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace peerwire {
namespace {

thread_local std::weak_ptr<InterfaceMonitor> current;  // of the network thread

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

std::unique_ptr<InterfaceMonitor::Observation> InterfaceMonitor::observe(NetworkThread& network, Observer* observer) {
  auto monitor = current.lock();
  if (!monitor) {
    const int fd = open_netlink();
    if (fd < 0) return nullptr;
    monitor.reset(new InterfaceMonitor(network, fd));
    if (!network.watch(fd, monitor.get())) return nullptr;
    current = monitor;
  }
  return std::make_unique<Observation>(std::move(monitor), observer);
}

InterfaceMonitor::~InterfaceMonitor() {
  network_.cancel_timer(timer_);
  network_.unwatch(fd_);
  ::close(fd_);
}

void InterfaceMonitor::on_readable() {
  // What a message says does not matter: how things are is asked once they have settled. Nor does it that some were
  // lost (ENOBUFS). Only the kernel can send here what is taken for a change, and the worst of it is a look.
  uint8_t buffer[8192];
  for (;;) {
    if (recv(fd_, buffer, sizeof buffer, 0) >= 0) continue;
    if (errno != EINTR && errno != ENOBUFS) break;
  }
  if (timer_ != NetworkThread::kNoTimer) return;
  timer_ = network_.start_timer(network_.now() + kSettling, [this] {
    timer_ = NetworkThread::kNoTimer;
    tell();
  });
}

void InterfaceMonitor::tell() {
  const auto alive = shared_from_this();
  const std::vector<InterfaceAddress> listed = listed_addresses();
  for (Observer* observer : std::vector<Observer*>(observers_)) {
    const bool observing = std::find(observers_.begin(), observers_.end(), observer) != observers_.end();
    if (observing) observer->on_interfaces_changed(listed);
  }
}

}  // namespace peerwire

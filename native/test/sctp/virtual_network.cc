#include "sctp/virtual_network.h"

#include <sys/time.h>

#include <algorithm>

#include "transport/sctp/usrsctp_stack.h"

namespace {

const peerwire::test::VirtualNetwork* current_network = nullptr;

}  // namespace

// The time of day, which nothing may go by: whoever asks finds that it was set back by an hour.
extern "C" int gettimeofday(struct timeval* time, void*) noexcept {
  static std::chrono::microseconds now = std::chrono::hours(24 * 365 * 50);
  now -= std::chrono::hours(1);
  time->tv_sec = now.count() / 1000000;
  time->tv_usec = now.count() % 1000000;
  return 0;
}

namespace peerwire::test {
namespace {

// Does not go back when the next test makes its own network.
TimePoint latest{std::chrono::hours(1)};

}  // namespace

VirtualNetwork::VirtualNetwork() : now_(latest) {
  current_network = this;
  // It must see virtual time, too.
  usrsctp_clock = [] { return current_network->now(); };
}

VirtualNetwork::~VirtualNetwork() {
  latest = now_;
  current_network = nullptr;
  usrsctp_clock = &Clock::now;
}

NetworkThread::TimerId VirtualNetwork::start_timer(TimePoint when, Task task) {
  timers_.emplace(std::pair{when, ++last_timer_}, std::move(task));
  return last_timer_;
}

void VirtualNetwork::cancel_timer(TimerId timer) {
  std::erase_if(timers_, [timer](const auto& entry) { return entry.first.second == timer; });
}

void VirtualNetwork::run_turn_end() {
  while (!posted_.empty() || !deferred_.empty()) {
    for (auto tasks = std::exchange(posted_, {}); !tasks.empty(); tasks.pop_front()) tasks.front()();
    for (auto tasks = std::exchange(deferred_, {}); !tasks.empty(); tasks.pop_front()) tasks.front()();
  }
}

bool VirtualNetwork::run_until(const std::function<bool()>& done, Duration limit) {
  const TimePoint end = now_ + limit;
  run_turn_end();
  while (!done()) {
    if (timers_.empty() || timers_.begin()->first.first > end) {
      now_ = end;
      return done();
    }
    ++turns_;
    now_ = std::max(now_, timers_.begin()->first.first);
    while (!timers_.empty() && timers_.begin()->first.first <= now_) {
      auto timer = timers_.extract(timers_.begin());
      timer.mapped()();
    }
    run_turn_end();
  }
  return true;
}

bool LinkEnd::send_packet(ByteView packet) {
  if (watch) watch(packet);
  ++packets;
  largest = std::max(largest, packet.size());
  if (packet.size() > max_size) return false;
  return transmit(packet);
}

bool LinkEnd::send_large_packet(ByteView packet, Fragmentation fragmentation) {
  if (watch) watch(packet);
  ++packets;
  largest = std::max(largest, packet.size());
  if (fragmentation == Fragmentation::kProbe) {
    probes.push_back(packet.size());
    if (packet.size() > known_to_carry) return false;
  }
  if (packet.size() > path_carries) {
    if (fragmentation != Fragmentation::kAllowed) return true;  // lost on the way
    ++cut;
  }
  return transmit(packet);
}

bool LinkEnd::transmit(ByteView packet) {
  if (!writable_) return false;
  if (other_ == nullptr) return true;
  if (synchronous) {
    other_->arrive(packet);
    return true;
  }
  std::uniform_real_distribution<double> chance;
  if (chance(random_) < conditions.loss) return true;
  TimePoint when = network_.now();
  if (conditions.bytes_per_second > 0) {
    busy_until_ = std::max(busy_until_, when);
    const auto backlog = std::chrono::duration<double>(busy_until_ - when).count() * conditions.bytes_per_second;
    if (backlog > static_cast<double>(conditions.queue_bytes)) return true;
    busy_until_ += std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(static_cast<double>(packet.size()) / conditions.bytes_per_second));
    when = busy_until_;
  }
  const int copies = chance(random_) < conditions.duplication ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    const Duration delay = chance(random_) < conditions.reordering ? conditions.delay * 3 : conditions.delay;
    network_.start_timer(when + delay, [other = other_, alive = std::weak_ptr(other_->alive_),
                                        copy = Bytes(packet.begin(), packet.end())] {
      if (!alive.expired()) other->arrive(copy);
    });
  }
  return true;
}

void LinkEnd::set_writable(bool writable) {
  if (writable_ == writable) return;
  writable_ = writable;
  if (receiver_ != nullptr) receiver_->on_writable_changed(writable);
}

}  // namespace peerwire::test

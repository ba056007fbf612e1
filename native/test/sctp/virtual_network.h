// A network thread without a thread, in virtual time, and a link between two transports on it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "net/network_thread.h"
#include "transport/packet_transport.h"

namespace peerwire::test {

class VirtualNetwork final : public NetworkThread {
 public:
  VirtualNetwork();
  ~VirtualNetwork() override;

  void post(Task task) override { posted_.push_back(std::move(task)); }
  bool run_or_post(Task task) override {
    post(std::move(task));
    return false;
  }
  void post_and_wait(Task task) override { task(); }
  bool is_current() const override { return true; }
  TimePoint now() const override { return now_; }
  TimerId start_timer(TimePoint when, Task task) override;
  void cancel_timer(TimerId timer) override;
  void defer(Task task) override { deferred_.push_back(std::move(task)); }
  bool watch(int, FdObserver*) override { return true; }
  void want_writable(int, bool) override {}
  void unwatch(int) override {}

  /// Runs turns until `done` or until `limit` of virtual time has passed; returns done().
  bool run_until(const std::function<bool()>& done, Duration limit);
  void run_for(Duration time) {
    run_until([] { return false; }, time);
  }
  /// Turns of the loop, that is to say wake-ups, so far.
  size_t turns() const { return turns_; }

 private:
  void run_turn_end();
  TimePoint now_;
  TimerId last_timer_ = 0;
  std::map<std::pair<TimePoint, TimerId>, Task> timers_;
  std::deque<Task> posted_;
  std::deque<Task> deferred_;
  size_t turns_ = 0;
};

struct LinkConditions {
  Duration delay = std::chrono::milliseconds(1);
  double loss = 0;
  double duplication = 0;
  double reordering = 0;            // share of packets that take three times the delay
  double bytes_per_second = 0;      // 0: any
  size_t queue_bytes = 256 * 1024;  // before the bottleneck; beyond it packets are lost
};

/// One end of a link. What is sent arrives at the other end after the delay.
class LinkEnd final : public PacketTransport {
 public:
  LinkEnd(VirtualNetwork& network, uint32_t seed) : network_(network), random_(seed) {}
  ~LinkEnd() override {
    if (other_ != nullptr && other_->other_ == this) other_->other_ = nullptr;
  }

  void connect_to(LinkEnd* other) { other_ = other; }
  LinkConditions conditions;
  size_t max_size = 1280;
  std::optional<Duration> measured_round_trip;  // as told to those above
  std::vector<size_t> larger;                   // worth a probe
  size_t path_carries = 1280;                   // whole; larger packets are lost, unless they may be cut
  size_t known_to_carry = SIZE_MAX;             // larger probes are refused at once
  std::vector<size_t> probes;                   // sizes of those sent or refused
  size_t cut = 0;                               // packets that only passed in fragments
  bool synchronous = false;                     // arrive from within send_packet()
  std::function<void(ByteView)> watch;
  size_t packets = 0;
  size_t largest = 0;

  bool send_packet(ByteView packet) override;
  std::vector<size_t> larger_packet_sizes() const override { return larger; }
  bool send_large_packet(ByteView packet, Fragmentation fragmentation) override;
  void change_path() {
    if (receiver_ != nullptr) receiver_->on_path_changed();
  }
  bool writable() const override { return writable_; }
  size_t max_packet_size() const override { return max_size; }
  std::optional<Duration> round_trip() const override { return measured_round_trip; }
  void set_packet_receiver(PacketReceiver* receiver) override { receiver_ = receiver; }
  void set_writable(bool writable);
  void arrive(ByteView packet) {
    if (receiver_ != nullptr) receiver_->on_packet(packet);
  }

 private:
  bool transmit(ByteView packet);

  VirtualNetwork& network_;
  LinkEnd* other_ = nullptr;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for packets still on their way
  PacketReceiver* receiver_ = nullptr;
  std::mt19937 random_;
  bool writable_ = true;
  TimePoint busy_until_{};
};

}  // namespace peerwire::test

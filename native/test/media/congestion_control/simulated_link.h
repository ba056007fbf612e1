// A bottleneck in virtual time: a rate, a queue with a limit, a delay, seeded loss and jitter. Several flows may share
// it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

namespace peerwire::test {

/// The same numbers with every compiler and library.
class SeededRandom {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed * 2654435761u + 88172645463325252u) {}
  double unit() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<double>(state_ >> 11) / 9007199254740992.0;
  }

 private:
  uint64_t state_;
};

struct LinkSettings {
  int64_t rate_bps = 2'000'000;
  int64_t delay_us = 25'000;
  int64_t jitter_us = 0;  // uniform, on top of the delay
  bool reorders = false;  // whether jitter may change the order
  double loss = 0;        // before the queue
  size_t queue_bytes = 100'000;
};

class SimulatedLink {
 public:
  struct Packet {
    uint16_t sequence_number = 0;
    size_t size = 0;
    int64_t sent_us = 0;
    bool is_media = true;
    bool ends_frame = false;
    std::function<void(const Packet&, int64_t)>* deliver = nullptr;
  };

  SimulatedLink(LinkSettings settings, uint64_t seed) : settings(settings), random_(seed) {}

  LinkSettings settings;

  void send(const Packet& packet, int64_t now_us) {
    if (random_.unit() < settings.loss) return;
    if (queued_bytes_ + packet.size > settings.queue_bytes) {
      ++dropped_;
      return;
    }
    if (queue_.empty()) busy_until_us_ = std::max(busy_until_us_, now_us);
    queue_.push_back(packet);
    queued_bytes_ += packet.size;
  }

  /// Moves packets through the bottleneck and hands out those that have come.
  void advance(int64_t now_us) {
    while (!queue_.empty()) {
      if (settings.rate_bps <= 0) {
        busy_until_us_ = now_us;
        break;
      }
      const int64_t done = busy_until_us_ + static_cast<int64_t>(queue_.front().size) * 8'000'000 / settings.rate_bps;
      if (done > now_us) break;
      busy_until_us_ = done;
      int64_t arrival = done + settings.delay_us;
      if (settings.jitter_us > 0) {
        arrival += static_cast<int64_t>(random_.unit() * static_cast<double>(settings.jitter_us));
      }
      if (!settings.reorders) arrival = std::max(arrival, last_arrival_us_);
      last_arrival_us_ = arrival;
      on_the_way_.push_back({queue_.front(), arrival});
      queued_bytes_ -= queue_.front().size;
      queue_.pop_front();
    }
    // Few enough to look at all of them.
    for (size_t index = 0; index < on_the_way_.size();) {
      if (on_the_way_[index].arrival_us > now_us) {
        ++index;
        continue;
      }
      const Arriving arriving = on_the_way_[index];
      on_the_way_.erase(on_the_way_.begin() + static_cast<std::ptrdiff_t>(index));
      (*arriving.packet.deliver)(arriving.packet, arriving.arrival_us);
    }
  }

  /// How long a packet sent now will wait in the queue.
  int64_t queue_us() const {
    if (settings.rate_bps <= 0) return 0;
    return static_cast<int64_t>(queued_bytes_) * 8'000'000 / settings.rate_bps;
  }
  size_t dropped() const { return dropped_; }

 private:
  struct Arriving {
    Packet packet;
    int64_t arrival_us;
  };

  SeededRandom random_;
  std::deque<Packet> queue_;
  std::deque<Arriving> on_the_way_;
  size_t queued_bytes_ = 0;
  size_t dropped_ = 0;
  int64_t busy_until_us_ = 0;
  int64_t last_arrival_us_ = 0;
};

}  // namespace peerwire::test

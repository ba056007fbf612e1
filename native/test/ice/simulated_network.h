// A network in virtual time: datagrams with seeded loss, delay and reordering, and segments of TCP, which are only
// late.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "transport/ice/random_source.h"
#include "transport/ice_transport.h"

namespace peerwire::ice::test {

inline SocketAddress at(const std::string& ip, uint16_t port) {
  return *SocketAddress::parse(ip, port);
}

class SeededRandom : public RandomSource {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}
  void fill(std::span<uint8_t> out) override {
    for (uint8_t& octet : out) octet = static_cast<uint8_t>(engine_());
  }

 private:
  std::mt19937_64 engine_;
};

/// Delivers datagrams between addresses. Time stands still unless run() moves it.
class Network {
 public:
  using Receiver = std::function<void(const SocketAddress& from, const SocketAddress& to, ByteView datagram)>;
  /// Something with timers, such as an agent.
  struct Clocked {
    virtual ~Clocked() = default;
    virtual TimePoint next_timeout() const = 0;
    virtual void handle_timeout(TimePoint now) = 0;
  };

  explicit Network(uint64_t seed = 1) : random(seed) {}

  TimePoint now = TimePoint(std::chrono::hours(1));
  std::mt19937_64 random;
  double loss = 0;
  /// Where it is not the same everywhere.
  std::function<double(const SocketAddress& from, const SocketAddress& to)> loss_between;
  Duration delay = std::chrono::milliseconds(1), jitter{};
  /// True: the datagram is lost.
  std::function<bool(const SocketAddress& from, const SocketAddress& to, ByteView datagram)> filter;
  uint64_t delivered = 0, sent = 0;

  /// Where an address means something: 0 is the world, others are networks behind translators.
  using Realm = int;
  Realm new_realm() { return ++last_realm_; }
  void attach(const SocketAddress& ip, Receiver receiver, IceProtocol protocol = IceProtocol::kUdp, Realm realm = 0) {
    receivers_[{realm, protocol, ip.with_port(0)}] = std::move(receiver);
  }
  void detach(const SocketAddress& ip, IceProtocol protocol = IceProtocol::kUdp, Realm realm = 0) {
    receivers_.erase({realm, protocol, ip.with_port(0)});
  }
  bool attached(const SocketAddress& ip, IceProtocol protocol, Realm realm) const {
    return receivers_.contains({realm, protocol, ip.with_port(0)});
  }
  void add(Clocked* clocked) { clocked_.insert(clocked); }
  void remove(Clocked* clocked) { clocked_.erase(clocked); }

  /// Over TCP nothing is lost or overtaken: what would be lost comes later, and all that follows it on the connection.
  void send(const SocketAddress& from, const SocketAddress& to, ByteView datagram,
            IceProtocol protocol = IceProtocol::kUdp, Realm realm = 0) {
    ++sent;
    if (filter && filter(from, to, datagram)) return;
    const double share = loss_between ? loss_between(from, to) : loss;
    const auto lost = [&] { return std::uniform_real_distribution<>(0, 1)(random) < share; };
    Duration late = delay;
    if (protocol == IceProtocol::kUdp && lost()) return;
    if (jitter.count()) late += Duration(std::uniform_int_distribution<int64_t>(0, jitter.count())(random));
    TimePoint when = now + late;
    if (protocol == IceProtocol::kTcp) {
      for (Duration wait = std::chrono::milliseconds(200); lost() && wait < std::chrono::seconds(2); wait *= 2) {
        when += wait;
      }
      TimePoint& last = last_segments_[{from.text(), to.text()}];
      when = last = std::max(when, last);
    }
    const Place place{realm, protocol, to.with_port(0)};
    call_at(when, [this, from, to, place, copy = Bytes(datagram.begin(), datagram.end())] {
      const auto found = receivers_.find(place);
      if (found == receivers_.end()) return;
      ++delivered;
      const Receiver receiver = found->second;
      receiver(from, to, copy);
    });
  }

  /// Calls `task` when it is `when`.
  void call_at(TimePoint when, std::function<void()> task) { queue_.emplace(when, std::move(task)); }

  /// Until `done`; false when that takes longer than `limit` of virtual time.
  bool run_until(const std::function<bool()>& done, Duration limit) {
    const TimePoint end = now + limit;
    for (uint64_t steps = 0; !done(); ++steps) {
      TimePoint next = queue_.empty() ? TimePoint::max() : queue_.begin()->first;
      Clocked* due = nullptr;
      for (Clocked* clocked : clocked_) {
        if (const TimePoint timeout = clocked->next_timeout(); timeout < next) {
          next = timeout;
          due = clocked;
        }
      }
      if (next > end || steps > 5'000'000) {
        now = end;
        return done();
      }
      now = std::max(now, next);
      if (due) {
        due->handle_timeout(now);
      } else {
        auto first = queue_.extract(queue_.begin());
        first.mapped()();
      }
    }
    return true;
  }
  void run(Duration time) {
    run_until([] { return false; }, time);
  }

 private:
  std::multimap<TimePoint, std::function<void()>> queue_;
  struct Place {
    Realm realm;
    IceProtocol protocol;
    SocketAddress ip;
    bool operator==(const Place&) const = default;
  };
  struct PlaceHash {
    size_t operator()(const Place& place) const {
      return place.ip.hash() * 31 + static_cast<size_t>(place.realm) * 2 + (place.protocol == IceProtocol::kTcp);
    }
  };

  Realm last_realm_ = 0;
  std::unordered_map<Place, Receiver, PlaceHash> receivers_;
  std::map<std::pair<std::string, std::string>, TimePoint> last_segments_;  // of the connections, by their ends
  std::set<Clocked*> clocked_;
};

}  // namespace peerwire::ice::test

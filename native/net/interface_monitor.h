// What addresses this machine has, and when interfaces or addresses have come or gone.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "net/network_interfaces.h"
#include "net/network_thread.h"

namespace peerwire {

/// One for all who want to know, from the first who does to the end of the network thread. Network thread only.
class InterfaceMonitor final : private NetworkThread::FdObserver {
 public:
  /// Changes come in bursts: what is told is how things are this long after the first of them.
  static constexpr Duration kSettling = std::chrono::milliseconds(100);
  /// A list is no older than this: some sandboxes take whoever wants to be told, and tell nothing.
  static constexpr Duration kLongestTrusted = std::chrono::seconds(5);

  class Observer {
   public:
    virtual ~Observer() = default;
    /// `listed`: as listed_addresses() gives them. Something has changed, but it may be of no interest. May end any
    /// observation.
    virtual void on_interfaces_changed(const std::vector<InterfaceAddress>& listed) = 0;
  };

  /// An observation; its end ends it.
  class Observation {
   public:
    Observation(InterfaceMonitor& monitor, Observer* observer) : monitor_(monitor), observer_(observer) {
      monitor_.observers_.push_back(observer_);
    }
    ~Observation() { std::erase(monitor_.observers_, observer_); }
    Observation(const Observation&) = delete;
    Observation& operator=(const Observation&) = delete;

   private:
    InterfaceMonitor& monitor_;
    Observer* observer_;
  };

  /// Null where the system does not tell of changes.
  static std::unique_ptr<Observation> observe(NetworkThread& network, Observer* observer);
  /// listed_addresses(), for which the system is not asked again while it has told of no change, nor for long.
  static std::vector<InterfaceAddress> addresses(NetworkThread& network, int* error = nullptr);
  ~InterfaceMonitor() override;

 private:
  InterfaceMonitor(NetworkThread& network, int fd) : network_(network), fd_(fd) {}
  /// Null where the system does not tell of changes.
  static InterfaceMonitor* of(NetworkThread& network);
  void on_readable() override { read_changes(); }
  void read_changes();
  std::vector<InterfaceAddress> current(int* error);
  void tell_once_settled() { tell_after(kSettling); }
  void tell_after(Duration delay);
  void tell(Duration waited);

  NetworkThread& network_;
  int fd_;
  NetworkThread::TimerId timer_ = NetworkThread::kNoTimer;
  std::vector<Observer*> observers_;
  std::optional<std::vector<InterfaceAddress>> listed_;  // since the last change that has been read
  TimePoint listed_at_;
};

}  // namespace peerwire

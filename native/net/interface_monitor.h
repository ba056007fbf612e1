// Tells when interfaces or addresses of this machine have come or gone.
#pragma once

#include <memory>
#include <vector>

#include "net/network_interfaces.h"
#include "net/network_thread.h"

namespace peerwire {

/// One for all who want to know, while there are any. Network thread only.
class InterfaceMonitor final : public std::enable_shared_from_this<InterfaceMonitor>,
                               private NetworkThread::FdObserver {
 public:
  /// Changes come in bursts: what is told is how things are this long after the first of them.
  static constexpr Duration kSettling = std::chrono::milliseconds(100);

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
    Observation(std::shared_ptr<InterfaceMonitor> monitor, Observer* observer)
        : monitor_(std::move(monitor)), observer_(observer) {
      monitor_->observers_.push_back(observer_);
    }
    ~Observation() { std::erase(monitor_->observers_, observer_); }
    Observation(const Observation&) = delete;
    Observation& operator=(const Observation&) = delete;

   private:
    std::shared_ptr<InterfaceMonitor> monitor_;
    Observer* observer_;
  };

  /// Null where the system does not tell of changes.
  static std::unique_ptr<Observation> observe(NetworkThread& network, Observer* observer);
  ~InterfaceMonitor() override;

 private:
  InterfaceMonitor(NetworkThread& network, int fd) : network_(network), fd_(fd) {}
  void on_readable() override;
  void tell();

  NetworkThread& network_;
  int fd_;
  NetworkThread::TimerId timer_ = NetworkThread::kNoTimer;
  std::vector<Observer*> observers_;
};

}  // namespace peerwire

// A pool without threads, for encoders in virtual time.
#pragma once

#include <functional>

#include "base/serial_queue.h"

namespace peerwire::test {

/// Runs what it is given at once.
class CallersThread final : public WorkerPool {
 public:
  size_t threads() const override { return 1; }

 private:
  void run(std::function<void()> task) override { task(); }
};

}  // namespace peerwire::test

// An allocation on a TURN server with what it is for: which gathering waits for it, and in whose place it comes.
#pragma once

#include "transport/ice/turn_client.h"

namespace peerwire::ice {

struct Allocation {
  Allocation(int base, const Redirection& redirection, const IceServer& server, RandomSource& random,
             TurnClientObserver* observer)
      : client(base, redirection, server, random, observer) {}

  TurnClient client;
  /// The gathering that waits for what becomes of it; 0: none does.
  uint32_t awaited_by = 0;
  /// The gathering that it was begun for.
  uint32_t begun_for = 0;
  /// Its gathering was taken back before there was an allocation: it is to be given back once there is.
  bool unwanted = false;
  /// Over TCP or TLS: the how many-th connection this is, for one allocation.
  int connections = 0;
  /// That which is doubted, and which this one is to replace unless it answers first; or null.
  Allocation* instead_of = nullptr;

  bool allocated() const { return client.allocated(); }
  bool ended() const { return client.ended(); }
  int base() const { return client.base(); }
  const IceServer& config() const { return client.config(); }

  void await(uint32_t gathering) {
    awaited_by = gathering;
    unwanted = false;
  }
  void begin_for(uint32_t gathering) {
    begun_for = gathering;
    await(gathering);
  }
};

}  // namespace peerwire::ice

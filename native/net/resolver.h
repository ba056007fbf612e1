// Names to addresses, without ever blocking the network thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/lookup_pool.h"
#include "net/network_thread.h"
#include "net/socket_address.h"

namespace peerwire {

/// A lookup under way. Destroying it cancels: the callback is then never called. Network thread only.
class Resolution {
 public:
  /// Told on the network thread: the addresses with `port`, in the system's order; none when the name has none.
  using Callback = std::function<void(std::vector<SocketAddress> addresses)>;

  /// A numeric address is answered too, by the callback, in a later turn of the loop.
  static std::unique_ptr<Resolution> start(NetworkThread& network, const std::string& name, uint16_t port,
                                           NameSource source, Callback callback);
  ~Resolution();
  /// The callback has been called, or is being called.
  bool answered() const;

  struct Shared;

 private:
  explicit Resolution(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  std::shared_ptr<Shared> shared_;
};

/// One of IPv4 and one of IPv6, as far as there are any.
std::vector<SocketAddress> first_of_each_family(const std::vector<SocketAddress>& addresses);

}  // namespace peerwire

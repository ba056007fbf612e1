#include "net/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace peerwire {

/// Shared by the requester and the thread that looks up. `network` is only valid while not cancelled, which is
/// checked and acted on under the lock.
struct Resolution::Shared {
  std::mutex mutex;
  bool cancelled = false;
  NetworkThread* network = nullptr;
  std::string name;
  uint16_t port = 0;
  Callback callback;
};

namespace {

std::vector<SocketAddress> look_up(const std::string& name, uint16_t port) {
  std::vector<SocketAddress> addresses;
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  int status = getaddrinfo(name.c_str(), nullptr, &hints, &list);
  // Name servers that do not answer (EAI_AGAIN) have kept one of the few threads for long enough already.
  if (status != 0 && status != EAI_AGAIN) {
    hints.ai_flags = 0;  // a machine with loopback alone has no configured address in AI_ADDRCONFIG's sense
    status = getaddrinfo(name.c_str(), nullptr, &hints, &list);
  }
  if (status != 0) return addresses;
  for (const addrinfo* entry = list; entry && addresses.size() < 16; entry = entry->ai_next) {
    const auto address = SocketAddress::from_sockaddr(entry->ai_addr, entry->ai_addrlen);
    if (!address) continue;
    const SocketAddress with_port = address->with_port(port);
    if (std::find(addresses.begin(), addresses.end(), with_port) == addresses.end()) addresses.push_back(with_port);
  }
  freeaddrinfo(list);
  return addresses;
}

void deliver(const std::shared_ptr<Resolution::Shared>& request, std::vector<SocketAddress> addresses) {
  std::lock_guard lock(request->mutex);
  if (request->cancelled) return;
  request->network->post([request, addresses = std::move(addresses)] {
    Resolution::Callback callback;
    {
      std::lock_guard inner(request->mutex);
      if (request->cancelled) return;
      callback = std::exchange(request->callback, nullptr);
    }
    callback(addresses);
  });
}

/// On a thread of the pool: touches nothing but the request.
void answer(const std::shared_ptr<Resolution::Shared>& request) {
  bool cancelled;
  {
    std::lock_guard lock(request->mutex);
    cancelled = request->cancelled;
  }
  if (!cancelled) deliver(request, look_up(request->name, request->port));
}

}  // namespace

std::unique_ptr<Resolution> Resolution::start(NetworkThread& network, const std::string& name, uint16_t port,
                                              NameSource source, Callback callback) {
  auto shared = std::make_shared<Shared>();
  shared->network = &network;
  shared->name = name;
  shared->port = port;
  shared->callback = std::move(callback);
  if (const auto address = SocketAddress::parse(name, port)) {
    deliver(shared, {*address});
  } else if (name.empty() || name.size() > 253 || name.find('\0') != std::string::npos) {
    deliver(shared, {});
  } else if (!LookupPool::instance().add(source, [shared] { answer(shared); })) {
    deliver(shared, {});
  }
  return std::unique_ptr<Resolution>(new Resolution(std::move(shared)));
}

bool Resolution::answered() const {
  std::lock_guard lock(shared_->mutex);
  return !shared_->callback;
}

Resolution::~Resolution() {
  std::lock_guard lock(shared_->mutex);
  shared_->cancelled = true;
  shared_->callback = nullptr;
}

std::vector<SocketAddress> first_of_each_family(const std::vector<SocketAddress>& addresses) {
  std::vector<SocketAddress> first;
  for (const SocketAddress& address : addresses) {
    const auto is_alike = [&](const SocketAddress& other) { return other.family() == address.family(); };
    if (std::none_of(first.begin(), first.end(), is_alike)) first.push_back(address);
  }
  return first;
}

}  // namespace peerwire

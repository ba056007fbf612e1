// Handles whose other half, the endpoint, lives on the network thread.
#pragma once

#include <memory>
#include <utility>

#include "addon/object_handle.h"
#include "net/network_thread.h"

namespace peerwire::addon {

/// The class that derives makes the endpoint, once it has been adopted, and posts what opens it.
/// @tparam Endpoint has close(); and report_stats(), if it has statistics. All of it is called on the network thread.
template <typename Endpoint>
class NetworkHandle : public ObjectHandle {
 public:
  NetworkHandle(AddonData& addon, std::shared_ptr<NetworkThread> network)
      : ObjectHandle(addon), network_(std::move(network)) {}
  const std::shared_ptr<Endpoint>& endpoint() const { return endpoint_; }

  void request_stats(uint32_t request_id) final {
    if constexpr (requires(Endpoint & endpoint) { endpoint.report_stats(request_id); }) {
      // After close() the addon's own hold on the thread answers, with the values kept by the endpoint.
      if (const auto network = addon().network()) {
        network->post([endpoint = endpoint_, request_id] { endpoint->report_stats(request_id); });
      }
    } else {
      ObjectHandle::request_stats(request_id);
    }
  }

 protected:
  std::shared_ptr<NetworkThread> network_;  // let go in close()
  std::shared_ptr<Endpoint> endpoint_;

 private:
  void close_transport() final {
    if (endpoint_) {
      network_->post([endpoint = endpoint_] { endpoint->close(); });
    }
    network_.reset();
  }
};

}  // namespace peerwire::addon

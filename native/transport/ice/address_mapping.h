// 1:1 address translation in front of this machine, told by its operator: no STUN server has to be asked.
#pragma once

#include <optional>
#include <vector>

#include "transport/ice_transport.h"

namespace peerwire::ice {

/// What an operator's list says of a local address (IceOptions::nat_addresses).
class AddressMapping {
 public:
  AddressMapping() = default;
  explicit AddressMapping(const IceOptions& options);

  /// Whether the external address takes the place of the host candidate's, or is a server-reflexive one beside it.
  bool replaces_host() const { return type_ == IceCandidateType::kHost; }
  /// The external address for a socket's, with its port. One that is given for this local address goes before one that
  /// is given for all of its family; the latter never stands for loopback.
  std::optional<SocketAddress> external_of(const SocketAddress& local) const;

 private:
  struct Entry {
    SocketAddress external, local;  // `local` empty: every address of the family
  };
  std::vector<Entry> entries_;
  IceCandidateType type_ = IceCandidateType::kHost;
};

}  // namespace peerwire::ice

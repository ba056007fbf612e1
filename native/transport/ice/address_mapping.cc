#include "transport/ice/address_mapping.h"

namespace peerwire::ice {

AddressMapping::AddressMapping(const IceOptions& options) : type_(options.nat_candidate_type) {
  for (const IceNatAddress& given : options.nat_addresses) {
    const auto external = SocketAddress::parse(given.external, 0);
    const auto local = SocketAddress::parse(given.local, 0);
    if (external && (local || given.local.empty())) entries_.push_back({*external, local.value_or(SocketAddress())});
  }
}

std::optional<SocketAddress> AddressMapping::external_of(const SocketAddress& local) const {
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    if (entry.external.family() != local.family()) continue;
    if (!entry.local.empty() && entry.local.same_ip(local)) return entry.external.with_port(local.port());
    if (entry.local.empty() && !local.is_loopback() && !found) found = &entry;
  }
  if (!found) return std::nullopt;
  return found->external.with_port(local.port());
}

}  // namespace peerwire::ice

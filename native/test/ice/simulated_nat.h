// Translators of addresses and firewalls, as RFC 4787 and RFC 5382 describe them.
#pragma once

#include <unordered_set>

#include "ice/simulated_network.h"

namespace peerwire::ice::test {

/// On what of a destination something depends (RFC 4787 sections 4.1 and 5).
enum class Dependence { kEndpointIndependent, kAddressDependent, kAddressAndPortDependent };

struct NatBehaviour {
  Dependence mapping = Dependence::kEndpointIndependent;
  Dependence filtering = Dependence::kAddressAndPortDependent;
  bool hairpin = false;
  bool translates = true;   // IPv4; IPv6 is only filtered
  bool passes_udp = true;   // between inside and outside
  bool admits_tcp = false;  // connections from outside, to what is not translated
  bool admits_udp = false;  // the same of datagrams
};
inline constexpr NatBehaviour kConeNat{};
inline constexpr NatBehaviour kSymmetricNat{Dependence::kAddressAndPortDependent};

class Nat {
 public:
  using Receiver = Network::Receiver;

  Nat(Network& network, const std::string& public_ip, const NatBehaviour& behaviour)
      : network_(network), public_(at(public_ip, 0)), behaviour_(behaviour), inside_(network.new_realm()) {
    for (const IceProtocol protocol : {IceProtocol::kUdp, IceProtocol::kTcp}) {
      network_.attach(
          public_,
          [this, protocol](const auto& from, const auto& to, ByteView datagram) {
            inbound(from, to, datagram, protocol);
          },
          protocol);
    }
  }
  ~Nat() {
    for (const IceProtocol protocol : {IceProtocol::kUdp, IceProtocol::kTcp}) {
      network_.detach(public_, protocol);
      for (const auto& [key, receiver] : inner_) network_.detach(key.second, protocol);
    }
  }
  Nat(const Nat&) = delete;
  Nat& operator=(const Nat&) = delete;

  void attach(const SocketAddress& inner, Receiver receiver, IceProtocol protocol = IceProtocol::kUdp) {
    network_.attach(inner, receiver, protocol, inside_);
    if (!translated(inner)) {
      network_.attach(
          inner,
          [this, protocol](const auto& from, const auto& to, ByteView datagram) {
            inbound(from, to, datagram, protocol);
          },
          protocol);
    }
    inner_[{protocol, inner.with_port(0)}] = std::move(receiver);
  }
  void outbound(const SocketAddress& from, const SocketAddress& to, ByteView datagram,
                IceProtocol protocol = IceProtocol::kUdp) {
    if (network_.attached(to, protocol, inside_)) return network_.send(from, to, datagram, protocol, inside_);
    if (!passes(protocol) || (to.same_ip(public_) && !behaviour_.hairpin)) return;
    const SocketAddress outside = translated(from) ? mapping_of(protocol, from, to) : from;
    allowed_[{protocol, outside}].insert(seen_by(behaviour_.filtering, to));
    network_.send(outside, to, datagram, protocol);
  }
  bool translates() const { return behaviour_.translates; }
  /// Forgets everything, as a rebooted router does.
  void rebind() {
    mappings_.clear();
    owners_.clear();
    allowed_.clear();
  }

 private:
  using Endpoint = std::pair<IceProtocol, SocketAddress>;
  struct EndpointHash {
    size_t operator()(const Endpoint& endpoint) const {
      return endpoint.second.hash() * 2 + (endpoint.first == IceProtocol::kTcp);
    }
  };
  struct Mapped {
    Endpoint inner;
    SocketAddress destination;
    bool operator==(const Mapped&) const = default;
  };
  struct MappedHash {
    size_t operator()(const Mapped& mapped) const {
      return EndpointHash()(mapped.inner) * 31 + mapped.destination.hash();
    }
  };

  static SocketAddress seen_by(Dependence dependence, const SocketAddress& remote) {
    switch (dependence) {
      case Dependence::kEndpointIndependent:
        return {};
      case Dependence::kAddressDependent:
        return remote.with_port(0);
      case Dependence::kAddressAndPortDependent:
        return remote;
    }
    return remote;
  }
  bool translated(const SocketAddress& inner) const { return behaviour_.translates && inner.is_ipv4(); }
  bool passes(IceProtocol protocol) const { return protocol == IceProtocol::kTcp || behaviour_.passes_udp; }
  SocketAddress mapping_of(IceProtocol protocol, const SocketAddress& from, const SocketAddress& to) {
    const Mapped key{{protocol, from}, seen_by(behaviour_.mapping, to)};
    const auto [found, made] = mappings_.try_emplace(key);
    if (made) {
      found->second = public_.with_port(next_port_++);
      owners_[{protocol, found->second}] = from;
    }
    return found->second;
  }
  void inbound(const SocketAddress& from, const SocketAddress& to, ByteView datagram, IceProtocol protocol) {
    if (!passes(protocol)) return;
    SocketAddress inner = to;
    if (translated(to)) {
      const auto owner = owners_.find({protocol, to});
      if (owner == owners_.end()) return;
      inner = owner->second;
    }
    const bool open = protocol == IceProtocol::kTcp ? behaviour_.admits_tcp : behaviour_.admits_udp;
    const bool admitted = open && !translated(to);
    const auto allowed = allowed_.find({protocol, to});
    // Without state nothing comes in, not even where filtering does not look at who sends it.
    if (!admitted && (allowed == allowed_.end() || !allowed->second.contains(seen_by(behaviour_.filtering, from)))) {
      return;
    }
    const Receiver receiver = inner_.at({protocol, inner.with_port(0)});
    receiver(from, inner, datagram);
  }

  Network& network_;
  SocketAddress public_;
  const NatBehaviour behaviour_;
  const Network::Realm inside_;
  uint16_t next_port_ = 20001;
  std::unordered_map<Mapped, SocketAddress, MappedHash> mappings_;
  std::unordered_map<Endpoint, SocketAddress, EndpointHash> owners_;
  std::unordered_map<Endpoint, std::unordered_set<SocketAddress, SocketAddressHash>, EndpointHash> allowed_;
  std::unordered_map<Endpoint, Receiver, EndpointHash> inner_;
};

}  // namespace peerwire::ice::test

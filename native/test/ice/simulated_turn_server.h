// A server of STUN and TURN.
#pragma once

#include "ice/simulated_network.h"
#include "transport/ice/stun_message.h"

namespace peerwire::ice::test {

/// STUN and TURN over UDP, TURN over TCP and TLS, as much of it as a client can tell. Relays over UDP.
class TurnServer {
 public:
  TurnServer(Network& network, const std::string& ip, const std::string& relay_ip)
      : network_(network), address_(at(ip, 3478)), relay_(at(relay_ip, 0)) {
    network_.attach(address_, [this](const auto& from, const auto&, ByteView datagram) { request(from, datagram); });
    network_.attach(relay_,
                    [this](const auto& from, const auto& to, ByteView datagram) { relayed(from, to, datagram); });
    // Segments as a Host's: their first octet says what they are.
    network_.attach(
        address_,
        [this](const auto& from, const auto&, ByteView segment) {
          if (segment[0] == 'S') connected_.insert(from.text());
          if (segment[0] == 'S') network_.send(address_, from, as_bytes("A"), IceProtocol::kTcp);
          if (!connected_.contains(from.text())) return network_.send(address_, from, as_bytes("R"), IceProtocol::kTcp);
          if (segment[0] == 'T') network_.send(address_, from, as_bytes("T"), IceProtocol::kTcp);
          if (segment[0] == 'F') request(from, segment.subspan(1));
        },
        IceProtocol::kTcp);
  }
  IceServer turn_over_tcp() const {
    IceServer server = turn();
    server.url += "?transport=tcp";
    server.transport = IceProtocol::kTcp;
    return server;
  }
  /// Its handshake is one round trip.
  IceServer turn_over_tls() const {
    IceServer server = turn_over_tcp();
    server.url = "turns:" + address_.ip_text();
    server.scheme = IceServer::Scheme::kTurns;
    return server;
  }
  IceServer turn(const std::string& user = "user", const std::string& password = "secret") const {
    return {"turn:" + address_.ip_text(),
            IceServer::Scheme::kTurn,
            address_.ip_text(),
            3478,
            IceProtocol::kUdp,
            user,
            password};
  }
  IceServer stun() const {
    return {
        "stun:" + address_.ip_text(), IceServer::Scheme::kStun, address_.ip_text(), 3478, IceProtocol::kUdp, "", ""};
  }

  /// From then on it allocates an address of IPv6, too, for those that ask for it.
  void relay_ipv6(const std::string& ip) {
    relay6_ = at(ip, 0);
    network_.attach(*relay6_,
                    [this](const auto& from, const auto& to, ByteView datagram) { relayed(from, to, datagram); });
  }

  int refuse_with = 0;  // error code for every Allocate with credentials
  int refuse_refreshes_with = 0, refuse_permissions_with = 0, refuse_bindings_with = 0;
  int mismatches = 0;  // so many Allocates are answered with 437
  /// Requests of `diverted` are answered with 300 (RFC 8489 section 10), which sends to this address of IPv4.
  std::optional<SocketAddress> alternate;
  StunMethod diverted = StunMethod::kRefresh;
  bool signs_diversions = true;
  std::string nonce = "nonce-1";
  size_t channel_data = 0, indications = 0, allocations_made = 0, refreshes = 0, permissions = 0, bindings = 0;
  size_t allocations() const { return allocations_.size(); }
  /// As one that has been started anew.
  void forget_allocations() { allocations_.clear(); }

 private:
  /// What the client has to ask for again before it is over (RFC 8656 sections 3.2, 9 and 12).
  static constexpr auto kLifetime = std::chrono::seconds(600);
  static constexpr auto kPermissionLifetime = std::chrono::minutes(5);
  static constexpr auto kChannelLifetime = std::chrono::minutes(10);
  static constexpr auto kChannelReserved = std::chrono::minutes(5);  // for the same peer, after it is over
  struct Channel {
    SocketAddress peer;
    TimePoint expires{};
  };
  struct Allocation {
    uint16_t port = 0;
    bool has_ipv6 = false;
    TransactionId transaction{};
    TimePoint expires{};
    std::map<std::string, TimePoint> permitted;  // until then
    std::map<uint16_t, Channel> channels;

    bool permits(const SocketAddress& peer, TimePoint now) const {
      const auto found = permitted.find(peer.ip_text());
      return found != permitted.end() && now < found->second;
    }
  };

  void request(const SocketAddress& from, ByteView datagram) {
    const TimePoint now = network_.now;
    std::erase_if(allocations_, [&](const auto& each) { return each.second.expires <= now; });
    const auto allocation = allocations_.find(from.text());
    if (datagram[0] >= 0x40) {
      if (allocation == allocations_.end()) return;
      ++channel_data;
      const auto channel = static_cast<uint16_t>(datagram[0] << 8 | datagram[1]);
      const auto to = allocation->second.channels.find(channel);
      if (to != allocation->second.channels.end() && now < to->second.expires) {
        const SocketAddress& peer = to->second.peer;
        network_.send(source(allocation->second, peer), peer, datagram.subspan(4));
      }
      return;
    }
    const auto message = StunMessage::parse(datagram);
    if (!message) return;
    if (message->method == StunMethod::kBinding && message->message_class == StunClass::kRequest) {
      if (alternate && diverted == message->method) return divert(from, *message, {});
      StunWriter writer(message->method, StunClass::kSuccess, message->transaction);
      return reply(from, writer.add_xor_address(StunAttribute::kXorMappedAddress, from));
    }
    if (message->message_class == StunClass::kIndication) {
      if (message->method != StunMethod::kSend || allocation == allocations_.end()) return;
      ++indications;
      if (!message->peer_address || !allocation->second.permits(*message->peer_address, now)) return;
      return network_.send(source(allocation->second, *message->peer_address), *message->peer_address, *message->data);
    }
    if (message->message_class != StunClass::kRequest) return;
    if (!message->username || !message->username->starts_with("user")) return error(from, *message, 401);
    const auto key = long_term_key(std::string(*message->username), "realm", "secret");
    if (!message->check_integrity(key)) return error(from, *message, 401);
    if (*message->nonce != nonce) return error(from, *message, 438);
    if (alternate && diverted == message->method && message->lifetime != 0u) return divert(from, *message, key);
    StunWriter writer(message->method, StunClass::kSuccess, message->transaction);
    switch (message->method) {
      case StunMethod::kAllocate: {
        if (refuse_with) return error(from, *message, refuse_with);
        const bool repeated =
            allocation != allocations_.end() && allocation->second.transaction == message->transaction;
        if (repeated) {
          write_relayed(writer, allocation->second);
          break;
        }
        if (mismatches > 0 || allocation != allocations_.end()) {
          --mismatches;
          return error(from, *message, 437);
        }
        Allocation& made = allocations_[from.text()];
        made.transaction = message->transaction;
        made.expires = now + kLifetime;
        owners_.insert_or_assign(made.port = next_port_++, from);
        ++allocations_made;
        made.has_ipv6 = relay6_ && asks_for_ipv6(datagram);
        write_relayed(writer, made);
        writer.add_xor_address(StunAttribute::kXorMappedAddress, from);
        writer.add_u32(StunAttribute::kLifetime, 600);
        break;
      }
      case StunMethod::kRefresh:
        if (allocation == allocations_.end()) return error(from, *message, 437);
        if (refuse_refreshes_with) return error(from, *message, refuse_refreshes_with);
        ++refreshes;
        allocation->second.expires = now + kLifetime;
        if (message->lifetime == 0u) allocations_.erase(allocation);
        writer.add_u32(StunAttribute::kLifetime, message->lifetime.value_or(600));
        break;
      case StunMethod::kCreatePermission:
        if (allocation == allocations_.end()) return error(from, *message, 437);
        ++permissions;
        if (refuse_permissions_with) return error(from, *message, refuse_permissions_with);
        allocation->second.permitted[message->peer_address->ip_text()] = now + kPermissionLifetime;
        break;
      case StunMethod::kChannelBind: {
        if (allocation == allocations_.end()) return error(from, *message, 437);
        ++bindings;
        if (refuse_bindings_with) return error(from, *message, refuse_bindings_with);
        if (!may_bind(allocation->second, *message->channel_number, *message->peer_address)) {
          return error(from, *message, 400);
        }
        allocation->second.permitted[message->peer_address->ip_text()] = now + kPermissionLifetime;
        allocation->second.channels[*message->channel_number] = {*message->peer_address, now + kChannelLifetime};
        break;
      }
      default:
        return error(from, *message, 400);
    }
    reply(from, writer.add_integrity(key));
  }
  /// Neither the number nor the peer is bound otherwise, or was a while ago (RFC 8656 section 12.1).
  bool may_bind(const Allocation& allocation, uint16_t number, const SocketAddress& peer) const {
    return std::none_of(allocation.channels.begin(), allocation.channels.end(), [&](const auto& each) {
      return (each.first == number) != (each.second.peer == peer) &&
             network_.now < each.second.expires + kChannelReserved;
    });
  }
  /// ADDITIONAL-ADDRESS-FAMILY (RFC 8656 section 18.11)
  static bool asks_for_ipv6(ByteView request) {
    const Bytes attribute = {0x80, 0, 0, 4, 2, 0, 0, 0};
    return std::search(request.begin(), request.end(), attribute.begin(), attribute.end()) != request.end();
  }
  void write_relayed(StunWriter& writer, const Allocation& allocation) const {
    writer.add_xor_address(StunAttribute::kXorRelayedAddress, relay_.with_port(allocation.port));
    if (!allocation.has_ipv6) return;
    writer.add_xor_address(StunAttribute::kXorRelayedAddress, relay6_->with_port(allocation.port));
  }
  SocketAddress source(const Allocation& allocation, const SocketAddress& to) const {
    return (allocation.has_ipv6 && to.is_ipv6() ? *relay6_ : relay_).with_port(allocation.port);
  }
  void error(const SocketAddress& to, const StunMessage& request, int code) {
    StunWriter writer(request.method, StunClass::kError, request.transaction);
    writer.add_error(code, "refused");
    if (code == 401 || code == 438) {
      writer.add_text(StunAttribute::kRealm, "realm").add_text(StunAttribute::kNonce, nonce);
    }
    reply(to, writer);
  }
  void divert(const SocketAddress& to, const StunMessage& request, std::optional<std::array<uint8_t, 16>> key) {
    StunWriter writer(request.method, StunClass::kError, request.transaction);
    Bytes value{0, 1, static_cast<uint8_t>(alternate->port() >> 8), static_cast<uint8_t>(alternate->port())};
    value.insert(value.end(), alternate->octets().begin(), alternate->octets().end());
    writer.add_error(300, "Try Alternate").add_bytes(StunAttribute::kAlternateServer, value);
    if (key && signs_diversions) writer.add_integrity(*key);
    reply(to, writer);
  }
  void reply(const SocketAddress& to, StunWriter& writer) { send(to, writer.add_fingerprint().finish()); }
  void send(const SocketAddress& to, ByteView message) {
    if (!connected_.contains(to.text())) return network_.send(address_, to, message);
    Bytes segment{'F'};
    segment.insert(segment.end(), message.begin(), message.end());
    network_.send(address_, to, segment, IceProtocol::kTcp);
  }
  void relayed(const SocketAddress& from, const SocketAddress& to, ByteView datagram) {
    const auto owner = owners_.find(to.port());
    if (owner == owners_.end()) return;
    const auto allocation = allocations_.find(owner->second.text());
    if (allocation == allocations_.end() || allocation->second.expires <= network_.now) return;
    if (!allocation->second.permits(from, network_.now)) return;
    for (const auto& [number, channel] : allocation->second.channels) {
      if (channel.peer != from || channel.expires <= network_.now) continue;
      Bytes frame = {static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number),
                     static_cast<uint8_t>(datagram.size() >> 8), static_cast<uint8_t>(datagram.size())};
      frame.insert(frame.end(), datagram.begin(), datagram.end());
      return send(owner->second, frame);
    }
    StunWriter writer(StunMethod::kData, StunClass::kIndication, TransactionId{});
    writer.add_xor_address(StunAttribute::kXorPeerAddress, from).add_bytes(StunAttribute::kData, datagram);
    send(owner->second, writer.finish());
  }

  Network& network_;
  SocketAddress address_, relay_;
  std::optional<SocketAddress> relay6_;
  uint16_t next_port_ = 49152;
  std::set<std::string> connected_;  // clients that have come over TCP: their addresses are no others' over UDP
  std::map<std::string, Allocation> allocations_;
  std::map<uint16_t, SocketAddress> owners_;
};

}  // namespace peerwire::ice::test

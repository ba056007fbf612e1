// Two associations on a link, and what was told about them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sctp/virtual_network.h"
#include "transport/sctp_association.h"

namespace peerwire::test {

using namespace std::chrono_literals;

struct Peer : SctpAssociationObserver {
  struct Received {
    uint16_t stream_id;
    uint32_t ppid;
    Bytes data;
  };
  Peer(VirtualNetwork& network, uint32_t seed) : net(network), link(network, seed) {}

  void create(SctpOptions options = {}) { association = SctpAssociation::create(net, link, options, this); }
  void send(uint16_t stream, Bytes data, bool ordered = true, std::optional<uint16_t> retransmits = {},
            std::optional<uint16_t> life_time = {}, uint32_t ppid = 53) {
    buffered[stream] += static_cast<int64_t>(data.size());
    association->send({stream, ppid, ordered, retransmits, life_time, std::move(data)});
  }
  int64_t total_buffered() const {
    int64_t sum = 0;
    for (const auto& [id, bytes] : buffered) sum += bytes;
    return sum;
  }

  void on_sctp_state(SctpState s, const std::string& e, int c) override {
    state = s;
    error = e;
    cause = c;
    states.push_back(s);
  }
  void on_sctp_message(uint16_t stream_id, uint32_t ppid, Bytes message) override {
    ++messages;
    bytes += message.size();
    if (on_message) on_message(stream_id, ppid, message);
    if (keep) received.push_back({stream_id, ppid, std::move(message)});
  }
  void on_incoming_stream_reset(uint16_t id) override {
    incoming_resets.push_back(id);
    if (on_incoming_reset) on_incoming_reset(id);
  }
  void on_outgoing_stream_reset(uint16_t id) override { outgoing_resets.push_back(id); }
  void on_buffered_amount_decreased(uint16_t id, size_t n) override {
    buffered[id] -= static_cast<int64_t>(n);
    ++decreases;
  }

  VirtualNetwork& net;
  LinkEnd link;
  std::unique_ptr<SctpAssociation> association;
  SctpState state = SctpState::kNew;
  std::vector<SctpState> states;
  std::string error;
  int cause = -2;
  bool keep = true;
  size_t messages = 0;
  uint64_t bytes = 0;
  size_t decreases = 0;
  std::vector<Received> received;
  std::vector<uint16_t> incoming_resets, outgoing_resets;
  std::map<uint16_t, int64_t> buffered;
  std::function<void(uint16_t, uint32_t, const Bytes&)> on_message;
  std::function<void(uint16_t)> on_incoming_reset;
};

struct Pair {
  explicit Pair(uint32_t seed = 1) : a(net, seed), b(net, seed + 1000) {
    a.link.connect_to(&b.link);
    b.link.connect_to(&a.link);
  }
  void set(const LinkConditions& conditions) { a.link.conditions = b.link.conditions = conditions; }
  void create() {
    a.create();
    b.create();
  }
  bool connect(Duration limit = 10s) {
    if (!a.association) create();
    a.association->start();
    b.association->start();
    return net.run_until([this] { return a.state == SctpState::kConnected && b.state == SctpState::kConnected; },
                         limit);
  }

  VirtualNetwork net;
  Peer a, b;
};

/// Octets that differ from place to place and from seed to seed.
inline Bytes pattern(size_t size, uint32_t seed) {
  Bytes data(size);
  uint32_t x = seed * 2654435761u + 1;
  for (auto& octet : data) {
    x = x * 1664525u + 1013904223u;
    octet = static_cast<uint8_t>(x >> 24);
  }
  return data;
}

}  // namespace peerwire::test

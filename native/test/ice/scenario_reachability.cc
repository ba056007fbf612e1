// chance_of(): probes between all that each side can send from and all that it can know of the other, through the
// same translators, without loss, delay or agents, until nothing new turns up.
#include <algorithm>
#include <deque>
#include <memory>
#include <set>

#include "ice/scenario.h"

namespace peerwire::ice::test {
namespace {

class Exploration {
 public:
  Exploration(const Scenario& scenario, bool from_everywhere) : scenario_(scenario), from_everywhere_(from_everywhere) {
    network_.delay = {};
    for (int side = 0; side < 2; ++side) {
      if (side == 0 || !scenario.same_network) {
        nats_[side] = std::make_unique<Nat>(network_, Plan::outside(scenario, side), scenario.side(side).nat);
      }
    }
    for (int side = 0; side < 2; ++side) add_bases(side);
  }

  bool finds_a_pair() {
    probe_what_is_told();
    // Each round finds ways open that the one before has opened. What is learned late has learned its own twins only.
    for (int round = 0; round < kRounds && !found_; ++round) run_round();
    return found_;
  }
  /// All that there is to be found out.
  void look_around() {
    probe_what_is_told();
    for (int round = 0; round < kRounds; ++round) run_round();
    found_ = false;
  }
  void rebind(int side) {
    nat_of(side).rebind();
    for (Base& base : bases_) {
      // To its server, the allocation is that of the address and port which the translator had given.
      const bool translated = base.address.is_ipv4() && nat_of(base.side).translates();
      base.lost |= base.relay && translated && (base.side == side || scenario_.same_network);
    }
  }

 private:
  static constexpr int kRounds = 5;
  struct Base {
    size_t index;
    int side;
    SocketAddress address;
    bool relay;
    std::set<std::string> permitted;  // of a relay, addresses
    bool lost = false;
  };

  void probe_what_is_told() {
    for (const Base& base : bases_) {
      for (const auto& remote : signalled_[1 - base.side]) probe(base, remote);
    }
  }
  void run_round() {
    const auto due = probes_;
    for (const auto& [index, remote] : due) send(index, 'Q', remote, remote);
    network_.run(std::chrono::seconds(1));
  }

  Nat& nat_of(int side) { return *nats_[scenario_.same_network ? 0 : side]; }

  void add_bases(int side) {
    const Scenario::Side& what = scenario_.side(side);
    for (const bool ipv6 : {false, true}) {
      if (!(ipv6 ? what.ipv6 : what.ipv4)) continue;
      for (int i = 0; i < what.addresses; ++i) {
        const SocketAddress own = Plan::host(scenario_, side, ipv6, i);
        if (!what.relay_only) {
          add_base(side, own, false);
          signalled_[side].push_back(own);
          if (what.stun) ask_server(bases_.back(), ipv6);
        }
      }
      using Relay = Scenario::Relay;
      const bool relay = what.relay == Relay::kUdp ? what.nat.passes_udp : what.relay != Relay::kNone;
      if (!relay) continue;
      const SocketAddress relayed = at((ipv6 ? "2001:db8:fffe::" : "203.0.112.") + std::to_string(side + 1), 50000);
      add_base(side, relayed, true);
      signalled_[side].push_back(relayed);
    }
  }

  void add_base(int side, const SocketAddress& address, bool relay) {
    const size_t index = bases_.size();
    bases_.push_back({index, side, address, relay, {}, false});
    const auto receiver = [this, index](const auto& from, const auto&, ByteView datagram) {
      receive(bases_[index], from, datagram);
    };
    if (relay) {
      network_.attach(address, receiver);
    } else {
      nat_of(side).attach(address, receiver);
    }
  }

  void ask_server(const Base& base, bool ipv6) {
    const SocketAddress server = at(Plan::kServer[ipv6], 3478);
    network_.attach(server, [this, side = base.side](const auto& from, const auto&, ByteView) {
      signalled_[side].push_back(from);
    });
    nat_of(base.side).outbound(base.address, server, as_bytes("?"));
    network_.run(std::chrono::seconds(1));
  }

  void probe(const Base& base, const SocketAddress& remote) {
    if (base.address.family() != remote.family() || scenario_.side(base.side).lite) return;
    if (probes_.size() < 200) probes_.insert({base.index, remote});
  }

  /// `tried`: what a probe was sent to, as its answer repeats it.
  void send(size_t index, char kind, const SocketAddress& to, const SocketAddress& tried) {
    Base& base = bases_[index];
    if (base.lost) return;
    const std::string text = std::string(1, kind) + static_cast<char>('0' + index) + tried.text();
    if (base.relay) {
      base.permitted.insert(to.ip_text());
      network_.send(base.address, to, as_bytes(text));
    } else {
      nat_of(base.side).outbound(base.address, to, as_bytes(text));
    }
  }

  void receive(Base& base, const SocketAddress& from, ByteView datagram) {
    if (base.lost) return;
    if (base.relay && !base.permitted.contains(from.ip_text())) return;
    const std::string text(datagram.begin(), datagram.end());
    const auto other = static_cast<size_t>(text[1] - '0');
    if (bases_[other].side == base.side) return;  // our own, that has come to the same private address
    if (text[0] == 'A') {
      found_ |= from.text() == text.substr(2);  // it is from where the probe has gone
      return;
    }
    // The answer says whose it is by what it repeats.
    const std::string answer = "A" + std::string(1, static_cast<char>('0' + base.index)) + text.substr(2);
    if (base.relay) {
      network_.send(base.address, from, as_bytes(answer));
    } else {
      nat_of(base.side).outbound(base.address, from, as_bytes(answer));
    }
    probe(base, from);
    if (!from_everywhere_) return;
    for (const Base& another : bases_) {
      if (another.side == base.side) probe(another, from);
    }
  }

  struct Less {
    bool operator()(const std::pair<size_t, SocketAddress>& x, const std::pair<size_t, SocketAddress>& y) const {
      return std::make_pair(x.first, x.second.text()) < std::make_pair(y.first, y.second.text());
    }
  };

  const Scenario& scenario_;
  const bool from_everywhere_;
  Network network_;
  std::unique_ptr<Nat> nats_[2];
  std::deque<Base> bases_;
  std::vector<SocketAddress> signalled_[2];
  std::set<std::pair<size_t, SocketAddress>, Less> probes_;
  bool found_ = false;
};

/// Connections go out everywhere; they come in to what is in the same network, or is let in and not translated. And
/// where a STUN server has been asked over TCP, to what the translator has made of the port, or to the port itself
/// where a firewall only filters: if neither looks at who comes. That is forgotten when the translator or firewall is
/// started anew, unless a connection that is there opens it again; and the server's answer is not waited for when
/// segments get lost.
Chance chance_over_tcp(const Scenario& scenario, int listening, bool rebound) {
  const Scenario::Side &to = scenario.side(listening), &from = scenario.side(1 - listening);
  if (from.lite) return Chance::kNever;
  if (to.tcp != IceTcp::kListen || from.tcp == IceTcp::kOff || to.relay_only || from.relay_only) return Chance::kNever;
  const bool ipv4 = to.ipv4 && from.ipv4, ipv6 = to.ipv6 && from.ipv6;
  if (!ipv4 && !ipv6) return Chance::kNever;
  const bool translated = to.nat.translates && !ipv6;
  if (scenario.same_network || (to.nat.admits_tcp && !translated)) return Chance::kAlways;
  if (!to.stun || to.nat.filtering != Dependence::kEndpointIndependent) return Chance::kNever;
  if (translated && to.nat.mapping != Dependence::kEndpointIndependent) return Chance::kNever;
  return rebound || scenario.loss > 0 ? Chance::kSometimes : Chance::kAlways;
}
Chance chance_over_tcp(const Scenario& scenario, bool rebound = false) {
  return std::max(chance_over_tcp(scenario, 0, rebound), chance_over_tcp(scenario, 1, rebound));
}

}  // namespace

Chance chance_of(const Scenario& scenario) {
  const Chance over_tcp = chance_over_tcp(scenario);
  if (over_tcp == Chance::kAlways || Exploration(scenario, false).finds_a_pair()) return Chance::kAlways;
  return Exploration(scenario, true).finds_a_pair() ? Chance::kSometimes : over_tcp;
}

Chance chance_after_rebinding(const Scenario& scenario) {
  // Over TCP it is a matter of connecting again.
  const Chance over_tcp = chance_over_tcp(scenario, true);
  if (over_tcp == Chance::kAlways) return Chance::kAlways;
  // How much they have learned of each other before is a matter of chance: nothing but what was told, or everything.
  Exploration at_least(scenario, false), at_most(scenario, true);
  at_least.rebind(scenario.rebinding->side);
  if (at_least.finds_a_pair()) return Chance::kAlways;
  at_most.look_around();
  at_most.rebind(scenario.rebinding->side);
  return at_most.finds_a_pair() ? Chance::kSometimes : over_tcp;
}

}  // namespace peerwire::ice::test

// What two agents meet, drawn from a seed; and which of it decides whether they can connect.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ice/simulated_nat.h"
#include "transport/ice/candidate.h"

namespace peerwire::ice::test {

struct Scenario {
  enum class Relay { kNone, kUdp, kTcp, kTls };
  struct Side {
    bool behind_nat = false;
    NatBehaviour nat{};  // of the translator, or without one of the firewall that every side is behind
    bool ipv4 = true, ipv6 = false;
    int addresses = 1;  // of each family
    bool stun = false;
    Relay relay = Relay::kNone;
    bool relay_only = false;
    bool lite = false;  // at most one of the two
    IceTcp tcp = IceTcp::kOff;
    IceRole role = IceRole::kControlling;
    Duration late{};  // more than other signalling that its candidates take
  };

  static Scenario draw(uint64_t seed);
  std::string text() const;
  const Side& side(int index) const { return index == 0 ? a : b; }

  uint64_t seed = 0;
  Side a, b;  // a offers first
  bool same_network = false;
  bool same_addresses = false;  // both networks give out the same private addresses
  double loss = 0;              // everywhere
  double path_loss = 0;         // between the peers, besides
  Duration delay{}, jitter{};
  Duration signalling{}, signalling_jitter{};  // how long a message takes at least, and how much longer
  /// ICE restarts: who offers them, and how long after the negotiation before. `glare`: so does the other at the same
  /// time, and takes that back when it sees the offer.
  struct Restart {
    int by;
    Duration after;
    bool glare;
  };
  std::vector<Restart> restarts;
  /// Once it is connected: whose translator or firewall forgets everything, and how much later.
  struct Rebinding {
    int side;
    Duration after;
  };
  std::optional<Rebinding> rebinding;
};

/// Whether any pair of candidates works, by the rules of the translators alone: endless patience, no loss, no agents.
/// kSometimes: only when a relay's candidate is paired with what a check has shown at another base, which an agent need
/// not do (RFC 8445 section 7.3.1.3), and does where the relay comes last.
enum class Chance { kNever, kSometimes, kAlways };
Chance chance_of(const Scenario& scenario);
/// The same of candidates that have connected before the rebinding of the scenario, without a restart.
Chance chance_after_rebinding(const Scenario& scenario);

/// Addresses of the scenario's hosts, servers and translators.
struct Plan {
  static SocketAddress host(const Scenario& scenario, int side, bool ipv6, int index);
  static std::string outside(const Scenario& scenario, int side);  // of the translator
  static constexpr const char* kServer[] = {"203.0.113.1", "2001:db8:ffff::1"};
  static constexpr const char* kRelay[] = {"203.0.113.2", "2001:db8:ffff::2"};
};

}  // namespace peerwire::ice::test

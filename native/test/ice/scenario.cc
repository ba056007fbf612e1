#include "ice/scenario.h"

#include <sstream>

namespace peerwire::ice::test {
namespace {

using std::chrono::milliseconds;

using Relay = Scenario::Relay;

class Draw {
 public:
  explicit Draw(uint64_t seed) : engine_(seed) {}
  bool chance(int percent) { return below(100) < percent; }
  int below(int count) { return static_cast<int>(engine_() % static_cast<uint64_t>(count)); }
  Duration up_to(int ms) { return milliseconds(below(ms + 1)); }
  Dependence dependence() { return static_cast<Dependence>(below(3)); }

 private:
  std::mt19937_64 engine_;
};

Scenario::Side draw_side(Draw& draw) {
  Scenario::Side side;
  side.behind_nat = draw.chance(75);
  side.nat.mapping = draw.dependence();
  side.nat.filtering = draw.dependence();
  side.nat.hairpin = draw.chance(50);
  side.nat.translates = side.behind_nat;
  side.nat.passes_udp = draw.chance(80);
  side.nat.admits_tcp = !side.behind_nat && draw.chance(70);
  const int families = draw.below(10);
  side.ipv4 = families < 9;
  side.ipv6 = families >= 7;
  side.addresses = draw.chance(20) ? 2 : 1;
  side.stun = draw.chance(80);
  side.relay = draw.chance(70)   ? Scenario::Relay::kNone
               : draw.chance(50) ? Scenario::Relay::kUdp
               : draw.chance(50) ? Scenario::Relay::kTcp
                                 : Scenario::Relay::kTls;
  side.relay_only = draw.chance(5);
  side.tcp = draw.chance(50) ? IceTcp::kOff : draw.chance(40) ? IceTcp::kActive : IceTcp::kListen;
  if (draw.chance(15)) side.late = draw.up_to(8000);
  return side;
}

/// A server: on the open network as a rule, where it is reached without having asked anybody. Others are not asked.
void become_lite(Draw& draw, Scenario::Side& side) {
  side.lite = true;
  side.behind_nat = side.nat.translates = false;
  side.nat.admits_udp = draw.chance(85);
  side.nat.admits_tcp = draw.chance(70);
  side.stun = side.relay_only = false;
  side.relay = Scenario::Relay::kNone;
}

const char* name(Relay relay) {
  switch (relay) {
    case Relay::kNone:
      return "no relay";
    case Relay::kUdp:
      return "relay over UDP";
    case Relay::kTcp:
      return "relay over TCP";
    case Relay::kTls:
      return "relay over TLS";
  }
  return "?";
}

const char* name(Dependence dependence) {
  switch (dependence) {
    case Dependence::kEndpointIndependent:
      return "endpoint-independent";
    case Dependence::kAddressDependent:
      return "address-dependent";
    case Dependence::kAddressAndPortDependent:
      return "address-and-port-dependent";
  }
  return "?";
}

int64_t ms(Duration duration) {
  return std::chrono::duration_cast<milliseconds>(duration).count();
}

void describe(std::ostream& out, const char* who, const Scenario::Side& side) {
  out << "  " << who << ": " << (side.behind_nat ? "NAT" : "firewall") << ", mapping " << name(side.nat.mapping)
      << ", filtering " << name(side.nat.filtering) << (side.nat.hairpin ? ", hairpin" : "")
      << (side.nat.passes_udp ? "" : ", UDP blocked") << (side.nat.admits_tcp ? ", TCP admitted" : "")
      << (side.nat.admits_udp ? ", UDP admitted" : "") << "; " << side.addresses << " address(es) of"
      << (side.ipv4 ? " IPv4" : "") << (side.ipv6 ? " IPv6" : "") << "; " << (side.lite ? "lite, " : "")
      << (side.stun ? "STUN" : "no STUN") << ", " << name(side.relay) << (side.relay_only ? " only" : "")
      << (side.tcp == IceTcp::kOff      ? ", no ICE-TCP"
          : side.tcp == IceTcp::kActive ? ", ICE-TCP active"
                                        : ", ICE-TCP active and passive")
      << "; " << (side.role == IceRole::kControlling ? "controlling" : "controlled") << "; candidates " << ms(side.late)
      << " ms late\n";
}

}  // namespace

Scenario Scenario::draw(uint64_t seed) {
  Draw draw(seed * 7919);
  Scenario scenario;
  scenario.seed = seed;
  scenario.a = draw_side(draw);
  scenario.b = draw_side(draw);
  if (draw.chance(10)) become_lite(draw, draw.chance(50) ? scenario.a : scenario.b);
  scenario.same_network = draw.chance(20);
  scenario.same_addresses = !scenario.same_network && draw.chance(20);
  if (scenario.same_network) {
    scenario.b.behind_nat = scenario.a.behind_nat;
    scenario.b.nat = scenario.a.nat;
  }
  const bool conflict = draw.chance(25);
  scenario.a.role = draw.chance(50) ? IceRole::kControlling : IceRole::kControlled;
  const bool controlling = scenario.a.role == IceRole::kControlling;
  scenario.b.role = controlling == conflict ? IceRole::kControlling : IceRole::kControlled;
  if (draw.chance(40)) {
    scenario.loss = draw.below(50) / 1000.0;  // a server's answer is asked for six times
    scenario.path_loss = draw.below(25) / 100.0;
  }
  scenario.delay = milliseconds(1) + draw.up_to(draw.chance(20) ? 200 : 40);
  if (draw.chance(50)) scenario.jitter = draw.up_to(60);
  scenario.signalling = draw.up_to(300);
  if (draw.chance(50)) scenario.signalling_jitter = draw.up_to(2000);
  const int restarts = draw.chance(40) ? 1 + draw.below(2) : 0;
  for (int i = 0; i < restarts; ++i) {
    const int by = draw.below(2);
    scenario.restarts.push_back({by, draw.chance(50) ? draw.up_to(500) : draw.up_to(10'000), draw.chance(25)});
  }
  if (draw.chance(30)) scenario.rebinding = {draw.below(2), draw.up_to(20'000)};
  return scenario;
}

std::string Scenario::text() const {
  std::ostringstream out;
  out << "scenario of seed " << seed << ":\n";
  describe(out, "offers ", a);
  describe(out, "answers", b);
  out << "  "
      << (same_network     ? "in one network"
          : same_addresses ? "private addresses are the same"
                           : "apart")
      << "; delay " << ms(delay) << " ms, jitter " << ms(jitter) << " ms, loss " << loss << " and between them "
      << path_loss << "; signalling takes " << ms(signalling) << " ms, and up to " << ms(signalling_jitter)
      << " ms more\n";
  for (const Restart& restart : restarts) {
    out << "  restarted by the one who " << (restart.by == 0 ? "offered" : "answered") << ' ' << ms(restart.after)
        << " ms after that" << (restart.glare ? ", and by the other at the same time\n" : "\n");
  }
  static constexpr const char* kChances[] = {"cannot connect", "can connect by chance", "can connect"};
  if (rebinding) {
    out << "  the " << (rebinding->side == 0 ? "offering" : "answering") << " side's translator forgets everything "
        << ms(rebinding->after) << " ms after that, and then it "
        << kChances[static_cast<int>(chance_after_rebinding(*this))] << "\n";
  }
  out << "  " << kChances[static_cast<int>(chance_of(*this))];
  return out.str();
}

SocketAddress Plan::host(const Scenario& scenario, int side, bool ipv6, int index) {
  const bool shares = scenario.same_network;
  const int last = 2 + index + (shares ? 10 * side : 0);
  const int net = shares ? 1 : side + 1;
  if (ipv6) return at("2001:db8:" + std::to_string(net) + "::" + std::to_string(last), 5000);
  if (!scenario.side(side).behind_nat) {
    return at("203.0." + std::to_string(120 + net) + "." + std::to_string(last), 5000);
  }
  return at("192.168." + std::to_string(scenario.same_addresses ? 0 : net) + "." + std::to_string(last), 5000);
}

std::string Plan::outside(const Scenario& scenario, int side) {
  return "198.51.100." + std::to_string(scenario.same_network ? 1 : side + 1);
}

}  // namespace peerwire::ice::test

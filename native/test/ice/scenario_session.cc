#include "ice/scenario_session.h"

#include <gtest/gtest.h>

#include <iostream>

namespace peerwire::ice::test {

using namespace std::chrono_literals;

Session::Session(const Scenario& scenario) : scenario_(scenario), network_(scenario.seed) {
  network_.delay = scenario.delay;
  network_.jitter = scenario.jitter;
  network_.loss_between = [this](const auto& from, const auto& to) { return loss_between(from, to); };
  for (int i = 0; i < 2; ++i) {
    begin_generation(i);
    if (i == 0 || !scenario.same_network) {
      nats_[i] = std::make_unique<Nat>(network_, Plan::outside(scenario, i), scenario.side(i).nat);
    }
    servers_[i] = std::make_unique<TurnServer>(network_, Plan::kServer[i], Plan::kRelay[i]);
  }
  for (int i = 0; i < 2; ++i) {
    Nat& nat = *nats_[scenario.same_network ? 0 : i];
    peers_[i] = std::make_unique<Peer>(network_, fragments_[i], scenario.seed * 2 + static_cast<uint64_t>(i),
                                       scenario.side(i).relay_only, &nat);
    Peer& peer = *peers_[i];
    if (scenario.side(i).lite) peer.agent.become_lite();
    peer.connects = true;
    peer.told_candidate = [this, i](const IceCandidate& candidate) { tell_candidate(i, candidate); };
    peer.told_end = [this, i] { tell_end(i); };
  }
}

void Session::trace() {
  network_.filter = [this](const auto& from, const auto& to, ByteView datagram) {
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(network_.now - begun_);
    std::cout << time.count() << " ms: " << from.text() << " > " << to.text() << ", " << datagram.size() << " octets ["
              << state_of(0) << " | " << state_of(1) << "]\n";
    return false;
  };
}

// ---- signalling ----

double Session::loss_between(const SocketAddress& from, const SocketAddress& to) const {
  const bool of_server = from.port() == 3478 || to.port() == 3478;
  return of_server ? scenario_.loss : scenario_.loss + scenario_.path_loss;
}

/// Signalling is a web service: whatever is sent arrives, some of it sooner than what was sent before.
void Session::signal(Duration later, std::function<void()> act) {
  ++under_way_;
  Duration takes = scenario_.signalling + later;
  if (const int64_t jitter = scenario_.signalling_jitter.count()) {
    takes += Duration(std::uniform_int_distribution<int64_t>(0, jitter)(network_.random));
  }
  network_.call_at(network_.now + takes, [this, act = std::move(act)] {
    --under_way_;
    act();
  });
}

/// An application keeps what is about a generation whose description it does not have yet; none at first, where the
/// agent keeps it.
void Session::deliver(int to, Message message) {
  if (described_[to] == message.fragment || described_[to].empty()) return message.act();
  held_[to].push_back(std::move(message));
}

void Session::tell_candidate(int from, const IceCandidate& candidate) {
  signal(what(from).late, [this, from, candidate] {
    deliver(1 - from, {candidate.username_fragment, [this, from, candidate] { peers_[1 - from]->tell(candidate); }});
  });
}

void Session::tell_end(int from) {
  const std::string about = peers_[from]->agent.local_username_fragment();
  signal({}, [this, from, about] {
    deliver(1 - from, {about, [this, from] { peers_[1 - from]->agent.set_remote_end_of_candidates(network_.now); }});
  });
}

void Session::describe(int to, bool offers_restart) {
  const int of = 1 - to;
  described_[to] = fragments_[of];
  IceParameters parameters = Host::parameters(described_[to]);
  parameters.ice_lite = what(of).lite;
  peers_[to]->agent.set_remote_parameters(network_.now, parameters, offers_restart);
}

void Session::release(int to) {
  std::vector<Message> kept;
  kept.swap(held_[to]);
  for (Message& message : kept) {
    if (message.fragment == described_[to]) message.act();
  }
}

void Session::negotiate(int offerer, bool again, bool glare) {
  const int answerer = 1 - offerer;
  bool done = false;
  const std::string former = fragments_[answerer];
  if (again) begin_generation(offerer);
  gather(offerer, again);
  if (glare) {
    begin_generation(answerer);
    gather(answerer, true);
  }
  signal({}, [&] {
    if (glare) {
      fragments_[answerer] = former;
      restart(answerer);
    }
    describe(answerer, again);
    if (again) begin_generation(answerer);
    gather(answerer, again);
    release(answerer);
    if (!again) peers_[answerer]->agent.start(network_.now, what(answerer).role);
    signal({}, [&] {
      describe(offerer, false);
      release(offerer);
      if (!again) peers_[offerer]->agent.start(network_.now, what(offerer).role);
      done = true;
    });
  });
  ASSERT_TRUE(network_.run_until([&] { return done; }, 60s));
}

bool Session::settle() {
  const auto gathered = [](const auto& peer) { return peer->agent.gathering_state() == IceGatheringState::kComplete; };
  return network_.run_until([&] { return under_way_ == 0 && gathered(peers_[0]) && gathered(peers_[1]); }, 60s);
}

// ---- gathering ----

void Session::begin_generation(int side) {
  fragments_[side] = std::string(side == 0 ? "left" : "right") + std::to_string(generations_++);
}

/// With the credentials of now, and what goes with that.
void Session::restart(int side) {
  const bool gathers =
      peers_[side]->agent.restart(network_.now, Host::parameters(fragments_[side]), what(side).relay_only);
  if (gathers) gather(side, false);
}

void Session::gather(int side, bool again) {
  if (again) return restart(side);
  Peer& peer = *peers_[side];
  peer.agent.begin_gathering(network_.now);
  if (bases_[side].empty()) {
    open_bases(side);
  } else {
    for (const int base : bases_[side]) peer.agent.reuse_base(base);
  }
  for (const bool ipv6 : {false, true}) {
    if (!(ipv6 ? what(side).ipv6 : what(side).ipv4)) continue;
    using Relay = Scenario::Relay;
    const TurnServer& server = *servers_[ipv6];
    std::vector<IceServer> asked;
    if (what(side).stun) asked.push_back(server.stun());
    if (what(side).relay == Relay::kUdp) asked.push_back(server.turn());
    if (what(side).relay == Relay::kTcp) asked.push_back(server.turn_over_tcp());
    if (what(side).relay == Relay::kTls) asked.push_back(server.turn_over_tls());
    for (const IceServer& each : asked) peer.agent.add_server(network_.now, each, at(each.host, each.port));
  }
  peer.agent.end_servers(network_.now);
}

void Session::open_bases(int side) {
  Peer& peer = *peers_[side];
  const auto add = [&](auto open) {
    bases_[side].push_back(peer.agent.next_base());
    open();
  };
  for (const bool ipv6 : {false, true}) {
    if (!(ipv6 ? what(side).ipv6 : what(side).ipv4)) continue;
    for (int i = 0; i < what(side).addresses; ++i) {
      const SocketAddress own = Plan::host(scenario_, side, ipv6, i);
      add([&] { peer.add_address(own); });
      if (what(side).tcp == IceTcp::kOff) continue;
      const bool listens = what(side).tcp == IceTcp::kListen;
      if (listens) add([&] { peer.add_tcp(own.with_port(8000), TcpRole::kPassive); });
      add([&] { peer.add_tcp(own.with_port(8001), TcpRole::kActive, listens); });
    }
  }
}

// ---- what has become of it ----

bool Session::uses_last_generation(int side) const {
  const CandidatePair* pair = peers_[side]->agent.selected();
  return pair && peers_[side]->connected() && pair->local->candidate.username_fragment == fragments_[side];
}

bool Session::exchange_data(int from, int attempts) {
  Peer &sender = *peers_[from], &receiver = *peers_[1 - from];
  receiver.received.clear();
  for (int i = 0; i < attempts && receiver.received.empty(); ++i) {
    sender.agent.send(network_.now, Bytes{20, 1, 2});
    network_.run_until([&] { return !receiver.received.empty(); }, 2 * (scenario_.delay + scenario_.jitter) + 500ms);
  }
  return !receiver.received.empty();
}

std::string Session::state_of(int side) const {
  static constexpr const char* kNames[] = {"new",          "checking", "connected", "completed",
                                           "disconnected", "failed",   "closed"};
  std::string text = kNames[static_cast<int>(peers_[side]->agent.state())];
  std::map<std::string, int> pairs;
  for (const auto& pair : peers_[side]->agent.stats(network_.now, 0).pairs) ++pairs[pair.state];
  for (const auto& [name, count] : pairs) text += ' ' + std::to_string(count) + ' ' + name;
  if (const CandidatePair* pair = peers_[side]->agent.selected()) {
    text += ", selected " + pair->local->address.text() + " (" + pair->local->candidate.username_fragment + ") to " +
            pair->remote_address().text();
  }
  return text;
}

}  // namespace peerwire::ice::test

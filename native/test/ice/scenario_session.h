// A scenario under way: two agents, what is between them, and the signalling that tells one of the other.
#pragma once

#include <memory>

#include "ice/scenario.h"
#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {

class Session {
 public:
  explicit Session(const Scenario& scenario);
  /// Shows every packet and where the agents are by then.
  void trace();

 protected:
  /// A host whose events go to the other one by way of somebody's signalling.
  class Peer : public Host {
   public:
    using Host::Host;
    std::function<void(const IceCandidate&)> told_candidate;
    std::function<void()> told_end;

    void on_local_candidate(const IceCandidate& candidate) override {
      candidates.push_back(candidate);
      told_candidate(candidate);
    }
    void on_gathering_state(IceGatheringState state) override {
      gathering.push_back(state);
      if (state == IceGatheringState::kComplete) told_end();
    }
  };

  const Scenario::Side& what(int side) const { return scenario_.side(side); }
  /// One exchange of offer and answer, to its end. `glare`: the one who answers had offered a restart, too.
  void negotiate(int offerer, bool again, bool glare = false);
  /// Until both have gathered and have been told of all.
  bool settle();
  void forget_mappings(int side) { nats_[scenario_.same_network ? 0 : side]->rebind(); }
  bool uses_last_generation(int side) const;
  /// Over a path that loses some, it is sent again.
  bool exchange_data(int from, int attempts);
  std::string state_of(int side) const;

  const Scenario& scenario_;
  Network network_;
  std::unique_ptr<Peer> peers_[2];

 private:
  struct Message {
    std::string fragment;  // of the generation that it is about
    std::function<void()> act;
  };

  double loss_between(const SocketAddress& from, const SocketAddress& to) const;
  void signal(Duration later, std::function<void()> act);
  void deliver(int to, Message message);
  void tell_candidate(int from, const IceCandidate& candidate);
  void tell_end(int from);
  void describe(int to, bool offers_restart);
  void release(int to);
  void begin_generation(int side);
  void restart(int side);
  void gather(int side, bool again);
  void open_bases(int side);

  const TimePoint begun_ = network_.now;
  std::unique_ptr<Nat> nats_[2];
  std::unique_ptr<TurnServer> servers_[2];
  std::vector<int> bases_[2];
  std::string fragments_[2];  // of their own
  std::string described_[2];  // the fragment that each has been told last
  std::vector<Message> held_[2];
  int under_way_ = 0, generations_ = 0;
};

}  // namespace peerwire::ice::test

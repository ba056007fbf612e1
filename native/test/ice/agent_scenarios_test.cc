// Two agents in thousands of seeded scenarios, in virtual time: whatever can connect does, what cannot fails, both in
// the time that timers allow. PEERWIRE_ICE_SEED=n runs one scenario alone and shows its packets; PEERWIRE_ICE_SEEDS=n
// runs as many as that.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "ice/scenario_session.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;
using State = IceTransportState;

constexpr uint64_t kUsualSeeds = 6000;
// From when everything has been told, or the last candidate gathered. A pair is given up after 6.3 s of checks without
// an answer and tried again 5 s later; nobody gives up before 15 s (RFC 8863; RFC 8445 allows 39.5 s).
constexpr Duration kToConnect = 15s;
constexpr Duration kToFail = 39500ms;

class Trial : public Session {
 public:
  using Session::Session;

  /// From the first offer to the end of the last restart, and to that of a rebinding.
  void run(Chance chance) {
    negotiate(0, false);
    for (const Scenario::Restart& restart : scenario_.restarts) {
      network_.run(restart.after);
      negotiate(restart.by, true, restart.glare);
    }
    ASSERT_TRUE(settle()) << "gathering or signalling never ends";
    switch (chance) {
      case Chance::kAlways:
        expect_connection();
        if (scenario_.rebinding && !testing::Test::HasFatalFailure()) expect_recovery();
        return;
      case Chance::kSometimes:
        return expect_agreement();
      case Chance::kNever:
        return expect_failure();
    }
  }

 private:
  void expect_connection(bool undisturbed = true) {
    ASSERT_TRUE(network_.run_until([&] { return uses_last_generation(0) && uses_last_generation(1); }, kToConnect))
        << "not connected: " << state_of(0) << ", " << state_of(1);
    EXPECT_TRUE(network_.run_until([&] { return nominated(0) && nominated(1); }, kToConnect)) << "nothing nominated";
    EXPECT_NE(peers_[0]->agent.role(), peers_[1]->agent.role());
    for (int i = 0; i < 2 && undisturbed; ++i) {
      EXPECT_EQ(std::count(peers_[i]->states.begin(), peers_[i]->states.end(), State::kFailed), 0) << i;
      EXPECT_EQ(peers_[i]->silences, 0) << i << ": what carries data goes on until a new pair does";
    }
    EXPECT_TRUE(exchange_data(0, 20) && exchange_data(1, 20));
    // It stays, and is said to be complete once everything else has been tried; for a while at least, where so much is
    // lost that other pairs are looked at again.
    bool completed[2] = {};
    const auto both_completed = [&] {
      for (int i = 0; i < 2; ++i) completed[i] |= peers_[i]->agent.state() == State::kCompleted;
      return completed[0] && completed[1];
    };
    EXPECT_TRUE(network_.run_until(both_completed, kToFail)) << "not completed: " << state_of(0) << ", " << state_of(1);
    EXPECT_TRUE(exchange_data(0, 20) && exchange_data(1, 20));
  }
  bool nominated(int side) const {
    const CandidatePair* pair = peers_[side]->agent.selected();
    return pair && pair->nominated;
  }

  bool talks(Duration limit) {
    for (const TimePoint end = network_.now + limit; network_.now < end;) {
      if (exchange_data(0, 3) && exchange_data(1, 3)) return true;
    }
    return false;
  }
  void expect_recovery() {
    network_.run(scenario_.rebinding->after);
    for (const auto& peer : peers_) peer->states.clear();
    forget_mappings(scenario_.rebinding->side);
    switch (chance_after_rebinding(scenario_)) {
      case Chance::kAlways:
        EXPECT_TRUE(talks(kToConnect)) << "lost for good: " << state_of(0) << ", " << state_of(1);
        for (const auto& peer : peers_) {
          EXPECT_EQ(std::count(peer->states.begin(), peer->states.end(), State::kFailed), 0);
        }
        break;
      case Chance::kSometimes:
        EXPECT_TRUE(talks(kToFail) || (failed(0) && failed(1))) << state_of(0) << ", " << state_of(1);
        break;
      case Chance::kNever:
        EXPECT_TRUE(network_.run_until([&] { return failed(0) && failed(1); }, kToFail))
            << "not failed after the rebinding: " << state_of(0) << ", " << state_of(1);
        break;
    }
    // Whatever has become of it, a restart mends it.
    negotiate(1 - scenario_.rebinding->side, true);
    ASSERT_TRUE(settle()) << "gathering or signalling never ends after the rebinding";
    expect_connection(false);
  }

  bool failed(int side) const { return peers_[side]->agent.state() == State::kFailed; }
  void expect_agreement() {
    EXPECT_TRUE(network_.run_until(
        [&] { return (uses_last_generation(0) && uses_last_generation(1)) || (failed(0) && failed(1)); }, kToFail))
        << "neither connected nor failed: " << state_of(0) << ", " << state_of(1);
  }
  void expect_failure() {
    EXPECT_TRUE(network_.run_until([&] { return failed(0) && failed(1); }, kToFail))
        << "not failed: " << state_of(0) << ", " << state_of(1);
    for (const auto& peer : peers_) {
      EXPECT_EQ(std::count(peer->states.begin(), peer->states.end(), State::kConnected), 0) << "that cannot be";
      EXPECT_TRUE(peer->received.empty());
      EXPECT_FALSE(peer->agent.writable());
    }
  }
};

int failures() {
  return testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count();
}

Chance run(const Scenario& scenario, bool traced = false) {
  const Chance chance = chance_of(scenario);
  const int before = failures();
  Trial trial(scenario);
  if (traced) trial.trace();
  trial.run(chance);
  if (failures() > before) ADD_FAILURE() << scenario.text();
  return chance;
}

uint64_t number_from(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(ScenarioTest, WhateverCanConnectDoesAndWhatCannotFails) {
  if (const uint64_t seed = number_from("PEERWIRE_ICE_SEED", 0)) {
    const Scenario scenario = Scenario::draw(seed);
    std::cout << scenario.text() << '\n';
    run(scenario, true);
    return;
  }
  const uint64_t seeds = number_from("PEERWIRE_ICE_SEEDS", kUsualSeeds);
  // A defect shows in many of them; a few are enough to find it by.
  std::map<Chance, uint64_t> drawn, after_rebinding, lite;
  uint64_t glares = 0;
  for (uint64_t seed = 1; seed <= seeds && failures() < 20; ++seed) {
    const Scenario scenario = Scenario::draw(seed);
    const Chance chance = run(scenario);
    ++drawn[chance];
    if (scenario.a.lite || scenario.b.lite) ++lite[chance];
    if (chance != Chance::kAlways) continue;
    if (scenario.rebinding) ++after_rebinding[chance_after_rebinding(scenario)];
    for (const Scenario::Restart& restart : scenario.restarts) glares += restart.glare;
  }
  if (HasFailure()) return;
  EXPECT_GT(drawn[Chance::kAlways], seeds / 3);
  EXPECT_GT(drawn[Chance::kNever], seeds / 3);
  EXPECT_GT(lite[Chance::kAlways], seeds / 100);
  EXPECT_GT(lite[Chance::kNever], seeds / 100);
  EXPECT_GT(after_rebinding[Chance::kAlways], seeds / 100);
  EXPECT_GT(after_rebinding[Chance::kNever], seeds / 100);
  EXPECT_GT(glares, seeds / 100);
}

}  // namespace
}  // namespace peerwire::ice::test

// Restarts that take their time, are undone or never answered; nomination; all in virtual time.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;
using State = IceTransportState;
using Type = IceCandidateType;

/// Two hosts with several addresses each, so that there is more than one valid pair.
struct Multihomed {
  explicit Multihomed(uint64_t seed = 1, int addresses = 2)
      : network(seed), a(network, "aaaa", seed * 2), b(network, "bbbb", seed * 2 + 1) {
    a.agent.set_remote_parameters(network.now, Host::parameters("bbbb"));
    b.agent.set_remote_parameters(network.now, Host::parameters("aaaa"));
    a.agent.start(network.now, IceRole::kControlling);
    b.agent.start(network.now, IceRole::kControlled);
    for (int i = 1; i <= addresses; ++i) {
      a.add_address(at("10.0.1." + std::to_string(i), 1001));
      b.add_address(at("10.0.2." + std::to_string(i), 1002));
    }
    a.gather();
    b.gather();
  }
  void trickle() {
    for (const IceCandidate& candidate : a.candidates) b.tell(candidate);
    for (const IceCandidate& candidate : b.candidates) a.tell(candidate);
    a.agent.set_remote_end_of_candidates(network.now);
    b.agent.set_remote_end_of_candidates(network.now);
  }
  bool connect(Duration limit = 10s) {
    trickle();
    return network.run_until(
        [&] { return a.agent.state() == State::kCompleted && b.agent.state() == State::kCompleted; }, limit);
  }
  /// Whether both ends use the same pair.
  bool agree() const {
    const CandidatePair *of_a = a.agent.selected(), *of_b = b.agent.selected();
    return of_a && of_b && a.agent.base_address(of_a->base) == of_b->remote_address() &&
           b.agent.base_address(of_b->base) == of_a->remote_address();
  }
  void exchange_data() {
    a.received.clear();
    b.received.clear();
    ASSERT_TRUE(a.agent.send(network.now, Bytes{20}));
    ASSERT_TRUE(b.agent.send(network.now, Bytes{21}));
    network.run(100ms);
    ASSERT_EQ(a.received.size(), 1u);
    ASSERT_EQ(b.received.size(), 1u);
  }
  static size_t count(const Host& host, State state) {
    return static_cast<size_t>(std::count(host.states.begin(), host.states.end(), state));
  }
  Network network;
  Host a, b;
};

void regather(Network& network, Host& host, int addresses) {
  host.candidates.clear();
  host.agent.begin_gathering(network.now);
  for (int i = 0; i < addresses; ++i) host.agent.reuse_base(i);
  host.agent.end_servers(network.now);
}

TEST(RestartTest, WithoutAnAnswerEveryPairOfBeforeGoesOn) {
  for (const bool controlling_restarts : {true, false}) {
    for (const bool told : {false, true}) {
      Multihomed pair;
      ASSERT_TRUE(pair.connect());
      Host &first = controlling_restarts ? pair.a : pair.b, &second = controlling_restarts ? pair.b : pair.a;
      first.agent.restart(pair.network.now, Host::parameters("newa"), false);
      regather(pair.network, first, 2);
      if (told) {
        second.agent.set_remote_parameters(pair.network.now, Host::parameters("newa"), true);
        for (const IceCandidate& candidate : first.candidates) second.tell(candidate);
      }
      for (int i = 0; i < 20; ++i) {
        pair.exchange_data();
        pair.network.run(5s);
      }
      // The pair in use breaks; there is another.
      pair.network.filter = [](const SocketAddress& from, const SocketAddress& to, ByteView) {
        return from.same_ip(at("10.0.1.1", 0)) || to.same_ip(at("10.0.1.1", 0));
      };
      pair.network.run(20s);
      pair.exchange_data();
      pair.network.run(60s);
      pair.exchange_data();
      EXPECT_EQ(Multihomed::count(first, State::kDisconnected), 0u);
      EXPECT_EQ(Multihomed::count(second, State::kDisconnected), 0u);
    }
  }
}

TEST(RestartTest, UndoneByTheCredentialsOfBefore) {
  for (const bool told : {false, true}) {
    Multihomed pair;
    ASSERT_TRUE(pair.connect());
    const auto before = pair.a.agent.stats(pair.network.now, 0);
    for (int round = 0; round < 3; ++round) {
      const auto fresh = Host::parameters("new" + std::to_string(round));
      pair.a.agent.restart(pair.network.now, fresh, false);
      regather(pair.network, pair.a, 2);
      if (told) {
        pair.b.agent.set_remote_parameters(pair.network.now, fresh, true);
        for (const IceCandidate& candidate : pair.a.candidates) pair.b.tell(candidate);
      }
      pair.network.run(40s);
      EXPECT_FALSE(pair.a.agent.restart(pair.network.now, Host::parameters("aaaa"), false)) << "nothing to gather";
      if (told) pair.b.agent.set_remote_parameters(pair.network.now, Host::parameters("aaaa"));
      EXPECT_EQ(pair.a.agent.state(), State::kCompleted);
      EXPECT_EQ(pair.b.agent.state(), State::kCompleted);
      pair.network.run(40s);
      pair.exchange_data();
    }
    const auto after = pair.a.agent.stats(pair.network.now, 0);
    EXPECT_EQ(after.pairs.size(), before.pairs.size());
    EXPECT_EQ(after.candidates.size(), before.candidates.size());
    EXPECT_EQ(after.selected_pair_id, before.selected_pair_id);
    EXPECT_EQ(after.selected_pair_changes, before.selected_pair_changes);
    EXPECT_EQ(Multihomed::count(pair.a, State::kDisconnected) + Multihomed::count(pair.b, State::kDisconnected), 0u);
    // A restart after that is like any other.
    pair.a.agent.restart(pair.network.now, Host::parameters("last"), false);
    regather(pair.network, pair.a, 2);
    pair.b.agent.set_remote_parameters(pair.network.now, Host::parameters("last"), true);
    pair.b.agent.restart(pair.network.now, Host::parameters("end1"), false);
    regather(pair.network, pair.b, 2);
    pair.a.agent.set_remote_parameters(pair.network.now, Host::parameters("end1"));
    pair.trickle();
    pair.exchange_data();
    pair.network.run(10s);
    EXPECT_EQ(pair.a.agent.selected()->local->candidate.username_fragment, "last");
    EXPECT_EQ(pair.b.agent.selected()->local->candidate.username_fragment, "end1");
    EXPECT_TRUE(pair.agree());
    EXPECT_EQ(pair.a.agent.stats(pair.network.now, 0).pairs.size(), before.pairs.size()) << "the old ones are gone";
  }
}

// Each side offers a restart before the one before has led to a pair; one takes its offer back for the other's.
TEST(RestartTest, OfBothAtOnceAfterAnotherThatHadNoTime) {
  for (const bool controlling_gives_way : {true, false}) {
    for (const bool peer_goes_on : {true, false}) {
      Multihomed pair;
      ASSERT_TRUE(pair.connect());
      Network& network = pair.network;
      Host &first = controlling_gives_way ? pair.a : pair.b, &second = controlling_gives_way ? pair.b : pair.a;
      const auto restart = [&](Host& host, const std::string& fragment) {
        host.agent.restart(network.now, Host::parameters(fragment), false);
        regather(network, host, 2);
      };
      restart(second, "new2");
      first.agent.set_remote_parameters(network.now, Host::parameters("new2"), true);
      restart(first, "new1");
      second.agent.set_remote_parameters(network.now, Host::parameters("new1"));
      pair.trickle();
      restart(first, "lost");
      if (peer_goes_on) restart(second, "last2");
      restart(first, "new1");
      if (peer_goes_on) {
        first.agent.set_remote_parameters(network.now, Host::parameters("last2"), true);
        restart(first, "last1");
        second.agent.set_remote_parameters(network.now, Host::parameters("last1"));
        pair.trickle();
      }
      const std::string expected = peer_goes_on ? "last1" : "new1";
      EXPECT_TRUE(network.run_until(
          [&] {
            const CandidatePair* selected = first.agent.selected();
            return pair.agree() && selected->local->candidate.username_fragment == expected;
          },
          5s));
      pair.exchange_data();
      EXPECT_EQ(first.silences + second.silences, 0);
    }
  }
}

// The peer's offer of a restart is taken back when the restart before it has not led to a pair.
TEST(RestartTest, OfThePeerIsTakenBackAfterAnotherThatHadNoTime) {
  Multihomed pair;
  ASSERT_TRUE(pair.connect());
  Network& network = pair.network;
  pair.b.agent.restart(network.now, Host::parameters("newb"), false);
  regather(network, pair.b, 2);
  pair.a.agent.set_remote_parameters(network.now, Host::parameters("newb"), true);
  pair.a.agent.restart(network.now, Host::parameters("newa"), false);
  regather(network, pair.a, 2);
  pair.b.agent.set_remote_parameters(network.now, Host::parameters("newa"));
  pair.trickle();
  pair.a.agent.set_remote_parameters(network.now, Host::parameters("lost"), true);
  pair.a.agent.set_remote_parameters(network.now, Host::parameters("newb"));
  EXPECT_TRUE(network.run_until(
      [&] { return pair.agree() && pair.a.agent.selected()->remote->candidate.username_fragment == "newb"; }, 5s));
  pair.exchange_data();
}

TEST(RestartTest, NothingIsLostWhileTheNewPairTakesOver) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Multihomed pair(seed);
    ASSERT_TRUE(pair.connect());
    pair.network.delay = 30ms;
    // The new generation takes other addresses: what is under way to the old ones still counts.
    pair.a.agent.restart(pair.network.now, Host::parameters("newa"), false);
    pair.b.agent.set_remote_parameters(pair.network.now, Host::parameters("newa"), true);
    pair.b.agent.restart(pair.network.now, Host::parameters("newb"), false);
    pair.a.agent.set_remote_parameters(pair.network.now, Host::parameters("newb"));
    for (Host* host : {&pair.a, &pair.b}) {
      host->candidates.clear();
      host->agent.begin_gathering(pair.network.now);
      host->agent.reuse_base(1);
      host->agent.end_servers(pair.network.now);
    }
    pair.trickle();
    pair.a.received.clear();
    pair.b.received.clear();
    for (int i = 0; i < 1000; ++i) {
      ASSERT_TRUE(pair.a.agent.send(pair.network.now, Bytes{20}));
      ASSERT_TRUE(pair.b.agent.send(pair.network.now, Bytes{21}));
      pair.network.run(1ms);
    }
    pair.network.run(100ms);
    EXPECT_EQ(pair.a.received.size(), 1000u);
    EXPECT_EQ(pair.b.received.size(), 1000u);
    EXPECT_EQ(pair.a.agent.selected()->local->candidate.username_fragment, "newa");
    EXPECT_TRUE(pair.agree());
  }
}

TEST(RestartTest, AnotherAnswerIsCheckedWithOurCredentialsAsTheyAre) {
  Multihomed pair;
  ASSERT_TRUE(pair.connect());
  Host c(pair.network, "cccc", 99);  // who was forked to, and answers last
  c.add_address(at("10.0.3.1", 1003));
  c.gather();
  c.agent.set_remote_parameters(pair.network.now, Host::parameters("aaaa"));
  c.agent.start(pair.network.now, IceRole::kControlled);
  pair.a.agent.set_remote_parameters(pair.network.now, Host::parameters("cccc"));
  pair.a.tell(c.candidates.at(0));
  ASSERT_TRUE(pair.network.run_until([&] { return c.connected(); }, 2s));
  pair.network.run(1s);
  EXPECT_EQ(pair.a.agent.selected()->remote_address(), at("10.0.3.1", 1003));
}

TEST(NominationTest, BothEndsUseTheSamePair) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    Multihomed pair(seed, 3);
    pair.network.jitter = std::chrono::milliseconds(seed % 40);
    pair.network.loss = seed % 3 == 0 ? 0.2 : 0;
    // Candidates are told in any order and at any time, or not at all, as long as there is one.
    std::vector<std::pair<Host*, IceCandidate>> told;
    for (const IceCandidate& candidate : pair.a.candidates) told.emplace_back(&pair.b, candidate);
    for (const IceCandidate& candidate : pair.b.candidates) told.emplace_back(&pair.a, candidate);
    std::shuffle(told.begin(), told.end(), pair.network.random);
    if (seed % 4 == 0) told.resize(3);
    for (auto& [to, candidate] : told) {
      to->tell(candidate);
      pair.network.run(std::chrono::milliseconds(pair.network.random() % 15));
    }
    ASSERT_TRUE(pair.network.run_until(
        [&] { return pair.agree() && pair.a.agent.selected()->nominated && pair.b.agent.selected()->nominated; }, 5s))
        << seed;
    const CandidatePair* selected = pair.a.agent.selected();
    pair.network.run(pair.network.loss > 0 ? 0s : 60s);
    EXPECT_EQ(pair.a.agent.selected(), selected) << seed << ": one nomination is enough";
    EXPECT_TRUE(pair.agree()) << seed;
    const auto stats = pair.a.agent.stats(pair.network.now, 0);
    const auto nominated = [](const auto& each) { return each.nominated; };
    EXPECT_EQ(std::count_if(stats.pairs.begin(), stats.pairs.end(), nominated), 1) << seed;
  }
}

TEST(NominationTest, ASignalledCandidateTakesThePlaceOfAPeerReflexiveOne) {
  Multihomed pair;
  for (const IceCandidate& candidate : pair.b.candidates) pair.a.tell(candidate);
  ASSERT_TRUE(pair.network.run_until([&] { return pair.agree() && pair.b.agent.selected()->nominated; }, 1s));
  EXPECT_EQ(pair.b.selected_types.back(), std::make_pair(Type::kHost, Type::kPeerReflexive));
  const uint64_t priority = pair.b.agent.selected()->priority;
  for (const IceCandidate& candidate : pair.a.candidates) pair.b.tell(candidate);
  EXPECT_EQ(pair.b.selected_types.back(), std::make_pair(Type::kHost, Type::kHost)) << "it is told";
  EXPECT_GT(pair.b.agent.selected()->priority, priority);
  EXPECT_EQ(pair.b.agent.selected()->priority, pair.a.agent.selected()->priority);
  for (const auto& candidate : pair.b.agent.stats(pair.network.now, 0).candidates) {
    EXPECT_EQ(candidate.candidate.type, Type::kHost);
  }
}

TEST(NominationTest, IsRepeatedOnlyWhenThePairFails) {
  Multihomed pair;
  ASSERT_TRUE(pair.connect());
  const SocketAddress first = pair.a.agent.base_address(pair.a.agent.selected()->base);
  pair.network.filter = [&](const SocketAddress& from, const SocketAddress& to, ByteView) {
    return from.same_ip(first) || to.same_ip(first);
  };
  ASSERT_TRUE(pair.network.run_until(
      [&] { return pair.a.agent.base_address(pair.a.agent.selected()->base) != first && pair.agree(); }, 15s));
  pair.network.run(5s);
  EXPECT_TRUE(pair.a.agent.selected()->nominated);
  EXPECT_TRUE(pair.b.agent.selected()->nominated);
  const CandidatePair* second = pair.a.agent.selected();
  pair.network.filter = nullptr;
  pair.network.run(60s);
  EXPECT_EQ(pair.a.agent.selected(), second);
  EXPECT_TRUE(pair.agree());
}

TEST(ForgetRemoteTest, TurnsToAnotherPeerWithTheCandidatesOfBefore) {
  Multihomed pair;
  ASSERT_TRUE(pair.connect());
  Host third(pair.network, "cccc", 77);
  third.agent.set_remote_parameters(pair.network.now, Host::parameters("aaaa"));
  third.agent.start(pair.network.now, IceRole::kControlled);
  third.add_address(at("10.0.3.1", 1003));
  third.gather();
  for (const bool half_restarted : {false, true}) {
    if (half_restarted) pair.a.agent.set_remote_parameters(pair.network.now, Host::parameters("dddd"), true);
    pair.a.states.clear();
    pair.a.agent.forget_remote(pair.network.now);
    EXPECT_EQ(pair.a.states, std::vector{State::kNew});
    EXPECT_EQ(pair.a.agent.pair_count(), 0u);
    EXPECT_EQ(pair.a.agent.remote_candidate_count(), 0u);
    EXPECT_FALSE(pair.a.writable_now);
    // Nothing of the peer of before counts any more.
    pair.b.agent.send(pair.network.now, Bytes{20});
    pair.network.run(10s);
    EXPECT_EQ(pair.a.agent.state(), State::kNew);
  }
  pair.a.agent.set_remote_parameters(pair.network.now, Host::parameters("cccc"));
  for (const IceCandidate& candidate : third.candidates) pair.a.tell(candidate);
  for (const IceCandidate& candidate : pair.a.candidates) third.tell(candidate);
  pair.a.agent.set_remote_end_of_candidates(pair.network.now);
  third.agent.set_remote_end_of_candidates(pair.network.now);
  ASSERT_TRUE(pair.network.run_until(
      [&] { return pair.a.agent.state() == State::kCompleted && third.agent.state() == State::kCompleted; }, 10s));
  EXPECT_EQ(pair.a.agent.selected()->remote_address(), at("10.0.3.1", 1003));
}

TEST(StateTest, CompletedIsNeverSaidBeforeConnected) {
  bool at_once = false;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Multihomed pair(seed, 1 + static_cast<int>(seed % 2));
    pair.network.loss = seed % 4 ? 0.3 : 0;
    ASSERT_TRUE(pair.connect(60s)) << seed;
    pair.network.run(30s);
    for (const Host* host : {&pair.a, &pair.b}) {
      for (size_t i = 0; i < host->states.size(); ++i) {
        if (host->states[i] != State::kCompleted) continue;
        ASSERT_GT(i, 0u);
        EXPECT_EQ(host->states[i - 1], State::kConnected) << seed;
        at_once = true;
      }
    }
  }
  EXPECT_TRUE(at_once);
}

TEST(StateTest, CompletedStaysWhereABetterPairCannotBe) {
  Multihomed pair;
  const SocketAddress first = at("10.0.1.1", 0);
  pair.network.filter = [&](const SocketAddress& from, const SocketAddress& to, ByteView) {
    return from.same_ip(first) || to.same_ip(first);
  };
  ASSERT_TRUE(pair.connect(60s));
  const size_t of_a = pair.a.states.size(), of_b = pair.b.states.size();
  const uint64_t sent = pair.network.sent;
  pair.network.run(120s);
  EXPECT_EQ(pair.a.states.size(), of_a);
  EXPECT_EQ(pair.b.states.size(), of_b);
  // Consent every 2 s, the spare pair every 10 s, both ways with their answers; nothing for what is known to fail.
  EXPECT_LT(pair.network.sent - sent, 400u);
  // When it is needed it is tried.
  pair.network.filter = [&](const SocketAddress& from, const SocketAddress& to, ByteView) {
    return !from.same_ip(first) && !to.same_ip(first);
  };
  ASSERT_TRUE(pair.network.run_until(
      [&] { return pair.agree() && pair.a.agent.base_address(0).same_ip(first) && pair.a.agent.selected()->base == 0; },
      15s));
}

TEST(LoadTest, LateAnswersAreNotAskedForMore) {
  Multihomed pair;
  ASSERT_TRUE(pair.connect());
  // As on a machine that cannot keep up: all that arrives is seconds late, nothing is lost.
  pair.network.delay = 1500ms;
  pair.network.jitter = 500ms;
  pair.network.run(30s);
  const uint64_t before = pair.network.sent;
  pair.network.run(60s);
  // Two agents with four pairs each: consent every 2 s for the one in use, 10 s for the others, and the answers.
  EXPECT_LT(pair.network.sent - before, 600u);
  EXPECT_EQ(pair.a.agent.state(), State::kCompleted);
  EXPECT_EQ(pair.b.agent.state(), State::kCompleted);
}

// A restart goes over another address; the peer answers it twice, with other credentials each time.
TEST(AgentRestart, TheCandidatesThatASecondAnswerMeetsAreThoseOfTheRestart) {
  Multihomed pair(1, 1);
  ASSERT_TRUE(pair.connect());
  const SocketAddress gone = pair.a.agent.base_address(0);
  pair.network.filter = [=](const auto& from, const auto& to, ByteView) { return from == gone || to == gone; };
  pair.a.agent.set_base_usable(pair.network.now, 0, false);
  pair.a.candidates.clear();
  ASSERT_TRUE(pair.a.agent.restart(pair.network.now, Host::parameters("newa"), false));
  pair.a.agent.begin_gathering(pair.network.now);
  pair.a.add_address(at("10.0.1.9", 1001));
  pair.a.agent.end_servers(pair.network.now);
  for (const char* answer : {"once", "again"}) {
    pair.b.candidates.clear();
    ASSERT_TRUE(pair.b.agent.restart(pair.network.now, Host::parameters(answer), false));
    pair.b.agent.set_remote_parameters(pair.network.now, Host::parameters("newa"));
    pair.b.agent.begin_gathering(pair.network.now);
    pair.b.agent.reuse_base(0);
    pair.b.agent.end_servers(pair.network.now);
    pair.a.agent.set_remote_parameters(pair.network.now, Host::parameters(answer));
  }
  pair.trickle();
  const auto moved = [&] { return pair.agree() && pair.a.agent.selected()->base == 1; };
  ASSERT_TRUE(pair.network.run_until(moved, 20s));
  pair.exchange_data();
}

}  // namespace
}  // namespace peerwire::ice::test

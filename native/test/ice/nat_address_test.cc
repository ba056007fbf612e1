// External addresses that an operator has told (IceOptions::nat_addresses), in virtual time.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "transport/ice/address_mapping.h"

namespace peerwire::ice::test {
namespace {

using std::chrono::seconds;

AddressMapping mapping(std::vector<IceNatAddress> addresses, IceCandidateType type) {
  IceOptions options;
  options.nat_addresses = std::move(addresses);
  options.nat_candidate_type = type;
  return AddressMapping(options);
}

/// A 1:1 NAT: whatever is for the external address goes to the host, what the host sends comes from it.
class OneToOne {
 public:
  OneToOne(Network& network, const std::string& external) : network_(network), external_(at(external, 0)) {}
  void attach(Host& host, const SocketAddress& inner) {
    network_.attach(external_, [&host, inner](const auto& from, const auto& to, ByteView datagram) {
      host.receive(from, inner.with_port(to.port()), datagram);
    });
  }

 private:
  Network& network_;
  SocketAddress external_;
};

TEST(AddressMapping, PrefersTheOwnEntryOfAnAddressAndLeavesLoopbackAlone) {
  const auto of = mapping({{"203.0.113.1", ""}, {"203.0.113.2", "10.0.0.2"}, {"2001:db8::1", ""}, {"nonsense", ""}},
                          IceCandidateType::kHost);
  EXPECT_EQ(of.external_of(at("10.0.0.1", 7)), at("203.0.113.1", 7));
  EXPECT_EQ(of.external_of(at("10.0.0.2", 7)), at("203.0.113.2", 7));
  EXPECT_EQ(of.external_of(at("fd00::1", 9)), at("2001:db8::1", 9));
  EXPECT_EQ(of.external_of(at("127.0.0.1", 9)), std::nullopt);
  EXPECT_EQ(AddressMapping().external_of(at("10.0.0.1", 7)), std::nullopt);
}

TEST(NatAddresses, ReplaceTheHostCandidate) {
  Network network;
  Host host(network, "aaaa", 1);
  host.agent.set_address_mapping(mapping({{"203.0.113.1", ""}}, IceCandidateType::kHost));
  host.add_address(at("10.0.0.1", 5000));
  host.gather();
  ASSERT_EQ(host.candidates.size(), 1u);
  EXPECT_EQ(host.candidates[0].type, IceCandidateType::kHost);
  EXPECT_EQ(host.candidates[0].address, "203.0.113.1");
  EXPECT_EQ(host.candidates[0].port, 5000);
  EXPECT_EQ(host.candidates[0].related_address, "");
}

TEST(NatAddresses, StandBesideTheHostCandidateAsServerReflexiveOnes) {
  Network network;
  Host host(network, "aaaa", 1);
  host.agent.set_address_mapping(mapping({{"203.0.113.1", "10.0.0.1"}}, IceCandidateType::kServerReflexive));
  host.add_address(at("10.0.0.1", 5000));
  host.add_address(at("10.0.0.2", 5001));
  host.gather();
  ASSERT_EQ(host.candidates.size(), 3u);
  EXPECT_EQ(host.candidates[0].address, "10.0.0.1");
  EXPECT_EQ(host.candidates[1].type, IceCandidateType::kServerReflexive);
  EXPECT_EQ(host.candidates[1].address, "203.0.113.1");
  EXPECT_EQ(host.candidates[1].related_address, "10.0.0.1");
  EXPECT_EQ(host.candidates[1].related_port, 5000);
  EXPECT_EQ(host.candidates[2].address, "10.0.0.2");
}

class NatAddressConnection : public testing::TestWithParam<IceCandidateType> {};

TEST_P(NatAddressConnection, APeerReachesTheServerBehindTheNat) {
  Network network;
  // What the client sends to the inner address goes nowhere.
  network.filter = [](const auto& from, const auto& to, ByteView) {
    return (from == at("198.51.100.1", 6000)) && to.same_ip(at("10.0.0.1", 0));
  };
  Nat nat(network, "203.0.113.1", kConeNat);
  Host server(network, "aaaa", 1, false, &nat), client(network, "bbbb", 2);
  server.agent.set_address_mapping(mapping({{"203.0.113.9", ""}}, GetParam()));
  server.add_address(at("10.0.0.1", 5000));
  OneToOne(network, "203.0.113.9").attach(server, at("10.0.0.1", 0));
  client.add_address(at("198.51.100.1", 6000));
  server.peer = &client;
  client.peer = &server;
  for (const IceCandidate& candidate : server.candidates) client.tell(candidate);
  for (const IceCandidate& candidate : client.candidates) server.tell(candidate);
  server.agent.set_remote_parameters(network.now, Host::parameters("bbbb"));
  client.agent.set_remote_parameters(network.now, Host::parameters("aaaa"));
  server.agent.start(network.now, IceRole::kControlled);
  client.agent.start(network.now, IceRole::kControlling);
  server.gather();
  client.gather();
  EXPECT_TRUE(network.run_until([&] { return server.connected() && client.connected(); }, seconds(5)));
}

INSTANTIATE_TEST_SUITE_P(Types, NatAddressConnection,
                         testing::Values(IceCandidateType::kHost, IceCandidateType::kServerReflexive));

}  // namespace
}  // namespace peerwire::ice::test

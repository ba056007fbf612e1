// Which addresses a filter lets through, and when loopback is among them.
#include "net/interface_filter.h"

#include <gtest/gtest.h>

#include "net/network_interfaces.h"

namespace peerwire {
namespace {

SocketAddress ip(const char* text) {
  return *SocketAddress::parse(text, 0);
}

std::vector<std::string> names(const std::vector<InterfaceAddress>& addresses) {
  std::vector<std::string> texts;
  for (const auto& each : addresses) texts.push_back(each.address.ip_text());
  return texts;
}

const std::vector<InterfaceAddress> kListed = {
    {"lo", ip("127.0.0.1")},       {"lo", ip("::1")},
    {"eth0", ip("192.0.2.1")},     {"eth0", ip("2001:db8::1")},
    {"docker0", ip("172.17.0.1")}, {"docker12", ip("172.18.0.1")},
    {"eth0:1", ip("192.0.2.1")},   {"wg0", ip("10.200.3.4")},
};

using Texts = std::vector<std::string>;

TEST(InterfaceFilter, WithoutEntriesAdmitsAllButLoopbackEachOnceIpv6First) {
  EXPECT_EQ(names(select_addresses(kListed, false, {})),
            (Texts{"2001:db8::1", "192.0.2.1", "172.17.0.1", "172.18.0.1", "10.200.3.4"}));
}

TEST(InterfaceFilter, TakesNamesBeginningsOfNamesAddressesAndPrefixes) {
  EXPECT_EQ(names(select_addresses(kListed, false, {{"eth0"}, {}})), (Texts{"2001:db8::1", "192.0.2.1"}));
  EXPECT_EQ(names(select_addresses(kListed, false, {{}, {"docker*", "wg0"}})), (Texts{"2001:db8::1", "192.0.2.1"}));
  EXPECT_EQ(names(select_addresses(kListed, false, {{"10.192.0.0/10"}, {}})), (Texts{"10.200.3.4"}));
  EXPECT_EQ(names(select_addresses(kListed, false, {{"2001:db8::/32", "172.17.0.1"}, {}})),
            (Texts{"2001:db8::1", "172.17.0.1"}));
  EXPECT_EQ(names(select_addresses(kListed, false, {{"0.0.0.0/0"}, {"172.16.0.0/12", "10.0.0.0/8"}})),
            (Texts{"192.0.2.1", "127.0.0.1"}));
}

TEST(InterfaceFilter, ExclusionWins) {
  EXPECT_EQ(names(select_addresses(kListed, true, {{"eth0", "lo"}, {"eth0", "::1"}})), (Texts{"127.0.0.1"}));
}

TEST(InterfaceFilter, LoopbackIsThereWhereAskedForOrWhereNothingElseExists) {
  EXPECT_EQ(names(select_addresses(kListed, false, {{"lo"}, {}})), (Texts{"::1", "127.0.0.1"}));
  const std::vector<InterfaceAddress> alone = {{"lo", ip("127.0.0.1")}};
  EXPECT_EQ(names(select_addresses(alone, false, {})), (Texts{"127.0.0.1"}));
  // What was excluded exists all the same: nothing is used behind the back of whoever excluded it.
  EXPECT_EQ(names(select_addresses(kListed, false, {{}, {"0.0.0.0/0", "::/0"}})), Texts{});
}

TEST(InterfaceFilter, DeprecatedAddressesAreBegunWithWhereTheInterfaceHasNoOther) {
  using enum AddressKind;
  const InterfaceAddress old{"eth0", ip("2001:db8::1"), kDeprecated}, other{"eth0", ip("2001:db8:1::2")};
  const InterfaceAddress elsewhere{"eth1", ip("2001:db8::3")}, ipv4{"eth0", ip("192.0.2.1")};
  EXPECT_EQ(names(select_addresses({old, other}, false, {})), (Texts{"2001:db8:1::2"}));
  EXPECT_EQ(names(select_addresses({old, elsewhere, ipv4}, false, {})),
            (Texts{"2001:db8::1", "2001:db8::3", "192.0.2.1"}));
  // Asked for, and no other with it.
  EXPECT_EQ(names(select_addresses({old, other}, false, {{"2001:db8::1"}, {}})), (Texts{"2001:db8::1"}));
}

TEST(InterfaceFilter, AutomaticAddressesAreLeftOutBesideTemporaryOnesOfTheirPrefix) {
  using enum AddressKind;
  const InterfaceAddress automatic{"eth0", ip("2001:db8::1"), kAutomatic}, plain{"eth0", ip("2001:db8::2")};
  const InterfaceAddress temporary{"eth0", ip("2001:db8::3"), kTemporary}, old{"eth0", ip("2001:db8::4"), kDeprecated};
  const InterfaceAddress other_prefix{"eth0", ip("2001:db8:0:1::1"), kAutomatic};
  const InterfaceAddress elsewhere{"eth1", ip("2001:db8::5"), kAutomatic};
  EXPECT_EQ(names(select_addresses({automatic, plain, temporary, old, other_prefix, elsewhere}, false, {})),
            (Texts{"2001:db8::2", "2001:db8::3", "2001:db8:0:1::1", "2001:db8::5"}));
  EXPECT_EQ(names(select_addresses({automatic, old}, false, {})), (Texts{"2001:db8::1"}));
}

TEST(InterfaceFilter, EntriesThatMeanNothingAdmitNothing) {
  for (const char* entry : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/8x", "x/8", "2001:db8::/129", "/8"}) {
    EXPECT_TRUE(select_addresses(kListed, false, {{entry}, {}}).empty()) << entry;
  }
}

}  // namespace
}  // namespace peerwire

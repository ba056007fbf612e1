// Messages of multicast DNS from anybody on the link: to an endpoint that has a name and asks for another.
#include <cstdlib>

#include "net/mdns_endpoint.h"

namespace {

struct Nobody : peerwire::MdnsEndpoint::Sender {
  size_t octets = 0;
  void multicast(const peerwire::MdnsLink&, peerwire::ByteView datagram) override { octets += datagram.size(); }
  void unicast(const peerwire::MdnsLink&, const peerwire::SocketAddress&, peerwire::ByteView datagram) override {
    octets += datagram.size();
  }
  bool asks_from_other_port() const override { return false; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using namespace peerwire;
  if (const auto message = MdnsMessage::parse({octets, size})) {
    if (message->questions.size() > MdnsMessage::kMaxQuestions || message->answers.size() > MdnsMessage::kMaxAnswers) {
      std::abort();
    }
    const auto again = MdnsMessage::parse(message->serialize());
    if (!again || again->questions.size() != message->questions.size() ||
        again->answers.size() != message->answers.size()) {
      std::abort();
    }
    for (size_t i = 0; i < message->answers.size(); ++i) {
      if (again->answers[i].address != message->answers[i].address) std::abort();
      if (again->answers[i].name != message->answers[i].name) std::abort();
    }
  }
  Nobody nobody;
  MdnsEndpoint endpoint(&nobody);
  TimePoint now{std::chrono::hours(1)};
  endpoint.publish("a.local", *SocketAddress::parse("192.0.2.1", 0));
  int answered = 0;
  endpoint.ask(now, "b.local", [&](const auto&) { ++answered; });
  const auto stranger = *SocketAddress::parse("192.0.2.2", size % 2 ? 5353 : 1234);
  for (int i = 0; i < 2; ++i) endpoint.handle_datagram(now, {IpFamily::kIpv4, 1}, stranger, {octets, size});
  if (endpoint.cached() > 1) std::abort();
  now += MdnsEndpoint::kGiveUpAfter;
  endpoint.handle_timeout(now);
  if (answered != 1) std::abort();
  return 0;
}

// Any octets are RTCP packets up to the first malformed one; what was read, written and read again, is the same.
#include "rtp/rtcp/rtcp_packet.h"

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using namespace peerwire;
  const auto packets = rtcp::parse({octets, size});
  for (const auto& packet : packets) {
    const auto* feedback = std::get_if<rtcp::TransportFeedback>(&packet);
    if (!feedback) continue;
    require(!feedback->packets.empty() && feedback->packets.size() <= 65'535);
    const size_t fit = rtcp::transport_feedback_fit(*feedback, 1200);
    rtcp::TransportFeedback part = *feedback;
    part.packets.resize(fit);
    const rtcp::Packet one[] = {part};
    require(rtcp::serialize(one).size() <= 1200);
  }
  const Bytes written = rtcp::serialize(packets);
  const auto again = rtcp::parse(written);
  require(again.size() == packets.size());
  for (size_t i = 0; i < again.size(); ++i) require(again[i].index() == packets[i].index());
  require(rtcp::serialize(again) == written);
  return 0;
}

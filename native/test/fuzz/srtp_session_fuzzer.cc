// Any octets are refused by an SRTP session, or, protected by it, come back as they were.
#include <algorithm>

#include "transport/srtp_session.h"

namespace {

using namespace peerwire;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  if (size < 2) return 0;
  const auto profile = static_cast<SrtpProfile>(octets[0] % 4);
  const bool is_rtcp = octets[0] & 4;
  const size_t shift = octets[1] % 4;  // where in a word the packet lies
  const ByteView data{octets + 2, size - 2};
  const Bytes key(srtp_key_size(profile) + srtp_salt_size(profile), 7);
  const auto session = SrtpSession::create(profile, key, key);
  require(session != nullptr);

  Bytes buffer(shift + data.size() + SrtpSession::kMaxRtcpOverhead);
  const auto packet = std::span(buffer).subspan(shift);
  std::copy(data.begin(), data.end(), packet.begin());
  const auto received = packet.first(data.size());
  require((is_rtcp ? session->unprotect_rtcp(received) : session->unprotect_rtp(received)) == 0);

  std::copy(data.begin(), data.end(), packet.begin());
  const size_t sealed =
      is_rtcp ? session->protect_rtcp(packet, data.size()) : session->protect_rtp(packet, data.size());
  if (sealed == 0) return 0;
  const auto opened = packet.first(sealed);
  require((is_rtcp ? session->unprotect_rtcp(opened) : session->unprotect_rtp(opened)) == data.size());
  require(std::equal(data.begin(), data.end(), packet.begin()));
  require((is_rtcp ? session->unprotect_rtcp(opened) : session->unprotect_rtp(opened)) == 0);
  return 0;
}

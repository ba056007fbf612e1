// When the media of one stream was captured, by abs-capture-time: senders put it into few of their packets, and what it
// says holds for those around them.
// https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/abs-capture-time
#pragma once

#include <cstdint>
#include <optional>

#include "rtp/header_extensions.h"
#include "rtp/rtp_packet.h"

namespace peerwire {

class CaptureTimes {
 public:
  /// Takes what the packet says, if it says something.
  void on_packet(const RtpPacketView& packet, const RtpExtensionMap& map);
  /// Of media with this RTP timestamp; nullopt where nothing was said within five seconds of it.
  std::optional<AbsCaptureTime> at(uint32_t rtp_timestamp, uint32_t clock_rate) const;
  /// Another stream begins.
  void reset() { last_.reset(); }

 private:
  struct Said {
    uint32_t rtp_timestamp = 0;
    AbsCaptureTime time;
  };
  std::optional<Said> last_;
};

}  // namespace peerwire

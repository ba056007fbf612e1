// Any octets are an RTP packet or are none; what is read of one is within it, and can be written again.
#include <cstdlib>

#include "rtp/header_extensions.h"
#include "rtp/rtp_packet.h"
#include "rtp/rtx.h"

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using namespace peerwire;
  const ByteView data{octets, size};
  const auto packet = RtpPacketView::parse(data);
  Bytes copy(octets, octets + size);
  for (int id = 0; id < 256; ++id) {
    const auto writable = find_extension(copy, id);
    // To write over what was serialized needs no sound padding.
    if (!packet) continue;
    const auto value = packet->extension(id);
    require(value ? value->size() == writable.size() : writable.empty());
    if (value) require(value->data() >= octets && value->data() + value->size() <= octets + size);
  }
  const auto restored = restore_from_rtx(copy, 96, 1);
  if (!packet) {
    require(restored.empty());
    return 0;
  }
  require(packet->header_size() + packet->payload().size() + packet->padding_size() == size);
  if (!restored.empty()) {
    const auto original = RtpPacketView::parse(restored);
    require(original && original->payload().size() + 2 == packet->payload().size());
    require(original->header().ssrc == 1 && original->header().timestamp == packet->header().timestamp);
  }

  RtpExtensionMap map;
  RtpPacketToSend again;
  again.header = packet->header();
  again.payload.assign(packet->payload().begin(), packet->payload().end());
  again.padding_size = packet->padding_size();
  for (int i = 0; i < static_cast<int>(RtpExtension::kCount); ++i) {
    const auto extension = static_cast<RtpExtension>(i);
    map.set(extension, i + 1);
    if (const auto value = packet->extension(map, extension)) again.set_extension(extension, *value);
  }
  const Bytes written = again.serialize(map);
  const auto reread = RtpPacketView::parse(written);
  require(reread.has_value());
  require(reread->header().ssrc == packet->header().ssrc && reread->header().csrcs == packet->header().csrcs);
  require(reread->payload().size() == packet->payload().size());
  for (int i = 0; i < static_cast<int>(RtpExtension::kCount); ++i) {
    const auto extension = static_cast<RtpExtension>(i);
    const auto before = packet->extension(map, extension), after = reread->extension(map, extension);
    require(before.has_value() == after.has_value());
    if (before) require(Bytes(before->begin(), before->end()) == Bytes(after->begin(), after->end()));
  }
  return 0;
}

// PLI (RFC 4585 section 6.3.1), FIR (RFC 5104 section 4.3.1) and REMB (draft-alvestrand-rmcat-remb-03 section 2.2).
#include <algorithm>
#include <cstring>

#include "rtp/rtcp/packet_writer.h"

namespace peerwire::rtcp {
namespace {

constexpr size_t kSsrcsSize = 8;
constexpr size_t kFirEntrySize = 8;
constexpr size_t kRembFixedSize = 16;  // SSRCs, identifier, count, exponent and mantissa
constexpr size_t kMaxRembSsrcs = 255;
constexpr uint64_t kMaxRembMantissa = 0x3FFFF;
constexpr std::string_view kRembIdentifier = "REMB";

}  // namespace

std::optional<PictureLossIndication> parse_picture_loss_indication(const Block& block) {
  if (block.body.size() < kSsrcsSize) return std::nullopt;
  return PictureLossIndication{read_u32(block.body.data()), read_u32(block.body.data() + 4)};
}

void write(const PictureLossIndication& indication, Bytes& out) {
  PacketWriter writer(out, kPayloadSpecificFeedback);
  writer.set_count(kPictureLoss);
  writer.add_u32(indication.sender_ssrc);
  writer.add_u32(indication.media_ssrc);
}

std::optional<FullIntraRequest> parse_full_intra_request(const Block& block) {
  const size_t entries_size = block.body.size() < kSsrcsSize ? 0 : block.body.size() - kSsrcsSize;
  if (entries_size == 0 || entries_size % kFirEntrySize != 0) return std::nullopt;
  FullIntraRequest request;
  request.sender_ssrc = read_u32(block.body.data());
  for (size_t at = kSsrcsSize; at < block.body.size(); at += kFirEntrySize) {
    request.entries.push_back({read_u32(&block.body[at]), block.body[at + 4]});
  }
  return request;
}

void write(const FullIntraRequest& request, Bytes& out) {
  if (request.entries.empty()) return;  // there is no such packet
  PacketWriter writer(out, kPayloadSpecificFeedback);
  writer.set_count(kFullIntra);
  writer.add_u32(request.sender_ssrc);
  writer.add_u32(0);  // the SSRC of the media is in the entries
  for (const auto& entry : request.entries) {
    if (writer.room() < kFirEntrySize) break;
    writer.add_u32(entry.ssrc);
    writer.add_u32(static_cast<uint32_t>(entry.sequence_number) << 24);
  }
}

bool is_remb(const Block& block) {
  return block.body.size() >= kRembFixedSize &&
         std::memcmp(block.body.data() + kSsrcsSize, kRembIdentifier.data(), kRembIdentifier.size()) == 0;
}

std::optional<ReceiverEstimatedMaximumBitrate> parse_remb(const Block& block) {
  const uint8_t* from = block.body.data();
  const size_t count = from[12];
  if (block.body.size() != kRembFixedSize + 4 * count) return std::nullopt;
  ReceiverEstimatedMaximumBitrate estimate;
  estimate.sender_ssrc = read_u32(from);
  const int exponent = from[13] >> 2;
  const uint64_t mantissa = read_u24(from + 13) & kMaxRembMantissa;
  estimate.bitrate_bps = mantissa << exponent;
  if (estimate.bitrate_bps >> exponent != mantissa) return std::nullopt;
  for (size_t i = 0; i < count; ++i) estimate.ssrcs.push_back(read_u32(from + kRembFixedSize + 4 * i));
  return estimate;
}

void write(const ReceiverEstimatedMaximumBitrate& estimate, Bytes& out) {
  PacketWriter writer(out, kPayloadSpecificFeedback);
  writer.set_count(kApplicationLayer);
  writer.add_u32(estimate.sender_ssrc);
  writer.add_u32(0);
  writer.add_text(kRembIdentifier);
  uint64_t mantissa = estimate.bitrate_bps;
  uint32_t exponent = 0;
  for (; mantissa > kMaxRembMantissa; ++exponent) mantissa >>= 1;
  const size_t count = std::min(estimate.ssrcs.size(), kMaxRembSsrcs);
  writer.add_u8(static_cast<uint8_t>(count));
  writer.add_u24(exponent << 18 | static_cast<uint32_t>(mantissa));
  for (size_t i = 0; i < count; ++i) writer.add_u32(estimate.ssrcs[i]);
}

}  // namespace peerwire::rtcp

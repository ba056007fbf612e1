// What the writers of RTCP packets share. Not for use outside native/rtp/rtcp.
#pragma once

#include <cstring>
#include <optional>
#include <string_view>

#include "rtp/network_order.h"
#include "rtp/rtcp/rtcp_packet.h"

namespace peerwire::rtcp {

constexpr size_t kHeaderSize = 4;
constexpr size_t kMaxCount = 31;                         // of what the header's five bits count
constexpr size_t kMaxPacketSize = 4 * (UINT16_MAX + 1);  // by the header's length field

enum PacketType : uint8_t {
  kSenderReport = 200,
  kReceiverReport = 201,
  kSourceDescription = 202,
  kBye = 203,
  kTransportLayerFeedback = 205,
  kPayloadSpecificFeedback = 206,
  kExtendedReport = 207,
};

enum FeedbackFormat : uint8_t {
  kGenericNack = 1,  // of transport layer feedback
  kTransportWideFeedback = 15,
  kPictureLoss = 1,  // of payload specific feedback
  kFullIntra = 4,
  kApplicationLayer = 15,
};

/// One packet within a compound one: what follows its header, without padding.
struct Block {
  uint8_t type = 0;
  uint8_t count = 0;  // or the format of feedback
  ByteView body;
};

/// Appends a packet to a buffer; its header is completed by the destructor.
class PacketWriter {
 public:
  PacketWriter(Bytes& out, uint8_t type) : out_(out), start_(out.size()) {
    out_.insert(out_.end(), {0x80, type, 0, 0});
  }
  PacketWriter(const PacketWriter&) = delete;
  PacketWriter& operator=(const PacketWriter&) = delete;
  ~PacketWriter() {
    out_.resize((out_.size() - start_ + 3) / 4 * 4 + start_);
    out_[start_] = static_cast<uint8_t>(0x80 | (count_ & 0x1F));
    write_u16(&out_[start_ + 2], static_cast<uint16_t>((out_.size() - start_) / 4 - 1));
  }

  void set_count(size_t count) { count_ = count; }
  void add_u8(uint8_t value) { out_.push_back(value); }
  void add_u16(uint16_t value) { write_u16(extend(2), value); }
  void add_u24(uint32_t value) { write_u24(extend(3), value); }
  void add_u32(uint32_t value) { write_u32(extend(4), value); }
  void add_u64(uint64_t value) {
    add_u32(static_cast<uint32_t>(value >> 32));
    add_u32(static_cast<uint32_t>(value));
  }
  void add_text(std::string_view text) { out_.insert(out_.end(), text.begin(), text.end()); }
  /// Octets that the packet can still take.
  size_t room() const { return kMaxPacketSize - (out_.size() - start_); }
  size_t size() const { return out_.size() - start_; }

 private:
  uint8_t* extend(size_t count) {
    out_.resize(out_.size() + count);
    return out_.data() + out_.size() - count;
  }

  Bytes& out_;
  const size_t start_;
  size_t count_ = 0;
};

// Each answers nullopt for a body that is malformed.

std::optional<SenderReport> parse_sender_report(const Block& block);
std::optional<ReceiverReport> parse_receiver_report(const Block& block);
std::optional<SourceDescription> parse_source_description(const Block& block);
std::optional<Bye> parse_bye(const Block& block);
std::optional<Nack> parse_nack(const Block& block);
std::optional<PictureLossIndication> parse_picture_loss_indication(const Block& block);
std::optional<FullIntraRequest> parse_full_intra_request(const Block& block);
bool is_remb(const Block& block);
std::optional<ReceiverEstimatedMaximumBitrate> parse_remb(const Block& block);
/// Of how many packets transport feedback says that it tells.
size_t claimed_packets(const Block& block);
/// `max_packets`: a status count above it is malformed. A chunk of two octets can stand for 8,191 packets.
std::optional<TransportFeedback> parse_transport_feedback(const Block& block, size_t max_packets);
std::optional<ExtendedReport> parse_extended_report(const Block& block);

void write(const SenderReport& report, Bytes& out);
void write(const ReceiverReport& report, Bytes& out);
void write(const SourceDescription& description, Bytes& out);
void write(const Bye& bye, Bytes& out);
void write(const Nack& nack, Bytes& out);
void write(const PictureLossIndication& indication, Bytes& out);
void write(const FullIntraRequest& request, Bytes& out);
void write(const ReceiverEstimatedMaximumBitrate& estimate, Bytes& out);
void write(const TransportFeedback& feedback, Bytes& out);
void write(const ExtendedReport& report, Bytes& out);

}  // namespace peerwire::rtcp

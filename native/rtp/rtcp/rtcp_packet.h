// RTCP (RFC 3550 section 6, RFC 4585, RFC 5104, draft-alvestrand-rmcat-remb-03,
// draft-holmer-rmcat-transport-wide-cc-extensions-01).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace peerwire::rtcp {

struct ReportBlock {
  uint32_t ssrc = 0;
  uint8_t fraction_lost = 0;    // of 256
  int32_t cumulative_lost = 0;  // 24 bits, signed
  uint32_t extended_highest_sequence_number = 0;
  uint32_t jitter = 0;  // ticks of the RTP clock
  uint32_t last_sender_report = 0;
  uint32_t delay_since_last_sender_report = 0;  // 1/65,536 s
};

struct SenderReport {
  uint32_t sender_ssrc = 0;
  uint64_t ntp_time = 0;  // 32.32 seconds since 1900
  uint32_t rtp_timestamp = 0;
  uint32_t packet_count = 0;
  uint32_t octet_count = 0;
  std::vector<ReportBlock> report_blocks;  // at most 31
};

struct ReceiverReport {
  uint32_t sender_ssrc = 0;
  std::vector<ReportBlock> report_blocks;
};

struct SourceDescription {
  struct Chunk {
    uint32_t ssrc = 0;
    std::string cname;  // other items are skipped
  };
  std::vector<Chunk> chunks;
};

struct Bye {
  std::vector<uint32_t> ssrcs;
  std::string reason;
};

/// Generic NACK.
struct Nack {
  uint32_t sender_ssrc = 0;
  uint32_t media_ssrc = 0;
  std::vector<uint16_t> sequence_numbers;
};

struct PictureLossIndication {
  uint32_t sender_ssrc = 0;
  uint32_t media_ssrc = 0;
};

struct FullIntraRequest {
  struct Entry {
    uint32_t ssrc = 0;
    uint8_t sequence_number = 0;
  };
  uint32_t sender_ssrc = 0;
  std::vector<Entry> entries;
};

struct ReceiverEstimatedMaximumBitrate {
  uint32_t sender_ssrc = 0;
  uint64_t bitrate_bps = 0;
  std::vector<uint32_t> ssrcs;
};

struct TransportFeedback {
  struct Packet {
    uint16_t sequence_number = 0;
    bool received = false;
    int64_t arrival_us = 0;  // of received ones: since `reference_time`, in steps of 250
  };
  uint32_t sender_ssrc = 0;
  uint32_t media_ssrc = 0;
  uint8_t feedback_count = 0;
  int32_t reference_time = 0;   // 24 bits, signed, in units of 64 ms
  std::vector<Packet> packets;  // in order of sequence number, without gaps
};

/// RFC 3611: receiver reference time, and what answers it.
struct ExtendedReport {
  struct Dlrr {
    uint32_t ssrc = 0;
    uint32_t last_rr = 0;
    uint32_t delay_since_last_rr = 0;
  };
  uint32_t sender_ssrc = 0;
  std::optional<uint64_t> receiver_reference_ntp_time;
  std::vector<Dlrr> dlrr;
};

using Packet = std::variant<SenderReport, ReceiverReport, SourceDescription, Bye, Nack, PictureLossIndication,
                            FullIntraRequest, ReceiverEstimatedMaximumBitrate, TransportFeedback, ExtendedReport>;

/// Every packet of a compound or reduced-size (RFC 5506) one that is known and well-formed, in order. What is unknown
/// is skipped; parsing ends at the first malformed packet. Never reads beyond `data`.
std::vector<Packet> parse(ByteView data);
/// Transport feedback may tell of `feedback_budget` packets, from which those that it claims to tell of are taken:
/// forty octets stand for 65,535.
std::vector<Packet> parse(ByteView data, size_t& feedback_budget);

/// One datagram's worth. Lists longer than a packet can hold are cut (the caller splits).
Bytes serialize(std::span<const Packet> packets);

/// How many of `feedback.packets`, from the first on, a packet of at most `max_size` octets can tell of: the list must
/// be without gaps, and arrivals that follow each other less than 8.19 s apart. What is left goes into the next packet.
size_t transport_feedback_fit(const TransportFeedback& feedback, size_t max_size);

/// Tells RTCP from RTP on one port (https://datatracker.ietf.org/doc/html/rfc5761#section-4).
bool looks_like_rtcp(ByteView packet);

}  // namespace peerwire::rtcp

#include "transport/sctp/sctp_packet.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace peerwire {
namespace {

constexpr size_t kCommonHeader = 12;
constexpr size_t kChunkHeader = 4;
constexpr size_t kInitChunk = 20;
constexpr uint16_t kZeroChecksumAcceptable = 0x8001;
constexpr uint32_t kMethodDtls = 1;
// RFC 3758, RFC 8260, RFC 6525.
constexpr uint8_t kForwardTsn = 192;
constexpr uint8_t kIForwardTsn = 194;
constexpr uint8_t kReconfig = 130;
constexpr uint16_t kOutgoingReset = 13;
constexpr uint16_t kReconfigResponse = 16;

uint16_t read16(const uint8_t* p) {
  return static_cast<uint16_t>(p[0] << 8 | p[1]);
}
void write16(uint8_t* p, size_t value) {
  p[0] = static_cast<uint8_t>(value >> 8);
  p[1] = static_cast<uint8_t>(value);
}
uint32_t read32(const uint8_t* p) {
  return static_cast<uint32_t>(read16(p)) << 16 | read16(p + 2);
}

}  // namespace

bool read_sctp_packet(ByteView packet, SctpHeader& header, SctpChunk& first_chunk) {
  if (packet.size() < kCommonHeader + kChunkHeader || packet.size() > 65535) return false;
  header.source_port = read16(packet.data());
  header.destination_port = read16(packet.data() + 2);
  header.verification_tag = read32(packet.data() + 4);
  first_chunk = static_cast<SctpChunk>(packet[kCommonHeader]);
  for (size_t at = kCommonHeader; at < packet.size();) {
    if (packet.size() - at < kChunkHeader) return false;
    const size_t length = read16(packet.data() + at + 2);
    if (length < kChunkHeader || length > packet.size() - at) return false;
    at += (length + 3) & ~size_t{3};
  }
  return true;
}

SctpInit read_sctp_init(ByteView packet) {
  SctpInit init;
  const ByteView chunk = packet.subspan(kCommonHeader, read16(packet.data() + kCommonHeader + 2));
  if (chunk.size() < kInitChunk) return init;
  init.outgoing_streams = read16(chunk.data() + 12);
  for (size_t at = kInitChunk; at + 4 <= chunk.size();) {
    const size_t length = read16(chunk.data() + at + 2);
    if (length < 4 || length > chunk.size() - at) break;
    if (read16(chunk.data() + at) == kZeroChecksumAcceptable && length == 8 &&
        read32(chunk.data() + at + 4) == kMethodDtls) {
      init.accepts_zero_checksum = true;
    }
    at += (length + 3) & ~size_t{3};
  }
  return init;
}

SctpStreamsNamed read_streams_named(ByteView packet) {
  SctpStreamsNamed named;
  const auto name_list = [&named](ByteView list, size_t stride) {
    for (size_t at = 0; at + stride <= list.size(); at += stride) {
      named.end = std::max<uint32_t>(named.end, read16(list.data() + at) + 1u);
    }
  };
  for (size_t at = kCommonHeader; at < packet.size();) {
    const uint8_t type = packet[at];
    const size_t length = read16(packet.data() + at + 2);
    const ByteView chunk = packet.subspan(at, length);
    at += (length + 3) & ~size_t{3};
    if (type == static_cast<uint8_t>(SctpChunk::kData) || type == static_cast<uint8_t>(SctpChunk::kIData)) {
      if (length >= 10) name_list(chunk.subspan(8, 2), 2);
    } else if (type == kForwardTsn || type == kIForwardTsn) {
      if (length > 8) name_list(chunk.subspan(8), type == kForwardTsn ? 4 : 8);
    } else if (type == kReconfig) {
      for (size_t place = kChunkHeader; place + 4 <= length;) {
        const uint16_t parameter = read16(chunk.data() + place);
        const size_t size = read16(chunk.data() + place + 2);
        if (size < 4 || size > length - place) break;
        if (parameter == kOutgoingReset && size > 16) {
          name_list(chunk.subspan(place + 16, size - 16), 2);
        } else if (parameter != kOutgoingReset && parameter != kReconfigResponse) {
          named.all = true;
        }
        place += (size + 3) & ~size_t{3};
      }
    }
  }
  return named;
}

namespace {

constexpr size_t kForwardTsnHeader = 8;
constexpr size_t kSkippedEntry = 8;
constexpr size_t kSkippedStream = 4;       // of FORWARD-TSN
constexpr uint8_t kWholeMessage = 3;       // flags B and E of DATA
constexpr size_t kFragmentOverhead = 256;  // of usrsctp's buffers

/// Where an Outgoing SSN Reset Request (RFC 6525 section 4.1) is in a RE-CONFIG chunk; 0: nowhere.
size_t find_reset_request(ByteView chunk) {
  for (size_t place = kChunkHeader; place + 4 <= chunk.size();) {
    const size_t size = read16(chunk.data() + place + 2);
    if (size < 4 || size > chunk.size() - place) break;
    if (read16(chunk.data() + place) == kOutgoingReset && size >= 16) return place;
    place += (size + 3) & ~size_t{3};
  }
  return 0;
}

/// Leaves of the streams that a FORWARD-TSN names each once, with the last of its numbers: usrsctp walks through all
/// that it holds of a stream each time that it is named. Returns the length of the chunk.
size_t name_streams_once(uint8_t* chunk, size_t length) {
  static thread_local std::vector<std::pair<uint16_t, uint16_t>> named;
  named.clear();
  for (size_t at = kForwardTsnHeader; at + kSkippedStream <= length; at += kSkippedStream) {
    named.emplace_back(read16(chunk + at), read16(chunk + at + 2));
  }
  std::stable_sort(named.begin(), named.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  size_t end = kForwardTsnHeader;
  for (size_t i = 0; i < named.size(); ++i) {
    const auto [stream, number] = named[i];
    const bool again = i > 0 && named[i - 1].first == stream;
    if (again && static_cast<int16_t>(number - read16(chunk + end - 2)) <= 0) continue;
    if (again) end -= kSkippedStream;
    write16(chunk + end, stream);
    write16(chunk + end + 2, number);
    end += kSkippedStream;
  }
  write16(chunk + 2, end);
  return end;
}

}  // namespace

void take_apart(ByteView packet, uint8_t (*mark_i_data)(uint8_t), IncomingPacket& parts) {
  Bytes& out = parts.packet;
  out.assign(packet.begin(), packet.end());
  parts.skipped.clear();
  parts.skipped_up_to_tsn.reset();
  parts.reset_request.clear();
  parts.fragment_octets = 0;
  size_t end = kCommonHeader;  // of what stays
  for (size_t at = kCommonHeader; at < packet.size();) {
    const uint8_t type = packet[at];
    const size_t length = read16(packet.data() + at + 2);
    const ByteView chunk = packet.subspan(at, length);
    const ByteView padded = packet.subspan(at, std::min((length + 3) & ~size_t{3}, packet.size() - at));
    at += padded.size();
    const size_t request = type == kReconfig ? find_reset_request(chunk) : 0;
    if (request != 0) {
      parts.reset_request.assign(packet.begin(), packet.begin() + kCommonHeader);
      parts.reset_request.insert(parts.reset_request.end(), padded.begin(), padded.end());
      parts.reset_after_tsn = read32(chunk.data() + request + 12);
      continue;
    }
    const bool skips = type == kIForwardTsn && length > kForwardTsnHeader;
    size_t stays = skips ? kForwardTsnHeader : padded.size();
    if (end + stays != at) std::copy_n(padded.begin(), stays, out.begin() + static_cast<ptrdiff_t>(end));
    if (type == static_cast<uint8_t>(SctpChunk::kIData)) out[end + 1] = mark_i_data(out[end + 1]);
    if (type == static_cast<uint8_t>(SctpChunk::kData) && (chunk[1] & kWholeMessage) != kWholeMessage) {
      parts.fragment_octets += length + kFragmentOverhead;
    }
    if (type == kForwardTsn && length > kForwardTsnHeader + kSkippedStream) {
      stays = name_streams_once(out.data() + end, length);
    }
    if (skips) {
      const uint32_t tsn = read32(chunk.data() + 4);
      if (!parts.skipped_up_to_tsn || static_cast<int32_t>(tsn - *parts.skipped_up_to_tsn) > 0) {
        parts.skipped_up_to_tsn = tsn;
      }
      for (size_t entry = kForwardTsnHeader; entry + kSkippedEntry <= length; entry += kSkippedEntry) {
        const uint8_t* p = chunk.data() + entry;
        parts.skipped.push_back({read16(p), (p[3] & 1) != 0, read32(p + 4)});
      }
      out[end + 2] = 0;
      out[end + 3] = kForwardTsnHeader;
    }
    end += stays;
  }
  out.resize(end > kCommonHeader ? end : 0);
}

std::vector<uint16_t> take_named_streams(Bytes& reset_request, size_t kept) {
  constexpr size_t kFixed = 16;  // of the parameter, before the streams
  std::vector<uint16_t> taken;
  uint8_t* const chunk = reset_request.data() + kCommonHeader;
  const size_t length = read16(chunk + 2);
  const size_t place = find_reset_request({chunk, length});
  const size_t size = place == 0 ? 0 : read16(chunk + place + 2);
  const size_t cut_size = kFixed + 2 * kept;
  if (size <= cut_size) return taken;
  for (size_t at = cut_size; at + 2 <= size; at += 2) taken.push_back(read16(chunk + place + at));
  const auto padded = [](size_t octets) { return (octets + 3) & ~size_t{3}; };
  const size_t removed = padded(size) - padded(cut_size);
  const auto begin = reset_request.begin() + static_cast<ptrdiff_t>(kCommonHeader + place + padded(cut_size));
  reset_request.erase(begin, begin + static_cast<ptrdiff_t>(std::min<size_t>(removed, reset_request.end() - begin)));
  write16(reset_request.data() + kCommonHeader + place + 2, cut_size);
  // The padding of a chunk's last parameter is none of its length.
  write16(reset_request.data() + kCommonHeader + 2, std::max(length - removed, place + cut_size));
  return taken;
}

}  // namespace peerwire

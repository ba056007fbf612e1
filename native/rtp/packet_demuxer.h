// Which media section, and which of its streams, a packet of a bundled transport belongs to
// (https://datatracker.ietf.org/doc/html/rfc8843#section-9.2, https://datatracker.ietf.org/doc/html/rfc8852).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rtp/rtp_packet.h"

namespace peerwire {

/// What a media section receives.
struct DemuxSection {
  /// a=ssrc with its group of semantics FID, where the peer signals them.
  struct Source {
    uint32_t ssrc = 0;
    std::optional<uint32_t> rtx_ssrc;
  };
  struct Rtx {
    uint8_t payload_type = 0;
    uint8_t media_payload_type = 0;  // apt
  };

  uint32_t id = 0;  // the caller's
  std::string mid;
  std::vector<uint8_t> payload_types;  // of media; RTX stands apart
  std::vector<Rtx> rtx;
  std::vector<std::string> rids;  // of simulcast to be received; empty: one stream
  std::vector<Source> sources;
};

/// Where a packet, or an SSRC, belongs.
struct StreamRoute {
  static constexpr int kNoRid = -1;

  uint32_t section = 0;    // its id
  int rid_index = kNoRid;  // into DemuxSection::rids
  bool is_rtx = false;
  uint8_t media_payload_type = 0;
  /// The SSRC of the media: the packet's own, or for RTX the one it repairs. Empty while that has not been heard, when
  /// an RTX packet can be counted and no more.
  std::optional<uint32_t> media_ssrc;
  /// An SSRC of media that took the place of another, or of none, in its stream.
  bool is_new_ssrc = false;
};

struct DemuxCounters {
  uint64_t unknown_mid = 0;
  uint64_t unknown_rid = 0;           // or none, where simulcast needs it
  uint64_t unknown_payload_type = 0;  // of a section that is known
  uint64_t unknown_stream = 0;        // nothing in the packet tells its section
};

/// No threads, no time: packets in, routes out. Tables are bounded whatever the peer sends.
class PacketDemuxer {
 public:
  /// SSRCs that were learned from packets; what has long not been heard goes first. Signalled ones are not counted.
  static constexpr size_t kMaxLearnedSsrcs = 1024;
  static constexpr size_t kMaxSignalledSsrcs = 1024;  // a section

  /// Numbers of mid, rid and repaired-rid: one set for a bundle (RFC 8843 section 9.1).
  void set_extensions(const RtpExtensionMap& extensions) { extensions_ = extensions; }
  /// Adds a section, or replaces the one of this id. What was learned of its SSRCs holds on.
  void set_section(DemuxSection section);
  void remove_section(uint32_t id);
  /// Until it is set again its packets are routed to it by what tells it alone (MID, SSRC), and not by what other
  /// sections may share with it. Peers tell MID and RID until they are reported to, and not anew after a pause: what
  /// was learned of its SSRCs holds on.
  void pause_section(uint32_t id);

  /// nullopt: the packet is to be dropped; counters() has counted why.
  std::optional<StreamRoute> demux(const RtpPacketView& packet);

  /// For RTCP that names an SSRC we receive: sender reports, SDES, BYE.
  std::optional<StreamRoute> find(uint32_t ssrc) const;
  /// After a BYE. Which stream an SSRC was of stays known: it may come back, without MID and RID if it had been
  /// reported of.
  void forget(uint32_t ssrc);

  const DemuxCounters& counters() const { return counters_; }
  size_t known_ssrcs() const { return sources_.size(); }

 private:
  enum class PayloadRole : uint8_t { kNone, kMedia, kRtx };
  struct Section {
    DemuxSection described;
    bool is_paused = false;
    std::array<PayloadRole, 128> roles{};
    std::array<uint8_t, 128> media_payload_types{};
    std::vector<std::optional<uint32_t>> media_ssrcs;  // by rid index; one without rids

    size_t stream_of(int rid_index) const { return rid_index < 0 ? 0 : static_cast<size_t>(rid_index); }
    int index_of_rid(std::string_view rid) const;
  };
  struct Source {
    Section* section = nullptr;
    int rid_index = StreamRoute::kNoRid;
    bool is_signalled = false;
    bool is_rtx = false;
    bool has_mid_update = false;
    uint16_t mid_updated_at = 0;  // sequence number
    uint8_t media_payload_type = 0;
    std::optional<uint32_t> repaired_ssrc;  // by FID
    uint64_t last_used = 0;
  };
  struct Texts {
    std::optional<std::string_view> mid, rid, repaired_rid;
  };

  Texts texts_of(const RtpPacketView& packet) const;
  Section* section_of_mid(std::string_view mid) const;
  Section* section_of_rid(std::string_view rid) const;
  Section* section_of_payload_type(uint8_t payload_type) const;
  Section* resolve(const RtpHeader& header, const Texts& texts, const Source* known);
  bool resolve_rid(const Section& section, const Texts& texts, bool is_rtx, Source& source);
  Source& learn(uint32_t ssrc, Section& section);
  void make_room();
  void keep_streams(Section& section, const std::vector<std::string>& rids_before);
  void apply_signalled(Section& section);
  void update_payload_types();
  StreamRoute route_of(uint32_t ssrc, const Source& source) const;

  RtpExtensionMap extensions_;
  std::vector<std::unique_ptr<Section>> sections_;
  std::array<Section*, 128> by_payload_type_{};  // of payload types that one section alone has
  std::unordered_map<uint32_t, Source> sources_;
  size_t learned_count_ = 0;
  uint64_t packet_count_ = 0;
  DemuxCounters counters_;
};

}  // namespace peerwire

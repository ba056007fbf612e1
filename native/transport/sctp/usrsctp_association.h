// SctpAssociation on usrsctp.
//
// Nothing is done from within a callback of the library. A packet goes in, then what the library has for us is read
// (drain()), and at the end of the turn what may be sent is handed over (pump()).
#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "transport/sctp/message_reassembly.h"
#include "transport/sctp/outgoing_queue.h"
#include "transport/sctp/path_mtu_search.h"
#include "transport/sctp/sctp_packet.h"
#include "transport/sctp/usrsctp_internals.h"
#include "transport/sctp/usrsctp_stack.h"
#include "transport/sctp_association.h"

struct socket;

namespace peerwire {

class UsrsctpAssociation final : public SctpAssociation, private PacketReceiver, private UsrsctpEndpoint {
 public:
  UsrsctpAssociation(NetworkThread& network, PacketTransport& lower, SctpOptions options,
                     SctpAssociationObserver* observer);
  ~UsrsctpAssociation() override;

  void start() override;
  void send(SctpMessage message) override;
  void reset_stream(uint16_t stream_id) override;
  void set_receiving(bool receiving) override;
  SctpState state() const override { return state_; }
  SctpStats stats() const override;
  void close() override;

 private:
  // PacketReceiver
  void on_packet(ByteView packet) override;
  void on_writable_changed(bool writable) override;
  void on_path_changed() override;
  // UsrsctpEndpoint
  void on_output(uint8_t* packet, size_t size) override;
  bool on_timers_handled() override;

  bool open_socket(std::string& error);
  void connect();
  void schedule_acknowledgement();
  void keep_packet(ByteView packet);
  void take_kept_packets();
  void input(ByteView packet);
  void input_interleaved(ByteView packet);
  void input_to_usrsctp(Bytes& packet);
  void readdress(Bytes& packet) const;
  void forget_received();

  /// Calls the observer, who may close or destroy us: false when we are gone or it is.
  template <typename Call>
  bool tell(Call call);
  // Each of these may call the observer, who may close or destroy us: false when that has happened.
  bool drain();
  bool deliver(uint16_t stream_id, uint32_t ppid, Bytes message);
  bool read_message(const usrsctp::QueuedMessage& next);
  bool take_chunk(const usrsctp::QueuedMessage& next);
  bool take_messages();
  bool deliver_pending();
  bool skip_messages();
  bool read_notification(size_t length);
  bool on_association_change(ByteView notification);
  bool on_stream_reset(ByteView notification);
  void on_stream_change(ByteView notification);
  void on_partial_delivery_aborted(ByteView notification);
  bool pump();
  bool report_queue();
  bool finish(const std::string& error, int cause);
  void fail(const std::string& error, int cause);

  void search_path();
  void begin_path_search();
  bool send_probe(size_t size);
  void look_for_black_hole();
  void fill_in_checksum(uint8_t* packet, size_t size) const;

  /// True when usrsctp has been given one.
  bool take_reset_request();
  void account_for_held();

  void schedule_pump();
  void hand_over(const usrsctp::AssociationView& view);
  /// Octets handed over and not sent, at least where there may be more than kMaxUnsent.
  uint64_t unsent_octets();
  bool give(const OutgoingQueue::Piece& piece, size_t& taken, int& error);
  bool ensure_stream(uint16_t stream_id, const usrsctp::AssociationView& view);
  void request_streams(const usrsctp::AssociationView& view);
  void request_resets(const usrsctp::AssociationView& view);
  void give_up_stream(uint16_t stream_id);
  /// Tells the peer: an orderly end where `error` is empty.
  void abort_and_release(const std::string& error);
  void release_socket();
  /// usrsctp's view, with the streams that were negotiated although its tables may be smaller.
  std::optional<usrsctp::AssociationView> current_view() const;
  void note_negotiated_streams();
  /// Makes the tables large enough, with some to spare; false when they cannot be.
  bool have_streams(uint32_t outgoing, uint32_t incoming);
  bool have_outgoing_stream(uint16_t stream_id);
  void have_streams_named(ByteView packet);
  bool can_add_streams(const usrsctp::AssociationView& view) const;

  NetworkThread& network_;
  PacketTransport& lower_;
  const SctpOptions options_;
  SctpAssociationObserver* observer_;  // nullptr once nothing more is to be told
  SctpState state_ = SctpState::kNew;
  struct socket* socket_ = nullptr;
  UsrsctpStack::Address address_ = 0;
  bool connecting_ = false;  // usrsctp_connect() has been called
  bool receiving_ = true;
  bool pump_scheduled_ = false;
  bool kept_scheduled_ = false;
  bool acknowledgement_scheduled_ = false;
  bool* destroyed_ = nullptr;  // set by the destructor for a frame below that is calling the observer

  std::deque<Bytes> kept_packets_;  // came before the association could take them
  size_t kept_bytes_ = 0;

  OutgoingQueue queue_;
  std::vector<uint16_t> round_;  // streams that have had a turn since everything given had left
  uint64_t handed_ = 0;          // octets of payload given to usrsctp, ever
  uint64_t transmitted_ = 0;     // of them, seen leaving for the first time
  bool may_give_up_ = false;     // of what may be unsent, something may be given up
  bool tsn_known_ = false;
  uint32_t highest_tsn_ = 0;
  uint32_t acknowledged_ = 0;
  bool peer_accepts_zero_checksum_ = false;
  bool peer_has_all_streams_ = false;

  std::unordered_set<uint16_t> waiting_for_stream_;  // beyond the outgoing streams that there are
  uint32_t wanted_streams_ = 0;
  usrsctp::StreamTables negotiated_, tables_;
  bool streams_denied_ = false;
  std::vector<uint16_t> resets_to_request_;
  std::unordered_map<uint16_t, int> resetting_;  // stream: refusals so far
  std::unordered_set<uint16_t> streams_seen_;    // with anything received since their last reset

  struct PartialKey {
    uint16_t stream_id;
    bool unordered;
    bool operator==(const PartialKey&) const = default;
  };
  struct Partial {
    PartialKey key;
    uint32_t ppid;
    Bytes data;
  };
  std::vector<Partial> partials_;  // few: messages larger than half the receive window
  size_t partial_octets() const;
  bool have_too_many_unfinished();
  size_t fragment_octets_ = 0;  // taken since have_too_many_unfinished() looked

  const size_t max_held_;  // octets of messages that have begun and not ended
  MessageReassembly reassembly_;
  std::list<MessageReassembly::Message> pending_;  // complete, and nobody wants them yet
  size_t pending_octets_ = 0;
  size_t pending_pieces_ = 0;
  bool holding_ = false;  // the receive window is smaller by what is held here
  // By the peer, to take effect when all that came before has been taken. Of each stream and kind of message once: that
  // may be long, while nobody reads.
  std::map<std::pair<uint16_t, bool>, SkippedMessages> skipped_;
  Bytes reset_request_;  // of the peer, for when all up to reset_after_tsn_ has come
  uint32_t reset_after_tsn_ = 0;
  std::vector<uint16_t> further_resets_;  // that were performed, of a request that named too many for usrsctp

  PathMtuSearch path_;
  bool fills_packets_ = false;  // a packet as large as they may be has left: larger ones are worth a search
  bool path_search_begun_ = false;

  SctpStats counters_;
};

template <typename Call>
bool UsrsctpAssociation::tell(Call call) {
  if (observer_ == nullptr) return false;
  bool destroyed = false;
  bool* const outer = std::exchange(destroyed_, &destroyed);
  call(*observer_);
  if (destroyed) {
    if (outer != nullptr) *outer = true;
    return false;
  }
  destroyed_ = outer;
  return true;
}

}  // namespace peerwire

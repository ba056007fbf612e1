// Messages in pieces that alternate (RFC 8260), on their way from the peer.
//
// usrsctp's own reassembly of I-DATA takes what I-FORWARD-TSN says of unordered messages for ordered ones, loses count
// of what it holds, and waits for ever when its window is full of beginnings. So it gets to see each I-DATA chunk as a
// message of its own and I-FORWARD-TSN without messages: it tells new chunks from old, acknowledges, and keeps the
// window. What they make up is ours.
#include <usrsctp.h>

#include <utility>

#include "transport/sctp/usrsctp_association.h"

namespace peerwire {
namespace {

constexpr int kCauseProtocolViolation = 13;  // RFC 9260 section 3.3.10.13

}  // namespace

void UsrsctpAssociation::input_to_usrsctp(Bytes& packet) {
  // An association that has ended may have messages left, while nobody wants them. Packets for it are out of the blue:
  // usrsctp answers none, and loses the memory of what it would have answered.
  if (packet.empty() || socket_ == nullptr || !usrsctp::view_receiving(socket_)) return;
  readdress(packet);
  InsideUsrsctp inside;
  usrsctp_conninput(reinterpret_cast<void*>(address_), packet.data(), packet.size(), 0);
  usrsctp::restart_timer_when_acknowledged(socket_, acknowledged_);
}

void UsrsctpAssociation::input_interleaved(ByteView packet) {
  static thread_local IncomingPacket parts;
  const auto before = usrsctp::view_receiving(socket_);
  const bool interleaving = before && before->idata;
  // A request waits until what it comes after is here: usrsctp would keep back all that comes later, and then takes
  // unordered messages for ordered ones.
  take_apart(packet, usrsctp::mark_i_data, parts);
  if (interleaving && reassembly_.waiting_pieces() + pending_pieces_ > 0) {
    // What fills a gap is taken although the window is shut: what waits for it shut the window.
    bool fills_gap = false;
    for_each_data_chunk(packet, [&](uint32_t tsn, size_t) {
      fills_gap |= tsn != before->cumulative_tsn && at_or_after(tsn, before->cumulative_tsn) &&
                   at_or_after(before->highest_tsn, tsn);
    });
    if (fills_gap) usrsctp::hold_received(socket_, 0, 0);
  }
  if (!parts.reset_request.empty()) {
    reset_request_ = parts.reset_request;
    reset_after_tsn_ = parts.reset_after_tsn;
  }
  fragment_octets_ += parts.fragment_octets;
  input_to_usrsctp(parts.packet);
  if (!parts.skipped_up_to_tsn || !interleaving) return;
  const auto after = usrsctp::view_receiving(socket_);
  if (after && !at_or_after(before->cumulative_tsn, *parts.skipped_up_to_tsn) &&
      at_or_after(after->cumulative_tsn, *parts.skipped_up_to_tsn)) {
    for (const SkippedMessages& each : parts.skipped) {
      SkippedMessages& known = skipped_.try_emplace({each.stream_id, each.unordered}, each).first->second;
      if (at_or_after(each.last, known.last)) known = each;
    }
  }
}

bool UsrsctpAssociation::take_chunk(const usrsctp::QueuedMessage& next) {
  const char* const violation = reassembly_.insert(*next.i_data, next.length, [this](Bytes* to) {
    InsideUsrsctp inside;
    usrsctp::take_chunk(socket_, to);
  });
  if (violation != nullptr) {
    fail(std::string("the peer sent ") + violation, kCauseProtocolViolation);
    return false;
  }
  return take_messages();
}

bool UsrsctpAssociation::take_messages() {
  for (auto& message : reassembly_.take_complete()) {
    if (receiving_ && pending_.empty()) {
      if (!deliver(message.stream_id, message.ppid, std::move(message.data))) return false;
    } else {
      pending_octets_ += message.data.size();
      ++pending_pieces_;
      pending_.push_back(std::move(message));
    }
  }
  return true;
}

bool UsrsctpAssociation::deliver_pending() {
  while (receiving_ && !pending_.empty()) {
    MessageReassembly::Message message = std::move(pending_.front());
    pending_.pop_front();
    pending_octets_ -= message.data.size();
    --pending_pieces_;
    if (!deliver(message.stream_id, message.ppid, std::move(message.data))) return false;
  }
  return true;
}

bool UsrsctpAssociation::skip_messages() {
  for (const auto& [of, skipped] : std::exchange(skipped_, {})) reassembly_.skip(skipped);
  return take_messages();
}

void UsrsctpAssociation::account_for_held() {
  const size_t octets = reassembly_.waiting_octets() + pending_octets_;
  const size_t pieces = reassembly_.waiting_pieces() + pending_pieces_;
  if (octets == 0 && pieces == 0 && !holding_) return;
  holding_ = pieces > 0;
  InsideUsrsctp inside;
  usrsctp::hold_received(socket_, octets, pieces);
  usrsctp::tell_wider_window(socket_);
}

}  // namespace peerwire

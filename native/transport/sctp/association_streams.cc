// How many streams there are, and their resets (RFC 6525).
#include <usrsctp.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "transport/sctp/usrsctp_association.h"

namespace peerwire {
namespace {

constexpr int kMaxResetRefusals = 5;
// Entries in the tables of streams that an association begins with.
constexpr uint32_t kFirstStreams = 16;
// RE-CONFIG chunks are not fragmented, so a request names no more streams than fit the smallest packet.
constexpr size_t kMaxResetsAtOnce = 200;
// usrsctp refuses a request of the peer's that names more.
constexpr size_t kMaxNamedStreams = 248;

template <typename T>
bool read_struct(ByteView notification, T& out) {
  if (notification.size() < sizeof(T)) return false;
  std::memcpy(&out, notification.data(), sizeof(T));
  return true;
}

}  // namespace

std::optional<usrsctp::AssociationView> UsrsctpAssociation::current_view() const {
  auto view = usrsctp::view_association(socket_);
  if (view) {
    view->outgoing_streams = std::max(view->outgoing_streams, negotiated_.outgoing);
    view->incoming_streams = std::max(view->incoming_streams, negotiated_.incoming);
  }
  return view;
}

void UsrsctpAssociation::note_negotiated_streams() {
  const auto view = usrsctp::view_association(socket_);
  if (!view) return;
  negotiated_ = {view->outgoing_streams, view->incoming_streams};
  tables_ = usrsctp::resize_stream_tables(
      socket_, {std::min(negotiated_.outgoing, kFirstStreams), std::min(negotiated_.incoming, kFirstStreams)}, true);
}

bool UsrsctpAssociation::have_outgoing_stream(uint16_t stream_id) {
  // One more than are used, as far as there may be: a reset of all that its table has, usrsctp would ask for by naming
  // none, and peers that take the list as it is then reset none.
  return have_streams(std::min(stream_id + 2u, negotiated_.outgoing), 0);
}

bool UsrsctpAssociation::have_streams(uint32_t outgoing, uint32_t incoming) {
  const auto wanted = [](uint32_t there, uint32_t needed, uint32_t negotiated) {
    return needed <= there ? there : std::max(needed, std::min(negotiated, 2 * there));
  };
  if (outgoing > tables_.outgoing || incoming > tables_.incoming) {
    tables_ = usrsctp::resize_stream_tables(socket_,
                                            {wanted(tables_.outgoing, outgoing, negotiated_.outgoing),
                                             wanted(tables_.incoming, incoming, negotiated_.incoming)},
                                            false);
  }
  return outgoing <= tables_.outgoing && incoming <= tables_.incoming;
}

void UsrsctpAssociation::have_streams_named(ByteView packet) {
  if (tables_.incoming >= negotiated_.incoming && tables_.outgoing >= negotiated_.outgoing) return;
  const SctpStreamsNamed named = read_streams_named(packet);
  if (named.all) {
    have_streams(negotiated_.outgoing, negotiated_.incoming);
  } else {
    have_streams(0, std::min(named.end, negotiated_.incoming));
  }
}

bool UsrsctpAssociation::can_add_streams(const usrsctp::AssociationView& view) const {
  return view.reconfig && !peer_has_all_streams_;
}

bool UsrsctpAssociation::ensure_stream(uint16_t stream_id, const usrsctp::AssociationView& view) {
  if (stream_id < view.outgoing_streams && have_outgoing_stream(stream_id)) return true;
  queue_.block(stream_id);
  if (!can_add_streams(view)) {
    give_up_stream(stream_id);
    return false;
  }
  waiting_for_stream_.insert(stream_id);
  wanted_streams_ = std::max<uint32_t>(wanted_streams_, stream_id + 1u);
  return false;
}

void UsrsctpAssociation::request_streams(const usrsctp::AssociationView& view) {
  if (waiting_for_stream_.empty() || view.reset_outstanding || wanted_streams_ <= view.outgoing_streams) return;
  if (!have_streams(negotiated_.outgoing, 0)) return;
  // Somewhat more than asked for, so that ids counted upwards do not cost a round trip each.
  const uint32_t target = std::min<uint32_t>(65535, std::max(wanted_streams_ + 256, view.outgoing_streams * 2));
  struct sctp_add_streams request = {};
  request.sas_outstrms = static_cast<uint16_t>(target - view.outgoing_streams);
  InsideUsrsctp inside;
  if (usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_ADD_STREAMS, &request, sizeof(request)) != 0 &&
      errno != EALREADY && errno != EAGAIN && errno != ENOMEM) {
    streams_denied_ = true;
  }
}

void UsrsctpAssociation::give_up_stream(uint16_t stream_id) {
  // The peer takes no message on this stream: to the layer above, as if the peer had closed it.
  queue_.drop_stream(stream_id);
  network_.defer([address = address_, stream_id] {
    auto* self = static_cast<UsrsctpAssociation*>(UsrsctpStack::instance().find(address));
    if (self == nullptr) return;
    self->queue_.unblock(stream_id);
    if (self->tell([&](SctpAssociationObserver& o) { o.on_incoming_stream_reset(stream_id); })) {
      self->tell([&](SctpAssociationObserver& o) { o.on_outgoing_stream_reset(stream_id); });
    }
  });
}

void UsrsctpAssociation::request_resets(const usrsctp::AssociationView& view) {
  if (resets_to_request_.empty()) return;
  std::vector<uint16_t> later;
  std::vector<uint16_t> now;
  for (const uint16_t id : resets_to_request_) {
    if (id >= view.outgoing_streams && can_add_streams(view)) {
      // Never used, yet the peer waits for our reset of it: there must be such a stream first.
      waiting_for_stream_.insert(id);
      wanted_streams_ = std::max<uint32_t>(wanted_streams_, id + 1u);
      later.push_back(id);
    } else if (now.size() < kMaxResetsAtOnce && id < view.outgoing_streams && have_outgoing_stream(id)) {
      now.push_back(id);
    } else if (id < view.outgoing_streams) {
      later.push_back(id);
    } else {
      resetting_.erase(id);
      give_up_stream(id);
    }
  }
  resets_to_request_ = std::move(later);
  if (now.empty()) return;
  // usrsctp keeps one request outstanding, waits until a stream's data is acknowledged, and takes further streams into
  // its next request.
  Bytes request(sizeof(struct sctp_reset_streams) + now.size() * sizeof(uint16_t));
  auto* reset = reinterpret_cast<struct sctp_reset_streams*>(request.data());
  reset->srs_assoc_id = 0;
  reset->srs_flags = SCTP_STREAM_RESET_OUTGOING;
  reset->srs_number_streams = static_cast<uint16_t>(now.size());
  std::memcpy(reset->srs_stream_list, now.data(), now.size() * sizeof(uint16_t));
  InsideUsrsctp inside;
  if (usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RESET_STREAMS, request.data(),
                         static_cast<socklen_t>(request.size())) == 0) {
    return;
  }
  if (errno == EOPNOTSUPP) {
    for (const uint16_t id : now) {
      resetting_.erase(id);
      give_up_stream(id);
    }
  } else {
    resets_to_request_.insert(resets_to_request_.end(), now.begin(), now.end());
  }
}

bool UsrsctpAssociation::take_reset_request() {
  if (reset_request_.empty()) return false;
  const auto before = usrsctp::view_receiving(socket_);
  if (!before || !at_or_after(before->cumulative_tsn, reset_after_tsn_)) return false;
  Bytes request = std::exchange(reset_request_, {});
  std::vector<uint16_t> further = take_named_streams(request, kMaxNamedStreams);
  input_to_usrsctp(request);
  if (further.empty()) return true;
  const auto after = usrsctp::view_receiving(socket_);
  if (after && after->reset_requests != before->reset_requests && after->reset_performed) {
    // What it tells of the first ones goes for these, too.
    usrsctp::expect_first_message(socket_, further);
    further_resets_.insert(further_resets_.end(), further.begin(), further.end());
  }
  return true;
}

bool UsrsctpAssociation::on_stream_reset(ByteView notification) {
  constexpr size_t kFixed = offsetof(struct sctp_stream_reset_event, strreset_stream_list);
  uint16_t flags = 0;
  if (notification.size() < kFixed) return true;
  std::memcpy(&flags, notification.data() + offsetof(struct sctp_stream_reset_event, strreset_flags), sizeof(flags));
  std::vector<uint16_t> ids((notification.size() - kFixed) / sizeof(uint16_t));
  if (!ids.empty()) std::memcpy(ids.data(), notification.data() + kFixed, ids.size() * sizeof(uint16_t));
  const bool refused = (flags & (SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED)) != 0;
  const bool incoming = (flags & SCTP_STREAM_RESET_INCOMING_SSN) != 0;
  if (incoming && refused) return true;  // we make no such requests
  if (ids.empty()) {
    // An empty list stands for all streams: those that anything came on, and those that we may have used ourselves.
    if (incoming) {
      for (uint32_t id = 0; id < tables_.outgoing; ++id) ids.push_back(static_cast<uint16_t>(id));
      for (const uint16_t id : streams_seen_) {
        if (id >= tables_.outgoing) ids.push_back(id);
      }
      reassembly_.clear();
    } else {
      for (const auto& [id, refusals] : resetting_) ids.push_back(id);
    }
  } else if (incoming) {
    ids.insert(ids.end(), further_resets_.begin(), further_resets_.end());
    further_resets_.clear();
  }
  for (const uint16_t id : ids) {
    if (incoming) {
      streams_seen_.erase(id);
      std::erase_if(partials_, [id](const Partial& partial) { return partial.key.stream_id == id; });
      reassembly_.reset(id);
    } else {
      const auto resetting = resetting_.find(id);
      if (resetting == resetting_.end()) continue;
      if (refused && ++resetting->second <= kMaxResetRefusals) {
        resets_to_request_.push_back(id);
        continue;
      }
      resetting_.erase(resetting);
      queue_.unblock(id);
    }
    const bool alive = tell([&](SctpAssociationObserver& o) {
      incoming ? o.on_incoming_stream_reset(id) : o.on_outgoing_stream_reset(id);
    });
    if (!alive || socket_ == nullptr) return false;
  }
  return true;
}

void UsrsctpAssociation::on_stream_change(ByteView notification) {
  struct sctp_stream_change_event change = {};
  if (!read_struct(notification, change)) return;
  if ((change.strchange_flags & (SCTP_STREAM_CHANGE_DENIED | SCTP_STREAM_CHANGE_FAILED)) != 0) streams_denied_ = true;
}

}  // namespace peerwire

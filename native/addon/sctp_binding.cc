#include "addon/sctp_binding.h"

#include <algorithm>

#include "addon/convert.h"

namespace peerwire::addon {
namespace {

/// What fits into one packet.
constexpr size_t kUrgentSize = 1200;

// RFC 8831 section 8.
constexpr uint32_t kPpidControl = 50;
constexpr uint32_t kPpidString = 51;
constexpr uint32_t kPpidBinary = 53;
constexpr uint32_t kPpidStringPartial = 54;
constexpr uint32_t kPpidBinaryPartial = 52;
constexpr uint32_t kPpidStringEmpty = 56;
constexpr uint32_t kPpidBinaryEmpty = 57;

struct StateChange {
  SctpState state;
  std::string error;
  int cause;
  uint16_t max_streams;
};

napi_value to_value(napi_env env, const StateChange& change) {
  return ObjectWriter(env)
      .text("state", word_of(change.state))
      .text("error", change.error)
      .number("cause", change.cause)
      .number("maxStreams", change.max_streams)
      .done();
}

}  // namespace

SctpEndpoint::Accepted SctpEndpoint::send(SctpMessage message) {
  const size_t size = message.data.size();
  const size_t unsent = unsent_octets_.fetch_add(size, std::memory_order_relaxed) + size;
  bool first = false;
  {
    std::lock_guard lock(outbox_mutex_);
    first = outbox_.empty();
    outbox_.push_back(std::move(message));
  }
  if (!first) return {unsent, Handover::kWithOthers};
  auto flush = [self = shared_from_this()] { self->flush_outbox(); };
  // A lone short message is somebody's question or answer, and waits for no other thread if it need not.
  if (unsent == size && size <= kUrgentSize) {
    return {unsent, network_.run_or_post(std::move(flush)) ? Handover::kRunHere : Handover::kPosted};
  }
  network_.post(std::move(flush));
  return {unsent, Handover::kPosted};
}

void SctpEndpoint::flush_outbox() {
  {
    std::lock_guard lock(outbox_mutex_);
    outbox_.swap(sending_);
  }
  if (association_) {
    for (SctpMessage& message : sending_) association_->send(std::move(message));
  }
  sending_.clear();
}

void SctpEndpoint::on_delivered(size_t cost) {
  const size_t left = undelivered_octets_.fetch_sub(cost) - cost;
  if (left > kUndeliveredLimit / 2 || !congested_.load()) return;
  if (congested_.exchange(false)) {
    network_.post([self = shared_from_this()] { self->update_receiving(); });
  }
}

void SctpEndpoint::on_reset_delivered(uint16_t stream_id) {
  std::lock_guard lock(resets_mutex_);
  undelivered_resets_.erase(stream_id);
}

void SctpEndpoint::open(DtlsEndpoint& dtls, SctpOptions options) {
  if (!dtls.transport()) return;
  association_ = SctpAssociation::create(network_, *dtls.transport(), options, this);
}

void SctpEndpoint::start() {
  if (association_) association_->start();
}

void SctpEndpoint::reset_stream(uint16_t stream_id) {
  // What JavaScript sent before is still in the outbox perhaps.
  flush_outbox();
  if (association_) association_->reset_stream(stream_id);
}

void SctpEndpoint::set_receiving(bool receiving) {
  receiving_wanted_ = receiving;
  update_receiving();
}

void SctpEndpoint::update_receiving() {
  // JavaScript may have taken everything before we said that it was too much: then nobody would tell us any more.
  if (undelivered_octets_.load() <= kUndeliveredLimit / 2) congested_ = false;
  const bool receiving = receiving_wanted_ && !congested_.load();
  if (!association_ || receiving == receiving_) return;
  receiving_ = receiving;
  association_->set_receiving(receiving);
}

void SctpEndpoint::report_stats(uint32_t request_id) {
  events_->push({handle_id_, EventKind::kStats, static_cast<double>(request_id),
                 event_struct(association_ ? association_->stats() : last_stats_)});
}

void SctpEndpoint::close() {
  if (!association_) return;
  flush_outbox();
  last_stats_ = association_->stats();
  association_->close();
  association_.reset();
}

void SctpEndpoint::on_sctp_state(SctpState state, const std::string& error, int cause) {
  StateChange change{state, error, cause, 0};
  if (state == SctpState::kConnected && association_) change.max_streams = association_->stats().max_streams;
  events_->push(
      {handle_id_, EventKind::kSctpState, 0,
       event_struct(std::move(change), [](napi_env env, const StateChange& moved) { return to_value(env, moved); })});
}

void SctpEndpoint::on_sctp_message(uint16_t stream_id, uint32_t ppid, Bytes message) {
  EventKind kind = EventKind::kSctpBinary;
  switch (ppid) {
    case kPpidControl:
      kind = EventKind::kSctpControl;
      break;
    case kPpidStringEmpty:
    case kPpidBinaryEmpty:
      // RFC 8831 section 6.6: one octet stands for none.
      message.clear();
      kind = ppid == kPpidStringEmpty ? EventKind::kSctpString : EventKind::kSctpBinary;
      break;
    case kPpidString:
    case kPpidStringPartial:
      kind = EventKind::kSctpString;
      break;
    case kPpidBinary:
    case kPpidBinaryPartial:
      break;
    default:
      return;  // RFC 8832 section 6 leaves unknown ones to the receiver: ignored, the association lives on.
  }
  {
    std::lock_guard lock(resets_mutex_);
    undelivered_resets_.erase(stream_id);  // a reset behind this message is another one
  }
  const size_t cost = undelivered_cost_of(message.size());
  const size_t undelivered = undelivered_octets_.fetch_add(cost) + cost;
  events_->push({handle_id_, kind, static_cast<double>(stream_id), std::move(message)});
  if (undelivered > kUndeliveredLimit && !congested_.exchange(true)) {
    // At the end of the turn: the association is in the middle of delivering.
    network_.defer([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->update_receiving();
    });
  }
}

void SctpEndpoint::on_incoming_stream_reset(uint16_t stream_id) {
  {
    // One request names hundreds of streams, and may come again and again: what has not been read yet says it already.
    std::lock_guard lock(resets_mutex_);
    if (!undelivered_resets_.insert(stream_id).second) return;
  }
  events_->push({handle_id_, EventKind::kSctpIncomingReset, static_cast<double>(stream_id), {}});
}

void SctpEndpoint::on_outgoing_stream_reset(uint16_t stream_id) {
  events_->push({handle_id_, EventKind::kSctpOutgoingReset, static_cast<double>(stream_id), {}});
}

void SctpEndpoint::on_buffered_amount_decreased(uint16_t stream_id, size_t bytes) {
  unsent_octets_.fetch_sub(bytes, std::memory_order_relaxed);
  events_->push({handle_id_, EventKind::kSctpBufferedAmountDecreased, static_cast<double>(stream_id),
                 static_cast<double>(bytes)});
}

napi_value SctpHandle::construct(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!is_construction(env, info, kName) || !Call::read(env, info, call)) return nullptr;
    Reader reader(env, "new SctpAssociation()");
    const SctpOptions options = reader.to_sctp_options(call.argument(1));
    if (reader.failed()) return nullptr;
    auto* dtls = unwrap<DtlsHandle>(env, call.argument(0));
    if (!dtls) return throw_error(env, "peerwire: new SctpAssociation(): dtls is not a native DtlsTransport");
    AddonData* addon = AddonData::of(env);
    std::shared_ptr<NetworkThread> network = addon->network();
    if (dtls->closed() || !network) return throw_error(env, "peerwire: new SctpAssociation(): dtls has been closed");
    auto made = std::make_unique<SctpHandle>(*addon, network);
    SctpHandle* handle = made.get();
    if (!adopt(call, kType, std::move(made))) return nullptr;
    if (!handle->set_parent(dtls, call.argument(0))) {
      return throw_error(env, "peerwire: new SctpAssociation(): the parent could not be kept");
    }
    handle->endpoint_ = std::make_shared<SctpEndpoint>(*network, addon->events(), handle->id());
    network->post(
        [endpoint = handle->endpoint_, below = dtls->endpoint(), options] { endpoint->open(*below, options); });
    return call.self;
  });
}

napi_value SctpHandle::send(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    auto* handle = unwrap<SctpHandle>(env, call.self);
    if (!handle) return throw_error(env, "peerwire: this is not a native SctpAssociation");
    Reader reader(env, "send()");
    SctpMessage message;
    message.stream_id = reader.to_uint16(call.argument(0), "streamId");
    message.ppid = reader.to_uint32(call.argument(1), "ppid");
    message.ordered = reader.to_bool(call.argument(2), "ordered");
    const uint16_t limit_kind = reader.to_uint16(call.argument(3), "limitKind");
    const double limit = reader.to_number(call.argument(4), "limit");
    bool is_text = false;
    message.data = reader.to_octets(call.argument(5), "data", is_text);
    if (reader.failed()) return nullptr;
    const auto bounded = static_cast<uint16_t>(std::clamp(limit, 0.0, 65535.0));
    if (limit_kind == 1) message.max_retransmits = bounded;
    if (limit_kind == 2) message.max_packet_life_time_ms = bounded;
    SctpEndpoint::Accepted accepted;
    if (!handle->closed()) {
      using Handover = SctpEndpoint::Handover;
      accepted = handle->endpoint_->send(std::move(message));
      if (accepted.handover != Handover::kWithOthers) {
        handle->addon().conversation().on_message_sent(handle->network_, accepted.handover == Handover::kRunHere);
      }
    }
    napi_value unsent = nullptr;
    return napi_create_double(env, static_cast<double>(accepted.unsent), &unsent) == napi_ok ? unsent : nullptr;
  });
}

void SctpHandle::start(const Call&) {
  network_->post([endpoint = endpoint_] { endpoint->start(); });
}

void SctpHandle::reset_stream(const Call& call) {
  Reader reader(call.env, "resetStream()");
  const uint16_t stream_id = reader.to_uint16(call.argument(0), "streamId");
  if (reader.failed()) return;
  network_->post([endpoint = endpoint_, stream_id] { endpoint->reset_stream(stream_id); });
}

void SctpHandle::set_receiving(const Call& call) {
  Reader reader(call.env, "setReceiving()");
  const bool receiving = reader.to_bool(call.argument(0), "receiving");
  if (reader.failed()) return;
  network_->post([endpoint = endpoint_, receiving] { endpoint->set_receiving(receiving); });
}

void SctpHandle::on_delivery(const Event& event) {
  if (event.kind == EventKind::kSctpIncomingReset) endpoint_->on_reset_delivered(static_cast<uint16_t>(event.number));
  if (event.kind < EventKind::kSctpString || event.kind > EventKind::kSctpControl) return;
  endpoint_->on_delivered(undelivered_cost_of(std::get<Bytes>(event.value).size()));
}

bool SctpHandle::define(napi_env env, napi_value exports) {
  auto properties = handle_properties<kType>();
  properties.insert(properties.end(),
                    {method_property<SctpHandle, &SctpHandle::start>("start"),
                     {"send", nullptr, &SctpHandle::send, nullptr, nullptr, nullptr, napi_default_method, nullptr},
                     method_property<SctpHandle, &SctpHandle::reset_stream>("resetStream"),
                     method_property<SctpHandle, &SctpHandle::set_receiving>("setReceiving")});
  return define_class(env, exports, kName, construct, properties);
}

}  // namespace peerwire::addon

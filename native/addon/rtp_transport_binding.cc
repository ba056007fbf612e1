#include "addon/rtp_transport_binding.h"

#include "addon/rtp_parameters.h"

namespace peerwire::addon {

void RtpTransportEndpoint::open(DtlsEndpoint& dtls) {
  if (!dtls.transport() || !dtls.lower()) return;
  transport_ = std::make_unique<RtpTransport>(network_, *dtls.transport(), *dtls.lower(), clock_);
  dtls.set_state_listener(
      [transport = transport_.get()](DtlsTransportState state) { transport->on_dtls_state(state); });
  transport_->on_dtls_state(dtls.transport()->state());
  close_dtls_listener_ = [&dtls] { dtls.set_state_listener(nullptr); };
}

void RtpTransportEndpoint::report_stats(uint32_t request_id) {
  events_->push({handle_id_, EventKind::kStats, static_cast<double>(request_id),
                 event_struct(transport_ ? transport_->stats() : last_stats_,
                              [](napi_env env, const RtpTransportStats& stats) { return to_value(env, stats); })});
}

void RtpTransportEndpoint::close() {
  if (!transport_) return;
  last_stats_ = transport_->stats();
  close_dtls_listener_();
  transport_.reset();
}

napi_value RtpTransportHandle::construct(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!is_construction(env, info, kName) || !Call::read(env, info, call)) return nullptr;
    auto* dtls = unwrap<DtlsHandle>(env, call.argument(0));
    if (!dtls) return throw_error(env, "peerwire: new RtpTransport(): dtls is not a native DtlsTransport");
    AddonData* addon = AddonData::of(env);
    std::shared_ptr<NetworkThread> network = addon->network();
    if (dtls->closed() || !network) return throw_error(env, "peerwire: new RtpTransport(): dtls has been closed");
    auto made = std::make_unique<RtpTransportHandle>(*addon, network);
    RtpTransportHandle* handle = made.get();
    if (!adopt(call, kType, std::move(made))) return nullptr;
    if (!handle->set_parent(dtls, call.argument(0))) {
      return throw_error(env, "peerwire: new RtpTransport(): the parent could not be kept");
    }
    handle->endpoint_ = std::make_shared<RtpTransportEndpoint>(*network, addon->events(), handle->id(), addon->clock());
    network->post([endpoint = handle->endpoint_, below = dtls->endpoint()] { endpoint->open(*below); });
    return call.self;
  });
}

bool RtpTransportHandle::define(napi_env env, napi_value exports) {
  return define_class(env, exports, kName, construct, handle_properties<kType>());
}

}  // namespace peerwire::addon

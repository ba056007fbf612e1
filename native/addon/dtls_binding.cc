#include "addon/dtls_binding.h"

#include <optional>

#include "addon/certificate_binding.h"
#include "addon/convert.h"

namespace peerwire::addon {
namespace {

struct StateChange {
  DtlsTransportState state;
  DtlsFailure failure;
  std::optional<DtlsTransportInfo> info;
};

napi_value to_value(napi_env env, const StateChange& change) {
  napi_value info = nullptr;
  if (change.info) {
    info = addon::to_value(env, *change.info);
  } else if (napi_get_null(env, &info) != napi_ok) {
    return nullptr;
  }
  return ObjectWriter(env)
      .text("state", word_of(change.state))
      .text("error", change.failure.error)
      .number("receivedAlert", change.failure.received_alert)
      .number("sentAlert", change.failure.sent_alert)
      .value("info", info)
      .done();
}

}  // namespace

void DtlsEndpoint::open(IceEndpoint& ice, CertificatePtr certificate, DtlsTransportOptions options) {
  if (!ice.transport()) return;
  lower_ = ice.transport();
  transport_ = DtlsTransport::create(network_, *ice.transport(), std::move(certificate), options, this);
}

void DtlsEndpoint::report_stats(uint32_t request_id) {
  events_->push({handle_id_, EventKind::kStats, static_cast<double>(request_id),
                 event_struct(transport_ ? transport_->info() : last_info_)});
}

void DtlsEndpoint::close() {
  if (!transport_) return;
  last_info_ = transport_->info();
  transport_->close();
  transport_.reset();
}

void DtlsEndpoint::on_dtls_state(DtlsTransportState state, const DtlsFailure& failure) {
  if (listener_) listener_(state);
  StateChange change{state, failure, std::nullopt};
  if (state == DtlsTransportState::kConnected && transport_) change.info = transport_->info();
  events_->push(
      {handle_id_, EventKind::kDtlsState, 0,
       event_struct(std::move(change), [](napi_env env, const StateChange& moved) { return to_value(env, moved); })});
}

napi_value DtlsHandle::construct(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!is_construction(env, info, kName) || !Call::read(env, info, call)) return nullptr;
    Reader reader(env, "new DtlsTransport()");
    DtlsTransportOptions options;
    options.offer_srtp = reader.to_bool(reader.member(call.argument(2), "offerSrtp"), "offerSrtp");
    options.verify_fingerprints =
        reader.to_bool(reader.member(call.argument(2), "verifyFingerprints"), "verifyFingerprints");
    if (reader.failed()) return nullptr;
    const CertificatePtr certificate = to_certificate(env, call.argument(1));
    if (!certificate) return throw_error(env, "peerwire: new DtlsTransport(): certificate is not a native Certificate");
    auto* ice = unwrap<IceHandle>(env, call.argument(0));
    if (!ice) return throw_error(env, "peerwire: new DtlsTransport(): ice is not a native IceTransport");
    AddonData* addon = AddonData::of(env);
    std::shared_ptr<NetworkThread> network = addon->network();
    if (ice->closed() || !network) return throw_error(env, "peerwire: new DtlsTransport(): ice has been closed");
    auto made = std::make_unique<DtlsHandle>(*addon, network);
    DtlsHandle* handle = made.get();
    if (!adopt(call, kType, std::move(made))) return nullptr;
    if (!handle->set_parent(ice, call.argument(0))) {
      return throw_error(env, "peerwire: new DtlsTransport(): the parent could not be kept");
    }
    handle->endpoint_ = std::make_shared<DtlsEndpoint>(*network, addon->events(), handle->id());
    network->post([endpoint = handle->endpoint_, below = ice->endpoint(), certificate, options] {
      endpoint->open(*below, certificate, options);
    });
    return call.self;
  });
}

void DtlsHandle::start(const Call& call) {
  Reader reader(call.env, "start()");
  const auto role = reader.to_enum<DtlsRole>(call.argument(0), "role",
                                             {{"client", DtlsRole::kClient}, {"server", DtlsRole::kServer}});
  std::vector<Fingerprint> fingerprints = reader.to_fingerprints(call.argument(1));
  if (reader.failed() || closed()) return;
  network_->post([endpoint = endpoint_, role, fingerprints = std::move(fingerprints)]() mutable {
    if (endpoint->transport()) endpoint->transport()->start(role, std::move(fingerprints));
  });
}

bool DtlsHandle::define(napi_env env, napi_value exports) {
  auto properties = handle_properties<kType>();
  properties.push_back(method_property<DtlsHandle, &DtlsHandle::start>("start"));
  return define_class(env, exports, kName, construct, properties);
}

}  // namespace peerwire::addon

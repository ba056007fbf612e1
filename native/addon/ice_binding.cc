#include "addon/ice_binding.h"

#include "addon/convert.h"

namespace peerwire::addon {
namespace {

IceRole read_role(Reader& reader, napi_value value) {
  return reader.to_enum<IceRole>(value, "role",
                                 {{"controlling", IceRole::kControlling}, {"controlled", IceRole::kControlled}});
}

struct CandidateError {
  std::string address;
  uint16_t port;
  std::string url;
  int code;
  std::string reason;
};

napi_value to_value(napi_env env, const CandidateError& error) {
  return ObjectWriter(env)
      .text("address", error.address)
      .number("port", error.port)
      .text("url", error.url)
      .number("code", error.code)
      .text("reason", error.reason)
      .done();
}

using CandidatePair = std::pair<IceCandidate, IceCandidate>;

}  // namespace

void IceEndpoint::open(IceOptions options, IceParameters local) {
  transport_ = IceTransport::create(network_, std::move(options), std::move(local), this);
}

void IceEndpoint::report_stats(uint32_t request_id) {
  events_->push({handle_id_, EventKind::kStats, static_cast<double>(request_id),
                 event_struct(transport_ ? transport_->stats(clock_.now_ms()) : last_stats_)});
}

void IceEndpoint::close() {
  if (!transport_) return;
  last_stats_ = transport_->stats(clock_.now_ms());
  transport_->close();
  transport_.reset();
}

void IceEndpoint::on_ice_state(IceTransportState state) {
  events_->push({handle_id_, EventKind::kIceState, 0, word_of(state)});
}

void IceEndpoint::on_ice_gathering_state(IceGatheringState state) {
  events_->push({handle_id_, EventKind::kIceGatheringState, static_cast<double>(restarts_), word_of(state)});
}

void IceEndpoint::on_local_candidate(const IceCandidate& candidate) {
  events_->push({handle_id_, EventKind::kIceCandidate, 0, event_struct(candidate)});
}

void IceEndpoint::on_candidate_error(const std::string& address, uint16_t port, const std::string& url, int code,
                                     const std::string& reason) {
  events_->push({handle_id_, EventKind::kIceCandidateError, 0,
                 event_struct(CandidateError{address, port, url, code, reason},
                              [](napi_env env, const CandidateError& error) { return to_value(env, error); })});
}

void IceEndpoint::on_selected_pair(const IceCandidate& local, const IceCandidate& remote) {
  events_->push({handle_id_, EventKind::kIceSelectedPair, 0,
                 event_struct(CandidatePair{local, remote}, [](napi_env env, const CandidatePair& pair) {
                   return ObjectWriter(env)
                       .value("local", addon::to_value(env, pair.first))
                       .value("remote", addon::to_value(env, pair.second))
                       .done();
                 })});
}

void IceEndpoint::on_ice_role(IceRole role) {
  events_->push({handle_id_, EventKind::kIceRole, 0, word_of(role)});
}

template <typename Task>
void IceHandle::post(Task task) {
  network_->post([endpoint = endpoint_, task = std::move(task)]() mutable {
    if (endpoint->transport()) task(*endpoint->transport());
  });
}

napi_value IceHandle::construct(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!is_construction(env, info, kName) || !Call::read(env, info, call)) return nullptr;
    Reader reader(env, "new IceTransport()");
    IceOptions options = reader.to_ice_options(call.argument(0));
    IceParameters local = reader.to_ice_parameters(call.argument(1));
    if (reader.failed()) return nullptr;
    AddonData* addon = AddonData::of(env);
    std::shared_ptr<NetworkThread> network = addon ? addon->network() : nullptr;
    if (!network) return throw_error(env, "peerwire: the network thread could not be started");
    auto made = std::make_unique<IceHandle>(*addon, network);
    IceHandle* handle = made.get();
    if (!adopt(call, kType, std::move(made))) return nullptr;
    handle->endpoint_ = std::make_shared<IceEndpoint>(*network, addon->events(), handle->id(), addon->clock());
    network->post([endpoint = handle->endpoint_, options = std::move(options), local = std::move(local)]() mutable {
      endpoint->open(std::move(options), std::move(local));
    });
    return call.self;
  });
}

void IceHandle::gather(const Call&) {
  post([](IceTransport& transport) { transport.gather(); });
}

void IceHandle::gather_ahead(const Call&) {
  post([](IceTransport& transport) { transport.gather_ahead(); });
}

void IceHandle::set_remote_parameters(const Call& call) {
  Reader reader(call.env, "setRemoteParameters()");
  IceParameters parameters = reader.to_ice_parameters(call.argument(0));
  napi_valuetype given = napi_undefined;
  napi_typeof(call.env, call.argument(1), &given);
  const bool local_restart_follows = given != napi_undefined && reader.to_bool(call.argument(1), "localRestartFollows");
  if (reader.failed() || closed()) return;
  post([parameters = std::move(parameters), local_restart_follows](IceTransport& transport) mutable {
    transport.set_remote_parameters(std::move(parameters), local_restart_follows);
  });
}

void IceHandle::add_remote_candidate(const Call& call) {
  Reader reader(call.env, "addRemoteCandidate()");
  IceCandidate candidate = reader.to_ice_candidate(call.argument(0));
  if (reader.failed() || closed()) return;
  post([candidate = std::move(candidate)](IceTransport& transport) mutable {
    transport.add_remote_candidate(std::move(candidate));
  });
}

void IceHandle::forget_remote(const Call&) {
  post([](IceTransport& transport) { transport.forget_remote(); });
}

void IceHandle::set_remote_end_of_candidates(const Call&) {
  post([](IceTransport& transport) { transport.set_remote_end_of_candidates(); });
}

void IceHandle::start(const Call& call) {
  Reader reader(call.env, "start()");
  const IceRole role = read_role(reader, call.argument(0));
  if (reader.failed()) return;
  post([role](IceTransport& transport) { transport.start(role); });
}

void IceHandle::set_role(const Call& call) {
  Reader reader(call.env, "setRole()");
  const IceRole role = read_role(reader, call.argument(0));
  if (reader.failed()) return;
  post([role](IceTransport& transport) { transport.set_role(role); });
}

void IceHandle::restart(const Call& call) {
  Reader reader(call.env, "restart()");
  IceParameters local = reader.to_ice_parameters(call.argument(0));
  IceOptions options = reader.to_ice_options(call.argument(1));
  if (reader.failed() || closed()) return;
  post([endpoint = endpoint_, local = std::move(local), options = std::move(options)](IceTransport& transport) mutable {
    endpoint->note_restart();
    transport.restart(std::move(local), std::move(options));
  });
}

bool IceHandle::define(napi_env env, napi_value exports) {
  auto properties = handle_properties<kType>();
  properties.insert(properties.end(),
                    {method_property<IceHandle, &IceHandle::gather>("gather"),
                     method_property<IceHandle, &IceHandle::gather_ahead>("gatherAhead"),
                     method_property<IceHandle, &IceHandle::set_remote_parameters>("setRemoteParameters"),
                     method_property<IceHandle, &IceHandle::add_remote_candidate>("addRemoteCandidate"),
                     method_property<IceHandle, &IceHandle::forget_remote>("forgetRemote"),
                     method_property<IceHandle, &IceHandle::set_remote_end_of_candidates>("setRemoteEndOfCandidates"),
                     method_property<IceHandle, &IceHandle::start>("start"),
                     method_property<IceHandle, &IceHandle::set_role>("setRole"),
                     method_property<IceHandle, &IceHandle::restart>("restart")});
  return define_class(env, exports, kName, construct, properties);
}

}  // namespace peerwire::addon

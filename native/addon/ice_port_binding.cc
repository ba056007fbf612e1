#include "addon/ice_port_binding.h"

#include "addon/convert.h"

namespace peerwire::addon {
namespace {

struct Opened {
  std::vector<SocketAddress> addresses;
  std::string error;
};

napi_value to_value(napi_env env, const SocketAddress& address) {
  return ObjectWriter(env).text("address", address.ip_text()).number("port", address.port()).done();
}

napi_value to_value(napi_env env, const Opened& opened) {
  return ObjectWriter(env)
      .value("addresses", to_array(env, opened.addresses, to_value))
      .text("error", opened.error)
      .done();
}

struct UnknownRequest {
  SocketAddress local, from;
  std::string local_fragment, remote_fragment;
};

napi_value to_value(napi_env env, const UnknownRequest& request) {
  return ObjectWriter(env)
      .text("localUsernameFragment", request.local_fragment)
      .text("remoteUsernameFragment", request.remote_fragment)
      .value("local", to_value(env, request.local))
      .value("remote", to_value(env, request.from))
      .done();
}

}  // namespace

void IcePortEndpoint::open(const IceOptions& options) {
  Opened opened;
  port_ = IceUdpPort::open(network_, options, this, &opened.error);
  if (port_) opened.addresses = port_->addresses();
  events_->push(
      {handle_id_, EventKind::kIcePortOpened, 0,
       event_struct(std::move(opened), [](napi_env env, const Opened& content) { return to_value(env, content); })});
}

void IcePortEndpoint::on_unknown_request(const SocketAddress& local, const SocketAddress& from,
                                         const std::string& local_fragment, const std::string& remote_fragment) {
  events_->push({handle_id_, EventKind::kIceUnknownRequest, 0,
                 event_struct(UnknownRequest{local, from, local_fragment, remote_fragment},
                              [](napi_env env, const UnknownRequest& content) { return to_value(env, content); })});
}

napi_value IcePortHandle::construct(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!is_construction(env, info, kName) || !Call::read(env, info, call)) return nullptr;
    Reader reader(env, "new IceUdpPort()");
    IceOptions options = reader.to_ice_options(call.argument(0));
    if (reader.failed()) return nullptr;
    AddonData* addon = AddonData::of(env);
    std::shared_ptr<NetworkThread> network = addon ? addon->network() : nullptr;
    if (!network) return throw_error(env, "peerwire: the network thread could not be started");
    auto made = std::make_unique<IcePortHandle>(*addon, network);
    IcePortHandle* handle = made.get();
    if (!adopt(call, kType, std::move(made))) return nullptr;
    handle->endpoint_ = std::make_shared<IcePortEndpoint>(*network, addon->events(), handle->id());
    network->post([endpoint = handle->endpoint_, options = std::move(options)] { endpoint->open(options); });
    return call.self;
  });
}

bool IcePortHandle::define(napi_env env, napi_value exports) {
  return define_class(env, exports, kName, construct, handle_properties<kType>());
}

}  // namespace peerwire::addon

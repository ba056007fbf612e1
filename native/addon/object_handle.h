// The JavaScript side of a transport: identity, parents and children, and an end that may come from any direction.
#pragma once

#include <node_api.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "addon/addon_data.h"
#include "addon/error.h"

namespace peerwire::addon {

/// One call from JavaScript.
struct Call {
  static constexpr size_t kMaxArguments = 8;

  napi_env env = nullptr;
  napi_value self = nullptr;
  void* data = nullptr;
  size_t count = 0;
  std::array<napi_value, kMaxArguments> arguments{};

  /// Missing arguments are undefined.
  static bool read(napi_env env, napi_callback_info info, Call& call);
  napi_value argument(size_t index) const { return arguments[index]; }
};

enum class HandleType : uint64_t {
  kIce = 1,
  kDtls = 2,
  kSctp = 3,
  kRtp = 4,
  kRtpSender = 5,
  kRtpReceiver = 6,
  kIcePort = 7,
  kVideoSource = 10,
  kAudioSource = 11,
  kMediaTrack = 12,
  kVideoSink = 13,
  kAudioSink = 14,
};

/// Lives on the environment's thread, owned by its JavaScript object. close() may be called by JavaScript, by the
/// parent, by the finalizer and by the end of the environment, in any order and any number of times.
class ObjectHandle {
 public:
  virtual ~ObjectHandle() = default;
  ObjectHandle(const ObjectHandle&) = delete;
  ObjectHandle& operator=(const ObjectHandle&) = delete;

  uint32_t id() const { return id_; }
  bool closed() const { return closed_; }
  AddonData& addon() const { return *addon_; }
  void close();
  /// An event of this handle is about to be given to JavaScript.
  virtual void on_delivery(const Event&) {}
  /// Answered with none, unless the class has some.
  virtual void request_stats(uint32_t request_id);

  /// Ties `handle` to `call.self` and registers it; on failure an exception is pending and the handle is gone.
  static bool adopt(const Call& call, HandleType type, std::unique_ptr<ObjectHandle> handle);
  /// Null when `value` is no handle of that type made by this loading of the addon.
  static ObjectHandle* from_value(napi_env env, napi_value value, HandleType type);

 protected:
  explicit ObjectHandle(AddonData& addon) : addon_(addon.shared_from_this()) {}
  /// The parent's object stays alive, and closes this one first when it is closed.
  bool set_parent(ObjectHandle* parent, napi_value parent_object);
  /// Called once, after the children have been closed: posts the destruction of the network side.
  virtual void close_transport() = 0;

 private:
  const std::shared_ptr<AddonData> addon_;
  uint32_t id_ = 0;
  bool closed_ = false;
  ObjectHandle* parent_ = nullptr;
  napi_ref parent_object_ = nullptr;
  std::vector<ObjectHandle*> children_;
};

/// The handle classes have kType and kName.
template <typename Handle>
Handle* unwrap(napi_env env, napi_value value) {
  return static_cast<Handle*>(ObjectHandle::from_value(env, value, Handle::kType));
}

/// A method of a handle as Node-API calls it: checks `this`, and does nothing once the handle is closed.
/// @tparam Method of the class, or of one that it derives from
template <typename Handle, auto Method>
napi_value method(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return throw_error(env, "peerwire: the call could not be read");
    Handle* handle = unwrap<Handle>(env, call.self);
    if (!handle) return throw_error(env, std::string("peerwire: this is not a native ") + Handle::kName);
    if (!handle->closed()) (handle->*Method)(call);
    return nullptr;
  });
}

napi_value close_method(napi_env env, napi_callback_info info, HandleType type);
napi_value request_stats_method(napi_env env, napi_callback_info info, HandleType type);
napi_value id_getter(napi_env env, napi_callback_info info, HandleType type);

template <HandleType Type, napi_value (*Body)(napi_env, napi_callback_info, HandleType)>
napi_value typed(napi_env env, napi_callback_info info) {
  return Body(env, info, Type);
}

/// Descriptors of what every handle has; appended to by the classes.
template <HandleType Type>
std::vector<napi_property_descriptor> handle_properties() {
  return {{"id", nullptr, nullptr, typed<Type, id_getter>, nullptr, nullptr, napi_enumerable, nullptr},
          {"requestStats", nullptr, typed<Type, request_stats_method>, nullptr, nullptr, nullptr, napi_default_method,
           nullptr},
          {"close", nullptr, typed<Type, close_method>, nullptr, nullptr, nullptr, napi_default_method, nullptr}};
}

template <typename Handle, auto Method>
napi_property_descriptor method_property(const char* name) {
  return {name, nullptr, method<Handle, Method>, nullptr, nullptr, nullptr, napi_default_method, nullptr};
}

/// Whether the call came through `new`; leaves an Error pending otherwise.
bool is_construction(napi_env env, napi_callback_info info, const char* name);
/// Defines the class and sets it on `exports`.
bool define_class(napi_env env, napi_value exports, const char* name, napi_callback constructor,
                  const std::vector<napi_property_descriptor>& properties, napi_value* result = nullptr);

}  // namespace peerwire::addon

#include "addon/object_handle.h"

#include <algorithm>

#include "addon/convert.h"

namespace peerwire::addon {
namespace {

/// The instance data's address makes the tag: an object of another loading of the addon is not taken for ours.
napi_type_tag tag_of(const AddonData* addon, HandleType type) {
  return {0x7065657277697265u ^ static_cast<uint64_t>(type), reinterpret_cast<uintptr_t>(addon)};
}

ObjectHandle* receiver(const Call& call, HandleType type) {
  ObjectHandle* handle = ObjectHandle::from_value(call.env, call.self, type);
  if (!handle) throw_error(call.env, "peerwire: this is not a native handle of that class");
  return handle;
}

}  // namespace

bool Call::read(napi_env env, napi_callback_info info, Call& call) {
  call.env = env;
  call.count = kMaxArguments;
  return napi_get_cb_info(env, info, &call.count, call.arguments.data(), &call.self, &call.data) == napi_ok;
}

bool ObjectHandle::adopt(const Call& call, HandleType type, std::unique_ptr<ObjectHandle> handle) {
  const napi_type_tag tag = tag_of(handle->addon_.get(), type);
  const napi_status wrapped = napi_wrap(
      call.env, call.self, handle.get(),
      [](napi_env, void* self, void*) {
        auto* dying = static_cast<ObjectHandle*>(self);
        dying->close();
        delete dying;
      },
      nullptr, nullptr);
  if (wrapped != napi_ok) {
    handle->closed_ = true;
    throw_error(call.env, "peerwire: the object could not be made");
    return false;
  }
  ObjectHandle* adopted = handle.release();
  if (napi_type_tag_object(call.env, call.self, &tag) != napi_ok) {
    throw_error(call.env, "peerwire: the object could not be tagged");
    return false;
  }
  adopted->id_ = adopted->addon_->add(adopted);
  return true;
}

ObjectHandle* ObjectHandle::from_value(napi_env env, napi_value value, HandleType type) {
  AddonData* addon = AddonData::of(env);
  napi_valuetype kind = napi_undefined;
  if (!addon || !value || napi_typeof(env, value, &kind) != napi_ok || kind != napi_object) return nullptr;
  const napi_type_tag tag = tag_of(addon, type);
  bool matches = false;
  void* self = nullptr;
  if (napi_check_object_type_tag(env, value, &tag, &matches) != napi_ok || !matches ||
      napi_unwrap(env, value, &self) != napi_ok) {
    return nullptr;
  }
  return static_cast<ObjectHandle*>(self);
}

bool ObjectHandle::set_parent(ObjectHandle* parent, napi_value parent_object) {
  if (napi_create_reference(addon_->env(), parent_object, 1, &parent_object_) != napi_ok) return false;
  parent_ = parent;
  parent_->children_.push_back(this);
  return true;
}

void ObjectHandle::request_stats(uint32_t request_id) {
  addon_->events()->push({id_, EventKind::kStats, static_cast<double>(request_id), {}});
}

void ObjectHandle::close() {
  if (closed_) return;
  closed_ = true;
  while (!children_.empty()) children_.back()->close();
  if (parent_) std::erase(parent_->children_, this);
  parent_ = nullptr;
  close_transport();
  addon_->remove(id_);
  if (parent_object_) napi_delete_reference(addon_->env(), parent_object_);
  parent_object_ = nullptr;
}

napi_value close_method(napi_env env, napi_callback_info info, HandleType type) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    if (ObjectHandle* handle = receiver(call, type)) handle->close();
    return nullptr;
  });
}

napi_value request_stats_method(napi_env env, napi_callback_info info, HandleType type) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    ObjectHandle* handle = receiver(call, type);
    if (!handle) return nullptr;
    Reader reader(env, "requestStats()");
    const auto request_id = reader.to_uint32(call.argument(0), "requestId");
    if (!reader.failed()) handle->request_stats(request_id);
    return nullptr;
  });
}

napi_value id_getter(napi_env env, napi_callback_info info, HandleType type) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    const ObjectHandle* handle = receiver(call, type);
    napi_value value = nullptr;
    return handle && napi_create_uint32(env, handle->id(), &value) == napi_ok ? value : nullptr;
  });
}

bool is_construction(napi_env env, napi_callback_info info, const char* name) {
  napi_value target = nullptr;
  if (napi_get_new_target(env, info, &target) == napi_ok && target) return true;
  throw_error(env, std::string("peerwire: ") + name + " must be called with new");
  return false;
}

bool define_class(napi_env env, napi_value exports, const char* name, napi_callback constructor,
                  const std::vector<napi_property_descriptor>& properties, napi_value* result) {
  napi_value made = nullptr;
  if (napi_define_class(env, name, NAPI_AUTO_LENGTH, constructor, nullptr, properties.size(), properties.data(),
                        &made) != napi_ok) {
    return false;
  }
  if (result) *result = made;
  return napi_set_named_property(env, exports, name, made) == napi_ok;
}

}  // namespace peerwire::addon

#include "addon/addon_data.h"

#include "addon/object_handle.h"

namespace peerwire::addon {

AddonData* AddonData::attach(napi_env env) {
  auto holder = std::make_unique<std::shared_ptr<AddonData>>(std::make_shared<AddonData>(env));
  AddonData* data = holder->get();
  data->events_ = EventQueue::create(env, [data](const Event& event) {
    if (is_answer(event.kind)) return true;
    ObjectHandle* handle = data->find(event.handle_id);
    if (!handle) return false;
    handle->on_delivery(event);
    return true;
  });
  if (!data->events_) return nullptr;
  // Handles keep the instance data, too: in which order the environment runs finalizers is its own affair.
  if (napi_set_instance_data(
          env, holder.get(), [](napi_env, void* self, void*) { delete static_cast<std::shared_ptr<AddonData>*>(self); },
          nullptr) != napi_ok) {
    data->events_->close();
    return nullptr;
  }
  holder.release();
  // After the event queue was made: hooks run last in, first out, and the queue's function must still be there.
  napi_add_env_cleanup_hook(
      env, [](void* self) { static_cast<AddonData*>(self)->end(); }, data);
  return data;
}

AddonData* AddonData::of(napi_env env) {
  void* holder = nullptr;
  if (napi_get_instance_data(env, &holder) != napi_ok || !holder) return nullptr;
  return static_cast<std::shared_ptr<AddonData>*>(holder)->get();
}

std::shared_ptr<NetworkThread> AddonData::network() {
  if (!network_ && !ended_) network_ = NetworkThread::acquire();
  return network_;
}

uint32_t AddonData::add(ObjectHandle* handle) {
  do {
    ++last_id_;
  } while (last_id_ == 0 || handles_.contains(last_id_));
  handles_.emplace(last_id_, handle);
  need_dispatcher_or_not();
  return last_id_;
}

void AddonData::remove(uint32_t id) {
  handles_.erase(id);
  need_dispatcher_or_not();
}

void AddonData::expect_answer() {
  ++expected_answers_;
  need_dispatcher_or_not();
}

void AddonData::answered() {
  --expected_answers_;
  need_dispatcher_or_not();
}

void AddonData::need_dispatcher_or_not() {
  if (!ended_) events_->set_needed(!handles_.empty() || expected_answers_ > 0);
}

ObjectHandle* AddonData::find(uint32_t id) const {
  const auto found = handles_.find(id);
  return found == handles_.end() ? nullptr : found->second;
}

void AddonData::end() {
  if (ended_) return;
  ended_ = true;
  conversation_.end();
  events_->close();
  // close() takes the handle, and its children with it, out of the table.
  while (!handles_.empty()) handles_.begin()->second->close();
  if (certificate_constructor) napi_delete_reference(env_, certificate_constructor);
  certificate_constructor = nullptr;
  network_.reset();
}

}  // namespace peerwire::addon

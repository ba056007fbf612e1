#include "addon/track_binding.h"

#include <algorithm>

#include "addon/convert.h"
#include "addon/source_binding.h"

namespace peerwire::addon {

napi_value MediaTrackHandle::construct(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!is_construction(env, info, kName) || !Call::read(env, info, call)) return nullptr;
    auto made = std::make_unique<MediaTrackHandle>(*AddonData::of(env));
    if (auto video = VideoSourceHandle::source(env, call.argument(0))) {
      made->video_ = std::make_shared<VideoTrack>(std::move(video));
    } else if (auto audio = AudioSourceHandle::source(env, call.argument(0))) {
      made->audio_ = std::make_shared<AudioTrack>(std::move(audio));
    } else {
      return throw_error(env, "peerwire: new MediaTrack(): source is no native source, or it has been closed");
    }
    return adopt(call, kType, std::move(made)) ? call.self : nullptr;
  });
}

std::shared_ptr<VideoTrack> MediaTrackHandle::video(napi_env env, napi_value value) {
  const auto* handle = unwrap<MediaTrackHandle>(env, value);
  return handle && !handle->closed() ? handle->video_ : nullptr;
}

std::shared_ptr<AudioTrack> MediaTrackHandle::audio(napi_env env, napi_value value) {
  const auto* handle = unwrap<MediaTrackHandle>(env, value);
  return handle && !handle->closed() ? handle->audio_ : nullptr;
}

void MediaTrackHandle::set_enabled(const Call& call) {
  Reader reader(call.env, "setEnabled()");
  const bool enabled = reader.to_bool(call.argument(0), "enabled");
  if (reader.failed()) return;
  if (video_) video_->set_enabled(enabled);
  if (audio_) audio_->set_enabled(enabled);
}

void MediaTrackHandle::set_shape(const Call& call) {
  Reader reader(call.env, "setShape()");
  VideoTrack::Shape shape;
  shape.width = reader.to_bounded(call.argument(0), "width", 0, kMaxSide);
  shape.height = reader.to_bounded(call.argument(1), "height", 0, kMaxSide);
  shape.framerate = std::max(0.0, reader.to_number(call.argument(2), "frameRate"));
  if (!reader.failed() && video_) video_->set_shape(shape);
}

void MediaTrackHandle::end(const Call&) {
  end_track();
}

void MediaTrackHandle::end_track() {
  if (video_) video_->end();
  if (audio_) audio_->end();
}

void MediaTrackHandle::close_transport() {
  end_track();
  video_.reset();
  audio_.reset();
}

bool MediaTrackHandle::define(napi_env env, napi_value exports) {
  auto properties = handle_properties<kType>();
  properties.insert(properties.end(), {method_property<MediaTrackHandle, &MediaTrackHandle::set_enabled>("setEnabled"),
                                       method_property<MediaTrackHandle, &MediaTrackHandle::set_shape>("setShape"),
                                       method_property<MediaTrackHandle, &MediaTrackHandle::end>("end")});
  return define_class(env, exports, kName, construct, properties);
}

}  // namespace peerwire::addon

// The MediaTrack class of the addon. Senders and sinks attach to what is in it.
#pragma once

#include <memory>

#include "addon/object_handle.h"
#include "media/track/media_track.h"

namespace peerwire::addon {

/// One MediaStreamTrack. Closing the handle ends the track.
class MediaTrackHandle final : public ObjectHandle {
 public:
  static constexpr HandleType kType = HandleType::kMediaTrack;
  static constexpr const char* kName = "MediaTrack";
  static bool define(napi_env env, napi_value exports);
  /// Null when `value` is no open handle of a track of video.
  static std::shared_ptr<VideoTrack> video(napi_env env, napi_value value);
  static std::shared_ptr<AudioTrack> audio(napi_env env, napi_value value);

  explicit MediaTrackHandle(AddonData& addon) : ObjectHandle(addon) {}

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  void set_enabled(const Call& call);
  void set_shape(const Call& call);
  void end(const Call& call);
  void end_track();
  void close_transport() override;

  std::shared_ptr<VideoTrack> video_;
  std::shared_ptr<AudioTrack> audio_;
};

}  // namespace peerwire::addon

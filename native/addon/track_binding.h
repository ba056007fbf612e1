// The VideoSource, AudioSource and MediaTrack classes of the addon. Senders and receivers attach to what is in them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "addon/object_handle.h"
#include "media/file/file_source.h"
#include "media/track/fake_source.h"
#include "media/track/media_track.h"
#include "media/track/program_audio_source.h"

namespace peerwire::addon {

/// Tells JavaScript of a source: that somebody takes its media, or nobody any more; that it is at its end.
class SourceEvents final : public SourceDemand {
 public:
  SourceEvents(std::shared_ptr<EventQueue> events, uint32_t handle_id)
      : events_(std::move(events)), handle_id_(handle_id) {}
  void on_demand(bool wanted) override;
  /// `error`: why it failed; empty: nothing is left of it.
  void on_end(const std::string& error);

 private:
  const std::shared_ptr<EventQueue> events_;
  const uint32_t handle_id_;
};

/// A source of pictures: of a program that pushes them, of a fake camera, or of a file. A receiver delivers into
/// source() itself.
class VideoSourceHandle final : public ObjectHandle {
 public:
  static constexpr HandleType kType = HandleType::kVideoSource;
  static constexpr const char* kName = "VideoSource";
  static bool define(napi_env env, napi_value exports);
  /// Null when `value` is no open handle of that class.
  static std::shared_ptr<VideoSource> source(napi_env env, napi_value value);

  explicit VideoSourceHandle(AddonData& addon) : ObjectHandle(addon) {}
  void request_stats(uint32_t request_id) override;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  static napi_value flow(napi_env env, napi_callback_info info);
  void push(const Call& call);
  void configure(const Call& call);
  void close_transport() override;

  std::shared_ptr<VideoSource> source_;
  std::shared_ptr<FakeVideoSource> fake_;
  std::optional<VideoFile::Format> file_;
};

class AudioSourceHandle final : public ObjectHandle {
 public:
  static constexpr HandleType kType = HandleType::kAudioSource;
  static constexpr const char* kName = "AudioSource";
  static bool define(napi_env env, napi_value exports);
  static std::shared_ptr<AudioSource> source(napi_env env, napi_value value);

  explicit AudioSourceHandle(AddonData& addon) : ObjectHandle(addon) {}
  void request_stats(uint32_t request_id) override;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  static napi_value push(napi_env env, napi_callback_info info);
  static napi_value flow(napi_env env, napi_callback_info info);
  static napi_value waiting(napi_env env, napi_callback_info info);
  void configure(const Call& call);
  void close_transport() override;

  std::shared_ptr<AudioSource> source_;
  std::shared_ptr<ProgramAudioSource> program_;
  std::shared_ptr<FakeAudioSource> fake_;
  std::optional<AudioFile::Format> file_;
};

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
  void request_stats(uint32_t request_id) override;

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

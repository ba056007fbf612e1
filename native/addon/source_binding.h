// The VideoSource and AudioSource classes of the addon. Receivers deliver into what is in them.
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

/// Of a picture that crosses the addon, in pixels.
constexpr double kMaxSide = 16'384;

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

struct VideoSourceKind {
  static constexpr HandleType kType = HandleType::kVideoSource;
  static constexpr const char* kName = "VideoSource";
  static constexpr const char* kConstructor = "new VideoSource()";
  using Source = VideoSource;
  using Fake = FakeVideoSource;
  using Settings = FakeVideoSettings;
  using File = VideoFile;
  static constexpr auto open_file = open_video_file;
};

struct AudioSourceKind {
  static constexpr HandleType kType = HandleType::kAudioSource;
  static constexpr const char* kName = "AudioSource";
  static constexpr const char* kConstructor = "new AudioSource()";
  using Source = AudioSource;
  using Fake = FakeAudioSource;
  using Settings = FakeAudioSettings;
  using File = AudioFile;
  static constexpr auto open_file = open_audio_file;
};

/// A source of a program that pushes, of a fake device, or of a file. A receiver delivers into source() itself.
template <typename Kind>
class SourceHandle : public ObjectHandle {
 public:
  using Source = typename Kind::Source;
  static constexpr HandleType kType = Kind::kType;
  static constexpr const char* kName = Kind::kName;
  /// Null when `value` is no open handle of that class.
  static std::shared_ptr<Source> source(napi_env env, napi_value value);

  explicit SourceHandle(AddonData& addon) : ObjectHandle(addon) {}

 protected:
  /// @tparam Handle the class that derives
  template <typename Handle>
  static napi_value construct(napi_env env, napi_callback_info info);
  virtual std::shared_ptr<Source> create_program() = 0;
  void configure(const Call& call);
  void close_transport() override;

  std::shared_ptr<Source> source_;
  std::optional<typename Kind::File::Format> file_;

 private:
  std::shared_ptr<typename Kind::Fake> fake_;
};

class VideoSourceHandle final : public SourceHandle<VideoSourceKind> {
 public:
  using SourceHandle::SourceHandle;
  static bool define(napi_env env, napi_value exports);

 private:
  static napi_value flow(napi_env env, napi_callback_info info);
  void push(const Call& call);
  std::shared_ptr<VideoSource> create_program() override { return std::make_shared<VideoSource>(); }
};

class AudioSourceHandle final : public SourceHandle<AudioSourceKind> {
 public:
  using SourceHandle::SourceHandle;
  static bool define(napi_env env, napi_value exports);

 private:
  static napi_value push(napi_env env, napi_callback_info info);
  static napi_value flow(napi_env env, napi_callback_info info);
  static napi_value waiting(napi_env env, napi_callback_info info);
  void clear(const Call& call);
  std::shared_ptr<AudioSource> create_program() override { return program_ = ProgramAudioSource::create(); }
  void close_transport() override;

  std::shared_ptr<ProgramAudioSource> program_;
};

}  // namespace peerwire::addon

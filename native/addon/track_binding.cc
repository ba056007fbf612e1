#include "addon/track_binding.h"

#include <chrono>
#include <optional>

#include "addon/convert.h"
#include "base/clock.h"

namespace peerwire::addon {
namespace {

constexpr double kMaxSide = 16'384;
constexpr double kMaxRate = 192'000;
/// So far from zero differences of times, and some multiples of them, are still numbers.
constexpr double kMaxTime = 1e15;

int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
}

/// A member that may be missing, and is a number otherwise.
std::optional<int64_t> to_optional_time(Reader& reader, napi_value value, const char* name) {
  napi_valuetype type = napi_undefined;
  if (reader.failed() || !value || napi_typeof(reader.env(), value, &type) != napi_ok || type == napi_undefined) {
    return std::nullopt;
  }
  return static_cast<int64_t>(std::clamp(reader.to_number(value, name), -kMaxTime, kMaxTime));
}

int to_bounded(Reader& reader, napi_value value, const char* name, double least, double most) {
  return static_cast<int>(std::clamp(reader.to_number(value, name), least, most));
}

FakeVideoSettings to_video_settings(Reader& reader, napi_value value) {
  FakeVideoSettings settings;
  settings.width = to_bounded(reader, reader.member(value, "width"), "width", 1, kMaxSide);
  settings.height = to_bounded(reader, reader.member(value, "height"), "height", 1, kMaxSide);
  settings.framerate = std::clamp(reader.to_number(reader.member(value, "frameRate"), "frameRate"), 0.01, 1000.0);
  return settings;
}

FakeAudioSettings to_audio_settings(Reader& reader, napi_value value) {
  FakeAudioSettings settings;
  settings.sample_rate = to_bounded(reader, reader.member(value, "sampleRate"), "sampleRate", 8000, kMaxRate);
  settings.channels = to_bounded(reader, reader.member(value, "channelCount"), "channelCount", 1, 8);
  return settings;
}

enum class SourceType { kProgram, kFake, kFile };

SourceType to_source_type(Reader& reader, napi_value options) {
  return reader.to_enum<SourceType>(
      reader.member(options, "type"), "type",
      {{"program", SourceType::kProgram}, {"fake", SourceType::kFake}, {"file", SourceType::kFile}});
}

/// Of what JavaScript is told about.
template <typename Source>
void report_demand(Reader& reader, napi_value options, Source& source, AddonData& addon, uint32_t handle_id) {
  if (!reader.to_bool(reader.member(options, "reportsDemand"), "reportsDemand")) return;
  source.set_demand(std::make_shared<SourceEvents>(addon.events(), handle_id));
}

FilePlayback to_playback(Reader& reader, napi_value options, AddonData& addon, uint32_t handle_id) {
  FilePlayback playback;
  playback.loop = reader.to_bool(reader.member(options, "loop"), "loop");
  playback.ended = [told = std::make_shared<SourceEvents>(addon.events(), handle_id)](const std::string& error) {
    told->on_end(error);
  };
  return playback;
}

void answer_nothing(AddonData& addon, uint32_t request_id) {
  addon.events()->push({0, EventKind::kStats, static_cast<double>(request_id), {}});
}

template <typename Handle>
Handle* receiver(const Call& call) {
  Handle* handle = unwrap<Handle>(call.env, call.self);
  if (!handle) throw_error(call.env, std::string("peerwire: this is not a native ") + Handle::kName);
  return handle;
}

}  // namespace

void SourceEvents::on_demand(bool wanted) {
  events_->push({handle_id_, EventKind::kSourceDemand, wanted ? 1.0 : 0.0, {}});
}

void SourceEvents::on_end(const std::string& error) {
  events_->push({handle_id_, EventKind::kSourceEnded, 0, event_struct(error, [](napi_env env, const std::string& text) {
                   napi_value value = nullptr;
                   return napi_create_string_utf8(env, text.data(), text.size(), &value) == napi_ok ? value : nullptr;
                 })});
}

// ---- VideoSource ----

napi_value VideoSourceHandle::construct(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!is_construction(env, info, kName) || !Call::read(env, info, call)) return nullptr;
    Reader reader(env, "new VideoSource()");
    const napi_value options = call.argument(0);
    const SourceType type = to_source_type(reader, options);
    auto made = std::make_unique<VideoSourceHandle>(*AddonData::of(env));
    VideoSourceHandle* handle = made.get();
    if (type == SourceType::kFake) {
      const uint32_t device = reader.to_uint32(reader.member(options, "device"), "device");
      const FakeVideoSettings settings = to_video_settings(reader, options);
      if (reader.failed()) return nullptr;
      handle->fake_ = FakeVideoSource::create(device, settings);
      handle->source_ = handle->fake_;
    } else if (type == SourceType::kProgram) {
      handle->source_ = std::make_shared<VideoSource>();
    }
    std::unique_ptr<VideoFile> file;
    if (type == SourceType::kFile) {
      std::string error;
      const std::string path = reader.to_text(reader.member(options, "path"), "path");
      if (!reader.failed()) file = open_video_file(path, &error);
      if (!reader.failed() && !file) return throw_error(env, error);
    }
    if (reader.failed() || !adopt(call, kType, std::move(made))) return nullptr;
    if (file) {
      handle->file_ = file->format();
      handle->source_ =
          create_file_source(std::move(file), to_playback(reader, options, handle->addon(), handle->id()));
    }
    report_demand(reader, options, *handle->source_, handle->addon(), handle->id());
    return reader.failed() ? nullptr : call.self;
  });
}

std::shared_ptr<VideoSource> VideoSourceHandle::source(napi_env env, napi_value value) {
  const auto* handle = unwrap<VideoSourceHandle>(env, value);
  return handle && !handle->closed() ? handle->source_ : nullptr;
}

void VideoSourceHandle::push(const Call& call) {
  Reader reader(call.env, "push()");
  const ByteView octets = reader.to_view(call.argument(0), "data");
  const int width = to_bounded(reader, call.argument(1), "width", 1, kMaxSide);
  const int height = to_bounded(reader, call.argument(2), "height", 1, kMaxSide);
  const int rotation = to_bounded(reader, call.argument(3), "rotation", 0, 270);
  VideoFrame frame;
  frame.program_time_us = to_optional_time(reader, call.argument(4), "programTime");
  frame.capture_time_us = to_optional_time(reader, call.argument(5), "captureTime").value_or(now_us());
  if (reader.failed()) return;
  const auto buffer = I420Buffer::allocate(width, height);
  if (octets.size() < buffer->packed_size()) {
    throw_error(call.env, "peerwire: push(): data is too short for a picture of that size");
    return;
  }
  buffer->copy_packed_from(octets.data());
  frame.buffer = buffer;
  frame.rotation = rotation / 90 * 90;
  source_->deliver(frame);
}

void VideoSourceHandle::configure(const Call& call) {
  Reader reader(call.env, "configure()");
  const FakeVideoSettings settings = to_video_settings(reader, call.argument(0));
  if (!reader.failed() && fake_) fake_->configure(settings);
}

napi_value VideoSourceHandle::flow(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    const auto* handle = receiver<VideoSourceHandle>(call);
    if (!handle) return nullptr;
    VideoFlow flow = handle->source_ ? handle->source_->flow() : VideoFlow();
    if (handle->file_ && flow.width == 0)
      flow = {handle->file_->width, handle->file_->height, handle->file_->framerate};
    return ObjectWriter(env)
        .number("width", flow.width)
        .number("height", flow.height)
        .number("frameRate", flow.framerate)
        .done();
  });
}

void VideoSourceHandle::request_stats(uint32_t request_id) {
  answer_nothing(addon(), request_id);
}

void VideoSourceHandle::close_transport() {
  if (source_) source_->set_demand(nullptr);
  fake_.reset();
  source_.reset();
}

bool VideoSourceHandle::define(napi_env env, napi_value exports) {
  auto properties = handle_properties<kType>();
  properties.insert(properties.end(),
                    {method_property<VideoSourceHandle, &VideoSourceHandle::push>("push"),
                     method_property<VideoSourceHandle, &VideoSourceHandle::configure>("configure"),
                     {"flow", nullptr, &flow, nullptr, nullptr, nullptr, napi_default_method, nullptr}});
  return define_class(env, exports, kName, construct, properties);
}

// ---- AudioSource ----

napi_value AudioSourceHandle::construct(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!is_construction(env, info, kName) || !Call::read(env, info, call)) return nullptr;
    Reader reader(env, "new AudioSource()");
    const napi_value options = call.argument(0);
    const SourceType type = to_source_type(reader, options);
    auto made = std::make_unique<AudioSourceHandle>(*AddonData::of(env));
    AudioSourceHandle* handle = made.get();
    if (type == SourceType::kFake) {
      const uint32_t device = reader.to_uint32(reader.member(options, "device"), "device");
      const FakeAudioSettings settings = to_audio_settings(reader, options);
      if (reader.failed()) return nullptr;
      handle->fake_ = FakeAudioSource::create(device, settings);
      handle->source_ = handle->fake_;
    } else if (type == SourceType::kProgram) {
      handle->program_ = ProgramAudioSource::create();
      handle->source_ = handle->program_;
    }
    std::unique_ptr<AudioFile> file;
    if (type == SourceType::kFile) {
      std::string error;
      const std::string path = reader.to_text(reader.member(options, "path"), "path");
      if (!reader.failed()) file = open_audio_file(path, &error);
      if (!reader.failed() && !file) return throw_error(env, error);
    }
    if (reader.failed() || !adopt(call, kType, std::move(made))) return nullptr;
    if (file) {
      handle->file_ = file->format();
      handle->source_ =
          create_file_source(std::move(file), to_playback(reader, options, handle->addon(), handle->id()));
    }
    report_demand(reader, options, *handle->source_, handle->addon(), handle->id());
    return reader.failed() ? nullptr : call.self;
  });
}

std::shared_ptr<AudioSource> AudioSourceHandle::source(napi_env env, napi_value value) {
  const auto* handle = unwrap<AudioSourceHandle>(env, value);
  return handle && !handle->closed() ? handle->source_ : nullptr;
}

napi_value AudioSourceHandle::push(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    const auto* handle = receiver<AudioSourceHandle>(call);
    if (!handle) return nullptr;
    Reader reader(env, "push()");
    const ByteView octets = reader.to_view(call.argument(0), "data");
    AudioBlock block;
    block.sample_rate = to_bounded(reader, call.argument(1), "sampleRate", 8000, kMaxRate);
    block.channels = to_bounded(reader, call.argument(2), "channelCount", 1, 8);
    const bool paced = reader.to_bool(call.argument(3), "paced");
    block.program_time_us = to_optional_time(reader, call.argument(4), "programTime");
    block.capture_time_us = to_optional_time(reader, call.argument(5), "captureTime").value_or(now_us());
    if (reader.failed()) return nullptr;
    const size_t frame_octets = sizeof(int16_t) * static_cast<size_t>(block.channels);
    block.samples.resize(octets.size() / frame_octets * static_cast<size_t>(block.channels));
    std::memcpy(block.samples.data(), octets.data(), block.samples.size() * sizeof(int16_t));
    bool accepted = true;
    if (handle->program_ && !block.samples.empty()) {
      if (paced) {
        accepted = handle->program_->push(std::move(block));
      } else {
        handle->program_->deliver(std::make_shared<AudioBlock>(std::move(block)));
      }
    }
    napi_value value = nullptr;
    return napi_get_boolean(env, accepted, &value) == napi_ok ? value : nullptr;
  });
}

void AudioSourceHandle::configure(const Call& call) {
  Reader reader(call.env, "configure()");
  const FakeAudioSettings settings = to_audio_settings(reader, call.argument(0));
  if (!reader.failed() && fake_) fake_->configure(settings);
}

napi_value AudioSourceHandle::flow(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    const auto* handle = receiver<AudioSourceHandle>(call);
    if (!handle) return nullptr;
    AudioFlow flow = handle->source_ ? handle->source_->flow() : AudioFlow();
    if (handle->file_ && flow.channels == 0) flow = {handle->file_->sample_rate, handle->file_->channels};
    return ObjectWriter(env).number("sampleRate", flow.sample_rate).number("channelCount", flow.channels).done();
  });
}

napi_value AudioSourceHandle::waiting(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    const auto* handle = receiver<AudioSourceHandle>(call);
    if (!handle) return nullptr;
    napi_value value = nullptr;
    const auto us = handle->program_ ? static_cast<double>(handle->program_->waiting_us()) : 0;
    return napi_create_double(env, us, &value) == napi_ok ? value : nullptr;
  });
}

void AudioSourceHandle::request_stats(uint32_t request_id) {
  answer_nothing(addon(), request_id);
}

void AudioSourceHandle::close_transport() {
  if (source_) source_->set_demand(nullptr);
  program_.reset();
  fake_.reset();
  source_.reset();
}

bool AudioSourceHandle::define(napi_env env, napi_value exports) {
  auto properties = handle_properties<kType>();
  properties.insert(properties.end(),
                    {{"push", nullptr, &push, nullptr, nullptr, nullptr, napi_default_method, nullptr},
                     method_property<AudioSourceHandle, &AudioSourceHandle::configure>("configure"),
                     {"flow", nullptr, &flow, nullptr, nullptr, nullptr, napi_default_method, nullptr},
                     {"waitingUs", nullptr, &waiting, nullptr, nullptr, nullptr, napi_default_method, nullptr}});
  return define_class(env, exports, kName, construct, properties);
}

// ---- MediaTrack ----

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
  shape.width = to_bounded(reader, call.argument(0), "width", 0, kMaxSide);
  shape.height = to_bounded(reader, call.argument(1), "height", 0, kMaxSide);
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

void MediaTrackHandle::request_stats(uint32_t request_id) {
  answer_nothing(addon(), request_id);
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

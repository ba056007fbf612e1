#include "addon/source_binding.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "addon/convert.h"
#include "base/clock.h"

namespace peerwire::addon {
namespace {

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

void read_settings(Reader& reader, napi_value value, FakeVideoSettings& settings) {
  settings.width = reader.to_bounded(reader.member(value, "width"), "width", 1, kMaxSide);
  settings.height = reader.to_bounded(reader.member(value, "height"), "height", 1, kMaxSide);
  settings.framerate = std::clamp(reader.to_number(reader.member(value, "frameRate"), "frameRate"), 0.01, 1000.0);
}

void read_settings(Reader& reader, napi_value value, FakeAudioSettings& settings) {
  settings.sample_rate = reader.to_bounded(reader.member(value, "sampleRate"), "sampleRate", 8000, kMaxRate);
  settings.channels = reader.to_bounded(reader.member(value, "channelCount"), "channelCount", 1, 8);
}

enum class SourceType { kProgram, kFake, kFile };

SourceType to_source_type(Reader& reader, napi_value options) {
  return reader.to_enum<SourceType>(
      reader.member(options, "type"), "type",
      {{"program", SourceType::kProgram}, {"fake", SourceType::kFake}, {"file", SourceType::kFile}});
}

FilePlayback to_playback(Reader& reader, napi_value options, AddonData& addon, uint32_t handle_id) {
  FilePlayback playback;
  playback.loop = reader.to_bool(reader.member(options, "loop"), "loop");
  playback.ended = [told = std::make_shared<SourceEvents>(addon.events(), handle_id)](const std::string& error) {
    told->on_end(error);
  };
  return playback;
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

// ---- both ----

template <typename Kind>
template <typename Handle>
napi_value SourceHandle<Kind>::construct(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!is_construction(env, info, kName) || !Call::read(env, info, call)) return nullptr;
    Reader reader(env, Kind::kConstructor);
    const napi_value options = call.argument(0);
    const SourceType type = to_source_type(reader, options);
    auto made = std::make_unique<Handle>(*AddonData::of(env));
    SourceHandle* handle = made.get();
    if (type == SourceType::kFake) {
      const uint32_t device = reader.to_uint32(reader.member(options, "device"), "device");
      typename Kind::Settings settings;
      read_settings(reader, options, settings);
      if (reader.failed()) return nullptr;
      handle->fake_ = Kind::Fake::create(device, settings);
      handle->source_ = handle->fake_;
    } else if (type == SourceType::kProgram) {
      handle->source_ = handle->create_program();
    }
    std::unique_ptr<typename Kind::File> file;
    if (type == SourceType::kFile) {
      std::string error;
      const std::string path = reader.to_text(reader.member(options, "path"), "path");
      if (!reader.failed()) file = Kind::open_file(path, &error);
      if (!reader.failed() && !file) return throw_error(env, error);
    }
    if (reader.failed() || !adopt(call, kType, std::move(made))) return nullptr;
    if (file) {
      handle->file_ = file->format();
      handle->source_ =
          create_file_source(std::move(file), to_playback(reader, options, handle->addon(), handle->id()));
    }
    if (reader.to_bool(reader.member(options, "reportsDemand"), "reportsDemand")) {
      handle->source_->set_demand(std::make_shared<SourceEvents>(handle->addon().events(), handle->id()));
    }
    return reader.failed() ? nullptr : call.self;
  });
}

template <typename Kind>
std::shared_ptr<typename Kind::Source> SourceHandle<Kind>::source(napi_env env, napi_value value) {
  const auto* handle = unwrap<SourceHandle>(env, value);
  return handle && !handle->closed() ? handle->source_ : nullptr;
}

template <typename Kind>
void SourceHandle<Kind>::configure(const Call& call) {
  Reader reader(call.env, "configure()");
  typename Kind::Settings settings;
  read_settings(reader, call.argument(0), settings);
  if (!reader.failed() && fake_) fake_->configure(settings);
}

template <typename Kind>
void SourceHandle<Kind>::close_transport() {
  if (source_) source_->set_demand(nullptr);
  fake_.reset();
  source_.reset();
}

template class SourceHandle<VideoSourceKind>;
template class SourceHandle<AudioSourceKind>;

// ---- VideoSource ----

void VideoSourceHandle::push(const Call& call) {
  Reader reader(call.env, "push()");
  const ByteView octets = reader.to_view(call.argument(0), "data");
  const int width = reader.to_bounded(call.argument(1), "width", 1, kMaxSide);
  const int height = reader.to_bounded(call.argument(2), "height", 1, kMaxSide);
  const int rotation = reader.to_bounded(call.argument(3), "rotation", 0, 270);
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

bool VideoSourceHandle::define(napi_env env, napi_value exports) {
  auto properties = handle_properties<kType>();
  properties.insert(properties.end(),
                    {method_property<VideoSourceHandle, &VideoSourceHandle::push>("push"),
                     method_property<VideoSourceHandle, &VideoSourceHandle::configure>("configure"),
                     {"flow", nullptr, &flow, nullptr, nullptr, nullptr, napi_default_method, nullptr}});
  return define_class(env, exports, kName, construct<VideoSourceHandle>, properties);
}

// ---- AudioSource ----

napi_value AudioSourceHandle::push(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    const auto* handle = receiver<AudioSourceHandle>(call);
    if (!handle) return nullptr;
    Reader reader(env, "push()");
    const ByteView octets = reader.to_view(call.argument(0), "data");
    AudioBlock block;
    block.sample_rate = reader.to_bounded(call.argument(1), "sampleRate", 8000, kMaxRate);
    block.channels = reader.to_bounded(call.argument(2), "channelCount", 1, 8);
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

void AudioSourceHandle::clear(const Call&) {
  if (program_) program_->clear();
}

void AudioSourceHandle::close_transport() {
  program_.reset();
  SourceHandle::close_transport();
}

bool AudioSourceHandle::define(napi_env env, napi_value exports) {
  auto properties = handle_properties<kType>();
  properties.insert(properties.end(),
                    {{"push", nullptr, &push, nullptr, nullptr, nullptr, napi_default_method, nullptr},
                     method_property<AudioSourceHandle, &AudioSourceHandle::configure>("configure"),
                     method_property<AudioSourceHandle, &AudioSourceHandle::clear>("clear"),
                     {"flow", nullptr, &flow, nullptr, nullptr, nullptr, napi_default_method, nullptr},
                     {"waitingUs", nullptr, &waiting, nullptr, nullptr, nullptr, napi_default_method, nullptr}});
  return define_class(env, exports, kName, construct<AudioSourceHandle>, properties);
}

}  // namespace peerwire::addon

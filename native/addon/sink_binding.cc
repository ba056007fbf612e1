#include "addon/sink_binding.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

#include "addon/convert.h"
#include "media/track/block_converter.h"

namespace peerwire::addon {
namespace {

constexpr double kMaxCapacity = 10'000;
constexpr double kMaxRate = 192'000;

/// An uninitialised buffer for what is copied once.
void* new_buffer(napi_env env, size_t size, napi_value& buffer) {
  void* data = nullptr;
  return napi_create_arraybuffer(env, size, &data, &buffer) == napi_ok ? data : nullptr;
}

ObjectWriter& write_times(ObjectWriter& writer, int64_t capture_time_us, std::optional<int64_t> program_time_us,
                          std::optional<uint32_t> rtp_timestamp, std::optional<int64_t> capture_ntp_ms) {
  writer.number("captureTime", static_cast<double>(capture_time_us));
  if (program_time_us) writer.number("programTime", static_cast<double>(*program_time_us));
  if (rtp_timestamp) writer.number("rtpTimestamp", *rtp_timestamp);
  if (capture_ntp_ms) writer.number("captureNtpTime", static_cast<double>(*capture_ntp_ms));
  return writer;
}

napi_value item_to_value(napi_env env, const VideoFrame& frame) {
  napi_value buffer = nullptr;
  void* octets = new_buffer(env, frame.buffer->packed_size(), buffer);
  if (!octets) return nullptr;
  frame.buffer->copy_packed_to(static_cast<uint8_t*>(octets));
  ObjectWriter writer(env);
  writer.number("width", frame.width()).number("height", frame.height()).number("rotation", frame.rotation);
  write_times(writer, frame.capture_time_us, frame.program_time_us, frame.rtp_timestamp, frame.capture_ntp_ms);
  return writer.value("data", buffer).done();
}

napi_value item_to_value(napi_env env, const AudioBlockPtr& block) {
  napi_value buffer = nullptr;
  const size_t size = block->samples.size() * sizeof(int16_t);
  void* octets = new_buffer(env, size, buffer);
  if (!octets && size > 0) return nullptr;
  if (size > 0) std::memcpy(octets, block->samples.data(), size);
  ObjectWriter writer(env);
  writer.number("sampleRate", block->sample_rate)
      .number("channelCount", block->channels)
      .number("numberOfFrames", static_cast<double>(block->frames()));
  write_times(writer, block->capture_time_us, block->program_time_us, block->rtp_timestamp, block->capture_ntp_ms);
  return writer.value("data", buffer).done();
}

/// "There is one": becomes what is the oldest in the box by then, or undefined when the sink was emptied meanwhile.
template <typename Box>
class Announcement final : public EventStruct {
 public:
  explicit Announcement(std::shared_ptr<Box> box) : box_(std::move(box)) {}
  napi_value to_value(napi_env env) override {
    if (const auto item = box_->take()) return item_to_value(env, *item);
    napi_value undefined = nullptr;
    return napi_get_undefined(env, &undefined) == napi_ok ? undefined : nullptr;
  }

 private:
  const std::shared_ptr<Box> box_;
};

}  // namespace

/// A sink of the engine that puts into the box and announces. The queue holds the box alone, never the track.
template <typename Item>
class Delivery {
 public:
  using Box = DeliveryBox<Item>;

  Delivery(std::shared_ptr<EventQueue> events, EventKind kind, uint32_t handle_id, std::shared_ptr<Box> box)
      : events_(std::move(events)), kind_(kind), handle_id_(handle_id), box_(std::move(box)) {}

  void put(Item item) {
    if (box_->put(std::move(item))) announce();
  }
  void allow(int64_t more) {
    for (size_t count = box_->allow(more); count > 0; --count) announce();
  }
  typename Box::Counts counts() const { return box_->counts(); }

 private:
  void announce() { events_->push({handle_id_, kind_, 0, std::make_unique<Announcement<Box>>(box_)}); }

  const std::shared_ptr<EventQueue> events_;
  const EventKind kind_;
  const uint32_t handle_id_;
  const std::shared_ptr<Box> box_;
};

class VideoDelivery final : public VideoSink, public Delivery<VideoFrame> {
 public:
  using Delivery::Delivery;
  void on_video_frame(const VideoFrame& frame) override { put(frame); }
};

class AudioDelivery final : public AudioSink, public Delivery<AudioBlockPtr> {
 public:
  using Delivery::Delivery;
  /// Before it is a sink.
  void set_format(int sample_rate, int channels) { converter_.emplace(sample_rate, channels); }

  void on_audio_block(const AudioBlockPtr& block) override {
    if (!converter_) {
      put(block);
      return;
    }
    for (AudioBlockPtr& part : converter_->convert(block)) put(std::move(part));
  }

 private:
  std::optional<BlockConverter> converter_;
};

/// Of a sink of sound: the format that is wanted, where one is.
void read_format(Reader& reader, napi_value format, AudioDelivery& delivery) {
  napi_valuetype type = napi_undefined;
  if (!format || napi_typeof(reader.env(), format, &type) != napi_ok || type == napi_undefined) return;
  const int rate = reader.to_bounded(reader.member(format, "sampleRate"), "sampleRate", 0, kMaxRate);
  const int channels = reader.to_bounded(reader.member(format, "channelCount"), "channelCount", 0, 8);
  if (!reader.failed()) delivery.set_format(rate, channels);
}

template <typename Kind>
napi_value SinkHandle<Kind>::construct(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!is_construction(env, info, kName) || !Call::read(env, info, call)) return nullptr;
    Reader reader(env, Kind::kConstructor);
    const double capacity = std::clamp(reader.to_number(call.argument(1), "capacity"), 1.0, kMaxCapacity);
    const bool pulled = reader.to_bool(call.argument(2), "pulled");
    if (reader.failed()) return nullptr;
    auto track = Kind::track(env, call.argument(0));
    if (!track) {
      return throw_error(env, std::string("peerwire: ") + Kind::kConstructor + ": track is no open one of that kind");
    }
    AddonData* addon = AddonData::of(env);
    auto made = std::make_unique<SinkHandle>(*addon);
    SinkHandle* handle = made.get();
    if (!adopt(call, kType, std::move(made))) return nullptr;
    auto box = std::make_shared<DeliveryBox<typename Kind::Item>>(static_cast<size_t>(capacity), pulled ? 0 : -1);
    handle->delivery_ =
        std::make_shared<typename Kind::Delivery>(addon->events(), Kind::kEvent, handle->id(), std::move(box));
    if constexpr (std::is_same_v<Kind, AudioSinkKind>) read_format(reader, call.argument(3), *handle->delivery_);
    if (reader.failed()) return nullptr;
    handle->track_ = std::move(track);
    handle->track_->add_sink(handle->delivery_);
    return call.self;
  });
}

template <typename Kind>
void SinkHandle<Kind>::pull(const Call& call) {
  Reader reader(call.env, "pull()");
  const uint32_t more = reader.to_uint32(call.argument(0), "count");
  if (!reader.failed()) delivery_->allow(more);
}

template <typename Kind>
napi_value SinkHandle<Kind>::counts(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    const auto* handle = unwrap<SinkHandle>(env, call.self);
    if (!handle) return throw_error(env, std::string("peerwire: this is not a native ") + kName);
    const auto [received, dropped] = handle->delivery_->counts();
    return ObjectWriter(env)
        .number("received", static_cast<double>(received))
        .number("dropped", static_cast<double>(dropped))
        .done();
  });
}

template <typename Kind>
void SinkHandle<Kind>::close_transport() {
  if (track_) track_->remove_sink(delivery_.get());
  track_.reset();
}

template <typename Kind>
bool SinkHandle<Kind>::define(napi_env env, napi_value exports) {
  auto properties = handle_properties<kType>();
  properties.insert(properties.end(),
                    {method_property<SinkHandle, &SinkHandle::pull>("pull"),
                     {"counts", nullptr, &counts, nullptr, nullptr, nullptr, napi_default_method, nullptr}});
  return define_class(env, exports, kName, construct, properties);
}

template class SinkHandle<VideoSinkKind>;
template class SinkHandle<AudioSinkKind>;

}  // namespace peerwire::addon

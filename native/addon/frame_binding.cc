#include "addon/frame_binding.h"

#include <memory>

#include "addon/convert.h"
#include "addon/object_handle.h"
#include "media/frame/yuv_matrix.h"

namespace peerwire::addon {
namespace {

constexpr double kMaxSide = 16'384;

int to_side(Reader& reader, napi_value value, const char* name) {
  const double side = reader.to_number(value, name);
  return side >= 1 && side <= kMaxSide ? static_cast<int>(side) : 0;
}

RgbFormat to_format(Reader& reader, napi_value value) {
  return reader.to_enum<RgbFormat>(
      value, "format",
      {{"RGBA", RgbFormat::kRgba}, {"RGBX", RgbFormat::kRgbx}, {"BGRA", RgbFormat::kBgra}, {"BGRX", RgbFormat::kBgrx}});
}

YuvMatrix to_matrix(Reader& reader, napi_value value) {
  return reader.to_enum<YuvMatrix>(
      value, "matrix", {{"bt601", YuvMatrix::kBt601}, {"bt709", YuvMatrix::kBt709}, {"bt2020", YuvMatrix::kBt2020}});
}

size_t i420_size(int width, int height) {
  const auto chroma = static_cast<size_t>((width + 1) / 2) * static_cast<size_t>((height + 1) / 2);
  return static_cast<size_t>(width) * height + 2 * chroma;
}

/// Whether rows of four octets a pixel fit; the last one may end before the stride does.
bool fits(size_t octets, size_t stride, int width, int height) {
  const size_t row = 4 * static_cast<size_t>(width);
  return stride >= row && octets >= stride * static_cast<size_t>(height - 1) + row;
}

napi_value i420_to_rgb_function(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    Reader reader(env, "i420ToRgb()");
    const ByteView from = reader.to_view(call.argument(0), "from");
    const int width = to_side(reader, call.argument(1), "width");
    const int height = to_side(reader, call.argument(2), "height");
    const RgbFormat format = to_format(reader, call.argument(3));
    const std::span<uint8_t> to = reader.to_room(call.argument(4), "to");
    const size_t stride = reader.to_uint32(call.argument(5), "stride");
    const YuvMatrix matrix = to_matrix(reader, call.argument(6));
    const bool full_range = reader.to_bool(call.argument(7), "fullRange");
    if (reader.failed()) return nullptr;
    if (width == 0 || height == 0 || from.size() < i420_size(width, height) ||
        !fits(to.size(), stride, width, height)) {
      return throw_error(env, "peerwire: i420ToRgb(): the pictures do not fit");
    }
    const int chroma_width = (width + 1) / 2;
    const uint8_t* u = from.data() + static_cast<size_t>(width) * height;
    const uint8_t* v = u + static_cast<size_t>(chroma_width) * static_cast<size_t>((height + 1) / 2);
    i420_to_rgb(*I420Buffer::wrap(width, height, from.data(), width, u, v, chroma_width, nullptr), matrix, full_range,
                format, to.data(), stride);
    return nullptr;
  });
}

napi_value rgb_to_i420_function(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    Reader reader(env, "rgbToI420()");
    const ByteView from = reader.to_view(call.argument(0), "from");
    const int width = to_side(reader, call.argument(1), "width");
    const int height = to_side(reader, call.argument(2), "height");
    const RgbFormat format = to_format(reader, call.argument(3));
    const size_t stride = reader.to_uint32(call.argument(4), "stride");
    const std::span<uint8_t> to = reader.to_room(call.argument(5), "to");
    if (reader.failed()) return nullptr;
    if (width == 0 || height == 0 || to.size() < i420_size(width, height) ||
        !fits(from.size(), stride, width, height)) {
      return throw_error(env, "peerwire: rgbToI420(): the pictures do not fit");
    }
    const auto buffer = I420Buffer::allocate(width, height);
    rgb_to_i420(from.data(), stride, format, *buffer);
    buffer->copy_packed_to(to.data());
    return nullptr;
  });
}

}  // namespace

bool define_frames(napi_env env, napi_value exports) {
  const auto function = [](const char* name, napi_callback body) {
    return napi_property_descriptor{name, nullptr, body, nullptr, nullptr, nullptr, napi_default_method, nullptr};
  };
  const napi_property_descriptor functions[] = {function("i420ToRgb", i420_to_rgb_function),
                                                function("rgbToI420", rgb_to_i420_function)};
  return napi_define_properties(env, exports, std::size(functions), functions) == napi_ok;
}

}  // namespace peerwire::addon

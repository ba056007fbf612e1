// Parameters and statistics of RTP streams as JavaScript has them (lib/binding/native/rtp-parameters.ts, rtp-stats.ts).
#pragma once

#include "addon/convert.h"
#include "media/stream/media_parameters.h"
#include "media/stream/stream_stats.h"

namespace peerwire::addon {

MediaKind to_media_kind(Reader& reader, napi_value value);
SendParameters to_send_parameters(Reader& reader, napi_value value, MediaKind kind);
ReceiveParameters to_receive_parameters(Reader& reader, napi_value value, MediaKind kind);

napi_value to_value(napi_env env, const RtpTransportStats& stats);

}  // namespace peerwire::addon

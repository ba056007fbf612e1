#include "addon/rtp_parameters.h"

#include <algorithm>

namespace peerwire::addon {
namespace {

/// Reads the members of one object; wrong ones leave an error at the reader.
class Members {
 public:
  Members(Reader& reader, napi_value object) : reader_(reader), object_(object) {}
  std::string text(const char* name) { return reader_.to_text(value(name), name); }
  double number(const char* name) { return reader_.to_number(value(name), name); }
  int integer(const char* name) { return static_cast<int>(std::clamp(number(name), -2147483648.0, 2147483647.0)); }
  uint32_t uint32(const char* name) { return reader_.to_uint32(value(name), name); }
  uint8_t uint8(const char* name) { return static_cast<uint8_t>(std::clamp(number(name), 0.0, 255.0)); }
  bool flag(const char* name) { return reader_.to_bool(value(name), name); }
  napi_value value(const char* name) { return reader_.member(object_, name); }
  std::vector<napi_value> elements(const char* name) { return reader_.elements(value(name), name); }

 private:
  Reader& reader_;
  const napi_value object_;
};

uint32_t to_bitrate(double bits) {
  return static_cast<uint32_t>(std::clamp(bits, 0.0, 4'000'000'000.0));
}

FeedbackParameters to_feedback(Reader& reader, napi_value value) {
  Members members(reader, value);
  FeedbackParameters feedback;
  feedback.nack = members.flag("nack");
  feedback.pli = members.flag("pli");
  feedback.fir = members.flag("fir");
  feedback.remb = members.flag("remb");
  feedback.transport_cc = members.flag("transportCc");
  return feedback;
}

RtpExtensionMap to_extensions(Reader& reader, napi_value value) {
  RtpExtensionMap map;
  for (napi_value element : reader.elements(value, "headerExtensions")) {
    Members members(reader, element);
    const std::string uri = members.text("uri");
    const int id = members.integer("id");
    // One that the engine does not write or read does no harm.
    if (!reader.failed()) map.set(uri, id);
  }
  return map;
}

VideoCodec to_video_codec(const std::string& name) {
  if (name == "vp9") return VideoCodec::kVp9;
  if (name == "h264") return VideoCodec::kH264;
  if (name == "av1") return VideoCodec::kAv1;
  return VideoCodec::kVp8;
}

AudioCodec to_audio_codec(const std::string& name) {
  if (name == "pcmu") return AudioCodec::kPcmu;
  if (name == "pcma") return AudioCodec::kPcma;
  if (name == "g722") return AudioCodec::kG722;
  return AudioCodec::kOpus;
}

H264Profile to_h264_profile(const std::string& name) {
  if (name == "baseline") return H264Profile::kBaseline;
  if (name == "main") return H264Profile::kMain;
  if (name == "constrained-high") return H264Profile::kConstrainedHigh;
  if (name == "high") return H264Profile::kHigh;
  return H264Profile::kConstrainedBaseline;
}

SendCodecParameters to_send_codec(Reader& reader, napi_value value, MediaKind kind) {
  Members members(reader, value);
  SendCodecParameters codec;
  const std::string name = members.text("name");
  codec.payload_type = members.uint8("payloadType");
  codec.clock_rate = members.uint32("clockRate");
  codec.rtx_payload_type = members.integer("rtxPayloadType");
  codec.feedback = to_feedback(reader, members.value("feedback"));
  if (kind == MediaKind::kVideo) {
    codec.video = to_video_codec(name);
    codec.h264_profile = to_h264_profile(members.text("h264Profile"));
    codec.single_nal_units = members.flag("singleNalUnits");
    return codec;
  }
  codec.audio.codec = to_audio_codec(name);
  codec.audio.channels = members.integer("channels");
  codec.audio.packet_time_ms = members.integer("packetTime");
  codec.audio.max_playback_rate = members.uint32("maxPlaybackRate");
  codec.audio.in_band_fec = members.flag("inBandFec");
  codec.audio.dtx = members.flag("dtx");
  codec.audio.constant_bitrate = members.flag("constantBitrate");
  codec.audio.is_music = members.flag("isMusic");
  codec.red_payload_type = members.integer("redPayloadType");
  codec.comfort_noise_payload_type = members.integer("comfortNoisePayloadType");
  return codec;
}

EncodingParameters to_encoding(Reader& reader, napi_value value, MediaKind kind) {
  Members members(reader, value);
  EncodingParameters encoding;
  encoding.rid = members.text("rid");
  encoding.ssrc = members.uint32("ssrc");
  encoding.rtx_ssrc = members.uint32("rtxSsrc");
  encoding.active = members.flag("active");
  encoding.codec = to_send_codec(reader, members.value("codec"), kind);
  encoding.max_bitrate_bps = to_bitrate(members.number("maxBitrate"));
  encoding.max_framerate = members.number("maxFramerate");
  encoding.scale_down_by = members.number("scaleResolutionDownBy");
  encoding.max_width = members.integer("maxWidth");
  encoding.max_height = members.integer("maxHeight");
  encoding.max_macroblocks = members.integer("maxMacroblocks");
  encoding.priority = reader.to_enum<BitratePriority>(members.value("priority"), "priority",
                                                      {{"very-low", BitratePriority::kVeryLow},
                                                       {"low", BitratePriority::kLow},
                                                       {"medium", BitratePriority::kMedium},
                                                       {"high", BitratePriority::kHigh}});
  encoding.scalability = parse_scalability_mode(members.text("scalabilityMode")).value_or(ScalabilityMode{});
  encoding.codec.audio.bitrate_bps = encoding.max_bitrate_bps;
  return encoding;
}

ReceiveCodecParameters to_receive_codec(Reader& reader, napi_value value, MediaKind kind) {
  using Kind = ReceiveCodecParameters::Kind;
  Members members(reader, value);
  ReceiveCodecParameters codec;
  const std::string name = members.text("name");
  codec.payload_type = members.uint8("payloadType");
  codec.clock_rate = members.uint32("clockRate");
  codec.channels = members.integer("channels");
  codec.associated_payload_type = members.integer("associatedPayloadType");
  codec.feedback = to_feedback(reader, members.value("feedback"));
  codec.kind = kind == MediaKind::kVideo ? Kind::kVideo : Kind::kAudio;
  if (name == "rtx") codec.kind = Kind::kRtx;
  if (name == "red") codec.kind = Kind::kRed;
  if (name == "cn") codec.kind = Kind::kComfortNoise;
  if (name == "telephone-event") codec.kind = Kind::kTelephoneEvent;
  codec.video = to_video_codec(name);
  codec.audio = to_audio_codec(name);
  codec.parameter_sets = members.text("parameterSets");
  return codec;
}

napi_value to_value(napi_env env, const OutboundStats& stats);
napi_value to_value(napi_env env, const SenderStats& stats);
napi_value to_value(napi_env env, const InboundStats& stats);
napi_value to_value(napi_env env, const ReceiverStats& stats);

napi_value null_value(napi_env env) {
  napi_value value = nullptr;
  return napi_get_null(env, &value) == napi_ok ? value : nullptr;
}

double number_of(uint64_t count) {
  return static_cast<double>(count);
}

napi_value to_value(napi_env env, const RemoteInboundStats& stats) {
  return ObjectWriter(env)
      .number("packetsLost", static_cast<double>(stats.packets_lost))
      .number("fractionLost", stats.fraction_lost)
      .number("jitter", stats.jitter)
      .number("roundTripTime", stats.round_trip_time)
      .number("totalRoundTripTime", stats.total_round_trip_time)
      .number("roundTripTimeMeasurements", number_of(stats.round_trip_time_measurements))
      .number("packetsReceived", number_of(stats.packets_received))
      .number("timestamp", stats.timestamp_ms)
      .done();
}

napi_value to_value(napi_env env, const OutboundStats& stats) {
  const double* durations = stats.quality_limitation_durations;
  return ObjectWriter(env)
      .number("ssrc", stats.ssrc)
      .text("rid", stats.rid)
      .flag("active", stats.active)
      .number("packetsSent", number_of(stats.packets_sent))
      .number("bytesSent", number_of(stats.bytes_sent))
      .number("headerBytesSent", number_of(stats.header_bytes_sent))
      .number("retransmittedPacketsSent", number_of(stats.retransmitted_packets_sent))
      .number("retransmittedBytesSent", number_of(stats.retransmitted_bytes_sent))
      .number("totalPacketSendDelay", stats.total_packet_send_delay)
      .number("nackCount", stats.nack_count)
      .number("firCount", stats.fir_count)
      .number("pliCount", stats.pli_count)
      .number("framesSent", number_of(stats.frames_sent))
      .number("hugeFramesSent", number_of(stats.huge_frames_sent))
      .number("framesEncoded", number_of(stats.frames_encoded))
      .number("keyFramesEncoded", number_of(stats.key_frames_encoded))
      .number("framesPerSecond", stats.frames_per_second)
      .number("frameWidth", stats.frame_width)
      .number("frameHeight", stats.frame_height)
      .number("qpSum", static_cast<double>(stats.qp_sum))
      .number("totalEncodeTime", stats.total_encode_time)
      .number("totalEncodedBytesTarget", number_of(stats.total_encoded_bytes_target))
      .number("targetBitrate", stats.target_bitrate)
      .text("qualityLimitationReason", stats.quality_limitation_reason)
      .value("qualityLimitationDurations", ObjectWriter(env)
                                               .number("none", durations[0])
                                               .number("cpu", durations[1])
                                               .number("bandwidth", durations[2])
                                               .number("other", durations[3])
                                               .done())
      .number("qualityLimitationResolutionChanges", stats.quality_limitation_resolution_changes)
      .text("encoderImplementation", stats.encoder_implementation)
      .value("remote", stats.remote ? to_value(env, *stats.remote) : null_value(env))
      .done();
}

napi_value to_value(napi_env env, const SenderStats& stats) {
  return ObjectWriter(env)
      .number("id", stats.id)
      .value("streams", to_array(env, stats.streams, to_value))
      .value("source", ObjectWriter(env)
                           .number("frames", number_of(stats.source_frames))
                           .number("framesPerSecond", stats.source_frames_per_second)
                           .number("width", stats.source_width)
                           .number("height", stats.source_height)
                           .number("audioLevel", stats.audio_level)
                           .number("totalAudioEnergy", stats.total_audio_energy)
                           .number("totalSamplesDuration", stats.total_samples_duration)
                           .done())
      .done();
}

napi_value to_value(napi_env env, const RemoteOutboundStats& stats) {
  return ObjectWriter(env)
      .number("packetsSent", number_of(stats.packets_sent))
      .number("bytesSent", number_of(stats.bytes_sent))
      .number("reportsSent", number_of(stats.reports_sent))
      .number("timestamp", stats.timestamp_ms)
      .number("remoteTimestamp", stats.remote_timestamp_ms)
      .number("roundTripTime", stats.round_trip_time)
      .number("totalRoundTripTime", stats.total_round_trip_time)
      .number("roundTripTimeMeasurements", number_of(stats.round_trip_time_measurements))
      .done();
}

napi_value to_value(napi_env env, const InboundStats& stats) {
  ObjectWriter writer(env);
  writer.number("ssrc", stats.ssrc)
      .number("rtxSsrc", stats.rtx_ssrc)
      .text("rid", stats.rid)
      .number("payloadType", stats.payload_type)
      .number("packetsLost", static_cast<double>(stats.packets_lost))
      .text("decoderImplementation", stats.decoder_implementation)
      .value("remote", stats.remote ? to_value(env, *stats.remote) : null_value(env));
  for (const NamedCounter& counter : stats.counters) writer.number(counter.name, counter.value);
  return writer.done();
}

napi_value to_value(napi_env env, const ReceiverStats& stats) {
  return ObjectWriter(env).number("id", stats.id).value("streams", to_array(env, stats.streams, to_value)).done();
}

}  // namespace

MediaKind to_media_kind(Reader& reader, napi_value value) {
  return reader.to_enum<MediaKind>(value, "kind", {{"audio", MediaKind::kAudio}, {"video", MediaKind::kVideo}});
}

SendParameters to_send_parameters(Reader& reader, napi_value value, MediaKind kind) {
  Members members(reader, value);
  SendParameters parameters;
  parameters.mid = members.text("mid");
  parameters.cname = members.text("cname");
  parameters.active = members.flag("active");
  parameters.reduced_size_rtcp = members.flag("reducedSizeRtcp");
  parameters.extensions = to_extensions(reader, members.value("headerExtensions"));
  parameters.max_bitrate_bps = to_bitrate(members.number("maxBitrate"));
  parameters.estimate_wishes = {.min_bps = to_bitrate(members.number("minEstimate")),
                                .start_bps = to_bitrate(members.number("startEstimate")),
                                .max_bps = to_bitrate(members.number("maxEstimate"))};
  for (napi_value each : members.elements("encodings")) {
    parameters.encodings.push_back(to_encoding(reader, each, kind));
  }
  parameters.degradation =
      reader.to_enum<DegradationPreference>(members.value("degradation"), "degradation",
                                            {{"balanced", DegradationPreference::kBalanced},
                                             {"maintain-framerate", DegradationPreference::kMaintainFramerate},
                                             {"maintain-resolution", DegradationPreference::kMaintainResolution},
                                             {"disabled", DegradationPreference::kDisabled}});
  parameters.is_detail = members.flag("isDetail");
  parameters.telephone_event.payload_type = members.integer("telephoneEventPayloadType");
  parameters.telephone_event.clock_rate = members.uint32("telephoneEventClockRate");
  return parameters;
}

ReceiveParameters to_receive_parameters(Reader& reader, napi_value value, MediaKind kind) {
  Members members(reader, value);
  ReceiveParameters parameters;
  parameters.mid = members.text("mid");
  parameters.active = members.flag("active");
  parameters.reduced_size_rtcp = members.flag("reducedSizeRtcp");
  parameters.extensions = to_extensions(reader, members.value("headerExtensions"));
  for (napi_value each : members.elements("codecs")) {
    parameters.codecs.push_back(to_receive_codec(reader, each, kind));
  }
  for (napi_value each : members.elements("rids")) parameters.rids.push_back(reader.to_text(each, "rid"));
  for (napi_value each : members.elements("sources")) {
    Members source(reader, each);
    parameters.sources.push_back({source.uint32("ssrc"), source.text("cname")});
  }
  for (napi_value each : members.elements("retransmissionGroups")) {
    Members group(reader, each);
    parameters.retransmission_groups.push_back({group.uint32("ssrc"), group.uint32("rtxSsrc")});
  }
  parameters.sync_group = members.text("syncGroup");
  return parameters;
}

napi_value to_value(napi_env env, const RtpTransportStats& stats) {
  return ObjectWriter(env)
      .number("availableOutgoingBitrate", stats.available_outgoing_bitrate)
      .number("availableIncomingBitrate", stats.available_incoming_bitrate)
      .number("rtpPacketsDiscarded", number_of(stats.packets_discarded))
      .number("srtpAuthenticationFailures", number_of(stats.authentication_failures))
      .number("srtpReplays", number_of(stats.replays))
      .number("totalPlayoutDuration", stats.total_playout_duration)
      .value("senders", to_array(env, stats.senders, to_value))
      .value("receivers", to_array(env, stats.receivers, to_value))
      .done();
}

}  // namespace peerwire::addon

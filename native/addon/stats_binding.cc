// Candidates and the stats structs as JavaScript objects.
#include "addon/convert.h"

namespace peerwire::addon {
namespace {

ObjectWriter& write_candidate(ObjectWriter& writer, const IceCandidate& candidate) {
  static constexpr const char* kTypes[] = {"host", "srflx", "prflx", "relay"};
  return writer.text("foundation", candidate.foundation)
      .number("priority", candidate.priority)
      .text("protocol", candidate.protocol == IceProtocol::kUdp ? "udp" : "tcp")
      .text("address", candidate.address)
      .number("port", candidate.port)
      .text("type", kTypes[static_cast<size_t>(candidate.type)])
      .text("tcpType", candidate.tcp_type)
      .text("relatedAddress", candidate.related_address)
      .number("relatedPort", candidate.related_port)
      .text("usernameFragment", candidate.username_fragment)
      .text("relayProtocol", candidate.relay_protocol)
      .text("url", candidate.url);
}

napi_value to_value(napi_env env, const IceCandidatePairStats& pair) {
  return ObjectWriter(env)
      .text("id", pair.id)
      .text("localCandidateId", pair.local_candidate_id)
      .text("remoteCandidateId", pair.remote_candidate_id)
      .text("state", pair.state)
      .flag("nominated", pair.nominated)
      .number("packetsSent", static_cast<double>(pair.packets_sent))
      .number("packetsReceived", static_cast<double>(pair.packets_received))
      .number("bytesSent", static_cast<double>(pair.bytes_sent))
      .number("bytesReceived", static_cast<double>(pair.bytes_received))
      .number("lastPacketSentTimestamp", pair.last_packet_sent_ms)
      .number("lastPacketReceivedTimestamp", pair.last_packet_received_ms)
      .number("totalRoundTripTime", pair.total_round_trip_time_s)
      .number("currentRoundTripTime", pair.current_round_trip_time_s)
      .number("requestsReceived", static_cast<double>(pair.requests_received))
      .number("requestsSent", static_cast<double>(pair.requests_sent))
      .number("responsesReceived", static_cast<double>(pair.responses_received))
      .number("responsesSent", static_cast<double>(pair.responses_sent))
      .number("consentRequestsSent", static_cast<double>(pair.consent_requests_sent))
      .number("packetsDiscardedOnSend", static_cast<double>(pair.packets_discarded_on_send))
      .number("bytesDiscardedOnSend", static_cast<double>(pair.bytes_discarded_on_send))
      .done();
}

napi_value to_value(napi_env env, const IceCandidateStats& stats) {
  ObjectWriter writer(env);
  return write_candidate(writer, stats.candidate).text("id", stats.id).flag("remote", stats.remote).done();
}

}  // namespace

napi_value to_value(napi_env env, const IceCandidate& candidate) {
  ObjectWriter writer(env);
  return write_candidate(writer, candidate).done();
}

napi_value to_value(napi_env env, const IceTransportStats& stats) {
  return ObjectWriter(env)
      .value("pairs", to_array(env, stats.pairs, to_value))
      .value("candidates", to_array(env, stats.candidates, to_value))
      .text("selectedPairId", stats.selected_pair_id)
      .number("selectedPairChanges", stats.selected_pair_changes)
      .number("packetsSent", static_cast<double>(stats.packets_sent))
      .number("packetsReceived", static_cast<double>(stats.packets_received))
      .number("bytesSent", static_cast<double>(stats.bytes_sent))
      .number("bytesReceived", static_cast<double>(stats.bytes_received))
      .done();
}

napi_value to_value(napi_env env, const SctpStats& stats) {
  return ObjectWriter(env)
      .number("smoothedRoundTripTime", stats.smoothed_round_trip_time_s)
      .number("congestionWindow", stats.congestion_window)
      .number("receiverWindow", stats.receiver_window)
      .number("mtu", stats.mtu)
      .number("unacknowledgedData", stats.unacknowledged_data)
      .number("packetsSent", static_cast<double>(stats.packets_sent))
      .number("packetsReceived", static_cast<double>(stats.packets_received))
      .number("bytesSent", static_cast<double>(stats.bytes_sent))
      .number("bytesReceived", static_cast<double>(stats.bytes_received))
      .number("messagesSent", static_cast<double>(stats.messages_sent))
      .number("messagesReceived", static_cast<double>(stats.messages_received))
      .done();
}

}  // namespace peerwire::addon

// Kinds of event that cross to JavaScript. Mirrors NativeEventKind in lib/binding/native/events.ts.
#pragma once

#include <cstdint>

namespace peerwire::addon {

enum class EventKind : uint32_t {
  kIceState = 1,
  kIceGatheringState = 2,
  kIceCandidate = 3,
  kIceCandidateError = 4,
  kIceSelectedPair = 5,
  kIceRole = 6,
  kIcePortOpened = 7,
  kIceUnknownRequest = 8,
  kDtlsState = 10,
  kSctpState = 20,
  kSctpString = 21,
  kSctpBinary = 22,
  kSctpControl = 23,
  kSctpIncomingReset = 24,
  kSctpOutgoingReset = 25,
  kSctpBufferedAmountDecreased = 26,
  kStats = 30,
  kCertificateGenerated = 31,
  kRtpReceiverFlow = 40,
  kEncodedFrame = 41,
  kKeyFrameRequest = 42,
  kRtpPacket = 43,
  kVideoFrame = 50,
  kAudioBlock = 51,
  kSourceDemand = 52,
  kSourceEnded = 53,
};

/// Octets of these kinds are text in UTF-8.
constexpr bool is_text(EventKind kind) {
  return kind == EventKind::kSctpString || kind == EventKind::kKeyFrameRequest;
}

/// Answers to a question asked earlier: delivered even when the handle has been closed meanwhile.
constexpr bool is_answer(EventKind kind) {
  return kind == EventKind::kStats || kind == EventKind::kCertificateGenerated;
}

}  // namespace peerwire::addon

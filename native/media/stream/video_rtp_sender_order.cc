// VideoRtpSender with several encodings: each begins behind those before it in the list. They are coded beside each
// other, the smallest is done first, and the pacer sends of each in turn; but servers (Galène) tell layers by the order
// in which they come, which of browsers is that of `sendEncodings`.
#include <algorithm>
#include <utility>

#include "media/stream/video_rtp_sender.h"

namespace peerwire {
namespace {

/// With one that makes nothing of what it is given: its encoder refuses the pictures, or a transform keeps them.
constexpr int64_t kPatienceUs = 500'000;

}  // namespace

bool VideoRtpSender::waits_for_others(const Encoding& encoding) const {
  const auto has_begun = [](const Encoding& one) { return one.stream->has_begun() || one.has_waited; };
  if (has_begun(encoding)) return false;
  for (const EncodingPtr& other : encodings_) {
    if (other.get() == &encoding) return false;
    const bool may_use = !other->has_rate || other->stream->target_bitrate() > 0;
    const bool is_coded = other->has_sink && may_use && other->parameters.max_framerate != 0;
    if (is_coded && !has_begun(*other)) return true;
  }
  return false;
}

void VideoRtpSender::send_waiting() {
  const int64_t now = transport_.now_us();
  int64_t next = INT64_MAX;
  for (const EncodingPtr& encoding : encodings_) {
    if (encoding->waiting_pictures.empty()) continue;
    const int64_t until = encoding->waiting_pictures.front().since_us + kPatienceUs;
    if (now >= until) encoding->has_waited = true;
    if (waits_for_others(*encoding)) {
      next = std::min(next, until);
      continue;
    }
    for (WaitingPicture& picture : std::exchange(encoding->waiting_pictures, {})) {
      for (EncodedVideoFrame& layer : picture.layers) send_or_tap(*encoding, std::move(layer), picture.rtp_timestamp);
    }
  }
  transport_.network().cancel_timer(waiting_timer_);
  waiting_timer_ = NetworkThread::kNoTimer;
  if (next == INT64_MAX) return;
  waiting_timer_ = transport_.network().start_timer(transport_.time_of(next), [this] {
    waiting_timer_ = NetworkThread::kNoTimer;
    send_waiting();
  });
}

void VideoRtpSender::on_begun(uint32_t ssrc) {
  const EncodingPtr encoding = find(ssrc);
  // Not from within the pacer.
  if (encoding) encoding->path->post([](Encoding& begun) { begun.sender->send_waiting(); });
}

}  // namespace peerwire

// Which class serves which kind.
#include "media/stream/audio_rtp_receiver.h"
#include "media/stream/audio_rtp_sender.h"
#include "media/stream/video_rtp_receiver.h"
#include "media/stream/video_rtp_sender.h"

namespace peerwire {

std::unique_ptr<RtpSender> RtpSender::create(RtpTransport& transport, MediaKind kind, uint32_t id,
                                             std::shared_ptr<RtpSenderObserver> observer) {
  if (kind == MediaKind::kAudio) return std::make_unique<AudioRtpSender>(transport, id, std::move(observer));
  return std::make_unique<VideoRtpSender>(transport, id, std::move(observer));
}

std::unique_ptr<RtpReceiver> RtpReceiver::create(RtpTransport& transport, MediaKind kind, uint32_t id,
                                                 std::shared_ptr<VideoSource> video, std::shared_ptr<AudioSource> audio,
                                                 std::shared_ptr<RtpSourceTable> table,
                                                 std::shared_ptr<RtpReceiverObserver> observer) {
  if (kind == MediaKind::kAudio) {
    return std::make_unique<AudioRtpReceiver>(transport, id, std::move(audio), std::move(table), std::move(observer));
  }
  return std::make_unique<VideoRtpReceiver>(transport, id, std::move(video), std::move(table), std::move(observer));
}

}  // namespace peerwire

#include "media/send/packet_queue.h"

#include <algorithm>

namespace peerwire {
namespace {

// A stream that was quiet does not save up its turns: it is at most this far behind (libwebrtc: a packet).
constexpr double kMaxLag = 1400;

}  // namespace

PacketKind kind_of(const RtpPacketToSend& packet) {
  if (packet.is_padding) return PacketKind::kPadding;
  if (packet.is_retransmission) return PacketKind::kRetransmission;
  return packet.is_audio ? PacketKind::kAudio : PacketKind::kVideo;
}

void PacketQueue::push(std::unique_ptr<RtpPacketToSend> packet, size_t size, int64_t now_us) {
  const size_t kind = static_cast<size_t>(kind_of(*packet));
  Stream& stream = streams_[packet->header.ssrc];
  std::deque<Queued>& queue = stream.queues[kind];
  if (queue.empty()) {
    stream.turn = std::max(stream.turn, turn_ - kMaxLag);
    waiting_[kind].push_back(&stream);
  }
  if (packets_ == 0) {
    base_us_ = now_us;
    sum_queued_us_ = 0;
  }
  queue.push_back({std::move(packet), size, now_us});
  ++packets_;
  bytes_ += size;
  bytes_of_[kind] += size;
  sum_queued_us_ += now_us - base_us_;
}

PacketQueue::Queued PacketQueue::pop() {
  size_t kind = 0;
  while (waiting_[kind].empty()) ++kind;
  std::vector<Stream*>& waiting = waiting_[kind];
  const auto next =
      std::min_element(waiting.begin(), waiting.end(), [](Stream* a, Stream* b) { return a->turn < b->turn; });
  Stream& stream = **next;
  std::deque<Queued>& queue = stream.queues[kind];
  Queued queued = std::move(queue.front());
  queue.pop_front();
  // To the end of the list, so that streams with equal turns alternate.
  waiting.erase(next);
  if (!queue.empty()) waiting.push_back(&stream);
  turn_ = std::max(turn_, stream.turn);
  stream.turn += static_cast<double>(queued.size) / stream.weight;
  --packets_;
  bytes_ -= queued.size;
  bytes_of_[kind] -= queued.size;
  sum_queued_us_ -= queued.queued_us - base_us_;
  return queued;
}

int64_t PacketQueue::average_wait_us(int64_t now_us) const {
  if (packets_ == 0) return 0;
  return now_us - base_us_ - sum_queued_us_ / static_cast<int64_t>(packets_);
}

int64_t PacketQueue::oldest_us() const {
  int64_t oldest = INT64_MAX;
  for (size_t kind = 0; kind < kPacketKinds; ++kind) {
    for (const Stream* stream : waiting_[kind]) oldest = std::min(oldest, stream->queues[kind].front().queued_us);
  }
  return oldest;
}

void PacketQueue::drop_waiting(uint32_t ssrc) {
  const auto found = streams_.find(ssrc);
  if (found == streams_.end()) return;
  for (size_t kind = 0; kind < kPacketKinds; ++kind) {
    std::erase(waiting_[kind], &found->second);
    for (const Queued& queued : found->second.queues[kind]) {
      --packets_;
      bytes_ -= queued.size;
      bytes_of_[kind] -= queued.size;
      sum_queued_us_ -= queued.queued_us - base_us_;
    }
    found->second.queues[kind].clear();
  }
}

void PacketQueue::remove_stream(uint32_t ssrc) {
  drop_waiting(ssrc);
  streams_.erase(ssrc);
}

void PacketQueue::clear() {
  for (auto& waiting : waiting_) waiting.clear();
  for (auto& [ssrc, stream] : streams_) {
    for (auto& queue : stream.queues) queue.clear();
  }
  packets_ = bytes_ = 0;
  bytes_of_ = {};
  sum_queued_us_ = 0;
}

}  // namespace peerwire

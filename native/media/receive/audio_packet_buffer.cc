#include "media/receive/audio_packet_buffer.h"

#include <algorithm>
#include <utility>

namespace peerwire {
namespace {

constexpr size_t kSpareBuffers = 16;

}  // namespace

AudioPacketBuffer::Outcome AudioPacketBuffer::insert(const AudioPacket& packet, ByteView payload) {
  // Nearly always the last: the search begins there.
  auto place = packets_.end();
  while (place != packets_.begin() && (place - 1)->timestamp >= packet.timestamp) --place;
  const bool is_there = place != packets_.end() && place->timestamp == packet.timestamp;
  if (is_there && (packet.is_redundant || !place->is_redundant)) return Outcome::kDuplicate;

  if (is_there) {
    Bytes storage = std::move(place->payload);
    *place = packet;
    place->payload = std::move(storage);
  } else {
    place = packets_.insert(place, packet);
    if (!spare_.empty()) {
      place->payload = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  place->payload.assign(payload.begin(), payload.end());
  return is_there ? Outcome::kReplacedRedundant : Outcome::kInserted;
}

void AudioPacketBuffer::recycle(AudioPacket& packet) {
  if (spare_.size() < kSpareBuffers) spare_.push_back(std::move(packet.payload));
}

void AudioPacketBuffer::pop_front() {
  recycle(packets_.front());
  packets_.erase(packets_.begin());
}

void AudioPacketBuffer::clear() {
  for (AudioPacket& packet : packets_) recycle(packet);
  packets_.clear();
}

}  // namespace peerwire

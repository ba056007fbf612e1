#include "transport/sctp/outgoing_queue.h"

#include <algorithm>
#include <utility>

namespace peerwire {
namespace {

// A turn's worth: large enough to cost few calls, small enough that a short message soon has its turn.
constexpr size_t kQuantum = 64 * 1024;

}  // namespace

void OutgoingQueue::push(SctpMessage message, TimePoint now) {
  const uint16_t id = message.stream_id;
  Stream& stream = streams_[id];
  Entry entry;
  if (message.max_packet_life_time_ms) {
    entry.deadline = now + std::chrono::milliseconds(*message.max_packet_life_time_ms);
  }
  entry.message = std::move(message);
  stream.entries.push_back(std::move(entry));
  list(id, stream);
}

void OutgoingQueue::push_reset(uint16_t stream_id) {
  Stream& stream = streams_[stream_id];
  Entry entry;
  entry.reset = true;
  stream.entries.push_back(std::move(entry));
  list(stream_id, stream);
}

void OutgoingQueue::list(uint16_t stream_id, Stream& stream) {
  if (stream.listed || stream.blocked || stream.entries.empty()) return;
  stream.listed = true;
  turns_.push_back(stream_id);
}

bool OutgoingQueue::settle(uint16_t stream_id, Stream& stream, TimePoint now) {
  while (!stream.entries.empty()) {
    Entry& head = stream.entries.front();
    if (head.reset) {
      stream.entries.pop_front();
      stream.blocked = true;  // until the reset has been performed
      resets_.push_back(stream_id);
      return false;
    }
    if (head.offset == 0 && now > head.deadline) {
      note_decrease(stream_id, stream, head.message.data.size());
      stream.entries.pop_front();
      continue;
    }
    return true;
  }
  return false;
}

bool OutgoingQueue::next(TimePoint now, bool interleave, Piece& piece) {
  while (!turns_.empty()) {
    uint16_t id = turns_.front();
    if (!interleave && partial_stream_ >= 0 && partial_stream_ != id) {
      id = static_cast<uint16_t>(partial_stream_);
      const auto place = std::find(turns_.begin(), turns_.end(), id);
      if (place == turns_.end()) return false;  // its stream is blocked: nothing may overtake it
      turns_.erase(place);
      turns_.push_front(id);
    }
    Stream& stream = streams_[id];
    if (!settle(id, stream, now)) {
      turns_.pop_front();
      stream.listed = false;
      forget_if_idle(id);
      continue;
    }
    const Entry& head = stream.entries.front();
    piece.stream_id = id;
    piece.message = &head.message;
    piece.offset = head.offset;
    piece.size = std::min(kQuantum, head.message.data.size() - head.offset);
    piece.last = head.offset + piece.size == head.message.data.size();
    piece.deadline = head.deadline;
    return true;
  }
  return false;
}

void OutgoingQueue::taken(const Piece& piece, size_t bytes) {
  Stream& stream = streams_[piece.stream_id];
  Entry& head = stream.entries.front();
  head.offset += bytes;
  note_decrease(piece.stream_id, stream, bytes);
  if (head.offset == head.message.data.size()) {
    stream.entries.pop_front();
    partial_stream_ = -1;
  } else {
    partial_stream_ = piece.stream_id;
  }
  pass(piece);
}

void OutgoingQueue::pass(const Piece& piece) {
  turns_.pop_front();
  Stream& stream = streams_[piece.stream_id];
  stream.listed = false;
  list(piece.stream_id, stream);
  forget_if_idle(piece.stream_id);
}

void OutgoingQueue::block(uint16_t stream_id) {
  Stream& stream = streams_[stream_id];
  stream.blocked = true;
  if (!stream.listed) return;
  stream.listed = false;
  turns_.erase(std::find(turns_.begin(), turns_.end(), stream_id));
}

void OutgoingQueue::unblock(uint16_t stream_id) {
  const auto found = streams_.find(stream_id);
  if (found == streams_.end()) return;
  found->second.blocked = false;
  list(stream_id, found->second);
  forget_if_idle(stream_id);
}

bool OutgoingQueue::blocked(uint16_t stream_id) const {
  const auto found = streams_.find(stream_id);
  return found != streams_.end() && found->second.blocked;
}

void OutgoingQueue::drop_expired(TimePoint now) {
  for (auto& [id, stream] : streams_) {
    while (!stream.entries.empty()) {
      const Entry& head = stream.entries.front();
      if (head.reset || head.offset > 0 || now <= head.deadline) break;
      note_decrease(id, stream, head.message.data.size());
      stream.entries.pop_front();
    }
  }
}

void OutgoingQueue::drop_stream(uint16_t stream_id) {
  const auto found = streams_.find(stream_id);
  if (found == streams_.end()) return;
  size_t bytes = 0;
  for (const Entry& entry : found->second.entries) bytes += entry.message.data.size() - entry.offset;
  found->second.entries.clear();
  if (bytes > 0) note_decrease(stream_id, found->second, bytes);
  if (partial_stream_ == stream_id) partial_stream_ = -1;
}

void OutgoingQueue::clear() {
  streams_.clear();
  turns_.clear();
  resets_.clear();
  decreased_.clear();
  partial_stream_ = -1;
}

void OutgoingQueue::note_decrease(uint16_t stream_id, Stream& stream, size_t bytes) {
  stream.decreased += bytes;
  if (stream.noted) return;
  stream.noted = true;
  decreased_.push_back(stream_id);
}

void OutgoingQueue::forget_if_idle(uint16_t stream_id) {
  const auto found = streams_.find(stream_id);
  if (found == streams_.end()) return;
  const Stream& stream = found->second;
  if (stream.entries.empty() && !stream.listed && !stream.blocked && !stream.noted) streams_.erase(found);
}

std::vector<uint16_t> OutgoingQueue::take_resets() {
  return std::exchange(resets_, {});
}

std::vector<OutgoingQueue::Decrease> OutgoingQueue::take_decreases() {
  std::vector<Decrease> decreases;
  decreases.reserve(decreased_.size());
  for (const uint16_t id : std::exchange(decreased_, {})) {
    Stream& stream = streams_[id];
    stream.noted = false;
    decreases.push_back({id, std::exchange(stream.decreased, 0)});
    forget_if_idle(id);
  }
  return decreases;
}

}  // namespace peerwire

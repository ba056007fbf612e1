#include "transport/sctp/outgoing_queue.h"

#include <iterator>
#include <utility>

namespace peerwire {
namespace {

// A turn's worth: large enough to cost few calls, small enough that a short message soon has its turn.
constexpr size_t kQuantum = 64 * 1024;
// RFC 8831 section 6.6 has applications keep to it where messages do not alternate.
constexpr size_t kShort = 16 * 1024;
// Messages larger than a turn's worth of which pieces alternate. Each takes room at the receiver until it is complete,
// and one whose window they fill before any of them is complete would wait for ever.
constexpr size_t kMaxBegun = 2;

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
  // Blocked with nothing queued: a reset of it has been taken, and not performed yet.
  if (stream.entries.empty() ? stream.blocked : stream.entries.back().reset) return;
  Entry entry;
  entry.reset = true;
  stream.entries.push_back(std::move(entry));
  list(stream_id, stream);
}

OutgoingQueue::Turns* OutgoingQueue::turns_for(const Stream& stream) {
  const Entry& head = stream.entries.front();
  if (head.offset > 0) return &begun_;
  return head.reset || head.message.data.size() <= kShort ? &short_ : &long_;
}

void OutgoingQueue::list(uint16_t stream_id, Stream& stream) {
  if (stream.turns != nullptr || stream.blocked || stream.entries.empty()) return;
  stream.turns = turns_for(stream);
  if (spare_.empty()) spare_.emplace_back();
  stream.turns->splice(stream.turns->end(), spare_, spare_.begin());
  stream.place = std::prev(stream.turns->end());
  *stream.place = {++last_turn_, stream_id};
}

void OutgoingQueue::unlist(Stream& stream) {
  if (stream.turns == nullptr) return;
  spare_.splice(spare_.end(), *stream.turns, stream.place);
  stream.turns = nullptr;
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

bool OutgoingQueue::choose(Order order, uint16_t& stream_id) {
  for (const Turn& turn : begun_) {
    const SctpMessage& begun = streams_[turn.stream_id].entries.front().message;
    if (order != Order::kMessageByMessage && !begun.may_be_given_up()) continue;
    stream_id = turn.stream_id;
    return order != Order::kShortOnly;
  }
  const Turns* first = nullptr;
  const auto consider = [&first](const Turns& turns) {
    if (!turns.empty() && (first == nullptr || turns.front().number < first->front().number)) first = &turns;
  };
  consider(short_);
  if (order != Order::kShortOnly) {
    consider(begun_);
    if (begun_.size() < kMaxBegun) consider(long_);
  }
  if (first == nullptr) return false;
  stream_id = first->front().stream_id;
  return true;
}

bool OutgoingQueue::next(TimePoint now, Order order, Piece& piece) {
  uint16_t id = 0;
  while (choose(order, id)) {
    Stream& stream = streams_[id];
    if (!settle(id, stream, now)) {
      unlist(stream);
      forget_if_idle(id);
      continue;
    }
    const Entry& head = stream.entries.front();
    if (turns_for(stream) != stream.turns) {
      // What was at the head when it was listed has been dropped.
      unlist(stream);
      list(id, stream);
      continue;
    }
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
  unlist(stream);
  head.offset += bytes;
  note_decrease(piece.stream_id, stream, bytes);
  if (head.offset == head.message.data.size()) stream.entries.pop_front();
  list(piece.stream_id, stream);
  forget_if_idle(piece.stream_id);
}

void OutgoingQueue::block(uint16_t stream_id) {
  Stream& stream = streams_[stream_id];
  stream.blocked = true;
  unlist(stream);
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
  unlist(found->second);
  found->second.entries.clear();
  if (bytes > 0) note_decrease(stream_id, found->second, bytes);
}

void OutgoingQueue::clear() {
  streams_.clear();
  short_.clear();
  long_.clear();
  begun_.clear();
  spare_.clear();
  resets_.clear();
  decreased_.clear();
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
  if (stream.entries.empty() && stream.turns == nullptr && !stream.blocked && !stream.noted) streams_.erase(found);
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

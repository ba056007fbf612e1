#include "transport/sctp/message_reassembly.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace peerwire {
namespace {

// What a piece costs beside its octets, about; usrsctp counts as much.
constexpr size_t kOverhead = 256;
// Messages that have begun and get room at once for as much as the last of their stream had. To move one to a larger
// place with each piece costs as much as to read it.
constexpr size_t kRoomAtOnce = 8;
constexpr const char* kTooMuch = "too many messages begun and not ended";

/// Serial number arithmetic (RFC 1982).
bool after(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b) > 0;
}

}  // namespace

MessageReassembly::MessageReassembly(size_t max_message_size, size_t max_held)
    : max_message_size_(max_message_size),
      max_held_(max_held),
      too_large_("a message larger than " + std::to_string(max_message_size) + " octets") {}

bool MessageReassembly::take_in(size_t size) {
  if (held_ + size + kOverhead > max_held_) return false;
  held_ += size + kOverhead;
  return true;
}

void MessageReassembly::let_go(size_t size) {
  held_ -= size + kOverhead;
}

const char* MessageReassembly::insert(const DataChunk& chunk, size_t size, const std::function<void(Bytes*)>& read) {
  if (size > max_message_size_) return too_large_.c_str();
  if (chunk.first != (chunk.fragment == 0)) return "a piece of a message with the wrong number";
  Stream& stream = streams_[chunk.stream_id];
  if (!chunk.unordered && after(stream.next_id, chunk.message_id)) {
    read(nullptr);  // given up, and this was still on its way
    return nullptr;
  }
  if (!chunk.first || !chunk.last) return insert_piece(stream, chunk, size, read);
  Message message{chunk.stream_id, chunk.ppid, {}};
  if (!chunk.unordered && (stream.waiting.contains(chunk.message_id) || stream.ordered.contains(chunk.message_id))) {
    return "a message twice";
  }
  if (!chunk.unordered && stream.next_id != chunk.message_id && held_ + size + kOverhead > max_held_) return kTooMuch;
  read(&message.data);
  complete(stream, chunk, std::move(message));
  return nullptr;
}

const char* MessageReassembly::insert_piece(Stream& stream, const DataChunk& chunk, size_t size,
                                            const std::function<void(Bytes*)>& read) {
  auto& partials = chunk.unordered ? stream.unordered : stream.ordered;
  if (!chunk.unordered && stream.waiting.contains(chunk.message_id)) return "more of a message that has ended";
  auto found = partials.find(chunk.message_id);
  if (found == partials.end()) {
    if (!take_in(size)) return kTooMuch;  // the overhead is the message's
    found = partials.emplace(chunk.message_id, Partial{}).first;
    ++partials_;
  } else {
    if (found->second.data.size() + found->second.later_octets + size > max_message_size_) return too_large_.c_str();
    if (held_ + size > max_held_) return kTooMuch;
    held_ += size;
  }
  Partial& partial = found->second;
  if (chunk.fragment < partial.next || partial.later.contains(chunk.fragment)) return "a piece of a message twice";
  if (chunk.last) {
    if (partial.last_known) return "a message that ends twice";
    partial.last_known = true;
    partial.last = chunk.fragment;
    if (!partial.later.empty() && partial.later.rbegin()->first > chunk.fragment) {
      return "more of a message than its end";
    }
  } else if (partial.last_known && chunk.fragment >= partial.last) {
    return "more of a message than its end";
  }
  if (chunk.first) {
    partial.ppid = chunk.ppid;
    if (partials_ <= kRoomAtOnce) partial.data.reserve(stream.last_size);
  }
  if (chunk.fragment != partial.next) {
    if (held_ + kOverhead > max_held_) return kTooMuch;
    held_ += kOverhead;
    Bytes& piece = partial.later[chunk.fragment];
    read(&piece);
    partial.later_octets += piece.size();
    waiting_octets_ += piece.size();
    ++waiting_pieces_;
    return nullptr;
  }
  read(&partial.data);
  ++partial.next;
  while (!partial.later.empty() && partial.later.begin()->first == partial.next) {
    const Bytes piece = std::move(partial.later.begin()->second);
    partial.later.erase(partial.later.begin());
    partial.data.insert(partial.data.end(), piece.begin(), piece.end());
    partial.later_octets -= piece.size();
    waiting_octets_ -= piece.size();
    --waiting_pieces_;
    held_ -= kOverhead;
    ++partial.next;
  }
  if (!partial.last_known || partial.next != partial.last + 1) return nullptr;
  let_go(partial.data.size());
  --partials_;
  stream.last_size = partial.data.size();
  Message message{chunk.stream_id, partial.ppid, std::move(partial.data)};
  partials.erase(found);
  complete(stream, chunk, std::move(message));
  return nullptr;
}

void MessageReassembly::complete(Stream& stream, const DataChunk& chunk, Message message) {
  if (chunk.unordered) {
    complete_.push_back(std::move(message));
  } else if (stream.next_id == chunk.message_id) {
    complete_.push_back(std::move(message));
    ++stream.next_id;
    deliver_waiting(stream);
  } else {
    held_ += message.data.size() + kOverhead;
    waiting_octets_ += message.data.size();
    ++waiting_pieces_;
    stream.waiting.emplace(chunk.message_id, std::move(message));
  }
}

void MessageReassembly::deliver_waiting(Stream& stream) {
  for (auto found = stream.waiting.find(stream.next_id); found != stream.waiting.end();
       found = stream.waiting.find(++stream.next_id)) {
    let_go(found->second.data.size());
    waiting_octets_ -= found->second.data.size();
    --waiting_pieces_;
    complete_.push_back(std::move(found->second));
    stream.waiting.erase(found);
  }
}

void MessageReassembly::drop(const Partial& partial) {
  --partials_;
  held_ -= partial.data.size() + partial.later_octets + kOverhead * (1 + partial.later.size());
  waiting_octets_ -= partial.later_octets;
  waiting_pieces_ -= partial.later.size();
}

void MessageReassembly::skip(const SkippedMessages& skipped) {
  Stream& stream = streams_[skipped.stream_id];
  std::erase_if(skipped.unordered ? stream.unordered : stream.ordered, [&](const auto& entry) {
    if (after(entry.first, skipped.last)) return false;
    drop(entry.second);
    return true;
  });
  if (skipped.unordered || after(stream.next_id, skipped.last)) return;
  // Complete ones among them were not given up.
  std::vector<uint32_t> ids;
  for (const auto& [id, message] : stream.waiting) {
    if (!after(id, skipped.last)) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end(), [&](uint32_t a, uint32_t b) { return a - stream.next_id < b - stream.next_id; });
  for (const uint32_t id : ids) {
    stream.next_id = id;
    deliver_waiting(stream);
  }
  if (!after(stream.next_id, skipped.last)) stream.next_id = skipped.last + 1;
  deliver_waiting(stream);
}

void MessageReassembly::reset(uint16_t stream_id) {
  const auto found = streams_.find(stream_id);
  if (found == streams_.end()) return;
  for (const auto& [id, partial] : found->second.ordered) drop(partial);
  for (const auto& [id, partial] : found->second.unordered) drop(partial);
  for (const auto& [id, message] : found->second.waiting) {
    let_go(message.data.size());
    waiting_octets_ -= message.data.size();
    --waiting_pieces_;
  }
  streams_.erase(found);
}

void MessageReassembly::clear() {
  streams_.clear();
  complete_.clear();
  partials_ = held_ = waiting_octets_ = waiting_pieces_ = 0;
}

std::vector<MessageReassembly::Message> MessageReassembly::take_complete() {
  return std::exchange(complete_, {});
}

}  // namespace peerwire

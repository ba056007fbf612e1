#include "media/send/rtx_cache.h"

#include <algorithm>
#include <bit>

namespace peerwire {
namespace {

constexpr size_t kMaxPackets = 32'768;
// A stream of audio never needs more.
constexpr size_t kFirstSize = 64;
constexpr int64_t kRttFactor = 3;
// Until a round trip is known, a packet that is asked for twice within this time is sent once.
constexpr int64_t kDefaultGuardUs = 5'000;
constexpr int kPaddingSearch = 63;
constexpr int64_t kFewPacketsAgeFactor = 3;
// What waits longer than the pacer lets anything wait was not queued at all.
constexpr int64_t kMaxWaitUs = 2'000'000;

}  // namespace

RtxCache::RtxCache() : RtxCache(Limits()) {}

RtxCache::RtxCache(Limits limits)
    : limits_(limits),
      most_(std::bit_ceil(std::clamp<size_t>(limits.packets, 1, kMaxPackets))),
      entries_(std::min(most_, kFirstSize)) {}

void RtxCache::grow_to_hold(uint16_t number) {
  const size_t span = static_cast<uint16_t>(number - oldest_) + size_t{1};
  if (packets_ == 0 || span <= entries_.size() || entries_.size() >= most_) return;
  std::vector<Entry> larger(std::min(most_, std::bit_ceil(span)));
  larger.swap(entries_);
  for (Entry& entry : larger) {
    if (entry.packet) slot(entry.sequence_number) = std::move(entry);
  }
}

void RtxCache::drop(Entry& entry) {
  if (!entry.packet) return;
  bytes_ -= entry.size;
  --packets_;
  entry.packet.reset();
}

void RtxCache::drop_oldest() {
  Entry& entry = slot(oldest_);
  if (entry.packet && entry.sequence_number == oldest_) drop(entry);
  ++oldest_;
}

void RtxCache::drop_old(int64_t now_us) {
  const int64_t age_us = std::max(limits_.age_us, kRttFactor * rtt_us_);
  while (packets_ > 0 && oldest_ != newest_) {
    const Entry& entry = slot(oldest_);
    const bool is_it = entry.packet && entry.sequence_number == oldest_;
    const int64_t most_us = packets_ <= limits_.few_packets ? kFewPacketsAgeFactor * age_us : age_us;
    if (is_it && bytes_ <= limits_.bytes && now_us - entry.first_sent_us <= most_us) break;
    drop_oldest();
  }
}

void RtxCache::insert(std::shared_ptr<const RtpPacketToSend> packet, size_t size, int64_t now_us) {
  const uint16_t number = packet->header.sequence_number;
  // Numbers that jump, back or further than the cache is large, begin a new history.
  if (packets_ > 0 && static_cast<uint16_t>(number - newest_) >= most_) clear();
  newest_ = number;
  drop_old(now_us);
  if (packets_ == 0) oldest_ = number;
  grow_to_hold(number);
  while (static_cast<uint16_t>(newest_ - oldest_) >= entries_.size()) drop_oldest();
  Entry& entry = slot(number);
  drop(entry);
  entry = {std::move(packet), size, now_us, now_us, 0, number};
  ++packets_;
  bytes_ += size;
  drop_old(now_us);
}

std::shared_ptr<const RtpPacketToSend> RtxCache::take_for_resend(uint16_t sequence_number, int64_t now_us) {
  drop_old(now_us);
  Entry& entry = slot(sequence_number);
  if (!entry.packet || entry.sequence_number != sequence_number) return nullptr;
  const int64_t sent_guard_us = rtt_us_ > 0 ? rtt_us_ * 3 / 4 : kDefaultGuardUs;
  const int64_t guard_us = entry.waits ? std::max(kMaxWaitUs, sent_guard_us) : sent_guard_us;
  // The first request is answered at once: it was made of a packet that is missing, whenever that was sent.
  if (entry.resent > 0 && now_us - entry.last_sent_us < guard_us) return nullptr;
  entry.last_sent_us = now_us;
  entry.waits = true;
  ++entry.resent;
  return entry.packet;
}

void RtxCache::on_resent(uint16_t sequence_number, int64_t now_us) {
  Entry& entry = slot(sequence_number);
  if (!entry.packet || entry.sequence_number != sequence_number) return;
  entry.last_sent_us = now_us;
  entry.waits = false;
}

void RtxCache::forget_waiting() {
  for (Entry& entry : entries_) entry.waits = false;
}

std::shared_ptr<const RtpPacketToSend> RtxCache::take_for_padding(size_t max_size, int64_t now_us) {
  drop_old(now_us);
  if (packets_ == 0) return nullptr;
  Entry* best = nullptr;
  uint16_t number = newest_;
  for (int step = 0; step < kPaddingSearch; ++step, --number) {
    Entry& entry = slot(number);
    if (entry.packet && entry.sequence_number == number && entry.size <= max_size &&
        (!best || entry.resent < best->resent)) {
      best = &entry;
    }
    if (number == oldest_) break;
  }
  if (!best) return nullptr;
  best->last_sent_us = now_us;
  ++best->resent;
  return best->packet;
}

void RtxCache::acknowledge(uint16_t sequence_number) {
  Entry& entry = slot(sequence_number);
  if (entry.packet && entry.sequence_number == sequence_number) drop(entry);
}

void RtxCache::clear() {
  for (Entry& entry : entries_) entry.packet.reset();
  packets_ = bytes_ = 0;
}

}  // namespace peerwire

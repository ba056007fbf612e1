// The peers of an allocation: their permissions and channels, and what is relayed.
#include <algorithm>
#include <cstring>
#include <utility>

#include "transport/ice/stun_message.h"
#include "transport/ice/turn_client.h"

namespace peerwire::ice {
namespace {

constexpr size_t kMaxPeers = 256;
constexpr size_t kMaxKept = 4;
/// What was made for a larger path is repeated over a relay, too. With the head of an indication it fits a StunWriter.
constexpr size_t kMaxDatagram = StunWriter::kRoom - 64;
// Permissions last 5 minutes, channels 10 (RFC 8656 sections 9 and 12).
constexpr auto kPermissionRefresh = std::chrono::minutes(4);
constexpr auto kChannelRefresh = std::chrono::minutes(8);
// And their numbers 5 more, which the RFC gives the datagrams that are still under way.
constexpr auto kChannelReserved = std::chrono::minutes(15);
// Pairs are checked more often than that as long as they may come into use.
constexpr auto kUnused = std::chrono::minutes(5);

}  // namespace

// ---- permissions ----

void TurnClient::permission_given(TimePoint now, const SocketAddress& address) {
  Peer& peer = peers_.at(address);
  peer.permission = Grant::kGiven;
  peer.ask_permission_at = now + kPermissionRefresh;
  for (const Bytes& datagram : std::exchange(peer.kept, {})) relay(peer, address, datagram);
}

void TurnClient::permission_failed(TimePoint now, const SocketAddress& address, int code) {
  Peer& peer = peers_.at(address);
  peer.kept.clear();
  if (!is_passing(code)) {
    peer.permission = Grant::kRefused;
  } else if (peer.permission == Grant::kGiven) {
    peer.ask_permission_at = now + kAskAgain;
  } else {
    peer.permission = Grant::kNone;  // a packet asks for it
    peer.ask_permission_at = may_ask_at(now, code);
  }
}

// ---- channels ----

uint16_t TurnClient::channel_for(TimePoint now, const SocketAddress& address) const {
  const auto first = [&](auto condition) { return std::find_if(channels_.begin(), channels_.end(), condition); };
  // RFC 8656 section 12.1 forbids another number for a peer that has one.
  auto found = first([&](const Channel& each) { return each.peer == address && now < each.reserved_until; });
  if (found == channels_.end()) found = first([&](const Channel& each) { return each.reserved_until <= now; });
  return found == channels_.end() ? 0 : static_cast<uint16_t>(kFirstChannel + (found - channels_.begin()));
}

void TurnClient::ask_binding(TimePoint now, const SocketAddress& address, uint16_t channel) {
  channels_[channel - kFirstChannel] = {address, now + kChannelReserved};
  begin(now, Kind::kChannelBind, address);
}

void TurnClient::binding_given(TimePoint now, const SocketAddress& address) {
  Peer& peer = peers_.at(address);
  peer.binding = Grant::kGiven;
  peer.ask_channel_at = now + kChannelRefresh;
  channels_[peer.channel - kFirstChannel].reserved_until = now + kChannelReserved;
}

void TurnClient::binding_failed(TimePoint now, const SocketAddress& address, int code) {
  // Send indications go on.
  Peer& peer = peers_.at(address);
  if (!is_passing(code)) {
    peer.binding = Grant::kRefused;
  } else if (peer.binding == Grant::kGiven) {
    peer.ask_channel_at = now + kAskAgain;
  } else {
    peer.binding = Grant::kNone;
    peer.ask_channel_at = may_ask_at(now, code);
  }
}

// ---- both, as time goes on ----

TimePoint TurnClient::next_renewal() const {
  TimePoint next = TimePoint::max();
  for (const auto& [address, peer] : peers_) {
    if (peer.permission == Grant::kGiven) next = std::min(next, peer.ask_permission_at);
    if (peer.binding == Grant::kGiven) next = std::min(next, peer.ask_channel_at);
  }
  return next;
}

void TurnClient::renew_grants(TimePoint now) {
  std::vector<SocketAddress> permissions, bindings, unused;
  for (auto& [address, peer] : peers_) {
    const bool permission = peer.permission == Grant::kGiven && now >= peer.ask_permission_at;
    const bool binding = peer.binding == Grant::kGiven && now >= peer.ask_channel_at;
    if ((permission || binding) && now - peer.last_used >= kUnused) {
      unused.push_back(address);
      continue;
    }
    if (permission) {
      peer.ask_permission_at = now + kPermissionRefresh;
      permissions.push_back(address);
    }
    if (binding) {
      peer.ask_channel_at = now + kChannelRefresh;
      bindings.push_back(address);
    }
  }
  for (const SocketAddress& address : unused) forget(address);
  for (const SocketAddress& address : permissions) begin(now, Kind::kCreatePermission, address);
  for (const SocketAddress& address : bindings) ask_binding(now, address, peers_.at(address).channel);
}

void TurnClient::forget(const SocketAddress& address) {
  for (Request& request : requests_) {
    if (request.peer == address) request.done = true;
  }
  peers_.erase(address);
}

void TurnClient::forget_least_used() {
  const auto least = std::min_element(peers_.begin(), peers_.end(), [](const auto& one, const auto& other) {
    return one.second.last_used < other.second.last_used;
  });
  forget(SocketAddress(least->first));
}

// ---- what is relayed ----

bool TurnClient::expects(const SocketAddress& from) const {
  return peers_.contains(from) || std::any_of(peers_.begin(), peers_.end(), [&](const auto& entry) {
           return entry.second.permission == Grant::kGiven && entry.first.same_ip(from);
         });
}

void TurnClient::receive_channel_data(TimePoint now, ByteView frame) {
  const size_t channel = (size_t{frame[0]} << 8 | frame[1]) - kFirstChannel;
  const size_t length = size_t{frame[2]} << 8 | frame[3];
  if (channel >= channels_.size() || channels_[channel].peer.empty() || length > frame.size() - 4) return;
  const SocketAddress from = channels_[channel].peer;
  observer_->turn_data(*this, from, frame.subspan(4, length), now);
}

bool TurnClient::relay(const Peer& peer, const SocketAddress& address, ByteView data) {
  if (data.size() > kMaxDatagram) return false;
  if (peer.binding == Grant::kGiven) {
    uint8_t frame[kMaxDatagram + 4];
    frame[0] = static_cast<uint8_t>(peer.channel >> 8);
    frame[1] = static_cast<uint8_t>(peer.channel);
    frame[2] = static_cast<uint8_t>(data.size() >> 8);
    frame[3] = static_cast<uint8_t>(data.size());
    std::memcpy(frame + 4, data.data(), data.size());
    return observer_->turn_send(*this, {frame, data.size() + 4});
  }
  StunWriter writer(StunMethod::kSend, StunClass::kIndication, random_.transaction_id());
  writer.add_xor_address(StunAttribute::kXorPeerAddress, address);
  writer.add_bytes(StunAttribute::kData, data);
  const ByteView message = writer.finish();
  return !message.empty() && observer_->turn_send(*this, message);
}

bool TurnClient::send(TimePoint now, const SocketAddress& address, ByteView data, bool bind_channel) {
  if (state_ != State::kAllocated || relayed_of(address).address.empty()) return false;
  auto found = peers_.find(address);
  if (found == peers_.end()) {
    if (peers_.size() >= kMaxPeers) forget_least_used();
    found = peers_.try_emplace(address).first;
  }
  Peer& peer = found->second;
  peer.last_used = now;
  if (peer.permission == Grant::kNone && now >= peer.ask_permission_at) {
    peer.permission = Grant::kAsked;
    begin(now, Kind::kCreatePermission, address);
  }
  if (peer.permission == Grant::kAsked) {
    if (peer.kept.size() >= kMaxKept) peer.kept.erase(peer.kept.begin());
    peer.kept.emplace_back(data.begin(), data.end());
    return true;
  }
  if (peer.permission != Grant::kGiven) return false;
  if (bind_channel && peer.binding == Grant::kNone && now >= peer.ask_channel_at) {
    peer.channel = channel_for(now, address);
    if (peer.channel != 0) {
      peer.binding = Grant::kAsked;
      ask_binding(now, address, peer.channel);
    }
  }
  return relay(peer, address, data);
}

}  // namespace peerwire::ice

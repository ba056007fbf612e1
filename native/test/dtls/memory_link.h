// Two joined packet transports in memory, with a network between them that loses, doubles, delays and reorders.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "test_loop.h"
#include "transport/packet_transport.h"

namespace peerwire {

struct LinkFaults {
  double loss = 0;
  double duplication = 0;
  Duration delay{};
  Duration jitter{};  // at most this much more: reorders
};

class MemoryTransport final : public PacketTransport {
 public:
  MemoryTransport(TestLoop& loop, LinkFaults faults, uint32_t seed) : loop_(loop), faults_(faults), random_(seed) {}
  ~MemoryTransport() override {
    *alive_ = false;
    if (peer_) peer_->peer_ = nullptr;
  }
  static void join(MemoryTransport& a, MemoryTransport& b) {
    a.peer_ = &b;
    b.peer_ = &a;
  }

  bool send_packet(ByteView packet) override {
    if (!writable_ || packet.size() > mtu) return false;
    sent.emplace_back(packet.begin(), packet.end());
    if (on_sent) on_sent(packet);
    if (!peer_) return true;
    if (filter && !filter(packet)) return true;
    if (chance() < faults_.loss) return true;
    deliver(packet);
    return true;
  }
  bool writable() const override { return writable_; }
  size_t max_packet_size() const override { return mtu; }
  std::vector<size_t> larger_packet_sizes() const override { return larger; }
  bool send_large_packet(ByteView packet, Fragmentation fragmentation) override {
    large.emplace_back(packet.size(), fragmentation);
    if (peer_) deliver(packet);
    return true;
  }
  std::optional<Duration> round_trip() const override { return path_round_trip; }
  void set_packet_receiver(PacketReceiver* receiver) override { receiver_ = receiver; }

  /// As if it had come from the network.
  void receive(ByteView packet) {
    if (receiver_) receiver_->on_packet(packet);
  }
  void set_writable(bool writable) {
    if (writable_ == writable) return;
    writable_ = writable;
    if (receiver_) receiver_->on_writable_changed(writable);
  }
  void change_path() {
    if (receiver_) receiver_->on_path_changed();
  }
  bool has_receiver() const { return receiver_ != nullptr; }

  size_t mtu = 1200;
  std::vector<size_t> larger;
  std::optional<Duration> path_round_trip;  // as told to those above
  std::vector<Bytes> sent;
  std::vector<std::pair<size_t, Fragmentation>> large;
  std::function<bool(ByteView)> filter;  // false: lost
  std::function<void(ByteView)> on_sent;

 private:
  void deliver(ByteView packet) {
    const int copies = chance() < faults_.duplication ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      auto when = loop_.now() + faults_.delay;
      if (faults_.jitter.count() > 0)
        when += Duration(static_cast<int64_t>(chance() * static_cast<double>(faults_.jitter.count())));
      loop_.start_timer(when, [peer = peer_, alive = peer_->alive_, copy = Bytes(packet.begin(), packet.end())] {
        if (*alive) peer->receive(copy);
      });
    }
  }
  double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  TestLoop& loop_;
  LinkFaults faults_;
  std::mt19937 random_;
  MemoryTransport* peer_ = nullptr;
  PacketReceiver* receiver_ = nullptr;
  bool writable_ = true;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace peerwire

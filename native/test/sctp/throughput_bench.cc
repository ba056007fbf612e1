// sctp_bench [octets [packet size]]: CPU seconds a gigabyte for two associations in one process over memory. SCTP
// alone, both ends, no DTLS, no sockets.
#include <ctime>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <utility>

#include "transport/sctp_association.h"

namespace {

using namespace peerwire;

size_t packet_size = 1315;  // what DTLS leaves of 1,352 octets

// Real time, no waiting: packets of one turn arrive in the next.
class BusyNetwork final : public NetworkThread {
 public:
  void post(Task task) override { tasks_.push_back(std::move(task)); }
  bool run_or_post(Task task) override {
    post(std::move(task));
    return false;
  }
  void post_and_wait(Task task) override { task(); }
  bool is_current() const override { return true; }
  TimePoint now() const override { return now_; }
  TimerId start_timer(TimePoint when, Task task) override {
    timers_.emplace(std::pair{when, ++last_}, std::move(task));
    return last_;
  }
  void cancel_timer(TimerId id) override {
    std::erase_if(timers_, [id](const auto& timer) { return timer.first.second == id; });
  }
  void defer(Task task) override { deferred_.push_back(std::move(task)); }
  bool watch(int, FdObserver*) override { return true; }
  void want_writable(int, bool) override {}
  void unwatch(int) override {}
  void turn() {
    now_ = Clock::now();
    for (auto tasks = std::exchange(tasks_, {}); auto& task : tasks) task();
    while (!timers_.empty() && timers_.begin()->first.first <= now_) timers_.extract(timers_.begin()).mapped()();
    while (!deferred_.empty()) {
      for (auto tasks = std::exchange(deferred_, {}); auto& task : tasks) task();
    }
  }

 private:
  TimePoint now_ = Clock::now();
  TimerId last_ = 0;
  std::map<std::pair<TimePoint, TimerId>, Task> timers_;
  std::deque<Task> tasks_, deferred_;
};

class MemoryLink final : public PacketTransport {
 public:
  explicit MemoryLink(BusyNetwork& network) : network_(network) {}
  MemoryLink* other = nullptr;
  bool send_packet(ByteView packet) override {
    if (queue_.empty()) network_.post([this] { other->arrive(std::exchange(queue_, {})); });
    queue_.emplace_back(packet.begin(), packet.end());
    return true;
  }
  bool writable() const override { return true; }
  size_t max_packet_size() const override { return packet_size; }
  void set_packet_receiver(PacketReceiver* receiver) override { receiver_ = receiver; }

 private:
  void arrive(std::deque<Bytes> packets) {
    for (const Bytes& packet : packets) {
      if (receiver_ != nullptr) receiver_->on_packet(packet);
    }
  }
  BusyNetwork& network_;
  PacketReceiver* receiver_ = nullptr;
  std::deque<Bytes> queue_;
};

struct End : SctpAssociationObserver {
  End(BusyNetwork& network, bool interleaving) : link(network) {
    association = SctpAssociation::create(network, link, {.interleaving = interleaving}, this);
  }
  void on_sctp_state(SctpState s, const std::string&, int) override { state = s; }
  void on_sctp_message(uint16_t, uint32_t, Bytes message) override { received += message.size(); }
  void on_incoming_stream_reset(uint16_t) override {}
  void on_outgoing_stream_reset(uint16_t) override {}
  void on_buffered_amount_decreased(uint16_t, size_t bytes) override { buffered -= bytes; }
  MemoryLink link;
  std::unique_ptr<SctpAssociation> association;
  SctpState state = SctpState::kNew;
  size_t received = 0;
  size_t buffered = 0;
};

double cpu_seconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void measure(size_t message_size, size_t total, bool interleaving) {
  BusyNetwork network;
  End a(network, interleaving), b(network, interleaving);
  a.link.other = &b.link;
  b.link.other = &a.link;
  a.association->start();
  b.association->start();
  while (a.state != SctpState::kConnected || b.state != SctpState::kConnected) network.turn();
  const double begin = cpu_seconds();
  const auto wall = Clock::now();
  for (size_t sent = 0; b.received < total;) {
    while (sent < total && a.buffered < 1024 * 1024) {
      a.association->send({1, 53, true, {}, {}, Bytes(message_size, 7)});
      a.buffered += message_size;
      sent += message_size;
    }
    network.turn();
  }
  const double spent = cpu_seconds() - begin;
  const double seconds = std::chrono::duration<double>(Clock::now() - wall).count();
  std::printf("%s %7zu octets: %6.2f CPU s/GB, %6.0f MB/s, %5.2f packets back for each forward\n",
              interleaving ? "I-DATA" : "DATA  ", message_size, spent * 1e9 / static_cast<double>(b.received),
              static_cast<double>(b.received) / 1e6 / seconds,
              static_cast<double>(b.association->stats().packets_sent) /
                  static_cast<double>(a.association->stats().packets_sent));
}

}  // namespace

int main(int argc, char** argv) {
  const size_t total = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 300'000'000;
  if (argc > 2) packet_size = std::strtoull(argv[2], nullptr, 10);
  for (const size_t size : {65536u, 16384u, 1200u, 1024u, 100u}) {
    for (const bool interleaving : {false, true})
      measure(size, total * std::min<size_t>(size, 1000) / 1000, interleaving);
  }
}

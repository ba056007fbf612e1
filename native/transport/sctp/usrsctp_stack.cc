#include "transport/sctp/usrsctp_stack.h"

#include <sys/time.h>
#include <usrsctp.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "transport/sctp/sctp_settings.h"
#include "transport/sctp/usrsctp_internals.h"

namespace {

// The library counts in milliseconds; while there is traffic its timers are looked at this often, otherwise exactly
// when the first one is due.
constexpr auto kTick = std::chrono::milliseconds(10);

/// What the library's time is ahead of the clock.
peerwire::Duration time_ahead{};

}  // namespace

/// What usrsctp is compiled with in place of gettimeofday() (cmake/dependencies.cmake).
extern "C" int peerwire_usrsctp_time(struct timeval* time, void*) noexcept {
  // A day more than there is: to usrsctp zero means never.
  const auto since = peerwire::usrsctp_clock().time_since_epoch() + time_ahead + std::chrono::hours(24);
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(since);
  time->tv_sec = now.count() / 1'000'000;
  time->tv_usec = now.count() % 1'000'000;
  return 0;
}

namespace peerwire {

UsrsctpStack& UsrsctpStack::instance() {
  // Never destroyed: usrsctp has no orderly end while anything is left in it, and needs none.
  static UsrsctpStack* const stack = new UsrsctpStack();
  return *stack;
}

UsrsctpStack::UsrsctpStack() {
  usrsctp::forbid_iterator_thread();
  usrsctp_init_nothreads(0, &UsrsctpStack::output, nullptr);
  // Packets come out with a checksum of zero and go in unchecked: DTLS below has authenticated them, and on_output()
  // fills in the checksum where the peer wants one.
  usrsctp_enable_crc32c_offload();
  apply_process_wide_settings();
}

UsrsctpStack::Address UsrsctpStack::attach(NetworkThread& network, UsrsctpEndpoint* endpoint) {
  if (endpoints_.empty() || network_ != &network) {
    // Of another network thread there is nothing left, unless this is a forked child: what it inherited stayed behind.
    endpoints_.clear();
    active_.clear();
    network_ = &network;
    timer_ = NetworkThread::kNoTimer;
    clock_ = network.now();
  }
  const Address address = ++last_address_;
  endpoints_.emplace(address, Entry{endpoint, false});
  return address;
}

void UsrsctpStack::detach(Address address) {
  endpoints_.erase(address);
  if (endpoints_.empty() && network_ != nullptr) {
    // What the library still has to clean up waits for the next association: no timer outlives the network thread.
    network_->cancel_timer(timer_);
    timer_ = NetworkThread::kNoTimer;
    network_ = nullptr;
  }
}

UsrsctpEndpoint* UsrsctpStack::find(Address address) const {
  const auto found = endpoints_.find(address);
  return found == endpoints_.end() ? nullptr : found->second.endpoint;
}

int UsrsctpStack::output(void* address, void* buffer, size_t size, uint8_t /*tos*/, uint8_t /*set_df*/) {
  UsrsctpEndpoint* endpoint = instance().find(reinterpret_cast<Address>(address));
  // A timer may have sent it, for one that was at rest.
  instance().activate(reinterpret_cast<Address>(address));
  // Whatever becomes of the packet, to SCTP it is at worst a lost one: an error would make it give up the path.
  if (endpoint != nullptr) endpoint->on_output(static_cast<uint8_t*>(buffer), size);
  return 0;
}

void UsrsctpStack::activate(Address address) {
  const auto found = endpoints_.find(address);
  if (found == endpoints_.end() || std::exchange(found->second.active, true)) return;
  active_.push_back(address);
}

void UsrsctpStack::touch(Address address) {
  if (network_ == nullptr || inside()) return;
  activate(address);
  touched_ = true;
  const TimePoint now = network_->now();
  if (now - clock_ >= kTick) advance_clock(now);
  if (network_ != nullptr && (timer_ == NetworkThread::kNoTimer || timer_due_ > now + kTick)) arm(now + kTick);
}

void UsrsctpStack::advance_clock(TimePoint now) {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - clock_);
  if (elapsed.count() <= 0) return;
  clock_ += elapsed;
  InsideUsrsctp inside_usrsctp;
  // Timers begin with the tick before, and end early by as much. Then what was sent as one began would not have been
  // out for its time yet, and wait for the next one, which comes after twice as long.
  time_ahead = kTick + std::chrono::milliseconds(1);
  usrsctp_handle_timers(static_cast<uint32_t>(std::min<int64_t>(elapsed.count(), INT32_MAX)));
  time_ahead = {};
  usrsctp::run_iterators();
}

void UsrsctpStack::on_timer() {
  timer_ = NetworkThread::kNoTimer;
  const TimePoint now = network_->now();
  advance_clock(now);
  for (const Address address : std::exchange(active_, {})) {
    // An observer may have destroyed others meanwhile, or this one within its call.
    const auto found = endpoints_.find(address);
    if (found == endpoints_.end()) continue;
    found->second.active = false;
    if (found->second.endpoint->on_timers_handled()) activate(address);
  }
  if (network_ == nullptr) return;
  const bool touched = std::exchange(touched_, false);
  if (timer_ != NetworkThread::kNoTimer) return;
  // To find the next one is to look at all of them; as long as there is traffic the next tick is as good.
  if (touched) return arm(clock_ + kTick);
  if (const auto next = usrsctp::next_timer_ms()) {
    arm(clock_ + std::max<Duration>(std::chrono::milliseconds(*next), kTick));
  }
}

void UsrsctpStack::arm(TimePoint when) {
  network_->cancel_timer(timer_);
  timer_due_ = when;
  timer_ = network_->start_timer(when, [this] { on_timer(); });
}

}  // namespace peerwire

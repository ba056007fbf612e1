// Which packets are missing, and when to ask for them (again): https://www.rfc-editor.org/rfc/rfc4585#section-6.2.1
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace peerwire {

class NackGenerator {
 public:
  static constexpr size_t kMaxMissing = 1000;
  static constexpr int kMaxTries = 10;
  static constexpr int64_t kMaxAgeUs = 3'000'000;

  /// `sequence`: unwrapped. `recovered`: it came by RTX. True when it had been asked for.
  bool on_packet(int64_t sequence, bool recovered, int64_t now_us);
  /// Numbers to ask for now.
  std::vector<uint16_t> take(int64_t now_us);
  /// When take() has something next; nothing: never, as things are.
  std::optional<int64_t> next_us() const;
  /// These are not needed any more.
  void clear_until(int64_t sequence);
  void reset();
  void set_rtt(int64_t rtt_us) { rtt_us_ = rtt_us; }
  size_t missing() const { return missing_.size(); }
  /// Numbers asked for, each time counted.
  uint64_t sent() const { return sent_; }
  /// Whether a packet was given up since the last call.
  bool take_given_up();

 private:
  struct Missing {
    int64_t since_us = 0;
    int64_t next_us = 0;
    int64_t last_sent_us = 0;
    int tries = 0;
  };
  int64_t retry_interval_us() const;
  void learn_reordering(const Missing& missing, int64_t now_us);

  std::optional<int64_t> newest_;
  std::map<int64_t, Missing> missing_;
  int64_t rtt_us_ = 100'000;
  /// For how long a packet may be overtaken by others before it is taken for lost.
  int64_t reordering_us_ = 0;
  int64_t reordering_learnt_us_ = 0;
  uint64_t sent_ = 0;
  bool has_given_up_ = false;
};

}  // namespace peerwire

// Lip sync of a transport's sections: those of one group are played together. Network thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "media/codec_registry.h"
#include "media/receive/stream_synchronization.h"

namespace peerwire {

/// A receiving section, as lip sync sees it.
class SyncedSection {
 public:
  virtual MediaKind kind() const = 0;
  /// Sections of the same group are played together; empty: none.
  virtual const std::string& sync_group() const = 0;
  virtual std::optional<SyncedStream> synced_stream() const = 0;
  virtual void set_sync_delay(int64_t delay_us) = 0;

 protected:
  ~SyncedSection() = default;
};

class LipSync {
 public:
  /// Compares the first audio and the first video section of each group, and tells them how long to wait; as often as
  /// it wants to be, whenever called.
  template <typename Sections>
  void process(const Sections& sections, int64_t now_us) {
    if (now_us < next_us_) return;
    next_us_ = now_us + kLookUs;
    for (SyncedSection* audio : sections) {
      if (audio->kind() != MediaKind::kAudio || audio->sync_group().empty()) continue;
      for (SyncedSection* video : sections) {
        if (video->kind() != MediaKind::kVideo || video->sync_group() != audio->sync_group()) continue;
        synchronize(*audio, *video, now_us);
        break;
      }
    }
    forget_others(now_us);
    // Who has nobody to wait for does not wait.
    for (SyncedSection* section : sections) {
      if (!groups_.contains(section->sync_group())) section->set_sync_delay(0);
    }
  }

 private:
  /// How often it is looked whether a group can be compared at last.
  static constexpr int64_t kLookUs = 100'000;

  struct Group {
    StreamSynchronization synchronization;
    int64_t next_us = 0;
    int64_t compared_us = 0;
  };

  void synchronize(SyncedSection& audio, SyncedSection& video, int64_t now_us);
  void forget_others(int64_t now_us);

  std::map<std::string, Group> groups_;
  int64_t next_us_ = 0;
};

}  // namespace peerwire

// User messages from the I-DATA chunks that carry them (RFC 8260 section 2.1): pieces of different messages may
// alternate and come in any order, each once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"

namespace peerwire {

struct DataChunk {
  uint16_t stream_id = 0;
  bool unordered = false;
  bool first = false, last = false;  // piece of its message
  uint32_t message_id = 0;           // counted for ordered and unordered messages of a stream separately
  uint32_t fragment = 0;             // FSN; 0: the first piece
  uint32_t ppid = 0;                 // of the first piece
};

/// Messages that the peer has given up, of which no more comes (RFC 8260 section 2.3.1): on the stream, of that kind,
/// all up to `last`.
struct SkippedMessages {
  uint16_t stream_id = 0;
  bool unordered = false;
  uint32_t last = 0;
};

class MessageReassembly {
 public:
  struct Message {
    uint16_t stream_id;
    uint32_t ppid;
    Bytes data;
  };

  /// Sizes in octets; `max_held`: of all that is not complete or not to be delivered yet, with an overhead for each
  /// piece.
  MessageReassembly(size_t max_message_size, size_t max_held);

  /// Takes a piece of `size` octets. `read` is called once, with where to append it, or with nullptr where it is not
  /// wanted any more; not after an error. Returns nullptr, or what the peer has done that it may not do.
  const char* insert(const DataChunk& chunk, size_t size, const std::function<void(Bytes*)>& read);
  /// Lets go what is incomplete of them, and what has waited for them go on.
  void skip(const SkippedMessages& skipped);
  /// The stream begins anew (RFC 8260 section 2.3.2), with messages 0.
  void reset(uint16_t stream_id);
  void clear();

  /// Complete and in order, since the last call.
  std::vector<Message> take_complete();

  /// What is held because something that came before it is missing, which the receive window has to account for: with
  /// the missing it goes. Beginnings of messages are not among it: only more of the same messages frees them.
  size_t waiting_octets() const { return waiting_octets_; }
  size_t waiting_pieces() const { return waiting_pieces_; }
  /// All that is held, in octets, with the overheads.
  size_t held() const { return held_; }

 private:
  struct Partial {
    uint32_t ppid = 0;
    uint32_t next = 0;  // piece to be appended to `data`
    bool last_known = false;
    uint32_t last = 0;
    Bytes data;
    std::map<uint32_t, Bytes> later;  // pieces behind a missing one
    size_t later_octets = 0;
  };
  struct Stream {
    uint32_t next_id = 0;  // of the ordered message to be delivered next
    size_t last_size = 0;  // of the last message of several pieces
    std::unordered_map<uint32_t, Partial> ordered, unordered;
    std::unordered_map<uint32_t, Message> waiting;  // complete, ordered, and behind another
  };
  const char* insert_piece(Stream& stream, const DataChunk& chunk, size_t size,
                           const std::function<void(Bytes*)>& read);
  bool take_in(size_t size);
  void let_go(size_t size);
  void complete(Stream& stream, const DataChunk& chunk, Message message);
  void deliver_waiting(Stream& stream);
  void drop(const Partial& partial);

  const size_t max_message_size_;
  const size_t max_held_;
  const std::string too_large_;
  std::unordered_map<uint16_t, Stream> streams_;
  std::vector<Message> complete_;
  size_t partials_ = 0;
  size_t waiting_octets_ = 0;
  size_t waiting_pieces_ = 0;
  size_t held_ = 0;
};

}  // namespace peerwire

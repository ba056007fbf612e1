// Messages waiting for usrsctp: in order within a stream, by turns among streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "transport/sctp_association.h"

namespace peerwire {

class OutgoingQueue {
 public:
  struct Piece {
    uint16_t stream_id = 0;
    const SctpMessage* message = nullptr;
    size_t offset = 0;
    size_t size = 0;  // at most the quantum
    bool last = false;
    TimePoint deadline = TimePoint::max();
  };
  struct Decrease {
    uint16_t stream_id;
    size_t bytes;
  };

  void push(SctpMessage message, TimePoint now);
  /// A mark behind what is queued on the stream; take_resets() gives the stream once everything before it is gone. One
  /// more says nothing new.
  void push_reset(uint16_t stream_id);

  enum class Order {
    kMessageByMessage,  // a message of which a part is gone goes on first
    kInterleaved,       // unless it is reliable: pieces of a few such messages of different streams alternate
    kShortOnly,         // as before, of which only short messages that are given whole
  };
  /// The next piece by turn, or nothing. Messages past their life time of which nothing is gone yet are dropped on the
  /// way.
  bool next(TimePoint now, Order order, Piece& piece);
  /// `bytes` of the piece that next() gave were taken. The stream's turn passes to the next.
  void taken(const Piece& piece, size_t bytes);
  /// The stream gives no piece until unblock().
  void block(uint16_t stream_id);
  void unblock(uint16_t stream_id);
  bool blocked(uint16_t stream_id) const;

  void drop_expired(TimePoint now);
  /// Drops everything queued on the stream, marks included.
  void drop_stream(uint16_t stream_id);
  void clear();

  bool empty() const { return streams_.empty(); }
  std::vector<uint16_t> take_resets();
  std::vector<Decrease> take_decreases();

 private:
  struct Entry {
    SctpMessage message;
    size_t offset = 0;
    TimePoint deadline = TimePoint::max();
    bool reset = false;
  };
  struct Turn {
    uint64_t number;
    uint16_t stream_id;
  };
  using Turns = std::list<Turn>;  // by number
  struct Stream {
    std::deque<Entry> entries;
    size_t decreased = 0;
    Turns* turns = nullptr;  // where it is listed
    Turns::iterator place;   // and at which place
    bool blocked = false;
    bool noted = false;  // in decreased_
  };
  /// Removes what is at the head and needs no sending; false when the stream has nothing to give.
  bool settle(uint16_t stream_id, Stream& stream, TimePoint now);
  Turns* turns_for(const Stream& stream);
  /// The stream whose turn it is; false: no stream has one.
  bool choose(Order order, uint16_t& stream_id);
  void list(uint16_t stream_id, Stream& stream);
  void unlist(Stream& stream);
  void note_decrease(uint16_t stream_id, Stream& stream, size_t bytes);
  void forget_if_idle(uint16_t stream_id);

  std::unordered_map<uint16_t, Stream> streams_;
  Turns short_, long_;  // by what is at the head
  Turns begun_;         // a part of it is gone
  Turns spare_;         // for streams that are not listed
  uint64_t last_turn_ = 0;
  std::vector<uint16_t> resets_;
  std::vector<uint16_t> decreased_;
};

}  // namespace peerwire

// libsrtp's list of streams as a hash table: one key serves any SSRC, so a peer can name as many as it likes, and a
// linear list makes every packet pay for them. Compiled into libsrtp (SRTP_NO_STREAM_LIST).
#include "transport/srtp/libsrtp/stream_list.h"

#include <unordered_map>

#include "stream_list_priv.h"

// libsrtp leaves each stream's next and prev to the list: they are the order of use here.
struct srtp_stream_list_ctx_t_ {
  std::unordered_map<uint32_t, srtp_stream_t> streams;
  srtp_stream_t newest = nullptr;  // packets come in runs of one SSRC
  srtp_stream_t oldest = nullptr;

  void put_first(srtp_stream_t stream) {
    stream->prev = nullptr;
    stream->next = newest;
    (newest ? newest->prev : oldest) = stream;
    newest = stream;
  }
  void take_out(srtp_stream_t stream) {
    (stream->prev ? stream->prev->next : newest) = stream->next;
    (stream->next ? stream->next->prev : oldest) = stream->prev;
  }
};

namespace peerwire {

size_t srtp_stream_count(srtp_t context) {
  return context->stream_list->streams.size();
}

void forget_longest_unused_srtp_stream(srtp_t context) {
  if (const srtp_stream_t oldest = context->stream_list->oldest) srtp_remove_stream(context, oldest->ssrc);
}

}  // namespace peerwire

extern "C" {

srtp_err_status_t srtp_stream_list_alloc(srtp_stream_list_t* list) {
  *list = new srtp_stream_list_ctx_t_;
  return srtp_err_status_ok;
}

srtp_err_status_t srtp_stream_list_dealloc(srtp_stream_list_t list) {
  if (!list->streams.empty()) return srtp_err_status_fail;
  delete list;
  return srtp_err_status_ok;
}

srtp_err_status_t srtp_stream_list_insert(srtp_stream_list_t list, srtp_stream_t stream) {
  list->streams.insert_or_assign(stream->ssrc, stream);
  list->put_first(stream);
  return srtp_err_status_ok;
}

srtp_stream_t srtp_stream_list_get(srtp_stream_list_t list, uint32_t ssrc) {
  if (list->newest && list->newest->ssrc == ssrc) return list->newest;
  const auto found = list->streams.find(ssrc);
  if (found == list->streams.end()) return nullptr;
  list->take_out(found->second);
  list->put_first(found->second);
  return found->second;
}

void srtp_stream_list_remove(srtp_stream_list_t list, srtp_stream_t stream) {
  list->take_out(stream);
  list->streams.erase(stream->ssrc);
}

void srtp_stream_list_for_each(srtp_stream_list_t list, int (*callback)(srtp_stream_t, void*), void* context) {
  // The callback may remove the stream that it is given.
  for (auto next = list->streams.begin(); next != list->streams.end();) {
    const srtp_stream_t stream = next->second;
    ++next;
    if (callback(stream, context) != 0) return;
  }
}

}  // extern "C"

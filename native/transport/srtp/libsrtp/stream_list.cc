// libsrtp's list of streams, as a hash table with a bound: one key serves any SSRC, so a peer can name as many as it
// likes, and a linear list makes every packet pay for them. Compiled into libsrtp (SRTP_NO_STREAM_LIST).
#include <unordered_map>

#include "stream_list_priv.h"

namespace {

// Of one direction of one session. A stream costs half a kilobyte.
constexpr size_t kMaxStreams = 8192;

}  // namespace

struct srtp_stream_list_ctx_t_ {
  std::unordered_map<uint32_t, srtp_stream_t> streams;
  srtp_stream_t last = nullptr;  // packets come in runs of one SSRC
};

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
  if (list->streams.size() >= kMaxStreams) return srtp_err_status_alloc_fail;
  list->streams.insert_or_assign(stream->ssrc, stream);
  return srtp_err_status_ok;
}

srtp_stream_t srtp_stream_list_get(srtp_stream_list_t list, uint32_t ssrc) {
  if (list->last && list->last->ssrc == ssrc) return list->last;
  const auto found = list->streams.find(ssrc);
  if (found == list->streams.end()) return nullptr;
  return list->last = found->second;
}

void srtp_stream_list_remove(srtp_stream_list_t list, srtp_stream_t stream) {
  if (list->last == stream) list->last = nullptr;
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

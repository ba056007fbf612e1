// A connected stream of octets on the network thread: a TCP connection, or TLS over one.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "net/network_thread.h"
#include "net/socket_address.h"

namespace peerwire {

/// Told what happens to a stream, on the network thread. May not destroy the stream meanwhile: see retire().
class StreamObserver {
 public:
  virtual ~StreamObserver() = default;
  /// The connection stands (with TLS: its handshake is done and the peer's certificate is good).
  virtual void on_stream_open() = 0;
  virtual void on_stream_octets(ByteView octets) = 0;
  /// The stream could not be opened, was closed by the peer, or broke; `reason` says which. The last call.
  virtual void on_stream_closed(const std::string& reason) = 0;
};

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Queues all of `octets`, also while the stream is not open yet, to leave at the end of the loop's turn; or none of
  /// them, and false, when the queue is full or the stream has ended.
  virtual bool send(ByteView octets) = 0;
  /// Nothing is told any more. What was queued still leaves as far as the system takes it.
  virtual void detach() = 0;
  /// Empty until the system has chosen it.
  virtual const SocketAddress& local_address() const = 0;
  virtual const SocketAddress& remote_address() const = 0;
};

/// Detaches `stream` and destroys it when nothing of the current turn of the loop can still be inside it.
void retire(NetworkThread& network, std::unique_ptr<ByteStream> stream);

}  // namespace peerwire

// A UDP socket on the network thread that reads and writes in batches: recvmmsg with UDP GRO, sendmmsg with UDP GSO.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "net/fragmentation.h"
#include "net/network_thread.h"
#include "net/socket_address.h"
#include "net/unsegmented_destinations.h"

namespace peerwire {

class DatagramReceiver {
 public:
  virtual ~DatagramReceiver() = default;
  /// May destroy the socket.
  virtual void on_datagram(int tag, const SocketAddress& from, ByteView datagram) = 0;
};

class UdpSocket final : private NetworkThread::FdObserver {
 public:
  /// Bound to `local` (port 0: any). `tag` comes back with each datagram. Null with `error` set to errno when there
  /// is no such socket to be had.
  static std::unique_ptr<UdpSocket> bind(NetworkThread& network, const SocketAddress& local, int tag,
                                         DatagramReceiver* receiver, int* error);
  ~UdpSocket() override;

  const SocketAddress& local_address() const { return local_; }

  /// Queues a datagram, which leaves at the end of the loop's turn. False when the queue is full or the datagram too
  /// large.
  bool send(ByteView datagram, const SocketAddress& to, Fragmentation fragmentation = Fragmentation::kUsual);
  /// Sends a datagram at once, unless others wait before it. False also when there is no route.
  bool send_now(ByteView datagram, const SocketAddress& to);
  /// Sends a datagram of Fragmentation::kProbe, behind those that wait. False when it is known not to fit.
  bool send_probe(ByteView datagram, const SocketAddress& to);
  /// Whether datagrams to this address leave in segments (UDP_SEGMENT): not for a while once the system has refused
  /// some that it took one by one, and for none any more where that is for want of the device.
  bool segments_to(const SocketAddress& to) const {
    return segmentation_ && !unsegmented_.contains(network_.now(), to);
  }

 private:
  struct SendQueue;
  struct FlushList;
  UdpSocket(NetworkThread& network, int fd, const SocketAddress& local, int tag, DatagramReceiver* receiver);
  void on_readable() override;
  void on_writable() override;
  void flush();
  bool send_batch();
  void note_unsegmented(const SocketAddress& to, int error);
  void set_fragmentation(Fragmentation fragmentation);

  NetworkThread& network_;
  int fd_;
  SocketAddress local_;
  int tag_;
  DatagramReceiver* receiver_;
  std::unique_ptr<SendQueue> queue_;  // none while nothing is queued
  bool* destroyed_ = nullptr;
  bool flush_listed_ = false, blocked_ = false, segmentation_ = true;
  UnsegmentedDestinations unsegmented_;
  // The error, until the first of `single_` tells whether it was segments or the datagram that were refused.
  int refused_with_ = 0;
  size_t single_ = 0;  // entries of the queue to be sent one by one: the system has refused them in segments
  Fragmentation fragmentation_ = Fragmentation::kUsual;  // as the socket is set
};

}  // namespace peerwire

// One peer's ICE, DTLS and SCTP over real sockets on the network thread, driven and watched from another thread, as the
// addon does it.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "net/network_thread.h"
#include "transport/dtls_transport.h"
#include "transport/ice_transport.h"
#include "transport/sctp_association.h"

namespace peerwire::test {

/// What the network thread tells and the test waits for.
class Board {
 public:
  template <typename Change>
  void change(Change change) {
    std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }
  template <typename Condition>
  bool wait(Condition condition, std::chrono::seconds limit = std::chrono::seconds(120)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, condition);
  }
  template <typename Read>
  auto read(Read read) {
    std::lock_guard lock(mutex_);
    return read();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

/// Between ICE and DTLS: loses everything while it is cut.
class CuttableLink final : public PacketTransport, private PacketReceiver {
 public:
  explicit CuttableLink(PacketTransport& lower) : lower_(lower) { lower_.set_packet_receiver(this); }
  ~CuttableLink() override { lower_.set_packet_receiver(nullptr); }

  std::atomic<bool> cut = false;
  std::atomic<int> path_changes = 0;

  bool send_packet(ByteView packet) override { return cut || lower_.send_packet(packet); }
  bool writable() const override { return lower_.writable(); }
  size_t max_packet_size() const override { return lower_.max_packet_size(); }
  std::vector<size_t> larger_packet_sizes() const override { return lower_.larger_packet_sizes(); }
  bool send_large_packet(ByteView packet, Fragmentation fragmentation) override {
    return cut || lower_.send_large_packet(packet, fragmentation);
  }
  void set_packet_receiver(PacketReceiver* receiver) override { receiver_ = receiver; }

 private:
  void on_packet(ByteView packet) override {
    if (!cut && receiver_ != nullptr) receiver_->on_packet(packet);
  }
  void on_writable_changed(bool writable) override {
    if (receiver_ != nullptr) receiver_->on_writable_changed(writable);
  }
  void on_path_changed() override {
    ++path_changes;
    if (receiver_ != nullptr) receiver_->on_path_changed();
  }

  PacketTransport& lower_;
  PacketReceiver* receiver_ = nullptr;
};

enum class Layer { kIce, kDtls, kSctp };

class Stack final : public std::enable_shared_from_this<Stack>,
                    private IceTransportObserver,
                    private DtlsTransportObserver,
                    private SctpAssociationObserver {
 public:
  /// What the test reads through the board.
  struct Told {
    IceTransportState ice = IceTransportState::kNew;
    IceGatheringState gathering = IceGatheringState::kNew;
    DtlsTransportState dtls = DtlsTransportState::kNew;
    SctpState sctp = SctpState::kNew;
    int cause = -2;
    std::string error;
    size_t messages = 0;
    uint64_t octets = 0;
    bool in_order = true;
    size_t candidate_errors = 0;
    size_t calls_after_close = 0;
    bool connected() const { return sctp == SctpState::kConnected; }
  };

  Stack(std::shared_ptr<NetworkThread> network, Board& board, CertificatePtr certificate, std::string name)
      : network_(std::move(network)), board_(board), certificate_(std::move(certificate)), name_(std::move(name)) {}

  /// Makes two stacks and sets them going. The first one controls and is the DTLS client.
  static void connect(const std::shared_ptr<Stack>& a, const std::shared_ptr<Stack>& b);

  Told told;  // guarded by the board
  std::array<Layer, 3> close_order = {Layer::kSctp, Layer::kDtls, Layer::kIce};
  /// Told on the network thread at the moments "ice", "dtls", "sctp" (connected) and "message".
  std::function<void(Stack&, const std::string& moment)> on_moment;
  std::unique_ptr<CuttableLink> link;

  // ---- any thread ----
  void open();
  void send(uint16_t stream_id, Bytes data);
  void reset_stream(uint16_t stream_id);
  /// Closes the layers in close_order, then destroys them from the top down.
  void close();

  // ---- network thread ----
  void close_layers();
  std::unique_ptr<IceTransport> ice;
  std::unique_ptr<DtlsTransport> dtls;
  std::unique_ptr<SctpAssociation> sctp;

 private:
  IceParameters parameters() const { return {"user" + name_, "password0123456789012345", false}; }
  template <typename Change>
  void tell(Change change) {
    board_.change([&] {
      if (closed_) ++told.calls_after_close;
      change(told);
    });
  }
  void moment(const char* name) {
    if (on_moment) on_moment(*this, name);
  }

  void on_ice_state(IceTransportState state) override;
  void on_ice_gathering_state(IceGatheringState state) override;
  void on_local_candidate(const IceCandidate& candidate) override;
  void on_candidate_error(const std::string&, uint16_t, const std::string&, int, const std::string&) override;
  void on_selected_pair(const IceCandidate&, const IceCandidate&) override {}
  void on_ice_role(IceRole) override {}
  void on_dtls_state(DtlsTransportState state, const DtlsFailure& failure) override;
  void on_sctp_state(SctpState state, const std::string& error, int cause) override;
  void on_sctp_message(uint16_t stream_id, uint32_t ppid, Bytes message) override;
  void on_incoming_stream_reset(uint16_t) override {}
  void on_outgoing_stream_reset(uint16_t) override {}
  void on_buffered_amount_decreased(uint16_t, size_t) override {}

  const std::shared_ptr<NetworkThread> network_;
  Board& board_;
  const CertificatePtr certificate_;
  const std::string name_;
  std::weak_ptr<Stack> peer_;
  std::array<uint32_t, 16> next_number_{};  // of the messages of each stream
  bool closed_ = false;                     // network thread
};

/// A message that begins with its number on its stream.
Bytes numbered(uint32_t number, size_t size);
/// One for all tests: making it is not what they are about.
CertificatePtr shared_certificate();

}  // namespace peerwire::test

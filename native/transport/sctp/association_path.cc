// How large the packets are: path MTU discovery (RFC 8899). A path is searched once there is something to fill large
// packets with, so that connections at rest cost nothing. There are no timers of its own: without traffic there is
// nothing to be searched for.
#include <algorithm>

#include "transport/sctp/path_probe.h"
#include "transport/sctp/sctp_settings.h"
#include "transport/sctp/usrsctp_association.h"

namespace peerwire {
namespace {

// Of the retransmission timer, in a row (RFC 8899 section 4.3, MAX_PROBES).
constexpr uint32_t kBlackHoleTimeOuts = 3;

}  // namespace

void UsrsctpAssociation::begin_path_search() {
  path_search_begun_ = true;
  const size_t base = packet_size_for(lower_.max_packet_size());
  std::vector<size_t> larger;
  for (const size_t size : lower_.larger_packet_sizes()) {
    const size_t packet = packet_size_for(size);
    if (packet > (larger.empty() ? base : larger.back())) larger.push_back(packet);
  }
  path_.begin(base, std::move(larger));
}

void UsrsctpAssociation::search_path() {
  if (!fills_packets_ || state_ != SctpState::kConnected || UsrsctpStack::instance().inside()) return;
  if (!path_search_begun_) begin_path_search();
  usrsctp::set_packet_size(socket_, static_cast<uint32_t>(path_.packet_size()), false);
  while (const size_t size = path_.take_probe(network_.now())) {
    if (send_probe(size)) return;
    path_.refused(network_.now());
  }
}

bool UsrsctpAssociation::send_probe(size_t size) {
  const auto view = current_view();
  if (!view) return false;
  Bytes probe = make_path_probe({options_.local_port, options_.remote_port, view->peer_verification_tag}, size);
  if (probe.empty()) return false;
  fill_in_checksum(probe.data(), probe.size());
  if (!lower_.send_large_packet(probe, Fragmentation::kProbe)) return false;
  ++counters_.packets_sent;
  counters_.bytes_sent += probe.size();
  return true;
}

void UsrsctpAssociation::look_for_black_hole() {
  if (path_.packet_size() <= path_.base()) return;
  const auto view = current_view();
  if (!view || view->time_outs_in_a_row < kBlackHoleTimeOuts) return;
  path_.black_hole(network_.now());
  InsideUsrsctp inside;
  usrsctp::set_packet_size(socket_, static_cast<uint32_t>(path_.packet_size()), true);
}

void UsrsctpAssociation::on_path_changed() {
  if (socket_ == nullptr || !path_search_begun_) return;
  path_search_begun_ = false;
  path_.begin(packet_size_for(lower_.max_packet_size()), {});
  if (UsrsctpStack::instance().inside()) return;
  InsideUsrsctp inside;
  // What is on its way may have arrived, or still do.
  usrsctp::set_packet_size(socket_, static_cast<uint32_t>(path_.packet_size()), false);
}

}  // namespace peerwire

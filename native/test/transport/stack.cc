#include "transport/stack.h"

#include <algorithm>
#include <cstring>
#include <variant>

namespace peerwire::test {

Bytes numbered(uint32_t number, size_t size) {
  Bytes data(std::max(size, sizeof number), static_cast<uint8_t>(number));
  std::memcpy(data.data(), &number, sizeof number);
  return data;
}

CertificatePtr shared_certificate() {
  static const CertificatePtr certificate = std::get<CertificatePtr>(Certificate::generate({}));
  return certificate;
}

void Stack::open() {
  network_->post([self = shared_from_this()] {
    IceOptions options;
    options.bind_address = "127.0.0.1";
    self->ice = IceTransport::create(*self->network_, options, self->parameters(), self.get());
    self->link = std::make_unique<CuttableLink>(*self->ice);
    self->dtls = DtlsTransport::create(*self->network_, *self->link, self->certificate_, {}, self.get());
    self->sctp = SctpAssociation::create(*self->network_, *self->dtls, {}, self.get());
  });
}

void Stack::connect(const std::shared_ptr<Stack>& a, const std::shared_ptr<Stack>& b) {
  a->peer_ = b;
  b->peer_ = a;
  a->open();
  b->open();
  for (const auto& [self, peer] : {std::pair(a, b), std::pair(b, a)}) {
    self->network_->post([self, peer, first = self == a] {
      if (self->closed_) return;
      self->ice->set_remote_parameters(peer->parameters());
      self->ice->start(first ? IceRole::kControlling : IceRole::kControlled);
      if (!self->closed_)
        self->dtls->start(first ? DtlsRole::kClient : DtlsRole::kServer, {peer->certificate_->fingerprint("sha-256")});
      if (!self->closed_) self->sctp->start();
      if (!self->closed_) self->ice->gather();
    });
  }
}

void Stack::send(uint16_t stream_id, Bytes data) {
  network_->post([self = shared_from_this(), stream_id, data = std::move(data)]() mutable {
    if (self->sctp) self->sctp->send({stream_id, 53, true, {}, {}, std::move(data)});
  });
}

void Stack::reset_stream(uint16_t stream_id) {
  network_->post([self = shared_from_this(), stream_id] {
    if (self->sctp) self->sctp->reset_stream(stream_id);
  });
}

void Stack::close_layers() {
  closed_ = true;
  for (const Layer layer : close_order) {
    if (layer == Layer::kIce && ice) ice->close();
    if (layer == Layer::kDtls && dtls) dtls->close();
    if (layer == Layer::kSctp && sctp) sctp->close();
  }
}

void Stack::close() {
  network_->post([self = shared_from_this()] {
    self->close_layers();
    self->sctp.reset();
    self->dtls.reset();
    self->link.reset();
    self->ice.reset();
  });
}

void Stack::on_ice_state(IceTransportState state) {
  tell([&](Told& t) { t.ice = state; });
  if (state == IceTransportState::kConnected) moment("ice");
}

void Stack::on_ice_gathering_state(IceGatheringState state) {
  tell([&](Told& t) { t.gathering = state; });
}

void Stack::on_local_candidate(const IceCandidate& candidate) {
  network_->post([weak = peer_, candidate] {
    const auto peer = weak.lock();
    if (peer && peer->ice) peer->ice->add_remote_candidate(candidate);
  });
}

void Stack::on_candidate_error(const std::string&, uint16_t, const std::string&, int, const std::string& reason) {
  tell([&](Told& t) {
    ++t.candidate_errors;
    t.error = reason;
  });
}

void Stack::on_dtls_state(DtlsTransportState state, const DtlsFailure& failure) {
  tell([&](Told& t) {
    t.dtls = state;
    if (!failure.error.empty()) t.error = failure.error;
  });
  if (state == DtlsTransportState::kConnected) moment("dtls");
}

void Stack::on_sctp_state(SctpState state, const std::string& error, int cause) {
  tell([&](Told& t) {
    t.sctp = state;
    t.cause = cause;
    if (!error.empty()) t.error = error;
  });
  if (state == SctpState::kConnected) moment("sctp");
}

void Stack::on_sctp_message(uint16_t stream_id, uint32_t, Bytes message) {
  uint32_t number = 0;
  std::memcpy(&number, message.data(), std::min(message.size(), sizeof number));
  const bool expected = number == next_number_[stream_id % next_number_.size()]++;
  tell([&](Told& t) {
    ++t.messages;
    t.octets += message.size();
    t.in_order = t.in_order && expected;
  });
  moment("message");
}

}  // namespace peerwire::test

#include "net/tls/tls_client_stream.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>

namespace peerwire {
namespace {

constexpr size_t kMaxEarly = 64 << 10;
// A record and its overhead, and a few more that come with it in one reading of the socket.
constexpr size_t kPiece = 16384;

}  // namespace

std::unique_ptr<TlsClientStream> TlsClientStream::connect(NetworkThread& network,
                                                          std::shared_ptr<const TlsClientContext> context,
                                                          const std::string& server_name, const TcpOrigin& origin,
                                                          const SocketAddress& remote, StreamObserver* observer,
                                                          std::string* reason, int* error) {
  OpensslErrorScope errors;
  *error = 0;
  const auto refuse = [reason](std::string why) {
    *reason = std::move(why);
    return nullptr;
  };
  if (!context->get()) return refuse(context->warning());
  std::unique_ptr<TlsClientStream> stream(new TlsClientStream(std::move(context), observer));
  stream->ssl_.reset(SSL_new(stream->context_->get()));
  BioPtr incoming(BIO_new(BIO_s_mem())), outgoing(BIO_new(BIO_s_mem()));
  SSL* ssl = stream->ssl_.get();
  if (!ssl || !incoming || !outgoing) return refuse(take_openssl_error("no memory for a TLS connection"));
  BIO_set_mem_eof_return(incoming.get(), -1);  // empty means later, not the end
  stream->incoming_ = incoming.get();
  stream->outgoing_ = outgoing.get();
  SSL_set_bio(ssl, incoming.release(), outgoing.release());
  SSL_set_connect_state(ssl);
  // RFC 9525 sections 2 and 6.3: what counts is the subjectAltName, for an address its iPAddress; the common name is
  // text for people, and a wildcard stands for a whole label.
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  bool named;
  if (const auto address = SocketAddress::parse(server_name, 0)) {
    named = X509_VERIFY_PARAM_set1_ip(SSL_get0_param(ssl), address->octets().data(), address->octets().size());
  } else {
    std::string name = server_name;
    if (name.ends_with('.')) name.pop_back();  // certificates and SNI know no root label
    named = X509_VERIFY_PARAM_set1_host(SSL_get0_param(ssl), name.data(), name.size()) &&
            SSL_set_tlsext_host_name(ssl, name.c_str());
  }
  if (!named) return refuse(take_openssl_error("the server's name cannot be used for TLS"));
  stream->socket_ = TcpSocket::connect(network, origin, remote, stream.get(), error);
  if (!stream->socket_) return refuse(std::strerror(*error));
  return stream;
}

TlsClientStream::~TlsClientStream() {
  OpensslErrorScope errors;
  if (open_ && !ended_) {
    SSL_shutdown(ssl_.get());  // close_notify, which is not waited for
    pump();
  }
}

bool TlsClientStream::send(ByteView octets) {
  if (ended_) return false;
  if (!open_) {
    if (early_.size() + octets.size() > kMaxEarly) return false;
    early_.insert(early_.end(), octets.begin(), octets.end());
    return true;
  }
  // Records once made must leave in order: room for them is made sure of before.
  const size_t records = octets.size() / kPiece + 1;
  if (socket_->queued() + octets.size() + records * 64 > TcpSocket::kMaxQueued) return false;
  OpensslErrorScope errors;
  while (!octets.empty()) {
    const int written = SSL_write(ssl_.get(), octets.data(), static_cast<int>(std::min(octets.size(), kPiece)));
    if (written <= 0) {
      end(failure());
      return false;
    }
    octets = octets.subspan(static_cast<size_t>(written));
  }
  return pump();
}

void TlsClientStream::on_stream_octets(ByteView octets) {
  if (ended_) return;
  OpensslErrorScope errors;
  // A memory BIO takes everything, short of memory running out.
  if (BIO_write(incoming_, octets.data(), static_cast<int>(octets.size())) != static_cast<int>(octets.size())) {
    return end("no memory for a TLS record");
  }
  drive();
}

void TlsClientStream::drive() {
  OpensslErrorScope errors;
  if (!open_) {
    const int done = SSL_do_handshake(ssl_.get());
    const int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), done);
    const std::string why = done == 1 || error == SSL_ERROR_WANT_READ ? std::string() : failure();
    const bool sent = pump();  // an alert, too, is to be told
    if (error == SSL_ERROR_WANT_READ && sent) return;
    if (done != 1 || !sent) return end(why.empty() ? "TLS handshake could not be sent" : why);
    open_ = true;
    // First what came before, for whoever is told may send more.
    Bytes early;
    early.swap(early_);
    if (!early.empty()) send(early);
    if (observer_ && !ended_) observer_->on_stream_open();
  }
  uint8_t piece[kPiece];
  while (!ended_ && observer_) {
    const int count = SSL_read(ssl_.get(), piece, sizeof piece);
    if (count > 0) {
      observer_->on_stream_octets({piece, static_cast<size_t>(count)});
      continue;
    }
    const int error = SSL_get_error(ssl_.get(), count);
    const std::string why = error == SSL_ERROR_ZERO_RETURN ? "connection closed by the peer" : failure();
    if (!pump()) return end("TLS connection takes no more");
    if (error == SSL_ERROR_WANT_READ) return;
    return end(why);
  }
}

bool TlsClientStream::pump() {
  char* data = nullptr;
  const long size = BIO_get_mem_data(outgoing_, &data);
  if (size <= 0) return true;
  const bool taken = socket_->send({reinterpret_cast<const uint8_t*>(data), static_cast<size_t>(size)});
  (void)BIO_reset(outgoing_);
  return taken;
}

std::string TlsClientStream::failure() const {
  const long verified = SSL_get_verify_result(ssl_.get());
  if (verified == X509_V_OK) return "TLS: " + take_openssl_error("connection failed");
  std::string reason = std::string("TLS certificate of the server: ") + X509_verify_cert_error_string(verified);
  if (!context_->warning().empty()) reason += " (" + context_->warning() + ')';
  return reason;
}

void TlsClientStream::on_stream_closed(const std::string& reason) {
  end(open_ || !connected_ ? reason : "TLS handshake: " + reason);
}

void TlsClientStream::end(const std::string& reason) {
  if (ended_) return;
  ended_ = true;
  if (StreamObserver* observer = observer_) {
    observer_ = nullptr;
    observer->on_stream_closed(reason);
  }
}

}  // namespace peerwire

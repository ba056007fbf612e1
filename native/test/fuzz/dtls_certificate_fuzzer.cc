// PEM from the application: any two texts, of a certificate and of a key, are refused with a reason or make a
// certificate that comes out as it went in.
#include <cstdlib>
#include <string>
#include <variant>

#include "transport/certificate.h"

namespace peerwire {
namespace {

// So that the fuzzer has something to bend: one good pair, used where the input asks for it.
const Certificate& good() {
  static const auto certificate = std::get<CertificatePtr>(Certificate::generate({}));
  return *certificate;
}

void check(const std::string& certificate_pem, const std::string& key_pem) {
  const CertificateResult result = Certificate::from_pem(certificate_pem, key_pem);
  if (const auto* reason = std::get_if<std::string>(&result)) {
    if (reason->empty()) std::abort();
    return;
  }
  const Certificate& made = *std::get<CertificatePtr>(result);
  if (made.fingerprint("sha-256").value.size() != 95 || made.der().empty()) std::abort();
  const CertificateResult again = Certificate::from_pem(made.certificate_pem(), made.private_key_pem());
  if (!std::holds_alternative<CertificatePtr>(again)) std::abort();
  if (std::get<CertificatePtr>(again)->der() != made.der()) std::abort();
}

}  // namespace
}  // namespace peerwire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peerwire;
  if (size < 1) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:  // both from the input, a NUL between them
      check(text.substr(0, text.find('\0')),
            text.find('\0') == std::string::npos ? std::string() : text.substr(text.find('\0') + 1));
      break;
    case 1:
      check(text, good().private_key_pem());
      break;
    case 2:
      check(good().certificate_pem(), text);
      break;
    case 3: {  // the good certificate with octets of the input over it
      std::string pem = good().certificate_pem();
      for (size_t i = 0; i + 3 <= text.size(); i += 3) {
        const size_t place = (static_cast<uint8_t>(text[i]) << 8 | static_cast<uint8_t>(text[i + 1])) % pem.size();
        pem[place] = text[i + 2];
      }
      check(pem, good().private_key_pem());
      break;
    }
  }
  return 0;
}

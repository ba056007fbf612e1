#include "net/tls/openssl_handles.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

namespace peerwire {

void prepare_openssl() {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
}

std::string take_openssl_error(const char* otherwise) {
  const unsigned long code = ERR_get_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return reason ? reason : otherwise;
}

OpensslErrorScope::OpensslErrorScope() {
  ERR_clear_error();
}
OpensslErrorScope::~OpensslErrorScope() {
  ERR_clear_error();
}

}  // namespace peerwire

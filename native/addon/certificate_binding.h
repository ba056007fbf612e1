// Certificate as JavaScript holds it: immutable, garbage collected, tied to no queue.
#pragma once

#include <node_api.h>

#include "transport/certificate.h"

namespace peerwire::addon {

/// Adds generateCertificate() and certificateFromPem() to `exports`.
bool define_certificate(napi_env env, napi_value exports);
/// Null when `value` is no certificate made by this addon file.
CertificatePtr to_certificate(napi_env env, napi_value value);

}  // namespace peerwire::addon

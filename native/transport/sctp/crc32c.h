// CRC32c (Castagnoli) as SCTP uses it (RFC 9260 appendix A).
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace peerwire {

/// The checksum of `data`, as the number whose little-endian octets go into the packet.
uint32_t crc32c(ByteView data);
/// The same without processor instructions; for tests and other processors.
uint32_t crc32c_portable(ByteView data);

}  // namespace peerwire

#include "transport/sctp/crc32c.h"

#include <array>
#include <cstring>

#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace peerwire {
namespace {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    tables[0][i] = crc;
  }
  for (uint32_t i = 0; i < 256; ++i) {
    for (size_t t = 1; t < 8; ++t) tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xff];
  }
  return tables;
}

constexpr Tables kTables = make_tables();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t crc32c_instructions(ByteView data) {
  uint64_t crc = 0xffffffffu;
  const uint8_t* p = data.data();
  size_t left = data.size();
  for (; left >= 8; left -= 8, p += 8) {
    uint64_t word;
    std::memcpy(&word, p, sizeof(word));
    crc = __builtin_ia32_crc32di(crc, word);
  }
  uint32_t narrow = static_cast<uint32_t>(crc);
  for (; left > 0; --left, ++p) narrow = __builtin_ia32_crc32qi(narrow, *p);
  return ~narrow;
}

bool has_instructions() {
  return __builtin_cpu_supports("sse4.2") != 0;
}
#elif defined(__aarch64__)
// In assembly, because compilers disagree on how a function is allowed an extension, and on what its instructions are
// called. Processors before Armv8.1 need not have them.
uint32_t crc32c_instructions(ByteView data) {
  uint32_t crc = 0xffffffffu;
  const uint8_t* p = data.data();
  size_t left = data.size();
  for (; left >= 8; left -= 8, p += 8) {
    uint64_t word;
    std::memcpy(&word, p, sizeof(word));
    asm(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(word));
  }
  for (; left > 0; --left, ++p) {
    asm(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(crc) : "r"(uint32_t{*p}));
  }
  return ~crc;
}

bool has_instructions() {
  return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
}
#endif

}  // namespace

uint32_t crc32c_portable(ByteView data) {
  uint32_t crc = 0xffffffffu;
  const uint8_t* p = data.data();
  size_t left = data.size();
  for (; left >= 8; left -= 8, p += 8) {
    crc ^= static_cast<uint32_t>(p[0]) | static_cast<uint32_t>(p[1]) << 8 | static_cast<uint32_t>(p[2]) << 16 |
           static_cast<uint32_t>(p[3]) << 24;
    crc = kTables[7][crc & 0xff] ^ kTables[6][(crc >> 8) & 0xff] ^ kTables[5][(crc >> 16) & 0xff] ^
          kTables[4][crc >> 24] ^ kTables[3][p[4]] ^ kTables[2][p[5]] ^ kTables[1][p[6]] ^ kTables[0][p[7]];
  }
  for (; left > 0; --left, ++p) crc = (crc >> 8) ^ kTables[0][(crc ^ *p) & 0xff];
  return ~crc;
}

uint32_t crc32c(ByteView data) {
#if defined(__x86_64__) || defined(__aarch64__)
  static const bool fast = has_instructions();
  if (fast) return crc32c_instructions(data);
#endif
  return crc32c_portable(data);
}

}  // namespace peerwire

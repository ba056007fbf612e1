# libsrtp on OpenSSL, and the SRTP layer. Its own CMakeLists.txt installs, tests and sets flags; the sources are few.
set(LIBSRTP_DIR "${LIBDATACHANNEL_DIR}/deps/libsrtp")
set(libsrtp_config_dir "${CMAKE_CURRENT_BINARY_DIR}/third_party/libsrtp")
file(STRINGS "${LIBSRTP_DIR}/CMakeLists.txt" libsrtp_version_line REGEX "^project\\(libsrtp2 VERSION" LIMIT_COUNT 1)
string(REGEX REPLACE ".*VERSION ([0-9.]+).*" "\\1" LIBSRTP_VERSION "${libsrtp_version_line}")
configure_file(cmake/libsrtp_config.h.in "${libsrtp_config_dir}/config.h" @ONLY)

add_library(srtp2 STATIC EXCLUDE_FROM_ALL
  "${LIBSRTP_DIR}/srtp/srtp.c"
  "${LIBSRTP_DIR}/crypto/cipher/aes_gcm_ossl.c"
  "${LIBSRTP_DIR}/crypto/cipher/aes_icm_ossl.c"
  "${LIBSRTP_DIR}/crypto/cipher/cipher.c"
  "${LIBSRTP_DIR}/crypto/cipher/cipher_test_cases.c"
  "${LIBSRTP_DIR}/crypto/cipher/null_cipher.c"
  "${LIBSRTP_DIR}/crypto/hash/auth.c"
  "${LIBSRTP_DIR}/crypto/hash/auth_test_cases.c"
  "${LIBSRTP_DIR}/crypto/hash/hmac_ossl.c"
  "${LIBSRTP_DIR}/crypto/hash/null_auth.c"
  "${LIBSRTP_DIR}/crypto/kernel/alloc.c"
  "${LIBSRTP_DIR}/crypto/kernel/crypto_kernel.c"
  "${LIBSRTP_DIR}/crypto/kernel/err.c"
  "${LIBSRTP_DIR}/crypto/kernel/key.c"
  "${LIBSRTP_DIR}/crypto/math/datatypes.c"
  "${LIBSRTP_DIR}/crypto/replay/rdb.c"
  "${LIBSRTP_DIR}/crypto/replay/rdbx.c"
  native/transport/srtp/libsrtp/stream_list.cc)
set_target_properties(srtp2 PROPERTIES C_STANDARD 99 C_EXTENSIONS ON)
target_include_directories(srtp2 PRIVATE "${libsrtp_config_dir}" native)
target_include_directories(srtp2 SYSTEM PUBLIC "${LIBSRTP_DIR}/include" "${LIBSRTP_DIR}/crypto/include")
# Its list of SSRCs is searched from the front for every packet; ours is a table.
target_compile_definitions(srtp2 PRIVATE HAVE_CONFIG_H SRTP_NO_STREAM_LIST)
target_compile_options(srtp2 PRIVATE -w)
target_link_libraries(srtp2 PRIVATE OpenSSL::Crypto)

peerwire_layer(peerwire_srtp transport/srtp peerwire_dtls srtp2)

# OpenSSL, as OpenSSL::SSL and OpenSSL::Crypto: the one that the crate pins, with what DTLS, SRTP, STUN and TLS to servers
# need and no more; or the system's.
option(PEERWIRE_SYSTEM_OPENSSL "link the system's static OpenSSL (3.0 or later)" OFF)
if(PEERWIRE_SYSTEM_OPENSSL)
  set(OPENSSL_USE_STATIC_LIBS TRUE)
  find_package(OpenSSL 3.0 REQUIRED)
  return()
endif()

set(PEERWIRE_OPENSSL_DIR "${CMAKE_CURRENT_SOURCE_DIR}/build/openssl" CACHE PATH "where OpenSSL is built, for all builds")
set(openssl_source "${PEERWIRE_VENDOR_DIR}/openssl-src/openssl")
if(NOT EXISTS "${openssl_source}/Configure")
  message(FATAL_ERROR "OpenSSL's sources are missing: run `node scripts/vendor.mjs` first.")
endif()

set(openssl_platform "${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}")
if(openssl_platform MATCHES "^Linux-(x86_64|amd64)$" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
  set(openssl_target linux-x86_64)
elseif(openssl_platform MATCHES "^Linux-(aarch64|arm64)$" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
  set(openssl_target linux-aarch64)
else()
  message(FATAL_ERROR "How OpenSSL is built for ${openssl_platform} is not known here. "
    "The system's serves instead: -DPEERWIRE_SYSTEM_OPENSSL=ON, or build-native.mjs --system-openssl.")
endif()

find_package(Perl REQUIRED)
find_program(PEERWIRE_MAKE NAMES gmake make)
if(NOT PEERWIRE_MAKE)
  message(FATAL_ERROR "make, with which OpenSSL is built, was not found. Debian: apt-get install make")
endif()

# What stays: TLS 1.2 and 1.3, DTLS 1.2; ECDHE and X25519MLKEM768; RSA and ECDSA (Ed25519 comes with ECDHE); AES,
# ChaCha20-Poly1305; SHA-1, SHA-2, MD5 (long-term credentials of TURN).
set(openssl_options
  no-shared no-module no-dso no-apps no-tests no-docs no-makedepend
  # Nothing that reads the machine's configuration, asks at the terminal or tells paths of the build.
  no-autoload-config no-ui-console no-filenames
  # Protocols and formats
  no-quic no-dtls1 no-tls1 no-tls1_1 no-ech no-srp no-psk no-nextprotoneg no-comp no-http no-ocsp no-ct no-cmp no-cms
  no-ts no-rfc3779
  # Algorithms. Each public key algorithm is one more that OpenSSL tries on the peer's key in every handshake.
  no-legacy no-dh no-dsa no-ec2m no-sm2 no-ml-dsa no-slh-dsa no-gost
  no-aria no-bf no-camellia no-cast no-des no-idea no-rc2 no-rc4 no-seed no-sm4 no-ocb no-siv
  no-blake2 no-md4 no-mdc2 no-rmd160 no-sm3 no-whirlpool no-cmac no-siphash
  no-argon2 no-krb5kdf no-pvkkdf no-scrypt no-snmpkdf no-srtpkdf no-sshkdf no-x942kdf
  # Ways to run
  no-async no-multiblock
  # The build's own folders would be compiled in; /etc/ssl is what most systems have.
  --prefix=/usr --libdir=lib --openssldir=/etc/ssl
  -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections)
separate_arguments(openssl_flags NATIVE_COMMAND "${CMAKE_C_FLAGS}")
if(CMAKE_C_COMPILER_TARGET)
  list(APPEND openssl_flags "${CMAKE_C_COMPILE_OPTIONS_TARGET}${CMAKE_C_COMPILER_TARGET}")
endif()
if(CMAKE_SYSROOT)
  list(APPEND openssl_flags "--sysroot=${CMAKE_SYSROOT}")
endif()

# A folder for each outcome: builds for tests, for release and with sanitizers share one.
file(READ "${PEERWIRE_VENDOR_DIR}/openssl-src/.cargo-checksum.json" openssl_checksums)
string(JSON openssl_checksum GET "${openssl_checksums}" package)
set(openssl_script "${CMAKE_CURRENT_LIST_DIR}/build_openssl.cmake")
file(SHA256 "${openssl_script}" openssl_script_sum)
string(SHA256 openssl_key "${openssl_checksum};${openssl_script_sum};${openssl_target};${openssl_options};${openssl_flags};${CMAKE_C_COMPILER};${CMAKE_C_COMPILER_VERSION}")
string(SUBSTRING "${openssl_key}" 0 16 openssl_key)
set(openssl_build "${PEERWIRE_OPENSSL_DIR}/${openssl_target}-${openssl_key}")
file(MAKE_DIRECTORY "${openssl_build}/include")

set(openssl_settings "${CMAKE_CURRENT_BINARY_DIR}/third_party/openssl_settings.cmake")
cmake_host_system_information(RESULT openssl_jobs QUERY NUMBER_OF_LOGICAL_CORES)
file(CONFIGURE OUTPUT "${openssl_settings}" @ONLY CONTENT [[
set(source "@openssl_source@")
set(build "@openssl_build@")
set(arguments "@openssl_target@;@openssl_options@;@openssl_flags@")
set(perl "@PERL_EXECUTABLE@")
set(make "@PEERWIRE_MAKE@")
set(jobs "@openssl_jobs@")
set(ENV{CC} "@CMAKE_C_COMPILER_LAUNCHER@ @CMAKE_C_COMPILER@")
set(ENV{AR} "@CMAKE_AR@")
set(ENV{RANLIB} "@CMAKE_RANLIB@")
]])
set(openssl_libraries "${openssl_build}/libssl.a" "${openssl_build}/libcrypto.a")
add_custom_command(OUTPUT "${openssl_build}/headers.done"
  COMMAND "${CMAKE_COMMAND}" -DSTEP=headers "-DSETTINGS=${openssl_settings}" -P "${openssl_script}"
  COMMENT "Configuring OpenSSL" VERBATIM)
add_custom_command(OUTPUT ${openssl_libraries} "${openssl_build}/libraries.done"
  COMMAND "${CMAKE_COMMAND}" -DSTEP=libraries "-DSETTINGS=${openssl_settings}" -P "${openssl_script}"
  DEPENDS "${openssl_build}/headers.done"
  COMMENT "Building OpenSSL" VERBATIM)
add_custom_target(openssl_headers DEPENDS "${openssl_build}/headers.done")
add_custom_target(openssl_libraries DEPENDS ${openssl_libraries})
add_dependencies(openssl_libraries openssl_headers)

foreach(library SSL Crypto)
  string(TOLOWER "lib${library}.a" file)
  add_library(OpenSSL::${library} STATIC IMPORTED)
  set_target_properties(OpenSSL::${library} PROPERTIES
    IMPORTED_LOCATION "${openssl_build}/${file}"
    INTERFACE_INCLUDE_DIRECTORIES "${openssl_build}/include;${openssl_source}/include")
  # Ninja knows by their names that files to link are yet to be built, and compiles meanwhile.
  if(CMAKE_GENERATOR MATCHES "Ninja")
    add_dependencies(OpenSSL::${library} openssl_headers)
  else()
    add_dependencies(OpenSSL::${library} openssl_libraries)
  endif()
endforeach()
set_property(TARGET OpenSSL::SSL PROPERTY INTERFACE_LINK_LIBRARIES OpenSSL::Crypto)
set_property(TARGET OpenSSL::Crypto PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads)

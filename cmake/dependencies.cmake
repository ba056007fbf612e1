# Third-party libraries, all static: their sources are what scripts/vendor.mjs unpacked (pinned in
# native/vendor/Cargo.lock).
set(PEERWIRE_VENDOR_DIR "${CMAKE_CURRENT_SOURCE_DIR}/native/vendor/crates" CACHE PATH "unpacked crates")
set(LIBDATACHANNEL_DIR "${PEERWIRE_VENDOR_DIR}/datachannel-sys/libdatachannel")
if(NOT EXISTS "${LIBDATACHANNEL_DIR}/CMakeLists.txt")
  message(FATAL_ERROR "Third-party sources are missing: run `node scripts/vendor.mjs` first.")
endif()

# For libraries of the system, which are taken as shared ones where there is no archive.
function(peerwire_say_if_shared library)
  if(library MATCHES "\\.so$")
    message(STATUS "${library} is a shared library: the addon needs it wherever it runs.")
  endif()
endfunction()

find_package(Threads REQUIRED)
include(cmake/openssl.cmake)

# usrsctp: one thread of ours drives it (usrsctp_init_nothreads), so none of its own.
set(sctp_build_programs OFF CACHE BOOL "" FORCE)
set(sctp_build_shared_lib OFF CACHE BOOL "" FORCE)
set(sctp_werror OFF CACHE BOOL "" FORCE)
set(sctp_inet OFF CACHE BOOL "" FORCE)
set(sctp_inet6 OFF CACHE BOOL "" FORCE)
set(sctp_debug OFF CACHE BOOL "" FORCE)
set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
add_subdirectory("${LIBDATACHANNEL_DIR}/deps/usrsctp" third_party/usrsctp EXCLUDE_FROM_ALL)
target_include_directories(usrsctp SYSTEM INTERFACE "${LIBDATACHANNEL_DIR}/deps/usrsctp/usrsctplib")
target_compile_options(usrsctp PRIVATE -w)
# It measures with the time of day, which can be set back: what is lost then is not sent again for as long.
target_compile_definitions(usrsctp PRIVATE gettimeofday=peerwire_usrsctp_time)

# usrsctp states its version for meson alone.
file(STRINGS "${LIBDATACHANNEL_DIR}/deps/usrsctp/meson.build" usrsctp_version_line REGEX "^ *version:" LIMIT_COUNT 1)
string(REGEX REPLACE ".*'([^']*)'.*" "\\1" USRSCTP_VERSION "${usrsctp_version_line}")

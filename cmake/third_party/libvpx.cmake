# libvpx: the system's static archive, which is position-independent in Debian and Ubuntu; where there is none, its shared
# library.
find_path(VPX_INCLUDE_DIR vpx/vpx_encoder.h)
find_library(VPX_LIBRARY NAMES libvpx.a libvpx.so)
if(NOT VPX_INCLUDE_DIR OR NOT VPX_LIBRARY)
  message(FATAL_ERROR "libvpx was not found. Debian: apt-get install libvpx-dev; Alpine: apk add libvpx-dev; "
    "or leave it out: node scripts/build-native.mjs --without vp8,vp9")
endif()
peerwire_say_if_shared("${VPX_LIBRARY}")
add_library(vpx UNKNOWN IMPORTED)
set_target_properties(vpx PROPERTIES
  IMPORTED_LOCATION "${VPX_LIBRARY}"
  INTERFACE_INCLUDE_DIRECTORIES "${VPX_INCLUDE_DIR}"
  INTERFACE_LINK_LIBRARIES "Threads::Threads;m")

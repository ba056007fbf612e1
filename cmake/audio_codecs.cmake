# Third-party audio codecs and the resampler, all static. Linked by peerwire_codec.
foreach(name OPUS G711 G722)
  if(PEERWIRE_WITHOUT_${name})
    target_compile_definitions(peerwire_codec PRIVATE PEERWIRE_WITHOUT_${name})
  endif()
endforeach()

if(NOT PEERWIRE_WITHOUT_OPUS)
  set(OPUS_BUILD_SHARED_LIBRARY OFF)
  set(OPUS_BUILD_TESTING OFF)
  set(OPUS_BUILD_PROGRAMS OFF)
  set(OPUS_INSTALL_PKG_CONFIG_MODULE OFF)
  set(OPUS_INSTALL_CMAKE_CONFIG_MODULE OFF)
  # Neural networks: megabytes of weights for what browsers do not negotiate.
  set(OPUS_DRED OFF)
  set(OPUS_OSCE OFF)
  set(OPUS_DEEP_PLC OFF)
  set(OPUS_FLOAT_APPROX ON)
  add_subdirectory("${PEERWIRE_VENDOR_DIR}/opusic-sys/opus" third_party/opus EXCLUDE_FROM_ALL)
  target_compile_options(opus PRIVATE -w $<$<CONFIG:Release>:-O3>)
  target_link_libraries(peerwire_codec PRIVATE opus)
endif()

# SpeexDSP, of which the resampler is used: Debian's archive is position-independent, which is checked, because others
# need not be. Alpine has the shared library alone.
find_path(SPEEXDSP_INCLUDE_DIR speex/speex_resampler.h)
find_library(SPEEXDSP_LIBRARY NAMES libspeexdsp.a libspeexdsp.so)
if(NOT SPEEXDSP_INCLUDE_DIR OR NOT SPEEXDSP_LIBRARY)
  message(FATAL_ERROR "SpeexDSP was not found. Debian: apt-get install libspeexdsp-dev; Alpine: apk add speexdsp-dev")
endif()
peerwire_say_if_shared("${SPEEXDSP_LIBRARY}")
if(NOT DEFINED PEERWIRE_SPEEXDSP_IS_PIC OR NOT PEERWIRE_SPEEXDSP_CHECKED STREQUAL SPEEXDSP_LIBRARY)
  set(probe "${CMAKE_BINARY_DIR}/probe/speexdsp")
  file(WRITE "${probe}/CMakeLists.txt" "cmake_minimum_required(VERSION 3.21)\nproject(probe C)\n"
    "add_library(probe SHARED probe.c)\ntarget_include_directories(probe PRIVATE \"${SPEEXDSP_INCLUDE_DIR}\")\n"
    "target_link_libraries(probe PRIVATE \"${SPEEXDSP_LIBRARY}\" m)\n")
  file(WRITE "${probe}/probe.c" "#include <speex/speex_resampler.h>\n"
    "SpeexResamplerState *probe(int *error) { return speex_resampler_init(1, 44100, 48000, 5, error); }\n")
  try_compile(PEERWIRE_SPEEXDSP_IS_PIC "${probe}/build" "${probe}" probe)
  set(PEERWIRE_SPEEXDSP_CHECKED "${SPEEXDSP_LIBRARY}" CACHE INTERNAL "archive that was checked")
endif()
if(NOT PEERWIRE_SPEEXDSP_IS_PIC)
  message(FATAL_ERROR "${SPEEXDSP_LIBRARY} cannot be linked into a shared object: it is not position-independent.")
endif()
add_library(speexdsp UNKNOWN IMPORTED)
set_target_properties(speexdsp PROPERTIES IMPORTED_LOCATION "${SPEEXDSP_LIBRARY}")
target_include_directories(speexdsp SYSTEM INTERFACE "${SPEEXDSP_INCLUDE_DIR}")
target_link_libraries(speexdsp INTERFACE m)
target_link_libraries(peerwire_codec PRIVATE speexdsp)

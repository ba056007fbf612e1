# Third-party video codecs and libyuv, all static. Linked by peerwire_codec and peerwire_frame.
#
# libyuv, OpenH264 and dav1d are file lists of ours, so that they are compiled with our flags, sanitizers and ccache;
# libaom, whose CMake code writes into the cache of whoever includes it, is a project of its own; libvpx is the system's.
# Each has assembly for x86 (nasm) and Arm; without nasm the C code is used, several times slower.
include(CheckLanguage)
set(PEERWIRE_ARCH "other")
if(CMAKE_SIZEOF_VOID_P EQUAL 8 AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$")
  set(PEERWIRE_ARCH "x86_64")
elseif(CMAKE_SIZEOF_VOID_P EQUAL 8 AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
  set(PEERWIRE_ARCH "aarch64")
endif()

set(PEERWIRE_NASM OFF)
if(PEERWIRE_ARCH STREQUAL "x86_64")
  check_language(ASM_NASM)
  if(CMAKE_ASM_NASM_COMPILER)
    enable_language(ASM_NASM)
    set(PEERWIRE_NASM ON)
  else()
    message(WARNING "nasm was not found: video codecs will be slow. Debian: apt-get install nasm")
  endif()
elseif(PEERWIRE_ARCH STREQUAL "aarch64")
  enable_language(ASM)
endif()

# What third-party code is compiled with. Overflows of memory are found there as well, but what C does not define is
# done everywhere in them.
set(PEERWIRE_THIRD_PARTY_OPTIONS -w)
if(PEERWIRE_SANITIZE MATCHES "undefined")
  list(APPEND PEERWIRE_THIRD_PARTY_OPTIONS -fno-sanitize=undefined)
endif()
# No exception passes through these libraries: the tables for that would be a tenth of their size.
set(PEERWIRE_NO_UNWINDING -fno-asynchronous-unwind-tables -fno-unwind-tables)
list(APPEND PEERWIRE_THIRD_PARTY_OPTIONS ${PEERWIRE_NO_UNWINDING})

# The assembly of a library, in a target of its own: nasm must not see the compilers' options.
function(peerwire_assembly library)
  add_library(${library}_asm OBJECT ${ARGN})
  if(PEERWIRE_NASM)
    set_target_properties(${library}_asm PROPERTIES COMPILE_OPTIONS "")
  endif()
  target_sources(${library} PRIVATE $<TARGET_OBJECTS:${library}_asm>)
endfunction()

include(${CMAKE_CURRENT_LIST_DIR}/third_party/libyuv.cmake)
target_link_libraries(peerwire_frame PUBLIC yuv)

# Files are named for the library or the codec that they need.
get_target_property(codec_sources peerwire_codec SOURCES)
macro(peerwire_leave_out codec files)
  target_compile_definitions(peerwire_codec PRIVATE PEERWIRE_WITHOUT_${codec})
  list(FILTER codec_sources EXCLUDE REGEX "/(${files})_[a-z_]+\\.cc$")
endmacro()

if(PEERWIRE_WITHOUT_VP8)
  peerwire_leave_out(VP8 vp8)
endif()
if(PEERWIRE_WITHOUT_VP9)
  peerwire_leave_out(VP9 vp9)
endif()
if(PEERWIRE_WITHOUT_VP8 AND PEERWIRE_WITHOUT_VP9)
  list(FILTER codec_sources EXCLUDE REGEX "/vpx_[a-z_]+\\.cc$")
else()
  include(${CMAKE_CURRENT_LIST_DIR}/third_party/libvpx.cmake)
  target_link_libraries(peerwire_codec PUBLIC vpx)
endif()
if(PEERWIRE_WITHOUT_H264)
  peerwire_leave_out(H264 openh264)
else()
  include(${CMAKE_CURRENT_LIST_DIR}/third_party/openh264.cmake)
  target_link_libraries(peerwire_codec PUBLIC openh264)
endif()
if(PEERWIRE_WITHOUT_AV1)
  peerwire_leave_out(AV1 "libaom|dav1d")
else()
  include(${CMAKE_CURRENT_LIST_DIR}/third_party/libaom.cmake)
  include(${CMAKE_CURRENT_LIST_DIR}/third_party/dav1d.cmake)
  target_link_libraries(peerwire_codec PUBLIC aom dav1d)
endif()
set_target_properties(peerwire_codec PROPERTIES SOURCES "${codec_sources}")

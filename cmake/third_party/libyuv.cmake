# libyuv: everything but JPEG.
set(LIBYUV_DIR "${PEERWIRE_VENDOR_DIR}/yuv-sys/libyuv")
set(yuv_sources
  compare compare_common compare_gcc convert convert_argb convert_from convert_from_argb convert_to_argb convert_to_i420
  cpu_id planar_functions rotate rotate_any rotate_argb rotate_common rotate_gcc row_any row_common row_gcc scale
  scale_any scale_argb scale_common scale_gcc scale_rgb scale_uv video_common)
list(TRANSFORM yuv_sources PREPEND "${LIBYUV_DIR}/source/")
list(TRANSFORM yuv_sources APPEND ".cc")
add_library(yuv STATIC EXCLUDE_FROM_ALL ${yuv_sources})
target_include_directories(yuv SYSTEM PUBLIC "${LIBYUV_DIR}/include")
# SVE and SME want compilers newer than ours; Neon does.
target_compile_definitions(yuv PRIVATE LIBYUV_DISABLE_SVE LIBYUV_DISABLE_SME)
target_compile_options(yuv PRIVATE ${PEERWIRE_THIRD_PARTY_OPTIONS} -fno-exceptions -fno-rtti)
if(PEERWIRE_ARCH STREQUAL "aarch64")
  add_library(yuv_neon OBJECT EXCLUDE_FROM_ALL
    "${LIBYUV_DIR}/source/compare_neon64.cc" "${LIBYUV_DIR}/source/rotate_neon64.cc"
    "${LIBYUV_DIR}/source/row_neon64.cc" "${LIBYUV_DIR}/source/scale_neon64.cc")
  target_include_directories(yuv_neon PRIVATE "${LIBYUV_DIR}/include")
  target_compile_definitions(yuv_neon PRIVATE LIBYUV_DISABLE_SVE LIBYUV_DISABLE_SME)
  target_compile_options(yuv_neon PRIVATE
    ${PEERWIRE_THIRD_PARTY_OPTIONS} -fno-exceptions -fno-rtti -march=armv8.2-a+dotprod+i8mm)
  target_sources(yuv PRIVATE $<TARGET_OBJECTS:yuv_neon>)
endif()

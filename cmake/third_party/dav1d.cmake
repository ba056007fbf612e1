# dav1d: the AV1 decoder, 8 bit. What its meson.build does, for the platforms that we build for.
set(DAV1D_DIR "${PEERWIRE_VENDOR_DIR}/libdav1d-sys/vendor")
set(DAV1D_GENERATED "${CMAKE_CURRENT_BINARY_DIR}/third_party/dav1d")
set(dav1d_asm 0)
if(PEERWIRE_NASM OR PEERWIRE_ARCH STREQUAL "aarch64")
  set(dav1d_asm 1)
endif()
set(dav1d_x86 0)
set(dav1d_aarch64 0)
if(PEERWIRE_ARCH STREQUAL "x86_64")
  set(dav1d_x86 1)
elseif(PEERWIRE_ARCH STREQUAL "aarch64")
  set(dav1d_aarch64 1)
endif()
# Dot products, chosen at run time. Clang's assembler allows them since version 17 only.
set(dav1d_dot_products 0)
if(dav1d_aarch64)
  include(CheckCSourceCompiles)
  check_c_source_compiles([[
    int main(void) {
      __asm__ volatile(".arch armv8.2-a");
      __asm__ volatile(".arch_extension dotprod");
      __asm__ volatile(".arch_extension i8mm");
      __asm__ volatile("udot v0.4s, v0.16b, v0.16b");
      __asm__ volatile("usdot v0.4s, v0.16b, v0.16b");
      return 0;
    }]] PEERWIRE_ASSEMBLES_DOT_PRODUCTS)
  if(PEERWIRE_ASSEMBLES_DOT_PRODUCTS)
    set(dav1d_dot_products 1)
  endif()
endif()
file(CONFIGURE OUTPUT "${DAV1D_GENERATED}/config.h" @ONLY CONTENT [[
#pragma once
#define CONFIG_8BPC 1
#define CONFIG_16BPC 0
#define CONFIG_LOG 0
#define CONFIG_MACOS_KPERF 0
#define ENDIANNESS_BIG 0
#define HAVE_ASM @dav1d_asm@
#define TRIM_DSP_FUNCTIONS 1
#define ARCH_X86 @dav1d_x86@
#define ARCH_X86_64 @dav1d_x86@
#define ARCH_X86_32 0
#define ARCH_AARCH64 @dav1d_aarch64@
#define ARCH_ARM 0
#define ARCH_PPC64LE 0
#define ARCH_RISCV 0
#define ARCH_RV32 0
#define ARCH_RV64 0
#define ARCH_LOONGARCH 0
#define ARCH_LOONGARCH32 0
#define ARCH_LOONGARCH64 0
#define HAVE_AS_FUNC 0
#define HAVE_AS_ARCH_DIRECTIVE @dav1d_dot_products@
#define AS_ARCH_LEVEL armv8.2-a
#define HAVE_AS_ARCHEXT_DOTPROD_DIRECTIVE @dav1d_dot_products@
#define HAVE_AS_ARCHEXT_I8MM_DIRECTIVE @dav1d_dot_products@
#define HAVE_DOTPROD @dav1d_dot_products@
#define HAVE_I8MM @dav1d_dot_products@
#define HAVE_C11_GENERIC 1
#define HAVE_CLOCK_GETTIME 1
#define HAVE_POSIX_MEMALIGN 1
#define HAVE_UNISTD_H 1
#if defined(__linux__)
#define HAVE_GETAUXVAL 1
#define HAVE_PTHREAD_GETAFFINITY_NP 1
#define HAVE_PTHREAD_SETAFFINITY_NP 1
#endif
#if defined(__linux__) && defined(__ASSEMBLER__)
#define PIC 3
#endif
]])
file(WRITE "${DAV1D_GENERATED}/config.asm.new" [[
%define ARCH_X86_32 0
%define ARCH_X86_64 1
%define FORCE_VEX_ENCODING 0
%define PIC 1
%define STACK_ALIGNMENT 16
%define private_prefix dav1d
]])
file(COPY_FILE "${DAV1D_GENERATED}/config.asm.new" "${DAV1D_GENERATED}/config.asm" ONLY_IF_DIFFERENT)
file(CONFIGURE OUTPUT "${DAV1D_GENERATED}/vcs_version.h" CONTENT "#define DAV1D_VERSION \"1.4.3\"\n")
set(DAV1D_API_VERSION_MAJOR 7)
set(DAV1D_API_VERSION_MINOR 0)
set(DAV1D_API_VERSION_PATCH 0)
configure_file("${DAV1D_DIR}/include/dav1d/version.h.in" "${DAV1D_GENERATED}/include/dav1d/version.h" @ONLY)

set(dav1d_sources
  cdf cpu data decode dequant_tables getbits intra_edge itx_1d lf_mask lib log mem msac obu pal picture qm ref refmvs
  scan tables thread_task warpmv wedge
  cdef_apply_tmpl cdef_tmpl fg_apply_tmpl filmgrain_tmpl ipred_prepare_tmpl ipred_tmpl itx_tmpl lf_apply_tmpl
  loopfilter_tmpl looprestoration_tmpl lr_apply_tmpl mc_tmpl recon_tmpl)
if(PEERWIRE_NASM)
  list(APPEND dav1d_sources x86/cpu)
elseif(dav1d_aarch64)
  list(APPEND dav1d_sources arm/cpu)
endif()
list(TRANSFORM dav1d_sources PREPEND "${DAV1D_DIR}/src/")
list(TRANSFORM dav1d_sources APPEND ".c")
add_library(dav1d STATIC EXCLUDE_FROM_ALL ${dav1d_sources})
# Its headers include version.h, which is generated, as a neighbour.
target_include_directories(dav1d SYSTEM PUBLIC
  "${DAV1D_DIR}/include" "${DAV1D_GENERATED}/include" "${DAV1D_GENERATED}/include/dav1d")
target_include_directories(dav1d PRIVATE "${DAV1D_DIR}" "${DAV1D_DIR}/include/dav1d" "${DAV1D_GENERATED}")
target_compile_definitions(dav1d PRIVATE _GNU_SOURCE $<$<NOT:$<CONFIG:Debug>>:NDEBUG>)
# Of the templates alone: others have pointers to samples of any depth, which compilers want to be that (GCC 14, Clang 22).
set(dav1d_templates ${dav1d_sources})
list(FILTER dav1d_templates INCLUDE REGEX "_tmpl\\.c$")
set_source_files_properties(${dav1d_templates} PROPERTIES COMPILE_DEFINITIONS BITDEPTH=8)
set_target_properties(dav1d PROPERTIES C_STANDARD 11 C_EXTENSIONS ON)
target_compile_options(dav1d PRIVATE ${PEERWIRE_THIRD_PARTY_OPTIONS} -ffast-math)
target_link_libraries(dav1d PUBLIC Threads::Threads m)

if(PEERWIRE_NASM)
  set(dav1d_assembly
    cpuid msac pal refmvs itx_avx512 cdef_avx2 itx_avx2 looprestoration_avx2 cdef_sse itx_sse
    cdef_avx512 filmgrain_avx512 ipred_avx512 loopfilter_avx512 looprestoration_avx512 mc_avx512
    filmgrain_avx2 ipred_avx2 loopfilter_avx2 mc_avx2
    filmgrain_sse ipred_sse loopfilter_sse looprestoration_sse mc_sse)
  list(TRANSFORM dav1d_assembly PREPEND "${DAV1D_DIR}/src/x86/")
  list(TRANSFORM dav1d_assembly APPEND ".asm")
  peerwire_assembly(dav1d ${dav1d_assembly})
  target_include_directories(dav1d_asm PRIVATE "${DAV1D_DIR}/src/" "${DAV1D_GENERATED}/")
elseif(dav1d_aarch64)
  set(dav1d_assembly
    itx looprestoration_common msac refmvs cdef filmgrain ipred loopfilter looprestoration mc mc_dotprod)
  list(TRANSFORM dav1d_assembly PREPEND "${DAV1D_DIR}/src/arm/64/")
  list(TRANSFORM dav1d_assembly APPEND ".S")
  peerwire_assembly(dav1d ${dav1d_assembly})
  target_include_directories(dav1d_asm PRIVATE "${DAV1D_DIR}" "${DAV1D_DIR}/src" "${DAV1D_GENERATED}")
endif()

# libaom: the AV1 encoder, real-time only, 8 bit. Not instrumented by sanitizers.
include(ExternalProject)
find_package(Perl REQUIRED)
set(AOM_DIR "${PEERWIRE_VENDOR_DIR}/libaom-sys/vendor")
set(AOM_BUILD "${CMAKE_CURRENT_BINARY_DIR}/third_party/libaom")
set(aom_target_cpu generic)
if(PEERWIRE_NASM OR PEERWIRE_ARCH STREQUAL "aarch64")
  string(REPLACE "aarch64" "arm64" aom_target_cpu "${PEERWIRE_ARCH}")
endif()
list(JOIN PEERWIRE_NO_UNWINDING " " aom_no_unwinding)
set(aom_flags "-O2 -w -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections ${aom_no_unwinding}")
cmake_host_system_information(RESULT aom_jobs QUERY NUMBER_OF_LOGICAL_CORES)
ExternalProject_Add(libaom
  SOURCE_DIR "${AOM_DIR}"
  BINARY_DIR "${AOM_BUILD}"
  PREFIX "${AOM_BUILD}-steps"
  CMAKE_ARGS
    -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_TOOLCHAIN_FILE=${CMAKE_TOOLCHAIN_FILE}
    -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER}
    -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
    -DCMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER}
    -DCMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}
    "-DCMAKE_C_FLAGS=${aom_flags}"
    "-DCMAKE_CXX_FLAGS=${aom_flags}"
    -DCMAKE_C_FLAGS_RELEASE=-DNDEBUG
    -DCMAKE_CXX_FLAGS_RELEASE=-DNDEBUG
    -DAOM_TARGET_CPU=${aom_target_cpu}
    -DBUILD_SHARED_LIBS=0
    -DCONFIG_PIC=1
    -DCONFIG_AV1_DECODER=0
    -DCONFIG_AV1_HIGHBITDEPTH=0
    -DCONFIG_REALTIME_ONLY=1
    -DCONFIG_QUANT_MATRIX=0
    -DCONFIG_DENOISE=0
    -DCONFIG_LIBYUV=0
    -DCONFIG_WEBM_IO=0
    # Its licence is not that of the rest.
    -DCONFIG_SVT_AV1=0
    -DENABLE_NASM=1
    -DENABLE_DOCS=0
    -DENABLE_EXAMPLES=0
    -DENABLE_TESTDATA=0
    -DENABLE_TESTS=0
    -DENABLE_TOOLS=0
    # SVE wants compilers newer than ours.
    -DENABLE_SVE=0
    -DENABLE_SVE2=0
  BUILD_COMMAND "${CMAKE_COMMAND}" --build <BINARY_DIR> --target aom --parallel ${aom_jobs}
  BUILD_BYPRODUCTS "${AOM_BUILD}/libaom.a"
  INSTALL_COMMAND ""
  TEST_COMMAND ""
  EXCLUDE_FROM_ALL TRUE
  LOG_CONFIGURE TRUE
  LOG_BUILD TRUE
  LOG_OUTPUT_ON_FAILURE TRUE)
add_library(aom STATIC IMPORTED)
set_target_properties(aom PROPERTIES
  IMPORTED_LOCATION "${AOM_BUILD}/libaom.a"
  INTERFACE_INCLUDE_DIRECTORIES "${AOM_DIR}"
  INTERFACE_LINK_LIBRARIES "Threads::Threads;m")
add_dependencies(aom libaom)

# cmake -DSTEP=headers|libraries -DSETTINGS=… -P build_openssl.cmake: a step of OpenSSL's own build, unless it is done
# already. Several builds may come at once: the first does it, the others wait.
cmake_minimum_required(VERSION 3.21)
include("${SETTINGS}")
file(LOCK "${build}" DIRECTORY GUARD PROCESS)
if(EXISTS "${build}/${STEP}.done")
  return()
endif()

# What the environment says to other makefiles is not meant for this one.
foreach(name CFLAGS CPPFLAGS LDFLAGS LDLIBS CROSS_COMPILE MAKEFLAGS MAKELEVEL OPENSSL_LOCAL_CONFIG_DIR)
  unset(ENV{${name}})
endforeach()

function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${build}" RESULT_VARIABLE result
    OUTPUT_FILE "${build}/${STEP}.log" ERROR_FILE "${build}/${STEP}.log")
  if(NOT result EQUAL 0)
    file(READ "${build}/${STEP}.log" log)
    message(FATAL_ERROR "${log}\n${ARGV0}: ${result} (${build}/${STEP}.log)")
  endif()
endfunction()

if(STEP STREQUAL "headers")
  run("${perl}" "${source}/Configure" ${arguments})
  run("${make}" build_generated)
else()
  run("${make}" "-j${jobs}" build_libs)
endif()
file(TOUCH "${build}/${STEP}.done")

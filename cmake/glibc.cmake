# -DPEERWIRE_GLIBC=2.28: the addon runs with that glibc and all later ones, though this machine's is newer.
#
# What binds a library to a glibc is the version of each symbol that it takes from there: the newest that the glibc at
# linking has. So the addon is linked with stand-ins of this machine's: the same symbols without code, each in the newest
# version that the old one has, too. What only later ones have is missing there, and made good in native/glibc.
set(PEERWIRE_GLIBC "" CACHE STRING "oldest glibc that the addon has to run with, as 2.28; empty: this machine's")
if(NOT PEERWIRE_GLIBC)
  return()
endif()
if(PEERWIRE_SANITIZE)
  message(FATAL_ERROR "PEERWIRE_GLIBC: sanitizers need this machine's glibc.")
endif()
set(glibc_folder "${CMAKE_CURRENT_BINARY_DIR}/glibc-${PEERWIRE_GLIBC}")

function(peerwire_find_glibc_file result name)
  execute_process(COMMAND "${CMAKE_C_COMPILER}" "-print-file-name=${name}" OUTPUT_VARIABLE path
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  if(NOT IS_ABSOLUTE "${path}")
    message(FATAL_ERROR "PEERWIRE_GLIBC: the compiler does not know ${name}, of glibc.")
  endif()
  set(${result} "${path}" PARENT_SCOPE)
endfunction()

# Makes ${glibc_folder}/<name>, the stand-in of <soname>, of the symbols of `library` whose names match `pattern`.
function(peerwire_stand_in name soname library pattern)
  execute_process(COMMAND "${CMAKE_READELF}" --dyn-syms --wide "${library}" OUTPUT_VARIABLE table
    COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL " (FUNC|IFUNC|OBJECT) +(GLOBAL|WEAK) +DEFAULT +[0-9]+ [A-Za-z0-9_]+@@?GLIBC_[0-9.]+" lines
    "${table}")
  set(symbols)
  set(versions)
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^ ([A-Z]+) .* ([A-Za-z0-9_]+)@+GLIBC_([0-9.]+)$" line "${line}")
    set(type "${CMAKE_MATCH_1}")
    set(symbol "${CMAKE_MATCH_2}")
    set(version "${CMAKE_MATCH_3}")
    if(version VERSION_GREATER PEERWIRE_GLIBC OR NOT symbol MATCHES "${pattern}")
      continue()
    endif()
    list(APPEND symbols "${symbol}")
    list(APPEND versions "${version}")
    string(REGEX REPLACE "^I?FUNC$" "FUNCTION" type_of_${symbol} "${type}")
    if(NOT version_of_${symbol} OR version VERSION_GREATER version_of_${symbol})
      set(version_of_${symbol} "${version}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES symbols)
  list(REMOVE_DUPLICATES versions)

  set(assembly ".data\n")
  foreach(symbol IN LISTS symbols)
    string(TOLOWER "${type_of_${symbol}}" type)
    string(APPEND assembly ".globl ${symbol}\n.type ${symbol}, %${type}\n.size ${symbol}, 1\n${symbol}: .byte 0\n")
    string(APPEND symbols_of_${version_of_${symbol}} " ${symbol};")
  endforeach()
  set(map)
  foreach(version IN LISTS versions)
    string(APPEND map "GLIBC_${version} {${symbols_of_${version}} };\n")
  endforeach()
  set(source "${glibc_folder}/${soname}")
  file(WRITE "${source}.s" "${assembly}.section .note.GNU-stack,\"\",%progbits\n")
  file(WRITE "${source}.map" "${map}")
  execute_process(COMMAND "${CMAKE_C_COMPILER}" -shared -nostdlib "-Wl,-soname,${soname}"
    "-Wl,--version-script=${source}.map" -o "${glibc_folder}/${name}" "${source}.s" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

peerwire_find_glibc_file(libc libc.so.6)
peerwire_find_glibc_file(libm libm.so.6)
peerwire_find_glibc_file(libc_nonshared libc_nonshared.a)
execute_process(COMMAND "${CMAKE_READELF}" --dynamic --wide "${libc}" OUTPUT_VARIABLE dynamic
  COMMAND_ERROR_IS_FATAL ANY)
if(NOT dynamic MATCHES "NEEDED[^\n]*\\[(ld-linux[^]]*)\\]")
  message(FATAL_ERROR "PEERWIRE_GLIBC: ${libc} names no loader.")
endif()
set(loader "${CMAKE_MATCH_1}")
peerwire_find_glibc_file(loader_path "${loader}")

peerwire_stand_in(libc.so.6 libc.so.6 "${libc}" ".")
peerwire_stand_in(libm.so libm.so.6 "${libm}" ".")
peerwire_stand_in("${loader}" "${loader}" "${loader_path}" ".")
# Libraries of their own until glibc 2.34, which has them in libc.
peerwire_stand_in(libpthread.so libpthread.so.0 "${libc}" "^(__pthread_key_create|pthread_.*|sem_.*)$")
peerwire_stand_in(libdl.so libdl.so.2 "${libc}" "^dl(open|sym|vsym|close|error|addr|info)$")
# As the system's libc.so, which is a script, too.
file(WRITE "${glibc_folder}/libc.so"
  "GROUP ( ${glibc_folder}/libc.so.6 ${libc_nonshared} AS_NEEDED ( ${glibc_folder}/${loader} ) )\n")

target_sources(peerwire PRIVATE native/glibc/added_since_2_28.cc)
target_link_directories(peerwire BEFORE PRIVATE "${glibc_folder}")
target_link_options(peerwire PRIVATE -Wl,--wrap=_dl_find_object -Wl,--wrap=pthread_cond_clockwait)
target_link_libraries(peerwire PRIVATE pthread dl)

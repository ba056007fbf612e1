# -DPEERWIRE_SANITIZE=address,undefined (or thread) instruments everything that we and the engine compile.
set(PEERWIRE_SANITIZE "" CACHE STRING "sanitizers, comma separated; empty: none")
if(PEERWIRE_SANITIZE)
  add_compile_options(-fsanitize=${PEERWIRE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined -g)
  add_link_options(-fsanitize=${PEERWIRE_SANITIZE})
endif()

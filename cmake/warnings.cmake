# Warnings are errors in our own code; -Wno-* names what g++ 12 gets wrong.
add_compile_options(-Wall -Wextra -Werror -Wpedantic -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overflows in inlined std::string and std::vector code that are not there (GCC PR 105329, 105651).
  add_compile_options(-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized)
else()
  # libstdc++ 12's own std::stable_partition and std::inplace_merge use what it calls deprecated.
  add_compile_options(-Wno-deprecated-declarations)
endif()
# CRC32C in hardware: SSE 4.2 is in every x86-64 server CPU since 2008.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-msse4.2 -mpclmul)
endif()

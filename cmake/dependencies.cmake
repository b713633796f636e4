# External libraries, each with its reason in docs/ARCHITECTURE.md §9. Release binaries link the codecs, OpenSSL, fmt,
# spdlog and the C++ runtime statically: a process then starts in about a millisecond and stays small.
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(date REQUIRED)
find_package(PkgConfig REQUIRED)
include(GoogleTest)

option(STOKER_STATIC "Link codecs and the C++ runtime statically" ON)

# static_library(<target> <archive> <header>): an imported target for a plain C library; shared where no archive exists.
function(static_library target archive header)
  if(STOKER_STATIC)
    find_library(${target}_path NAMES lib${archive}.a ${archive} REQUIRED)
  else()
    find_library(${target}_path NAMES ${archive} REQUIRED)
  endif()
  find_path(${target}_include NAMES ${header} REQUIRED)
  add_library(${target} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${${target}_path}
    INTERFACE_INCLUDE_DIRECTORIES ${${target}_include})
endfunction()

static_library(zlib z zlib.h)
static_library(libdeflate deflate libdeflate.h)
static_library(snappy snappy snappy-c.h)
static_library(lz4 lz4 lz4frame.h)
static_library(zstd zstd zstd.h)
static_library(re2 re2 re2/re2.h)
static_library(crypto crypto openssl/evp.h)
static_library(ssl ssl openssl/ssl.h)
target_link_libraries(ssl INTERFACE crypto)
static_library(jemalloc jemalloc jemalloc/jemalloc.h)
static_library(yaml_cpp yaml-cpp yaml-cpp/yaml.h)

# fmt and spdlog: the installed headers, compiled once into static libraries of ours.
find_path(fmt_include NAMES fmt/format.h REQUIRED)
find_path(spdlog_include NAMES spdlog/spdlog.h REQUIRED)
add_library(fmt_static STATIC ${PROJECT_SOURCE_DIR}/cmake/static/fmt.cpp)
target_include_directories(fmt_static SYSTEM PUBLIC ${fmt_include})
target_compile_options(fmt_static PRIVATE -w)
add_library(fmt::fmt ALIAS fmt_static)
add_library(spdlog_static STATIC ${PROJECT_SOURCE_DIR}/cmake/static/spdlog.cpp)
target_include_directories(spdlog_static SYSTEM PUBLIC ${spdlog_include})
target_compile_definitions(spdlog_static PUBLIC SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
target_compile_options(spdlog_static PRIVATE -w)
target_link_libraries(spdlog_static PUBLIC fmt_static Threads::Threads)
add_library(spdlog::spdlog ALIAS spdlog_static)

pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka)

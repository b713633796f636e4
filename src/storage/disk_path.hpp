// Paths as text: every Disk compares them, so all bring them into one form first.
#pragma once

#include <string>
#include <string_view>

namespace stoker::storage {

/// Without empty and "." components and without a slash at the end: "/a//b/./c/" becomes "/a/b/c".
/// ".." stays: only the file system knows where it leads. The empty path becomes ".".
std::string normal_path(std::string_view path);

/// "/a/b" → "/a"; "/a" → "/"; "a" → ".". For a normal path.
std::string parent_of(std::string_view path);

/// "/a/b" → "b". For a normal path.
std::string_view name_of(std::string_view path);

/// "/a" and "b" → "/a/b".
std::string join(std::string_view folder, std::string_view name);

}  // namespace stoker::storage

#!/usr/bin/env python3
"""Tidy: the house rules that a compiler cannot see (docs/STYLE.md). Run by ctest; prints file:line: reason."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
LINE_MAX = 100
FILE_MAX = 800  # beyond it a file has more than one subject
FUNCTION_MAX = 70
PYTHON_LINE_MAX = 130

problems = []


def say(path, line, why):
    problems.append(f"{path.relative_to(ROOT)}:{line}: {why}")


def layers():
    """layer -> the layers it may include, read off the CMakeLists of each folder."""
    uses = {}
    for lists in SOURCE.glob("*/CMakeLists.txt"):
        match = re.search(r"layer\((\w+)(?:\s+USES\s+([\w\s]+?))?(?:\s+NEEDS|\))", lists.read_text())
        if match is None:
            say(lists, 1, "no layer(...) here")
            continue
        if match[1] != lists.parent.name:
            say(lists, 1, f"layer '{match[1]}' lies in folder '{lists.parent.name}'")
        uses[match[1]] = set((match[2] or "").split()) | {match[1]}
    return uses


def check_line(path, number, line):
    if len(line) > LINE_MAX:
        say(path, number, f"longer than {LINE_MAX} columns")
    if line != line.rstrip():
        say(path, number, "trailing space")
    if "\t" in line:
        say(path, number, "a tab")
    if re.search(r"\b(TODO|FIXME|XXX)\b", line):
        say(path, number, "a leftover marker")
    if re.match(r"using namespace (?!std::\w*literals;)", line):
        say(path, number, "a using-directive")
    if re.match(r"#define (?!STOKER_)", line):
        say(path, number, "a macro")


def check_layer(path, number, line, uses):
    layer = path.relative_to(SOURCE).parts[0]
    include = re.match(r'#include "(\w+)/', line)
    if include and layer in uses and include[1] not in uses[layer]:
        say(path, number, f"layer '{layer}' may not use '{include[1]}' (its CMakeLists says what it may)")
    if "co_await" in line:
        if layer not in ("net", "http"):
            say(path, number, "coroutines live in net/ and http/ only")
        elif re.search(r"[{\[]", line.split("//")[0]) or line.count("co_await") > 1:
            say(path, number, "g++ 12: name the argument before co_await; one co_await to a statement")


def check_functions(path, lines):
    """A function fits on a screen. Its body opens at the end of an unindented line, or of the continuation of one, that
    is no namespace, type or table, and closes with an unindented brace."""
    begin, head = None, ""
    for number, line in enumerate(lines, 1):
        if line and not line[0].isspace() and line[0] not in "}/#":
            head = line
        if begin is None and line.endswith(" {") and (line == head or line.startswith("    ")):
            is_function = "(" in head and not re.match(r"(namespace|class|struct|enum|union|extern|template <)", head)
            if is_function and not re.search(r"= \{$|=$", head) and number - lines.index(head) < 8:
                begin = number
        if line.startswith("}"):
            if begin is not None and number - begin > FUNCTION_MAX:
                say(path, begin, f"a function of {number - begin} lines (at most {FUNCTION_MAX})")
            begin, head = None, ""


def check_test_names(path, number, line):
    match = re.match(r"(?:TYPED_)?TEST(?:_[FP])?\((\w+), (\w+)\)", line)
    if match and not re.match(r"[a-z0-9]+(_[a-z0-9]+)+$", match[2]):
        say(path, number, f"'{match[2]}' is not a sentence of the specification in lower_case_words")


def check_sources():
    uses = layers()
    patterns = ["src/**/*.hpp", "src/**/*.cpp", "apps/*.cpp", "tests/**/*.cpp", "bench/**/*.cpp", "bench/**/*.hpp"]
    for path in sorted({p for pattern in patterns for p in ROOT.glob(pattern)}):
        lines = path.read_text().splitlines()
        if len(lines) > FILE_MAX:
            say(path, 1, f"{len(lines)} lines: more than one subject?")
        if not lines or not lines[0].startswith("//"):
            if path.suffix == ".hpp":
                say(path, 1, "a header opens with what it is and why")
        if path.suffix == ".hpp" and "#pragma once" not in lines:
            say(path, 1, "no #pragma once")
        for number, line in enumerate(lines, 1):
            check_line(path, number, line)
            check_test_names(path, number, line)
            if path.is_relative_to(SOURCE):
                check_layer(path, number, line, uses)
        if path.name.endswith("_test.cpp") and not re.search(r"EXPECT|ASSERT|FAIL|static_assert", path.read_text()):
            say(path, 1, "a test that asserts nothing")
        check_functions(path, lines)


def check_mains():
    for path in ROOT.glob("apps/*_main.cpp"):
        if len(path.read_text().splitlines()) > 60:
            say(path, 1, "a main of more than 60 lines")


def check_self_contained():
    """The project stands alone: no path of the machine where it happened to be written."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path == pathlib.Path(__file__).resolve() or not path.is_file() or path.stat().st_size > 1 << 20:
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"(^|[^\w.])(/work/|/root/|\.\./shared)", line):
                say(path, number, "a path of some machine")


check_sources()
check_mains()
check_self_contained()
print("\n".join(problems) if problems else "tidy: clean")
sys.exit(bool(problems))

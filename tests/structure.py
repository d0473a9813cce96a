#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What src looks like: who uses whom, from the objects and the includes; circles, arrows up, sizes.

A unit is a .c file with the header of its name, or one of the two alone. It uses another where it
includes its header, or where its object calls what the other's defines.

    structure.py figures SRC BUILD     the figures, a line each
    structure.py circles SRC BUILD     units, then folders, that need each other, a group a line
    structure.py check SRC BUILD       what tests/layers does not allow
    The last two end with 1 where there is any. SRC is the project's root.
"""

import re
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

LONG_FILE = 500  # lines
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def unit_of(path):
    return str(path.with_suffix(""))


def sources(src):
    """{unit: [its files]}, the units named from src on."""
    units = defaultdict(list)
    for path in sorted(src.rglob("*.[ch]")):
        units[unit_of(path.relative_to(src))].append(path)
    return units


def objects(build):
    """{unit: its object}; automake puts the archive's name before a file's."""
    found = {}
    for path in (build / "src").rglob("*.o"):
        name = re.sub(r"^\w+-", "", path.name)
        found[unit_of((path.parent / name).relative_to(build / "src"))] = path
    return found


def symbols(path):
    """What an object defines for others, and what it lacks."""
    defined, lacking = set(), set()
    for line in subprocess.run(["nm", "-g", path], check=True, capture_output=True,
                               text=True).stdout.splitlines():
        kind, name = line.split()[-2:]
        (lacking if kind == "U" else defined).add(name)
    return defined, lacking


def uses(src, build):
    """{unit: the units that it uses}"""
    units, graph = sources(src), defaultdict(set)
    for unit, files in units.items():
        for path in files:
            for name in INCLUDE.findall(path.read_text()):
                graph[unit].add(name.rsplit(".", 1)[0])
    tables = {unit: symbols(path) for unit, path in objects(build).items()
              if any(file.suffix == ".c" for file in units.get(unit, ()))}
    home = {name: unit for unit, (defined, _) in tables.items() for name in defined}
    for unit, (_, lacking) in tables.items():
        graph[unit] |= {home[name] for name in lacking if name in home}
    return {unit: {other for other in graph[unit] if other in units and other != unit}
            for unit in units}


def circles(graph):
    """The groups of two and more that reach each other (Tarjan)."""
    index, low, stack, groups = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                groups.append(sorted(stack[at:]))
            del stack[at:]

    sys.setrecursionlimit(10000)
    for node in sorted(graph):
        if node not in index:
            visit(node)
    return sorted(groups)


def folder_of(unit):
    return unit.rsplit("/", 1)[0] if "/" in unit else "."


def folders(graph):
    of = defaultdict(set)
    for unit, others in graph.items():
        of[folder_of(unit)] |= {folder_of(other) for other in others} - {folder_of(unit)}
    return of


def layers(src):
    """{folder: those it may use}, in the table's order; and what is wrong with the table itself."""
    table, wrong = {}, []
    for line in (src.parent / "tests" / "layers").read_text().splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        wrong += [f"tests/layers: {words[0]} names {word}, which is no row above it"
                  for word in words[1:] if word not in table]
        table[words[0]] = set(words[1:])
    return table, wrong


def violations(src, graph):
    """What tests/layers does not allow, a line each."""
    table, wrong = layers(src)
    for unit, others in sorted(graph.items()):
        folder = folder_of(unit)
        if folder not in table:
            wrong.append(f"{unit}: {folder} has no row in tests/layers")
            continue
        wrong += [f"{unit} uses {other}: {folder} may not use {folder_of(other)}"
                  for other in sorted(others)
                  if folder_of(other) not in table[folder] | {folder}]
    return wrong + [f"a circle: {' '.join(group)}" for group in circles(graph)]


# ---- sizes ---------------------------------------------------------------------------------


def functions(src):
    """(lines, place, body) of every function; clang-format keeps the shape this reads."""
    found = []
    for path in sorted(src.rglob("*.c")):
        lines, begin = path.read_text().splitlines(), None
        for i, line in enumerate(lines):
            if line == "{":
                begin = i
                while lines[begin - 1] and not lines[begin - 1].endswith(("*/", "}", ";")):
                    begin -= 1
            elif line == "}" and begin is not None:
                body = "\n".join(lines[lines.index("{", begin):i])
                found.append((i - begin + 1, f"{path.relative_to(src)}:{begin + 1}", body))
                begin = None
    return found


def identical(found):
    """How many functions have the body of another, where that is more than a call."""
    bodies = defaultdict(int)
    for lines, _, body in found:
        if lines > 5:
            bodies[body] += 1
    return sum(n - 1 for n in bodies.values())


def places(src, pattern):
    """Files of src that name what the pattern finds: the most, and how many in the middle."""
    named = defaultdict(set)
    for path in src.rglob("*.[ch]"):
        for name in re.findall(pattern, path.read_text()):
            named[name].add(path)
    counts = sorted(len(files) for files in named.values())
    return f"median {statistics.median(counts)}, most {counts[-1]}" if counts else "none"


def figures(src, graph):
    per, found = defaultdict(int), functions(src)
    long_files = []
    for path in src.rglob("*.[ch]"):
        per[str(path.parent.relative_to(src))] += 1
        if len(path.read_text().splitlines()) > LONG_FILE:
            long_files.append(str(path.relative_to(src)))
    sizes = sorted(lines for lines, _, _ in found)
    longest = max(found)
    yield f"files: {sum(per.values())} in {len(per)} folders, at most {max(per.values())} in one"
    yield "  " + ", ".join(f"{name} {n}" for name, n in sorted(per.items()))
    yield f"files over {LONG_FILE} lines: {len(long_files)} {' '.join(sorted(long_files))}"
    yield (f"functions: {len(sizes)}, median {statistics.median(sizes)} lines, p90 "
           f"{sizes[len(sizes) * 9 // 10]}, longest {longest[0]} ({longest[1]})")
    yield f"functions with the body of another: {identical(found)}"
    yield f"circles of files: {len(circles(graph))}, of folders: {len(circles(folders(graph)))}"
    if (src.parent / "tests" / "layers").exists():
        yield f"what tests/layers does not allow: {len(violations(src, graph))}"
    yield f"files that name one kind of step: {places(src, r'GS_STEP_[A-Z_]+(?=[^A-Z_])')}"
    yield f"files that name one verb's function: {places(src, r'gs_cmd_[a-z_]+')}"


def main(verb, src, build):
    src, build = Path(src) / "src", Path(build)
    graph = uses(src, build)
    if verb == "figures":
        print(*figures(src, graph), sep="\n")
        return 0
    if verb == "circles":
        found = [" ".join(group) for group in circles(graph) + circles(folders(graph))]
    else:
        found = violations(src, graph)
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

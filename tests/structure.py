#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What src looks like: who uses whom, from the objects and the includes; circles, arrows up, sizes.

A unit is a .c file with the header of its name, or one of the two alone. It uses another where it
includes its header, or where its object calls what the other's defines.

    structure.py figures SRC BUILD     the figures, a line each
    structure.py circles SRC BUILD     the units that need each other, a group a line
    structure.py check SRC BUILD       what tests/layers does not allow; ends with 1 if there is any
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


def functions(src):
    """The lines of every function, from its signature to its brace; clang-format keeps the shape."""
    lengths = []
    for path in src.rglob("*.c"):
        lines, begin = path.read_text().splitlines(), 0
        for i, line in enumerate(lines):
            if not line:
                begin = i + 1
            if line == "{":
                top = i
                while top > begin and not lines[top - 1].endswith(("*/", "}", ";")):
                    top -= 1
            if line == "}" and "top" in locals() and top is not None:
                lengths.append((i - top + 1, f"{path.relative_to(src)}:{top + 1}"))
                top = None
    return lengths


def main(verb, src, build):
    src, build = Path(src) / "src", Path(build)
    graph = uses(src, build)
    if verb == "circles":
        for group in circles(graph):
            print(len(group), *group)
            for unit in group:
                print("   ", unit, "->", *sorted(set(group) & graph[unit]))
        print("folders:", *circles(folders(graph)), sep="\n    ")
    elif verb == "figures":
        lengths = functions(src)
        sizes = sorted(n for n, _ in lengths)
        print("functions", len(sizes), "median", statistics.median(sizes), "p90",
              sizes[len(sizes) * 9 // 10], "longest", *max(lengths))
        per = defaultdict(int)
        for files in sources(src).values():
            for path in files:
                per[str(path.parent.relative_to(src))] += 1
        print("files", sum(per.values()), "in folders", len(per), "most", max(per.values()))
        print(*(f"{name} {n}" for name, n in sorted(per.items())), sep=", ")
        print("circles", len(circles(graph)), "folders' circles", len(circles(folders(graph))))


if __name__ == "__main__":
    main(*sys.argv[1:])

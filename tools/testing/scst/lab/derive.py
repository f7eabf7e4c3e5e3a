# SPDX-License-Identifier: GPL-2.0
"""Makefile and Kconfig of a state in which some files are not there yet: what
speaks of files that are missing is left out, so that each patch of the series
builds and the last state is the overlay's own text."""

import re

_ASSIGN = re.compile(r"^(?P<left>\S+)\s*(?P<op>[+:]?=)\s*(?P<words>.*)$")
_ENTRY = re.compile(r"^(menu)?config\s+(\w+)")
_CLOSE = re.compile(r"^(if|endif|menu|endmenu|source|comment)\b")


def _composites(text):
    """foo.o made of foo-y or foo-objs"""
    return {f"{name}.o" for name in re.findall(r"^([\w-]+)-(?:y|objs)\b", text, re.M)}


def _is_there(word, composites, exists):
    if word.endswith("/"):
        return exists(word + "Makefile")
    if word.endswith(".o"):
        return word in composites or exists(word[:-2] + ".c")
    return True


def makefile(text, exists):
    """The Makefile without objects and directories that are missing;
    exists(path relative to it) tells. None when nothing is left to build."""
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    parts = _composites(text)
    kept = []
    dropped = False
    builds = False
    for line in lines:
        found = _ASSIGN.match(line)
        if not found or not re.search(r"\.o\b|/(\s|$)", found["words"]):
            kept.append(line)
            continue
        words = found["words"].split()
        there = [w for w in words if _is_there(w, parts, exists)]
        dropped = dropped or there != words
        if there:
            kept.append(f"{line[:found.start('words')]}{' '.join(there)}")
            builds = builds or found["left"].startswith("obj-")
    if not builds:
        return None
    if not dropped:
        return text
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).rstrip() + "\n"


def kconfig(text, symbols):
    """The Kconfig without entries whose symbol no Makefile speaks of."""
    kept = []
    skipping = False
    for line in text.splitlines():
        entry = _ENTRY.match(line)
        if entry:
            skipping = entry[2] not in symbols
        elif _CLOSE.match(line):
            skipping = False
        if not skipping:
            kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).rstrip() + "\n"


def entries(text):
    """The symbols that a Kconfig defines."""
    return [m[2] for m in map(_ENTRY.match, text.splitlines()) if m]


def switches(text):
    """Those of them that are only there or not: no modules."""
    return {m[1] for m in re.finditer(r"^(?:menu)?config (\w+)\n\tbool\b", text,
                                      re.M)}


def symbols(makefiles):
    """The symbols that Makefiles speak of, without CONFIG_."""
    return {name for text in makefiles
            for name in re.findall(r"CONFIG_(\w+)", text)}

# SPDX-License-Identifier: GPL-2.0
"""series.list: which file of the overlay comes in which patch."""

import re

import tree
from paths import LAB, REPO, LabError

LIST = LAB / "series.list"


class Patch:
    """One patch of the series as the list has it."""

    def __init__(self, subject):
        self.subject = subject
        self.text = []
        self.globs = []
        self.hooks = []
        self.files = []

    def message(self, author):
        """Subject, text, and who answers for it."""
        body = "\n".join(self.text).strip()
        return f"{self.subject}\n\n{body}\n\nSigned-off-by: {author}\n"


def _entry(patch, line):
    """One line below a subject."""
    found = re.match(r"(files|hooks):\s*(.*)$", line)
    if not found:
        patch.text.append(line)
    elif found[1] == "files":
        patch.globs += found[2].split()
    else:
        patch.hooks += found[2].split()


def parse(text):
    """(cover subject, cover text, patches)"""
    patches = []
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        if line.startswith("patch: ") or line.startswith("cover: "):
            patches.append(Patch(line[7:].strip()))
        elif patches:
            _entry(patches[-1], line)
    cover = patches.pop(0)
    return cover.subject, "\n".join(cover.text).strip(), patches


def _matches(name, glob):
    """`*` stays in a directory, `**` crosses."""
    parts = re.split(r"(\*\*|\*)", glob)
    special = {"**": ".*", "*": "[^/]*"}
    pattern = "".join(special.get(p) or re.escape(p) for p in parts)
    return re.fullmatch(pattern, name)


def _sharers(name, patches):
    return [p for p in patches if any(_matches(name, g) for g in p.globs)]


def _complaints(files, patches):
    """Each overlay file in exactly one patch, nothing listed in vain."""
    for name in files:
        count = len(_sharers(name, patches))
        if count != 1:
            yield f"{name} is in {count} patches"
    for patch in patches:
        for glob in patch.globs:
            if not any(_matches(n, glob) for n in files):
                yield f"'{glob}' of '{patch.subject}' names no file"
    for name in tree.misplaced():
        yield f"{name} is not below a directory of SCST's own (tree.py)"
    hooks = sorted(h.name for h in tree.hook_patches())
    listed = sorted(h for p in patches for h in p.hooks)
    if hooks != listed:
        yield f"hooks are {hooks}, listed are {listed}"


def load():
    """The list, checked against the overlay; (cover subject, text, patches)."""
    subject, text, patches = parse(LIST.read_text())
    files = sorted(tree.overlay_files())
    wrong = list(_complaints(files, patches))
    if wrong:
        raise LabError("series.list:\n" + "\n".join(wrong))
    for name in files:
        _sharers(name, patches)[0].files.append(name)
    return subject, text, patches


def hook_path(name):
    """Where a hook of the list lies."""
    return REPO / name if (REPO / name).is_file() else REPO / "patches" / name

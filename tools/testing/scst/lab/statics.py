# SPDX-License-Identifier: GPL-2.0
"""Static checks: of the sources, without running them."""

import re

import imports
import kernel
import paths
import tools
import tree
from paths import REPO, LabError
from steps import Step, output, run
from tally import Skip

CODE = "drivers/target/scst"
KERNEL_PARTS = ("include/", "drivers/")
NO_SPDX = re.compile(r"(^|/)\.gitignore$|\.patch$|\.json$|^Documentation/ABI/|"
                     r"/debian/(changelog|source/format)$")


def own_files():
    """Every file of the repository's own, tracked or about to be."""
    if paths.IN_TREE:
        return sorted(tree.overlay_files())
    out = run(["git", "-C", REPO, "ls-files", "-co", "--exclude-standard"])
    return [name for name in out.splitlines() if (REPO / name).is_file()]


def spdx():
    """Every file names its licence in one of its first lines."""
    lacking = []
    for name in own_files():
        with open(REPO / name, encoding="utf-8", errors="replace") as file:
            head = "".join(file.readlines()[:5])
        if "SPDX-License-Identifier:" not in head and not NO_SPDX.search(name):
            lacking.append(f"{name}: no SPDX-License-Identifier")
    return "\n".join(lacking)


def import_rule():
    """DESIGN 2: which part may include which header."""
    return "\n".join(imports.violations(REPO))


def scripts():
    """Shell and Python that do not even parse."""
    wrong = []
    for name in own_files():
        path = REPO / name
        head = path.read_bytes()[:40].split(b"\n")[0]
        argv = None
        if b"bash" in head:
            argv = ["bash", "-n", path]
        elif head.startswith(b"#!/bin/sh"):
            argv = ["sh", "-n", path]
        elif path.suffix == ".py" or b"python" in head:
            argv = ["/usr/bin/python3", "-c",
                    "import ast,sys; ast.parse(open(sys.argv[1]).read())", path]
        if argv:
            done = output(argv)
            wrong += [done.stdout] if done.returncode else []
    return "\n".join(wrong)


def checkpatch(source):
    """checkpatch --strict on every file, at its path in the kernel tree."""
    overlay = sorted(tree.overlay_files())
    if not overlay:
        raise Skip("no overlay files")
    argv = ["perl", "scripts/checkpatch.pl", "--strict", "--terse", "--no-summary",
            "--show-types", "-f", *overlay]
    return output(argv, cwd=source).stdout


def static_out(source):
    """A configured tree that is only there for looking at our code."""
    out = paths.build_dir() / "static"
    kernel.configure(source, "x86_64", out, kernel.wanted_config("x86-debug").values())
    run(kernel.make_argv(source, "x86_64", out) + ["prepare", "modules_prepare"],
        env=kernel.make_env())
    return out


def _compile(source, name, *options):
    """Compiles all of our directory with these make options; what the
    compilers and checkers say of it."""
    if not (source / CODE / "Makefile").is_file():
        raise Skip("no kernel code")
    out = static_out(source)
    for old in (out / CODE).rglob("*.o"):
        old.unlink()
    log = out / f"{name}.log"
    argv = kernel.make_argv(source, "x86_64", out) + [*options, f"{CODE}/"]
    try:
        kernel.compile_kernel(Step(name), argv, log)
    except LabError as error:
        return str(error)
    return kernel.complaints(log)


def w1(source):
    """Not one warning with W=1."""
    return _compile(source, "w1", "W=1")


def sparse(source):
    """Types, endianness, locks and address spaces."""
    return _compile(source, "sparse", "C=2", "CF=-D__CHECK_ENDIAN__")


def kernel_doc(source):
    """Comments in kernel-doc form are well-formed and complete."""
    files = [n for n in sorted(tree.overlay_files())
             if n.startswith(KERNEL_PARTS) and n.endswith((".c", ".h"))]
    if not files:
        raise Skip("no kernel code")
    argv = ["perl", "scripts/kernel-doc", "-none", *files]
    return output(argv, cwd=source).stdout


def htmldocs(source):
    """The book builds without a warning."""
    if not (source / "Documentation/scst/index.rst").is_file():
        raise Skip("no documentation")
    out = paths.build_dir() / "docs"
    out.mkdir(exist_ok=True)
    argv = ["make", "-C", source, f"O={out}", "SPHINXDIRS=scst", "htmldocs"]
    text = run(argv, log=out / "build.log", env=kernel.make_env())
    wrong = re.compile(r"WARNING|ERROR|[Ww]arning:|[Ee]rror:")
    return "\n".join(l for l in text.splitlines() if wrong.search(l))


def run_all(tally, source):
    """All of them, quick ones first."""
    tally.check("spdx: every file names its licence", spdx)
    tally.check("imports: fabric, core and handler stay apart", import_rule)
    tally.check("scripts: shell and Python parse", scripts)
    tally.check("kernel-doc: include/scst, drivers/target/scst", kernel_doc, source)
    tally.check("checkpatch --strict: every file", checkpatch, source)
    tally.check("tools: gcc and clang, without warnings", tools.warnings)
    tally.check("package: lintian has no objection", tools.lintian)
    tally.check("htmldocs: without warnings", htmldocs, source)
    tally.check("W=1: without warnings", w1, source)
    tally.check("sparse: with endian checks", sparse, source)

# SPDX-License-Identifier: GPL-2.0
"""The overlay as patches that `git am` takes, and the proof that each of them
builds."""

import os
import shutil

import derive
import kernel
import paths
import plan
import tree
from paths import REPO, LabError
from steps import locked, output, run, say, step

KCONFIG = "drivers/target/scst/Kconfig"
CHECKPATCH = ["perl", "scripts/checkpatch.pl", "--strict", "--terse",
              "--no-summary", "--show-types",
              # MAINTAINERS comes with the last patch
              "--ignore", "FILE_PATH_CHANGES"]


def _author():
    """Whoever wrote the repository's last commit."""
    return run(["git", "-C", REPO, "log", "-1", "--format=%an <%ae>"]).strip()


def _git(folder, *argv):
    """git, as that author, at the time of that commit: the same overlay gives
    the same patches."""
    name, _, mail = _author().rpartition(" ")
    date = run(["git", "-C", REPO, "log", "-1", "--format=%aD"]).strip()
    who = {"GIT_AUTHOR_NAME": name, "GIT_COMMITTER_NAME": name,
           "GIT_AUTHOR_EMAIL": mail.strip("<>"), "GIT_AUTHOR_DATE": date,
           "GIT_COMMITTER_EMAIL": mail.strip("<>"), "GIT_COMMITTER_DATE": date}
    return run(["git", "-C", folder, "-c", "core.autocrlf=false",
                "-c", "commit.gpgsign=false", *argv], env={**os.environ, **who})


class State:
    """The files of the series as they stand after some of its patches."""

    def __init__(self, folder, source):
        self.folder = folder
        self.source = source
        self.overlay = tree.overlay_files()
        self.arrived = set()
        self.hooks = []

    def _write(self, name, content):
        mode = 0o644
        if name in self.overlay and os.access(self.overlay[name], os.X_OK):
            mode = 0o755
        tree.put(self.folder / name, content, mode)

    def base(self):
        """The existing files that the series changes, as they were."""
        for name in tree.patched_names(tree.hook_patches()):
            self._write(name, (self.source / name).read_bytes())

    def add(self, patch):
        """One patch more."""
        self.arrived |= set(patch.files)
        self.hooks += [plan.hook_path(h) for h in patch.hooks]
        for name in patch.files:
            if not self._derived(name):
                self._write(name, self.overlay[name].read_bytes())
        self._derive()
        for name, content in tree.patched_contents(self.source, self.hooks).items():
            self._write(name, content)

    @staticmethod
    def _derived(name):
        return name == KCONFIG or (name.startswith("drivers/")
                                   and name.endswith("/Makefile"))

    def _derive(self):
        """The Makefiles, deepest first, then Kconfig, for what is there."""
        there = set(n for n in self.arrived if not self._derived(n))
        texts = []
        makefiles = [n for n in self.arrived if n.endswith("/Makefile")
                     and self._derived(n)]
        for name in sorted(makefiles, key=lambda n: -n.count("/")):
            top = os.path.dirname(name)
            text = derive.makefile(
                self.overlay[name].read_text(),
                lambda word, top=top: os.path.normpath(f"{top}/{word}") in there)
            if text is not None:
                there.add(name)
                texts.append(text)
                self._write(name, text.encode())
        if KCONFIG in self.arrived:
            text = derive.kconfig(self.overlay[KCONFIG].read_text(),
                                  derive.symbols(texts))
            self._write(KCONFIG, text.encode())

    def check_last(self):
        """After the last patch the series is the overlay, byte for byte."""
        for name, path in self.overlay.items():
            if (self.folder / name).read_bytes() != path.read_bytes():
                raise LabError(f"{name} after the last patch is not the overlay's")


def _cover(path, subject, text):
    """Fills in the letter that git has begun."""
    lines = path.read_text().splitlines(keepends=True)
    letter = "".join(l for l in lines if not l.startswith(" create mode "))
    letter = letter.replace("*** SUBJECT HERE ***", subject)
    path.write_text(letter.replace("*** BLURB HERE ***", text))


def _commits(work, source, patches):
    """A repository with the base files and a commit a patch."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    _git(work, "init", "-q", "-b", "base")
    state = State(work, source)
    state.base()
    _git(work, "add", "-A")
    _git(work, "commit", "-q", "-m", "base")
    for patch in patches:
        state.add(patch)
        _git(work, "add", "-A", "-f")
        _git(work, "commit", "-q", "-m", patch.message(_author()))
    state.check_last()


def _am(work, out):
    """The patches go through git am on the base again, to the same tree."""
    mails = sorted(out.glob("[0-9]*.patch"))[1:]
    wanted = _git(work, "rev-parse", "base^{tree}").strip()
    first = _git(work, "rev-list", "--max-parents=0", "base").strip()
    _git(work, "checkout", "-q", "-b", "am", first)
    _git(work, "am", "-q", *mails)
    if _git(work, "rev-parse", "am^{tree}").strip() != wanted:
        raise LabError("git am does not lead to the overlay")
    _git(work, "checkout", "-q", "base")
    return mails


def write():
    """make series: build/series/*.patch; the patches' paths."""
    source = tree.source_dir()
    out = paths.build_dir() / "series"
    with locked(paths.build_dir() / ".series.lock"), step("writing the series") as this:
        subject, text, patches = plan.load()
        shutil.rmtree(out, ignore_errors=True)
        _commits(out / "work", source, patches)
        first = _git(out / "work", "rev-list", "--max-parents=0", "base").strip()
        _git(out / "work", "format-patch", "-q", "--cover-letter", "--stat=72",
             "-o", out, f"{first}..base")
        mails = _am(out / "work", out)
        _cover(next(out.glob("0000-*")), subject, text)
        this.note = f"{len(mails)} patches and a cover letter in {out}"
    return mails


def _checkpatch(mail, source):
    """What checkpatch says of a patch, with the base tree around it."""
    return output([*CHECKPATCH, mail], cwd=source).stdout


def _build(flavour, source, core):
    """Builds the state as far as SCST goes, as a whole kernel."""
    out = paths.build_dir() / f"series-{core}"
    wanted = kernel.wanted_config(flavour)
    arch = kernel.arch_of(flavour)
    lines = [line for name, line in wanted.items()
             if not name.startswith("CONFIG_SCST")]
    if (source / KCONFIG).is_file():
        lines += ["CONFIG_KUNIT=y"]
        text = (source / KCONFIG).read_text()
        switches = derive.switches(text)
        lines += [f"CONFIG_{s}={'y' if s in switches else core}"
                  for s in derive.entries(text)]
    kernel.configure(source, arch, out, lines)
    with step(f"building with SCST={core}", quiet_below=10) as this:
        kernel.compile_kernel(
            this, kernel.make_argv(source, arch, out) + kernel.TARGETS[arch],
            out / "build.log")
    return kernel.complaints(out / "build.log")


def _one(state, patch, source):
    """Lays the state of one patch on a tree of its own, and builds it."""
    state.add(patch)
    return "\n".join(filter(None, (_build("uml", source, "m"),
                                   _build("uml", source, "y"))))


def check(tally):
    """Each patch is clean and builds alone."""
    mails = []

    def made():
        mails.extend(write())
        return ""

    if not tally.check("series: git am takes it, the end is the overlay", made):
        return
    base = tree.source_dir()
    source = paths.build_dir() / "series" / "tree"
    say("copying a tree for the series")
    run(["cp", "-al", base, source])
    for name, content in tree.patched_contents(base, tree.lab_patches()).items():
        tree.put(source / name, content)
    state = State(source, base)
    for number, (patch, mail) in enumerate(zip(plan.load()[2], mails), 1):
        name = f"series: {number}/{len(mails)} {patch.subject}"
        tally.check(f"{name}: checkpatch", _checkpatch, mail, base)
        tally.check(f"{name}: builds", _one, state, patch, source)

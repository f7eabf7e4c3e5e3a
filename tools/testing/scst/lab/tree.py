# SPDX-License-Identifier: GPL-2.0
"""The source tree: Debian's or KDIR's, with the overlay laid on it.

Only content counts when laying: a file that is already right is not touched,
so its objects are not rebuilt; one that differs is replaced by a new file
(never written through, the tree's files may be hard links) with the time of
now.
"""

import os
import re
import shutil
import tempfile
from pathlib import Path

import paths
from paths import LAB, REPO, LabError
from steps import locked, output, run, say, step

OVERLAY = ("include", "drivers", "Documentation", "tools")
SKIP = re.compile(r"(^|/)(__pycache__|\.git)(/|$)|\.(pyc|o|ko|cmd|swp|orig|rej)$|~$")

# Below these the tree has nothing but ours: what the overlay lacks goes.
OWN = ("include/scst", "include/uapi/scst", "drivers/target/scst",
       "drivers/infiniband/ulp/scst_srpt", "Documentation/scst",
       "tools/scst", "tools/testing/scst")
OWN_GLOBS = ("include/trace/events/scst*.h", "Documentation/ABI/testing/*scst*")

# Of the series' own patches to existing files, what SCST also works without
OPTIONAL = ("0003-configfs-names.patch", "0004-configfs-gone.patch")

# Left by building inside KDIR; a tree built in can't be built with O=
PRODUCTS = ("/.git", "/.config*", "/include/config", "/include/generated",
            "/arch/*/include/generated", "*.o", "*.ko", "*.a", ".*.cmd",
            "/vmlinux", "/System.map", "/Module.symvers", "*.mod", "*.mod.c")


def overlay_files():
    """{path in the tree: file in the repository}"""
    found = [p for own in OWN for p in (REPO / own).rglob("*")]
    found += [p for glob in OWN_GLOBS for p in REPO.glob(glob)]
    files = {}
    for path in found:
        name = path.relative_to(REPO).as_posix()
        if path.is_file() and not SKIP.search(name):
            files[name] = path
    kconfig = REPO / "Kconfig.scst"
    if kconfig.is_file():
        files["drivers/target/scst/Kconfig"] = kconfig
    return files


def misplaced():
    """Files of the repository that look like overlay and would not be laid."""
    files = set(overlay_files().values())
    return [p.relative_to(REPO).as_posix() for top in OVERLAY
            for p in (REPO / top).rglob("*")
            if p.is_file() and p not in files and not SKIP.search(p.as_posix())]


def hook_patches():
    """The series' own patches to existing files, in order; none while there
    is nothing that they could hook in."""
    if paths.IN_TREE or not (REPO / "drivers/target/scst/Makefile").is_file():
        return []
    found = sorted((REPO / "patches").glob("*.patch"))
    maintainers = REPO / "MAINTAINERS.patch"
    return found + ([maintainers] if maintainers.is_file() else [])


def lab_patches():
    """Repairs that this lab needs and the series has nothing to do with."""
    return sorted((LAB / "patches").glob("*.patch"))


def patched_names(patches):
    """The files that patches change."""
    names = []
    for patch in patches:
        for line in patch.read_text().splitlines():
            found = re.match(r"\+\+\+ b/(\S+)", line)
            if found and found[1] not in names:
                names.append(found[1])
    return names


def _apply_patch(patch, folder):
    """Applies a patch, all of it, unless it is in already; raises if neither."""
    base = ["patch", "-p1", "-s", "-f", "-d", str(folder), "-i", str(patch),
            "--no-backup-if-mismatch", "-r", "-"]
    if output(base + ["-R", "--dry-run"]).returncode == 0:
        return
    done = output(base + ["--dry-run"])
    if done.returncode == 0:
        done = output(base)
    if done.returncode and (patch.parent == LAB / "patches" or
                            patch.name in OPTIONAL):
        say(f"{patch.name} does not apply to this tree; going on without it")
    elif done.returncode:
        raise LabError(f"{patch.name} does not apply:\n{done.stdout}")


def patched_contents(source, patches):
    """{name: bytes} of source's files with the patches applied."""
    names = [n for n in patched_names(patches) if (source / n).is_file()]
    with tempfile.TemporaryDirectory() as tmp:
        folder = Path(tmp)
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, folder / name)
        for patch in patches:
            _apply_patch(patch, folder)
        return {name: (folder / name).read_bytes() for name in names}


def put(target, content, mode=0o644):
    """Makes target a file of this content; True if it was not."""
    try:
        if target.read_bytes() == content:
            if target.stat().st_mode & 0o777 != mode:
                target.chmod(mode)
            return False
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.lab-new")
    fresh.write_bytes(content)
    fresh.chmod(mode)
    os.replace(fresh, target)
    return True


def _remove_strays(tree, files):
    """Removes what an earlier overlay laid and this one lacks."""
    removed = 0
    found = [p for own in OWN for p in (tree / own).rglob("*")]
    found += [p for glob in OWN_GLOBS for p in tree.glob(glob)]
    for path in found:
        if path.is_file() and path.relative_to(tree).as_posix() not in files:
            path.unlink()
            removed += 1
    for own in OWN:
        for folder, _, _ in os.walk(tree / own, topdown=False):
            if not os.listdir(folder):
                os.rmdir(folder)
    return removed


def _restore(source, tree, contents, state):
    """Gives files that are no longer patched their own content back."""
    before = state.read_text().split() if state.exists() else []
    changed = 0
    for name in before:
        if name not in contents:
            changed += put(tree / name, (source / name).read_bytes(),
                           (source / name).stat().st_mode & 0o777)
    state.write_text("\n".join(contents) + "\n")
    return changed


def lay(source, tree, patches):
    """Lays the overlay and the patches; returns how many files changed."""
    files = overlay_files()
    contents = patched_contents(source, patches)
    changed = _remove_strays(tree, files)
    for name, path in files.items():
        mode = 0o755 if os.access(path, os.X_OK) else 0o644
        changed += put(tree / name, path.read_bytes(), mode)
    for name, content in contents.items():
        changed += put(tree / name, content, (source / name).stat().st_mode & 0o777)
    if source != tree:
        state = tree.with_name(tree.name + ".patched")
        changed += _restore(source, tree, contents, state)
    return changed


def _debian_tarball():
    found = sorted(Path("/usr/src").glob("linux-source-6.*.tar.xz"))
    if not found:
        raise LabError("no /usr/src/linux-source-6.*.tar.xz; "
                       "apt-get install linux-source-6.12, or give KDIR=")
    return found[-1]


def _unpack(tarball, source, stamp):
    fresh = source.with_name(source.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    run(["tar", "-xJf", tarball, "-C", fresh, "--strip-components=1"])
    shutil.rmtree(source, ignore_errors=True)
    fresh.rename(source)
    (source / ".lab-stamp").write_text(stamp)


def _debian_source(build):
    """Debian's source, unpacked once a version."""
    tarball = _debian_tarball()
    stat = tarball.stat()
    stamp = f"{tarball} {stat.st_size} {int(stat.st_mtime)}"
    source = build / "linux-src"
    mark = source / ".lab-stamp"
    if not mark.exists() or mark.read_text() != stamp:
        with step(f"unpacking {tarball.name}"):
            _unpack(tarball, source, stamp)
    return source


def _copy_debian(source, tree):
    """Hard links: laying replaces files, so the source stays as it is."""
    mark = tree / ".lab-stamp"
    wanted = (source / ".lab-stamp").read_text()
    if mark.exists() and mark.read_text() == wanted:
        return
    with step("copying the source tree"):
        shutil.rmtree(tree, ignore_errors=True)
        run(["cp", "-al", source, tree])


def _copy_kdir(source, tree, patches):
    """A KDIR may have been edited since: brought up to date every time."""
    ours = [f"/{name}" for name in OWN + OWN_GLOBS]
    ours += [f"/{name}" for name in patched_names(patches)]
    with step(f"copying {source}"):
        run(["rsync", "-a", "--delete"] +
            [f"--exclude={name}" for name in [*PRODUCTS, *ours]] +
            [f"{source}/", f"{tree}/"])


def source_dir():
    """The base tree, as it came."""
    return paths.kdir() or _debian_source(paths.build_dir())


def prepare():
    """The tree to build: up to date with the source and the overlay."""
    build = paths.build_dir()
    tree = build / "tree"
    with locked(build / ".tree.lock"):
        source = source_dir()
        patches = hook_patches() + lab_patches()
        if paths.kdir():
            _copy_kdir(source, tree, patches)
        else:
            _copy_debian(source, tree)
        with step("laying the overlay", quiet_below=2) as this:
            this.note = f"{lay(source, tree, patches)} files changed"
    return tree


def apply():
    """`make apply KDIR=...`: the only thing that changes a KDIR."""
    target = paths.kdir()
    if not target:
        raise LabError("make apply wants KDIR=/path/of/a/kernel/tree")
    with step(f"applying the overlay to {target}") as this:
        this.note = f"{lay(target, target, hook_patches())} files changed"

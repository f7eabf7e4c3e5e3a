# SPDX-License-Identifier: GPL-2.0
"""LIO's targetcli on top of SCST: the program as it is installed, with
scst.rtslib in place of rtslib-fb.

Two things are set in the running program: where the configuration is saved if
nothing is said (the file of LIO stays LIO's), and that there are no backstores
of tcmu-runner, which it would ask the D-Bus for.
"""
import importlib.machinery
import importlib.util
import shutil
import sys

from scst import rtslib
from scst.rtslib.root import SAVE_FILE


def _stand_in():
    """Whoever imports rtslib-fb gets scst.rtslib."""
    for name in ('rtslib_fb', 'rtslib'):
        sys.modules[name] = rtslib
        sys.modules[name + '.utils'] = rtslib.utils


def _save_elsewhere(modules):
    for module in modules:
        old, module.default_save_file = module.default_save_file, SAVE_FILE
        for cls in vars(module).values():
            for function in vars(cls).values() if isinstance(cls, type) else ():
                defaults = getattr(function, '__defaults__', None)
                if defaults and old in defaults:
                    function.__defaults__ = tuple(
                        SAVE_FILE if d == old else d for d in defaults)


def _program(path):
    loader = importlib.machinery.SourceFileLoader('targetcli_program', path)
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def main(argv):
    """Run targetcli with these arguments; gives the exit status."""
    path = shutil.which('targetcli')
    if not path:
        print('targetcli is not installed: it is in the package targetcli-fb.',
              file=sys.stderr)
        return 1
    _stand_in()
    program = _program(path)
    from targetcli import ui_backstore, ui_root
    _save_elsewhere((ui_root, ui_backstore))
    ui_backstore.UIBackstores._user_backstores = lambda self: ()
    sys.argv = ['targetcli', *argv]
    program.main()
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

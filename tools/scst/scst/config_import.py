# SPDX-License-Identifier: GPL-2.0
"""Configurations of other targets, by whatever they look like."""
import json

from scst import lioconf, scstconf
from scst.config_file import ConfigError, check


def convert(path):
    """(tree, remarks) of a file of scstadmin's or of targetcli's."""
    tree, remarks = _convert(path)
    check(path, tree)
    return tree, remarks


def _convert(path):
    try:
        with open(path, encoding='utf-8') as file:
            text = file.read()
    except OSError as error:
        raise ConfigError('%s cannot be read: %s.' %
                          (path, error.strerror)) from None
    except ValueError:
        raise ConfigError('%s is not text in UTF-8.' % path) from None
    if not text.lstrip().startswith('{'):
        return scstconf.convert(path, text)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError('%s is not JSON: %s.' % (path, error)) from None
    if isinstance(content, dict) and 'storage_objects' in content and \
            'targets' in content:
        return lioconf.convert(path, content)
    raise ConfigError('%s has neither the blocks of scst.conf nor the '
                      '"storage_objects" and "targets" of targetcli.' % path)

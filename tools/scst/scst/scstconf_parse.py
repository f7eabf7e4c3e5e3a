# SPDX-License-Identifier: GPL-2.0
"""The grammar of scst.conf, as scstadmin reads it.

A file is lines of statements. A statement is words, of which one in quotes may
have blanks; a block is a statement that goes on with braces around statements
of its own. # begins a comment where a word could begin.
"""
import re
from dataclasses import dataclass, field

from scst.config_file import ConfigError

# What may be in each block: {keyword of a block: how many names it takes}
_BLOCKS = {
    None: {'HANDLER': 1, 'TARGET_DRIVER': 1, 'DEVICE_GROUP': 1},
    'HANDLER': {'DEVICE': 1},
    'TARGET_DRIVER': {'TARGET': 1},
    'TARGET': {'LUN': 2, 'GROUP': 1, 'HW_TARGET': 0},
    'GROUP': {'LUN': 2, 'INITIATOR': 1},
    'DEVICE_GROUP': {'DEVICE': 1, 'TARGET_GROUP': 1},
    'TARGET_GROUP': {'TARGET': 1},
}
_KEYWORDS = {name for inside in _BLOCKS.values() for name in inside}

_TOKEN = re.compile(r'''
    [^\S\n]+ | \#[^\n]* | \\\n |
    "(?P<quoted>(?:[^"\\\n]|\\.)*)" |
    (?P<mark>[{}\n]) |
    (?P<word>[^\s{}"]+)''', re.X)


@dataclass
class Block:
    """attributes: [(name, value, line)], in their order, perhaps some twice"""

    keyword: str
    names: list
    line: int
    attributes: list = field(default_factory=list)
    blocks: list = field(default_factory=list)

    def inner(self, keyword):
        return [block for block in self.blocks if block.keyword == keyword]

    @property
    def name(self):
        return self.names[-1]


def _tokens(path, text):
    """(mark or None, word or None, line)"""
    place, line = 0, 1
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found:
            raise ConfigError('%s:%d: a quote is not closed.' % (path, line))
        if found['mark']:
            yield found['mark'], None, line
        elif found['quoted'] is not None:
            yield None, re.sub(r'\\(.)', r'\1', found['quoted']), line
        elif found['word']:
            yield None, found['word'], line
        line += found[0].count('\n')
        place = found.end()


def parse(path, text):
    """The whole file as a Block without a keyword."""
    top = Block(None, [], 1)
    stack, words, begun = [top], [], 1
    for mark, word, line in _tokens(path, text):
        if word is not None:
            begun = begun if words else line
            words.append(word)
        elif mark == '{':
            if not words:
                raise ConfigError('%s:%d: nothing is before "{".' %
                                  (path, line))
            stack.append(_block(path, stack[-1], words, begun))
            words = []
        else:
            if words:
                _statement(path, stack[-1], words, begun)
            words = []
            if mark == '}':
                stack.pop()
            if not stack:
                raise ConfigError('%s:%d: there is a "}" too many.' %
                                  (path, line))
    if words:
        _statement(path, stack[-1], words, begun)
    if len(stack) > 1:
        raise ConfigError('%s:%d: the block of %s is not closed.' %
                          (path, stack[-1].line, stack[-1].keyword))
    return top


def _block(path, outer, words, line):
    keyword, *names = words
    known = _BLOCKS.get(outer.keyword, {})
    if keyword not in known:
        raise ConfigError('%s:%d: %s cannot be in %s.' % (
            path, line, keyword, outer.keyword or 'the file itself'))
    if len(names) != known[keyword]:
        raise ConfigError('%s:%d: %s takes %d name(s), not %d.' % (
            path, line, keyword, known[keyword], len(names)))
    block = Block(keyword, names, line)
    outer.blocks.append(block)
    return block


def _statement(path, block, words, line):
    """A block may come without braces if nothing is in it."""
    if words[0] in _KEYWORDS:
        _block(path, block, words, line)
    else:
        block.attributes.append((words[0], ' '.join(words[1:]), line))

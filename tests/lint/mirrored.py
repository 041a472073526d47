#!/usr/bin/env python3
"""No name or limit that C++ says is said again in web/: JavaScript takes them from boundary.mjs.

    python3 tests/lint/mirrored.py build/native/src/florilegium_boundary

runs the program that writes boundary.mjs, and looks through web/ for what it says: a list of names (two or more of one list side
by side), a large number, a constant of the same name. It prints each place and fails if there is one.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMENT = re.compile(r'/\*.*?\*/|(?<![:\'"])//[^\n]*|<!--.*?-->', re.S)
LARGE = 200        # a smaller number has too many other meanings


def boundary(program):
    text = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    lists, numbers, names = {}, {}, []
    for name, value in re.findall(r'^export const (\w+) = (.*);$', text, re.M):
        names.append(name)
        words = re.findall(r"'([^']+)'", value)
        if value.startswith('Object.freeze([') and words:
            lists[name] = words
        elif re.fullmatch(r'\d+', value) and int(value) >= LARGE:
            numbers[name] = value
    return lists, numbers, names


def without_comments(text):
    """The same text with every comment blanked, so that places stay where they are."""
    return COMMENT.sub(lambda found: re.sub(r'[^\n]', ' ', found[0]), text)


def mirrored(path, lists, numbers, names):
    text = without_comments(path.read_text(encoding='utf-8'))
    file = path.relative_to(ROOT).as_posix()

    def told(place, what, name):
        line = text.count('\n', 0, place) + 1
        return f"{file}:{line}: {what} is said in C++; import {name} from './boundary.mjs' instead."

    for name, words in lists.items():
        word = '(?:' + '|'.join(map(re.escape, words)) + ')'
        # ['grow', 'gallery'] and {growing: 0, paused: 1}; not {kind: 'noise', ...} nor a sentence.
        for found in re.finditer(rf"['\"]{word}['\"]\s*,\s*['\"]{word}['\"]|\b{word}\s*:\s*\d+\s*,\s*{word}\s*:\s*\d+", text):
            yield told(found.start(), f'the list {found[0]!r}', name)
    for name, number in numbers.items():
        if name == 'QUIZ_SIDE':     # other sides have as many pixels
            continue
        for found in re.finditer(rf'(?<![\w.#]){number}(?![\w.])', text):
            yield told(found.start(), f'the number {number}', name)
    for found in re.finditer(rf'\b(?:const|let)\s[^;]*?\b({"|".join(names)})\s*=[^=>]', text):
        yield told(found.start(), f'the constant {found[1]}', found[1])


def main():
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).exists():
        sys.exit('usage: python3 tests/lint/mirrored.py build/native/src/florilegium_boundary (build the preset native first)')
    lists, numbers, names = boundary(sys.argv[1])
    files = [*sorted((ROOT / 'web').glob('*.mjs')), ROOT / 'web/index.html']
    problems = [problem for path in files for problem in mirrored(path, lists, numbers, names)]
    print('\n'.join(problems) if problems else f'{len(files)} files of web/ mirror none of {len(names)} names and limits.')
    sys.exit(1 if problems else 0)


main()

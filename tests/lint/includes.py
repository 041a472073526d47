#!/usr/bin/env python3
"""Which folder may include which: the table below says it, and nothing runs back up.

    python3 tests/lint/includes.py

prints each #include that the table does not allow, and fails if there is one. A folder may always include itself. A folder
below one of the table belongs to it, unless it has a row of its own.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# From the bottom to the top. A new folder gets a row: what it may include stands above it.
ALLOWED = {
    'src/files': [],
    'src/diffusion': [],
    'src/image': ['src/files'],
    'src/judge': ['src/image'],
    'src/studio/state': ['src/diffusion', 'src/image', 'src/judge'],
    'src/studio/kit': ['src/studio/state', 'src/image'],
    'src/studio/rooms': ['src/studio/kit', 'src/studio/state', 'src/diffusion', 'src/image', 'src/judge'],
    'src/bridge': ['src/studio/rooms', 'src/studio/kit', 'src/studio/state', 'src/diffusion', 'src/image', 'src/judge'],
    'trainer/graph': [],
    'trainer/backend': ['trainer/graph'],
    'trainer/network': ['trainer/graph', 'src/diffusion'],
    'trainer/data': ['src/diffusion', 'src/image', 'src/files'],
    'trainer/onnx': ['trainer/network', 'trainer/graph', 'src/diffusion', 'src/files'],
    'trainer/sample': ['trainer/onnx', 'trainer/network', 'trainer/data', 'trainer/backend', 'src/diffusion',
                       'src/image'],
    'trainer/learn': ['trainer/sample', 'trainer/network', 'trainer/data', 'trainer/backend', 'trainer/graph',
                      'src/diffusion', 'src/files'],
    'trainer/run': ['trainer/learn', 'trainer/sample', 'trainer/onnx', 'trainer/network', 'trainer/data',
                    'trainer/backend', 'src/image', 'src/files'],
    'trainer/judge': ['trainer/run', 'trainer/learn', 'trainer/sample', 'trainer/onnx', 'trainer/network', 'trainer/data',
                      'trainer/backend', 'trainer/graph', 'src/diffusion', 'src/image', 'src/judge', 'src/files'],
    'trainer/experiments': ['trainer/judge', 'trainer/run', 'trainer/learn', 'trainer/sample', 'trainer/onnx',
                            'trainer/network', 'trainer/data', 'trainer/backend', 'trainer/graph', 'src/diffusion',
                            'src/image', 'src/judge'],
    'trainer/commands': ['trainer/experiments', 'trainer/judge', 'trainer/run', 'trainer/learn', 'trainer/sample', 'trainer/onnx',
                         'trainer/network', 'trainer/data', 'trainer/backend', 'trainer/graph', 'src/diffusion',
                         'src/image', 'src/files'],
    'trainer': ['trainer/commands', 'trainer/learn'],
}

INCLUDE = re.compile(r'^\s*#\s*include\s+"((?:src|trainer)/[^"]+)"')


def row_of(path):
    """The row that a file belongs to: the longest folder of the table that it lies in."""
    inside = [folder for folder in ALLOWED if path.startswith(folder + '/')]
    return max(inside, key=len, default=None)


def rows_are_one_way():
    """A folder may include only rows that stand above its own, so no two can include each other."""
    seen = set()
    for folder, allowed in ALLOWED.items():
        for other in allowed:
            if other not in seen:
                yield f'{folder} may include {other} by the table of tests/lint/includes.py, but {other} does not stand above it there.'
        seen.add(folder)


def wrong_includes(root):
    for path in sorted(p for top in ('src', 'trainer') for p in (root / top).rglob('*') if p.suffix in ('.h', '.cpp', '.cu')):
        file = path.relative_to(root).as_posix()
        row = row_of(file)
        # A folder of trainer/ without a row would fall to the program's own few files in trainer/.
        if row is None or (row == 'trainer' and file.count('/') > 1):
            yield f'{file}: its folder has no row in the table of tests/lint/includes.py; give it one.'
            continue
        for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
            found = INCLUDE.match(line)
            target = found and row_of(found[1])
            if target and target != row and target not in ALLOWED[row]:
                yield (f'{file}:{number}: {row} may not include {target} ({found[1]}). '
                       f'It may include {", ".join(ALLOWED[row]) or "only itself"}; move what is shared to a folder that both may include.')


problems = [*rows_are_one_way(), *wrong_includes(ROOT)]
print('\n'.join(problems) if problems else f'All includes follow the table of {len(ALLOWED)} folders.')
sys.exit(1 if problems else 0)

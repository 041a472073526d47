#!/usr/bin/env python3
"""Whether docs/essay.md says what was measured: each of its numbers stands in a file beside its pictures.

    python3 tests/lint/essay.py          # tells what is wrong, and fails if anything is
    python3 tests/lint/essay.py --mend   # writes the files' numbers into the essay, with as many decimals as stood there

A number is followed by where it comes from: `0.108<!--specific many/variance-->` is the value `variance` in the object `many`
of docs/essay/specific.json. `decided[noise=0.97]/share` takes the item of a list whose `noise` is 0.97, `grown[steps=5,examples=64]`
the one that fits both, and ` %` behind it means a share as per cent. Numbers without a mark are allowed in code, in links, in texts
for those who cannot see a picture, and as noise levels: "97 % noise", "level 1".
"""
import json
import math
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_BYTES = 1_500_000  # of all pictures and numbers

MARKED = re.compile(r'(?P<number>-?\d[\d,]*(?:\.\d+)?)<!--(?P<file>[\w-]+) (?P<path>[^>]*?)(?P<share> %)?-->')
NO_RESULT = re.compile(r'^ {4}.*?$|`[^`]*`|!\[[^\]]*\]|\]\([^)]*\)|\d+ % noise|\blevel \d', re.M)
PICTURE = re.compile(r'!\[[^\]]*\]\((essay/[^)]+)\)')


def value_at(numbers, path):
    """The value at a/b[key=value]/c; a LookupError names the step that leads nowhere."""
    for step in path.split('/'):
        name, _, chosen = step.partition('[')
        if not isinstance(numbers, dict) or name not in numbers:
            raise LookupError(f'there is no "{name}"')
        numbers = numbers[name]
        if chosen:
            wanted = [part.partition('=') for part in chosen.rstrip(']').split(',')]
            fitting = [item for item in numbers
                       if all(math.isclose(item[key], float(value), abs_tol=1e-6) for key, _, value in wanted)]
            if len(fitting) != 1:
                raise LookupError(f'{len(fitting)} items of "{name}" have {chosen.rstrip("]")}')
            numbers = fitting[0]
    if isinstance(numbers, bool) or not isinstance(numbers, (int, float)):
        raise LookupError('it is no number')
    return numbers


def as_written(value, like):
    """The value with as many decimals as `like` has, thousands set apart."""
    return f'{value:,.{len(like.partition(".")[2])}f}'


def judged(text, read, pictures):
    """What is wrong, as (line, sentence), and the text with the files' numbers. read(name) gives a file's numbers."""
    findings, used = [], set()
    line_at = lambda place: text.count('\n', 0, place) + 1

    def told(found):
        used.add(found['file'] + '.json')
        where = f'docs/essay/{found["file"]}.json, {found["path"]}'
        try:
            value = value_at(read(found['file']), found['path']) * (100 if found['share'] else 1)
        except (OSError, LookupError, ValueError) as error:
            findings.append((line_at(found.start()), f'{found["number"]} comes from {where}, but {error}.'))
            return found[0]
        right = as_written(value, found['number'])
        if right != found['number']:
            findings.append((line_at(found.start()), f'{found["number"]} is {right} in {where}.'))
        return right + found[0][len(found['number']):]

    mended = MARKED.sub(told, text)
    blank = lambda found: re.sub(r'[^\n]', ' ', found[0])
    for found in re.finditer(r'\d[\d,.]*', NO_RESULT.sub(blank, MARKED.sub(blank, text))):
        findings.append((line_at(found.start()), f'{found[0]} does not say where it comes from; put <!--file path--> behind it.'))
    for found in PICTURE.finditer(text):
        used.add(found[1].removeprefix('essay/'))
        if found[1].removeprefix('essay/') not in pictures:
            findings.append((line_at(found.start()), f'docs/{found[1]} is not there.'))
    for name in sorted(set(pictures) - used):
        findings.append((1, f'docs/essay/{name} is not used in the essay.'))
    if sum(pictures.values()) > MOST_BYTES:
        findings.append((1, f'docs/essay/ holds {sum(pictures.values()):,} bytes; {MOST_BYTES:,} are allowed.'))
    return sorted(findings), mended


def judge_tells():
    """The judge itself, on essays with known answers: (essay, files beside it, what must be found)."""
    numbers = {'a': {'loss': 0.1084, 'steps': 48000, 'by': [{'noise': 0.97, 'share': 0.125}]}}
    right = 'It was 0.108<!--t a/loss--> after 48,000<!--t a/steps-->; 12.5<!--t a/by[noise=0.97]/share %--> % at 97 % noise. `x = 3`'
    for essay, files, wanted in [
            (right, {'t.json': 9}, []),
            (right.replace('0.108', '0.109'), {'t.json': 9}, ['0.109 is 0.108 in']),
            (right.replace('0.97]', '0.97,share=0.125]'), {'t.json': 9}, []),
            (right.replace('a/loss', 'a/lost'), {'t.json': 9}, ['there is no "lost"']),
            (right.replace('0.97]', '0.96]'), {'t.json': 9}, ['0 items of "by"']),
            (right + ' Of 7 plants', {'t.json': 9}, ['7 does not say']),
            (right + ' ![x](essay/x.jpg)', {'t.json': 9}, ['docs/essay/x.jpg is not there']),
            (right, {'t.json': 9, 'u.json': 9}, ['docs/essay/u.json is not used']),
            (right, {'t.json': MOST_BYTES + 1}, ['bytes;'])]:
        findings, mended = judged(essay, lambda name: numbers, files)
        told = [sentence for _, sentence in findings]
        if len(told) != len(wanted) or not all(part in sentence for part, sentence in zip(wanted, told)):
            raise AssertionError(f'of "{essay}" it tells {told}, not {wanted}')
        if wanted == ['0.109 is 0.108 in'] and mended != right:
            raise AssertionError(f'it mends "{essay}" to "{mended}"')


def main():
    judge_tells()
    essay, folder = ROOT / 'docs/essay.md', ROOT / 'docs/essay'
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    read = lambda name: json.loads((folder / f'{name}.json').read_text(encoding='utf-8'))
    text = essay.read_text(encoding='utf-8')
    findings, mended = judged(text, read, files)
    if '--mend' in sys.argv:
        essay.write_text(mended, encoding='utf-8')
        findings, _ = judged(mended, read, files)
    for line, sentence in findings:
        print(f'docs/essay.md:{line}: {sentence}')
    if not findings:
        print(f'All {len(MARKED.findall(text))} numbers of the essay stand in docs/essay/.')
    return 1 if findings else 0


if __name__ == '__main__':
    sys.exit(main())

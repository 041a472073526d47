// Lines that are too long, found and broken: comments between words, JavaScript's code as clang-format breaks it, with
// the JavaScript part of .clang-format. Of C++ only the comments are broken here; clang-format writes the rest anew
// anyway.
import {parse} from 'espree';

export const WIDTH = 120, COMMENT_WIDTH = 100;   // the latter for lines of comment alone in C++

const isScript = file => /\.m?js$/.test(file);
const columns = line => [...line].length;
const isComment = line => /^\s*(\/\/|\/\*)/.test(line);
const widthOf = (file, line) => (!isScript(file) && /^\s*\/\//.test(line) ? COMMENT_WIDTH : WIDTH);
const tooLong = (file, line) => columns(line) > widthOf(file, line);

/** -> [{line, sentence}] for each line that is too long; lines count from 1. */
export function longLines(file, text) {
  return text.split('\n').flatMap((line, at) => {
    if (!tooLong(file, line)) return [];
    return [{line: at + 1, sentence: `${columns(line)} columns; at most ${widthOf(file, line)} fit`}];
  });
}

/** Comments that are too long, broken; their last words move to the next line where that goes on with the text. */
function brokenComments(file, text) {
  const out = [];
  let carried = '';       // words for the next line
  let inBlock = false;    // inside a comment that began on an earlier line
  for (let line of text.split('\n')) {
    const goesOn = inBlock || /^\s*\/\//.test(line), begins = /^\s*\/\*/.test(line);
    inBlock = (inBlock || begins) && !line.includes('*/');
    const [, before, words] = /^(\s*(?:\/\/\/?|\/\*\*?|\*(?!\/))?\s*)(.*)$/.exec(line);
    const next = begins ? `${/^\s*/.exec(line)[0]}    ` : before;
    if (carried !== '') {
      const [beforeCarried] = /^\s*(?:\/\/\/?|\*(?!\/))?\s*/.exec(carried);
      const sample = /\/\s{2,}$/.test(before);   // indented lines are examples, each for itself
      const sameKind = goesOn && !begins && !sample && before === beforeCarried;
      if (sameKind && /^[^\s*@-]/.test(words)) line = `${carried} ${words}`;
      else out.push(carried);
      carried = '';
    }
    if (/^\s*\/\/ -.*-{20}$/.test(line)) line = line.slice(0, widthOf(file, line));   // a section's mark
    while ((goesOn || begins) && tooLong(file, line)) {
      const end = [...line].slice(0, widthOf(file, line) + 1).join('').lastIndexOf(' ');
      if (end <= next.length) break;
      out.push(line.slice(0, end));
      line = next + line.slice(end + 1);
      carried = line;
    }
    if (carried !== '') carried = line;
    else out.push(line);
  }
  return [...out, ...(carried === '' ? [] : [carried])].join('\n');
}

/** A comment behind code that makes the line too long -> the comment above it, then the code. */
function liftedComment(line) {
  const [, indent, code, comment] = /^(\s*)(\S.*?)\s{2,}(\/\/ .*)$/.exec(line) ?? [];
  return code === undefined ? [line] : [indent + comment, indent + code];
}

// What a script says, whatever its line breaks.
function meaning(text) {
  const tree = parse(text, {ecmaVersion: 'latest', sourceType: 'module'});
  return JSON.stringify(tree, (key, value) => {
    if (key === 'start' || key === 'end') return undefined;
    return typeof value === 'bigint' ? `${value}n` : value;
  });
}

/** The same text with its long lines broken, as far as can be. format(text, lines): clang-format's text for
    ['--lines=7:7', ...]. A script that clang-format would change in more than its looks (it misreads some regular
    expressions) keeps its code. */
export async function withoutLongLines(file, before, format) {
  const lift = line => (tooLong(file, line) && !isComment(line) ? liftedComment(line) : [line]);
  const withoutLongComments = text => brokenComments(file, text.split('\n').flatMap(lift).join('\n'));
  let text = withoutLongComments(before);
  for (let turn = 0; format && isScript(file) && turn < 3; ++turn) {
    const long = text.split('\n').flatMap((line, at) => (tooLong(file, line) && !isComment(line) ? [at + 1] : []));
    if (long.length === 0) break;
    const formatted = withoutLongComments(await format(text, long.map(at => `--lines=${at}:${at}`)));
    if (meaning(formatted) !== meaning(before)) break;
    text = formatted;
  }
  return text;
}

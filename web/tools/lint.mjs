// Whether the sources keep the habits that a program can judge: `npm run lint --prefix web` tells, and
// `npm run format --prefix web` mends what can be mended. Judged is what git tracks:
//
//   C++         as the pinned clang-format writes it, with .clang-format; no line that is too long (long-lines.mjs)
//   JavaScript  ESLint with eslint.config.mjs; no line that is too long
//   both        no conditional expression as a branch of another one
//   versions    CMakeLists.txt's project() says it; web/package.json and CHANGELOG.md's newest section say the same
//
// Exit status: 0 nothing found, 1 something found (a line each: file:line: sentence), 2 it could not look.
import {execFile, spawnSync} from 'node:child_process';
import {existsSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import {dirname, extname, join, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {longLines, withoutLongLines} from './long-lines.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const CPP = ['.cpp', '.h', '.cu'], SCRIPTS = ['.mjs', '.js'];

const mending = process.argv.includes('--mend');
const findings = [];
const find = (file, line, sentence) => findings.push({file, line, sentence});
const read = file => readFileSync(join(root, file), 'utf8');

/** What git tracks; in a copy without git's records all that lies where sources do. */
function sources() {
  const git = spawnSync('git', ['ls-files', '-z', '--deduplicate'], {cwd: root, encoding: 'utf8', maxBuffer: 1 << 26});
  if (git.status === 0) return git.stdout.split('\0').filter(file => file && existsSync(join(root, file)));
  const below = folder => readdirSync(join(root, folder), {withFileTypes: true}).flatMap(one => {
    if (one.name === 'node_modules') return [];
    return one.isDirectory() ? below(`${folder}/${one.name}`) : [`${folder}/${one.name}`];
  });
  return ['src', 'tests', 'trainer', 'web'].flatMap(below);
}

// ---- clang-format -------------------------------------------------------------------------------------------------

/** The program of the npm package, or null where it has none for this kind of machine. */
async function clangFormat() {
  const {default: {getNativeBinary}} = await import('clang-format');
  try {
    const program = getNativeBinary();
    return typeof program === 'string' && existsSync(program) ? program : null;
  } catch { return null; }
}

const formatted = (program, text, name, more = []) => new Promise((resolve, reject) => {
  const child = execFile(
      program, [`--assume-filename=${join(root, name)}`, ...more], {cwd: root, encoding: 'utf8', maxBuffer: 1 << 26},
      (error, out, complaints) => {
        if (error) reject(new Error(`clang-format: ${complaints || error.message}`));
        else resolve(out);
      });
  child.stdin.on('error', () => {});   // it ended before it had read all: the callback above says why
  child.stdin.end(text);
});

async function inTurns(files, work) {
  const waiting = [...files];
  await Promise.all(Array.from({length: availableParallelism()}, async () => {
    while (waiting.length > 0) await work(waiting.shift());
  }));
}

async function checkFormat(program, file) {
  const text = read(file), wanted = await formatted(program, text, file);
  if (text === wanted) return;
  if (mending) return writeFileSync(join(root, file), wanted);
  const is = text.split('\n'), ought = wanted.split('\n');
  find(file, 1 + is.findIndex((line, at) => line !== ought[at]), 'formatted otherwise than by .clang-format');
}

async function breakLongLines(program, file) {
  const before = read(file);
  const format = program && ((text, lines) => formatted(program, text, file.replace(/\.mjs$/, '.js'), lines));
  const after = await withoutLongLines(file, before, format);
  if (after !== before) writeFileSync(join(root, file), after);
}

// ---- conditional expressions within one another (C++; of JavaScript ESLint says it) ------------------------------

/** The same text with the characters of comments, strings and character constants blanked, line breaks kept. */
function codeAlone(text) {
  const comment = /\/\/[^\n]*|\/\*[^]*?\*\//, raw = /R"([^(\n]*)\([^]*?\)\1"/, string = /"(?:\\.|[^"\\\n])*"/;
  const character = /(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'/;
  const pattern = new RegExp([comment, raw, string, character].map(one => one.source).join('|'), 'g');
  return text.replace(pattern, all => all.replace(/[^\n]/g, ' '));
}

function checkConditionals(file) {
  const open = [0];   // for each bracket that is open: how many '?' since its last ',' or ';'
  let line = 1;
  for (const letter of codeAlone(read(file))) {
    if (letter === '\n') ++line;
    else if ('([{'.includes(letter)) open.push(0);
    else if (')]}'.includes(letter)) open.pop();
    else if (',;'.includes(letter)) open[open.length - 1] = 0;
    else if (letter === '?' && ++open[open.length - 1] === 2)
      find(file, line, 'a conditional expression within another; give the inner one a name, or use if and else');
    if (open.length === 0) open.push(0);
    if (letter === '}') open[open.length - 1] = 0;   // a statement ended
  }
}

// ---- versions -----------------------------------------------------------------------------------------------------

function checkVersions() {
  const [, version] = /^project\(florilegium VERSION ([0-9.]+)/m.exec(read('CMakeLists.txt')) ?? [];
  if (!version) return find('CMakeLists.txt', 1, 'no line "project(florilegium VERSION ..." was found');
  for (const file of ['web/package.json', 'web/package-lock.json']) {
    const {name, version: said, ...rest} = JSON.parse(read(file));
    const saidOfItself = rest.packages ? rest.packages[''].version : version;
    if (said === version && saidOfItself === version) continue;
    if (mending) {
      if (rest.packages) rest.packages[''] = {name, ...rest.packages[''], version};
      writeFileSync(join(root, file), JSON.stringify({name, version, ...rest}, null, 2) + '\n');
    } else {
      find(file, 1, `its version is ${said}, CMakeLists.txt says ${version}`);
    }
  }
  const [, newest] = /^## \[([0-9][0-9.]*)\]/m.exec(read('CHANGELOG.md')) ?? [];
  if (newest !== version) find('CHANGELOG.md', 1, `its newest version is ${newest}, CMakeLists.txt says ${version}`);
}

// ---- all of it ----------------------------------------------------------------------------------------------------

async function checkScripts(files) {
  const {ESLint} = await import('eslint');
  const overrideConfigFile = join(root, 'web/tools/eslint.config.mjs');
  const results = await new ESLint({cwd: root, overrideConfigFile, fix: mending}).lintFiles(files);
  if (mending) await ESLint.outputFixes(results);
  for (const {filePath, messages} of results) {
    for (const {line, message, ruleId} of messages)
      find(relative(root, filePath), line ?? 1, ruleId ? `${message} (${ruleId})` : message);
  }
}

async function main() {
  const files = sources();
  const cpp = files.filter(file => CPP.includes(extname(file)));
  const scripts = files.filter(file => SCRIPTS.includes(extname(file)));
  const program = await clangFormat();
  if (!program) console.error(`lint: no clang-format for this kind of machine (${process.arch}): C++ goes unjudged.`);
  if (mending) await inTurns([...cpp, ...scripts], file => breakLongLines(program, file));
  if (program) await inTurns(cpp, file => checkFormat(program, file));
  await checkScripts(scripts);
  for (const file of [...cpp, ...scripts])
    for (const {line, sentence} of longLines(file, read(file))) find(file, line, sentence);
  for (const file of cpp) checkConditionals(file);
  checkVersions();

  findings.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
  for (const {file, line, sentence} of findings) console.log(`${file}:${line}: ${sentence}`);
  const judged = `${cpp.length} C++ and ${scripts.length} JavaScript files`;
  if (findings.length === 0) return console.log(`lint: ${judged}, nothing to mend.`);
  const help = mending ? 'These need a hand.' : 'This mends what needs no hand: npm run format --prefix web';
  console.log(`lint: ${findings.length} to mend in ${judged}. ${help}`);
  process.exitCode = 1;
}

main().catch(error => {
  const help = error.code === 'ERR_MODULE_NOT_FOUND' ? ' Run ./emsdk-setup.sh first.' : '';
  console.error(`lint: ${error.message}${help}`);
  process.exitCode = 2;
});

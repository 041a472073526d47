// Lists the licences of what the page or the trainer's tarball carries of others, from what is installed here:
//
//   node licences.mjs page OUTPUT IMGUI EMSCRIPTEN STB   the npm packages of web/package.json that the page carries,
//   Dear
//   ImGui
//                                                        and Emscripten's libraries (their folders), stb (its header)
//   node licences.mjs program OUTPUT BUILD BINARY...     the shared libraries that the first binary is linked with, and
//                                                        the packages whose headers were compiled into them all (told
//                                                        by
//                                                        the Ninja build folder BUILD)
//
// OUTPUT is one text file. Exit status: 0 written, 1 a licence is missing or something could not be read.
import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, readFileSync, readdirSync, realpathSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const run = (program, ...given) => execFileSync(program, given, {encoding: 'utf8', maxBuffer: 1 << 28});
const read = file => readFileSync(file, 'utf8').trim();
const isFile = path => existsSync(path) && statSync(path).isFile();

class Missing extends Error {}
const parts = [];   // {name, from, text}
const add = (name, from, text) => parts.push({name, from, text});

const isLicence = name => /^(licen[cs]e|copying|copyright|eula)/i.test(name);
const licencesIn = folder => readdirSync(folder).filter(name => isLicence(name) && isFile(join(folder, name))).sort();

/** The MIT licence with this line of copyright: for what says that this is its licence, but does not bring the text. */
const mit = copyright => read(join(root, 'LICENSE')).replace(/^Copyright .*$/m, copyright);

/** What the first lines of a source say -> the line of copyright; '' where they name none, or another licence. */
function copyrightUnderMit(file) {
  const head = readFileSync(file, 'utf8').slice(0, 1500);
  return /\bMIT\b/.test(head) ? /Copyright [^\n]*/.exec(head)?.[0].trim() ?? '' : '';
}

// ---- npm packages -------------------------------------------------------------------------------------------------

function addNpmPackages() {
  const {dependencies, devDependencies} = JSON.parse(read(join(root, 'web/package.json')));
  const typefaces = Object.keys(devDependencies).filter(name => /-fonts\//.test(name));
  for (const name of [...Object.keys(dependencies), ...typefaces].sort()) {
    const folder = join(root, 'web/node_modules', name);
    const {version, license, repository} = JSON.parse(read(join(folder, 'package.json')));
    const from =
        `npm package ${version}, ${license}${repository?.url ? `, ${repository.url.replace(/^git\+/, '')}` : ''}`;
    const texts = licencesIn(folder).map(file => read(join(folder, file)));
    if (texts.length === 0 && license === 'MIT') {
      const code = readdirSync(join(folder, 'dist')).filter(file => /\.m?js$/.test(file)).sort();
      const [copyright] = code.map(file => copyrightUnderMit(join(folder, 'dist', file))).filter(Boolean);
      if (copyright) texts.push(mit(copyright));
    }
    if (texts.length === 0) throw new Missing(`The npm package ${name} brings no licence.`);
    add(name, from, texts.join('\n\n'));
  }
}

// ---- what is compiled into the page -------------------------------------------------------------------------------

function addImgui(folder) {
  const [file] = licencesIn(folder);
  if (!file) throw new Missing(`Dear ImGui's folder ${folder} has no licence.`);
  add('Dear ImGui', /IMGUI_VERSION +"([^"]+)"/.exec(read(join(folder, 'imgui.h')))?.[1] ?? '',
      read(join(folder, file)));
}

function addEmscripten(folder) {
  const copyright = copyrightUnderMit(join(folder, 'emcc.py'));
  const musl = join(folder, 'system/lib/libc/musl/COPYRIGHT');
  if (!copyright) throw new Missing(`Emscripten's folder ${folder} does not say its licence.`);
  if (!isFile(musl)) throw new Missing(`The C library of Emscripten has no licence (${musl}).`);
  const version = read(join(folder, 'emscripten-version.txt')).replaceAll('"', '');
  add('Emscripten', version, mit(copyright));
  add('musl, Emscripten\'s C library', version, read(musl));
}

function addStb(header) {
  const text = read(header), from = text.lastIndexOf('This software is available under');
  if (from < 0) throw new Missing(`The header ${header} does not say its licence.`);
  const [, name, version] = /^\/\* (\S+) - (\S+)/.exec(text) ?? ['', 'stb', ''];
  add(name, version, text.slice(from).replace(/\*\/$/, '').trim());
}

// ---- Debian packages ----------------------------------------------------------------------------------------------

/** The packages that own these files -> {package: one of its files}. Throws where one belongs to none. */
function packagesOf(files) {
  // /lib and /bin are links into /usr nowadays, and a package may know its files by either name.
  const namesOf =
      file => [...new Set([realpathSync(file), file].flatMap(name => [name, name.replace(/^\/usr\//, '/')]))];
  const asked = spawnSync('dpkg-query', ['-S', ...files.flatMap(namesOf)], {encoding: 'utf8', maxBuffer: 1 << 28});
  if (asked.error) throw new Missing(`dpkg-query cannot be run: ${asked.error.message}.`);
  const owner = {};   // of a file
  for (const line of asked.stdout.split('\n')) {
    const [, packages, file] = /^([^\s:,]+).*?: (\/.*)$/.exec(line) ?? [];
    if (file) owner[file] = packages;
  }
  const owners = {};
  for (const file of files) {
    const name = namesOf(file).find(one => owner[one]);
    if (!name) throw new Missing(`${file} belongs to no package, so its licence is not known.`);
    owners[owner[name]] ??= file;
  }
  return owners;
}

function addDebianPackages(files) {
  for (const [name, file] of Object.entries(packagesOf(files)).sort()) {
    const text = `/usr/share/doc/${name}/copyright`;
    if (!isFile(text)) throw new Missing(`The Debian package ${name} (${file}) has no licence.`);
    add(name, `Debian package ${run('dpkg-query', '-W', '-f', '${Version}', name)}`, read(text));
  }
}

/** Texts that Debian's lists of licences only refer to. */
function addCommonLicences() {
  const named = parts.flatMap(({text}) => text.match(/\/usr\/share\/common-licenses\/[A-Za-z][\w.-]*\w/g) ?? []);
  for (const file of [...new Set(named)].sort()) if (isFile(file)) add(file, 'named above', read(file));
}

// ---- what is compiled into or linked with a program ---------------------------------------------------------------

function sharedLibraries(binary) {
  const lines = run('ldd', binary).split('\n');
  const missing = lines.filter(line => line.includes('not found'));
  if (missing.length > 0)
    throw new Missing(`Not found on this machine: ${missing.map(line => line.trim()).join(', ')}`);
  return lines.flatMap(line => /=> (\/\S+)|^\s*(\/\S+)/.exec(line)?.slice(1).filter(Boolean) ?? []);
}

/** The headers of the system that the objects of these CMake targets were compiled with. */
function headersOf(build, targets) {
  const headers = new Set();
  let wanted = false;
  for (const line of run('ninja', '-C', build, '-t', 'deps').split('\n')) {
    const [, target] = /^\S*CMakeFiles\/([^/]+)\.dir\/.*#deps/.exec(line) ?? [];
    if (target) wanted = targets.includes(target);
    else if (wanted && /^\s+\/usr\//.test(line)) headers.add(line.trim());
    else if (wanted && /^\s+headers\//.test(line)) headers.add(copied(build, line.trim().slice('headers/'.length)));
  }
  return [...headers];
}

/** Where a header that CMake copied into the build folder came from; its folder is in CMake's cache. */
function copied(build, header) {
  const folders = read(join(build, 'CMakeCache.txt')).match(/^\w+_DIR:PATH=\/.*$/gm) ?? [];
  const found = folders.map(line => join(line.slice(line.indexOf('=') + 1), header)).find(isFile);
  if (!found) throw new Missing(`Where the header ${header} came from is not known.`);
  return found;
}

/** Headers that no package owns belong to a toolkit that was unpacked by hand: its licences lie in its folder, or in
    the records that its Python packages left there. */
function addToolkits(headers) {
  const folders = new Set();
  for (const header of headers) {
    let folder = dirname(realpathSync(header));
    while (folder !== '/' && licencesIn(folder).length === 0 && !existsSync(join(folder, 'dist-info')))
      folder = dirname(folder);
    if (folder === '/')
      throw new Missing(`${header} belongs to no package, and no licence lies in the folders above it.`);
    folders.add(folder);
  }
  for (const folder of folders) {
    const records =
        existsSync(join(folder, 'dist-info')) ? readdirSync(join(folder, 'dist-info'), {recursive: true}) : [];
    const files = [
      ...licencesIn(folder), ...records.filter(one => isLicence(one.split('/').at(-1))).map(one => `dist-info/${one}`)
    ];
    const texts = [...new Set(files.map(file => join(folder, file)).filter(isFile).map(read))];
    if (texts.length === 0) throw new Missing(`No licence lies in ${folder}.`);
    add(folder.split('/').at(-1), 'unpacked beside the system\'s packages', texts.join('\n\n'));
  }
}

// -------------------------------------------------------------------------------------------------------------------

function write(output, what) {
  parts.unshift({name: 'Florilegium itself', from: '', text: read(join(root, 'LICENSE'))});
  const rule = '='.repeat(100);
  const list = parts.map(({name, from}) => `  ${name}${from ? `  (${from})` : ''}`).join('\n');
  const texts = parts.map(({name, from, text}) => `${rule}\n${name}${from ? `  (${from})` : ''}\n${rule}\n\n${text}\n`);
  writeFileSync(
      output,
      `${what} carries what others made. What it is and under which licences:\n\n${list}\n\n${texts.join('\n')}`);
}

function main([what, output, ...given]) {
  if (what === 'page' && given.length === 3) {
    addNpmPackages();
    addImgui(given[0]);
    addEmscripten(given[1]);
    addStb(given[2]);
    return write(output, 'The page Florilegium');
  }
  if (what === 'program' && given.length >= 2) {
    const [build, ...binaries] = given;
    const targets =
        ['florilegium', 'florilegium_trainer', 'florilegium_diffusion', 'florilegium_image', 'florilegium_judge'];
    if (binaries.some(one => one.endsWith('libflorilegium_cuda.so'))) targets.push('florilegium_cuda');
    const headers = headersOf(build, targets), byHand = headers.filter(one => one.startsWith('/usr/local/'));
    addDebianPackages([...sharedLibraries(binaries[0]), ...headers.filter(one => !byHand.includes(one))]);
    addToolkits(byHand);
    addCommonLicences();
    return write(output, 'The program florilegium');
  }
  throw new Missing('Usage: licences.mjs page OUTPUT IMGUI EMSCRIPTEN STB | program OUTPUT BUILD BINARY...');
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`licences: ${error.message}`);
  process.exitCode = 1;
}

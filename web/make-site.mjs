// Puts the static site together: node make-site.mjs SITE MODELS VERSION. Copies what the page is made of, and lists
// the models in SITE/models/index.json from what their files say about themselves. The WebAssembly modules and
// boundary.js are built into SITE by CMake. The service worker comes last: it lists all other files with their hashes.
//
// In the site every module ends in .js: each web server sends those as JavaScript, but not each one .mjs.
import {copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {listFiles, listModels, writeServiceWorker} from './site-list.mjs';

const [site, models, version] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, 'node_modules');
if (!existsSync(join(packages, 'onnxruntime-web'))) {
  console.error('The npm packages of web/ are missing. Run ./emsdk-setup.sh, or: npm ci --prefix web');
  process.exit(1);
}

function copy(from, to) {
  mkdirSync(dirname(join(site, to)), {recursive: true});
  copyFileSync(from, join(site, to));
}

const inSite = name => name.replace(/\.mjs$/, '.js');
// main.mjs as main.js, and what it and the others name as well
function copyText(from, to) {
  const text = readFileSync(from, 'utf8').replace(/(["'])((?:\.\/)?[\w./-]+)\.mjs\1/g, '$1$2.js$1');
  mkdirSync(dirname(join(site, to)), {recursive: true});
  writeFileSync(join(site, inSite(to)), text);
  return text;
}

// every other module is the page's
const NODE_ONLY = ['make-package.mjs', 'make-site.mjs', 'serve.mjs', 'site-list.mjs'];
for (const stale of readdirSync(site).filter(name => name.endsWith('.mjs'))) rmSync(join(site, stale));
rmSync(join(site, 'ort'), {recursive: true, force: true});
for (const file of ['style.css', 'icon.svg', 'icon-192.png', 'icon-512.png', 'icon-maskable.png', 'manifest.json'])
  copy(join(here, file), file);
for (const file of readdirSync(here).filter(name => name.endsWith('.mjs') && !NODE_ONLY.includes(name)))
  copyText(join(here, file), file);
const page = copyText(join(here, 'index.html'), 'index.html');
writeFileSync(join(site, 'index.html'), page.replace('content="VERSION"', () => `content="${version}"`));
writeFileSync(join(site, 'package.json'), '{"type": "module"}\n');   // for Node, which reads some of them too

/** The modules that one needs to start, itself included. */
function neededBy(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const text = readFileSync(join(site, name), 'utf8');
  for (const [, other] of text.matchAll(/^(?:import|export)\b[^;]*?from\s*'\.\/([\w-]+\.js)'/gm))
    neededBy(other, found);
  return found;
}
const start = readFileSync(join(here, 'start.js'), 'utf8');
const needed = JSON.stringify([...neededBy('main.js')]);
writeFileSync(join(site, 'start.js'), start.replace('const MODULES = [];', () => `const MODULES = ${needed};`));

const RUNTIME = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm',
  'ort.webgpu.min.mjs', 'ort-wasm-simd-threaded.asyncify.mjs', 'ort-wasm-simd-threaded.asyncify.wasm'];
for (const file of RUNTIME)
  (file.endsWith('.mjs') ? copyText : copy)(join(packages, 'onnxruntime-web/dist', file), `ort/${file}`);
writeFileSync(join(site, 'ort/index.json'), JSON.stringify(listFiles(join(site, 'ort'), '.wasm'), null, 1));

const FACES = {
  'alegreya-sans': ['AlegreyaSans/400Regular', 'AlegreyaSans/500Medium'],
  'eb-garamond': ['EBGaramond/400Regular', 'EBGaramond/400Regular_Italic']
};
for (const [name, faces] of Object.entries(FACES)) {
  for (const face of faces) {
    const [family, style] = face.split('/');
    copy(join(packages, '@expo-google-fonts', name, style, `${family}_${style}.ttf`), `fonts/${family}_${style}.ttf`);
  }
  copy(join(packages, '@expo-google-fonts', name, 'LICENSE_FONT'), `fonts/${name}-LICENSE.txt`);
}

// What the tasks show of the training data: written by `florilegium dataset publish`.
rmSync(join(site, 'plates'), {recursive: true, force: true});
cpSync(join(here, 'plates'), join(site, 'plates'), {recursive: true});
// What the criteria compare with: written by `florilegium judge publish`.
for (const file of ['judge.json', 'plates.jpg', 'held-out.jpg']) copy(join(here, 'judge', file), `judge/${file}`);

rmSync(join(site, 'models'), {recursive: true, force: true});
mkdirSync(join(site, 'models'), {recursive: true});
const list = existsSync(models) ?
    await listModels(site, models, (file, sentence) => console.error(`models/${file} is left out: ${sentence}`)) :
    [];
for (const {file} of list) copy(join(models, file), `models/${file}`);
writeFileSync(join(site, 'models/index.json'), JSON.stringify(list, null, 1));

writeServiceWorker(site);

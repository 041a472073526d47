// Puts the static site together: node make-site.mjs SITE MODELS. Copies what the page is made of, and lists the models in
// SITE/models/index.json from what their files say about themselves. The WebAssembly modules are built into SITE by CMake.
import {copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {checkContract, readModel} from './onnx-file.mjs';

const [site, models] = process.argv.slice(2);
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

const PAGE = ['index.html', 'style.css', 'icon.svg', 'main.mjs', 'address.mjs', 'engine.mjs', 'studio.mjs', 'plain.mjs', 'onnx-file.mjs', 'denoiser-worker.mjs', 'desk-worker.mjs', 'desk.mjs', 'drop.mjs', 'png-notes.mjs'];
for (const file of PAGE) copy(join(here, file), file);

const RUNTIME = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm',
  'ort.webgpu.min.mjs', 'ort-wasm-simd-threaded.asyncify.mjs', 'ort-wasm-simd-threaded.asyncify.wasm'];
for (const file of RUNTIME) copy(join(packages, 'onnxruntime-web/dist', file), `ort/${file}`);

const FACES = {'alegreya-sans': ['AlegreyaSans/400Regular', 'AlegreyaSans/500Medium'], 'eb-garamond': ['EBGaramond/400Regular', 'EBGaramond/400Regular_Italic']};
for (const [name, faces] of Object.entries(FACES)) {
  for (const face of faces) {
    const [family, style] = face.split('/');
    copy(join(packages, '@expo-google-fonts', name, style, `${family}_${style}.ttf`), `fonts/${family}_${style}.ttf`);
  }
  copy(join(packages, '@expo-google-fonts', name, 'LICENSE_FONT'), `fonts/${name}-LICENSE.txt`);
}

rmSync(join(site, 'models'), {recursive: true, force: true});
mkdirSync(join(site, 'models'), {recursive: true});
const list = [];
for (const file of existsSync(models) ? readdirSync(models).filter(name => name.endsWith('.onnx')).sort() : []) {
  const path = join(models, file);
  try {
    const {imageSize, title, metadata} = checkContract(readModel(readFileSync(path), file), file);
    list.push({file, title, bytes: statSync(path).size, imageSize, gflopPerStep: Number(metadata.gflop_per_step) || null});
    copy(path, `models/${file}`);
  } catch (error) {
    console.error(`models/${file} is left out: ${error.message}`);
  }
}
writeFileSync(join(site, 'models/index.json'), JSON.stringify(list, null, 1));

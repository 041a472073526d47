// What a site holds, with the SHA-256 of each file: the page checks its downloads against these lists, and a new
// deployment is known by them. For make-site.mjs and the tests; never sent to a browser.
import {createHash} from 'node:crypto';
import {existsSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import {basename, dirname, join, relative, resolve, sep} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const ENCODER = 'judge.onnx';

const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');

/** What `florilegium judge --beside` measured of a model and left beside it, MODEL.judge.json -> {pictures, two_sample:
    [{side, accuracy, interval: [low, high]}]}; undefined where it did not, or not of these weights. */
function judgedBeside(path, hash, refused) {
  const file = path.replace(/\.onnx$/, '.judge.json');
  if (!existsSync(file)) return undefined;
  const {model_sha256: of, pictures, plausibility: {two_sample: told}} = JSON.parse(readFileSync(file, 'utf8'));
  if (of === hash) return {pictures, two_sample: told};
  refused(basename(file), 'it was measured with other weights; measure again with florilegium judge --beside.');
  return undefined;
}

/** The models of a folder, as the site's own reader (onnx-file.mjs) finds them -> [{file, title, bytes, imageSize,
    gflopPerStep: Number | null, trainSamples, sha256, judged: as judgedBeside()}]; refused(file, sentence) hears of
    those that do not fit. The encoder that judges them is none. */
export async function listModels(site, folder, refused = () => {}) {
  const {checkContract, readModel} = await import(pathToFileURL(resolve(site, 'onnx-file.js')));
  const list = [];
  for (const file of readdirSync(folder).filter(name => name.endsWith('.onnx') && name !== ENCODER).sort()) {
    const bytes = readFileSync(join(folder, file)), hash = sha256(bytes);
    try {
      const {imageSize, title, gflopPerStep, metadata} = checkContract(readModel(bytes, file), file);
      list.push({
        file,
        title,
        bytes: bytes.length,
        imageSize,
        gflopPerStep,
        trainSamples: Number(metadata.train_samples) || 0,
        sha256: hash,
        judged: judgedBeside(join(folder, file), hash, refused)
      });
    } catch (error) {
      refused(file, error.message);
    }
  }
  return list;
}

/** The files of a folder with this ending -> [{file, bytes, sha256}]. */
export function listFiles(folder, ending) {
  return readdirSync(folder).filter(name => name.endsWith(ending)).sort().map(file => {
    const bytes = readFileSync(join(folder, file));
    return {file, bytes: bytes.length, sha256: sha256(bytes)};
  });
}

// kept once the page is ready; all else is kept before the service worker starts
const ROOM_DATA = /^(judge|plates)\/|^(plate|denoiser|runtime)\.js$/;

// What the service worker keeps. Models and ort/*.wasm are kept when they are used (kept-files.mjs); licences, the
// service worker itself and what is for Node are not part of what the page shows.
function pageFiles(site) {
  const files = {};
  const walk = folder => {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name), local = relative(site, path).split(sep).join('/');
      if (statSync(path).isDirectory()) { if (local !== 'models') walk(path);
      } else if (!/^service-worker\.js$|^package\.json$|^node(-worker)?\.js$|^ort\/.*\.wasm$|LICENSE|^licences\.txt$/
                      .test(local))
        files[local] = sha256(readFileSync(path));
    }
  };
  walk(site);
  return files;
}

/** Writes SITE/service-worker.js with the list of the site's files; its version is the hash of that list. */
export function writeServiceWorker(site) {
  const source = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'service-worker.js'), 'utf8');
  const files = Object.entries(pageFiles(site)),
        list = wanted =>
            JSON.stringify(Object.fromEntries(files.filter(([path]) => ROOM_DATA.test(path) === wanted)), null, 1);
  const page = list(false), rest = list(true);
  const written = source.replace(
      /^const VERSION = .*$/m,
      () => `const VERSION = '${sha256(page + rest).slice(0, 16)}', FILES = ${page}, REST = ${rest};`);
  if (written === source) throw new Error('service-worker.js has no line for the list of files.');
  writeFileSync(join(site, 'service-worker.js'), written);
}

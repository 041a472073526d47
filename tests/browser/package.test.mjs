// The npm package, as `npm pack` gives it: its README's examples run in Node, its picture is the native program's, and
// it grows the same plate in Chromium.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {decodePng, largestDifference, launch, missing, openPage, psnr, siteMissing} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..'), web = join(root, 'web');
const binary = process.env.FLORILEGIUM_BINARY ?? join(root, 'build/native/florilegium');
const readme = readFileSync(join(web, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code]) => code);

let folder, packed, Denoiser;
before(async () => {
  if (siteMissing) return;
  folder = mkdtempSync(join(tmpdir(), 'florilegium-package-'));
  const npm = (...given) => execFileSync('npm', [...given, '--silent'], {cwd: web, encoding: 'utf8'});
  [packed] = JSON.parse(npm('pack', '--json', '--pack-destination', folder));
  const home = join(folder, 'node_modules/florilegium');
  mkdirSync(home, {recursive: true});
  execFileSync('tar', ['xzf', join(folder, packed.filename), '-C', home, '--strip-components=1']);
  symlinkSync(join(web, 'node_modules/onnxruntime-web'), join(folder, 'node_modules/onnxruntime-web'));
  mkdirSync(join(folder, 'models'));
  copyFileSync(join(root, 'models/garden.onnx'), join(folder, 'models/garden.onnx'));
  writeFileSync(join(folder, 'models/tiny.onnx'), tinyModel({size: 32, hint: true}));
  ({Denoiser} = await import(pathToFileURL(join(home, 'dist/node.js'))));
});
after(() => { if (folder) rmSync(folder, {recursive: true, force: true}); });
const on = (name, body, skip = false) => test(name, {skip: siteMissing || skip, timeout: 180000}, body);

/** Runs an example in Node, in the package's folder -> what it prints. */
function run(code) {
  writeFileSync(join(folder, 'example.mjs'), code);
  return execFileSync('node', ['example.mjs'], {cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26});
}
const tiny = async () => {
  const denoiser = new Denoiser({threads: 1});
  await denoiser.load(join(folder, 'models/tiny.onnx'));
  return denoiser;
};

on('it holds the library and its types, and nothing of the page', () => {
  assert.equal(packed.name, 'florilegium');
  const files = packed.files.map(({path}) => path);
  for (const file
           of ['README.md', 'dist/LICENSE', 'dist/licences.txt', 'dist/index.d.ts', 'dist/denoiser.js', 'dist/node.js',
               'dist/plate.js'])
    assert.ok(files.includes(file), file);
  assert.deepEqual(files.filter(file => /studio|main\.js|ort|onnx$|node_modules|\.ttf/.test(file)), []);
  assert.ok(packed.size < 100000, `${packed.size} bytes`);
  const types = readFileSync(join(folder, 'node_modules/florilegium/dist/index.d.ts'), 'utf8');
  const declared =
      types.slice(types.indexOf('export class Denoiser')).matchAll(/^ {2}(?:static |readonly )?(\w+)[(:]/gm);
  const members = new Set();
  for (let one = Denoiser; one.name === 'Denoiser'; one = Object.getPrototypeOf(one))
    for (const owner of [one, one.prototype])
      for (const name of Object.getOwnPropertyNames(owner)) members.add(name);
  const own = ['length', 'name', 'prototype'];
  assert.deepEqual(
      [...declared].map(([, name]) => name).sort(), [...members].filter(name => !own.includes(name)).sort());
});

const noProgram = existsSync(binary) ? false : 'skipped: the native program is not built';
on('the first example grows the native program\'s picture', async () => {
  const native = join(folder, 'native.png');
  execFileSync(
      binary, ['sample', '--model', join(root, 'models/garden.onnx'), '--seed', '7', '--steps', '8', '--out', native]);
  const printed =
      run(examples[0].replace(/console\.log\(.*/, 'process.stdout.write(JSON.stringify([...plate.rgba]));'));
  const difference = psnr(decodePng(readFileSync(native)).rgba, JSON.parse(printed));
  assert.ok(difference >= 45, `${difference.toFixed(1)} dB`);
}, noProgram);

on('the second example runs', () => {
  const printed = run(examples[1]);
  for (let step = 0; step <= 4; ++step) assert.match(printed, new RegExp(`^step ${step} of 4 `, 'm'));
  assert.match(printed, /^(\d+) of \1 bytes$/m);
});

on('moments lead to the picture; branches and regions keep what they should', async () => {
  const denoiser = await tiny();
  try {
    const growth = denoiser.generate({seed: 7, steps: 5}), seen = [];
    for await (const {step, noiseLevel, prediction} of growth) seen.push([step, noiseLevel, prediction]);
    const plate = await growth;
    assert.deepEqual(seen.map(([step]) => step), [0, 1, 2, 3, 4, 5]);
    assert.equal(seen[0][1], 1);
    assert.equal(seen[0][2], null);
    assert.deepEqual(plate.rgba, plate.moments[5].picture);
    assert.ok(plate.moments.every(({prediction, kept}) => prediction && kept));
    assert.deepEqual((await denoiser.generate({seed: 7n, steps: '5'})).rgba, plate.rgba);

    const branch = await denoiser.branch(plate, {step: 3, seed: 1});
    assert.deepEqual(branch.moments.map(({step}) => step), [3, 4, 5]);
    assert.notDeepEqual(branch.rgba, plate.rgba);
    assert.deepEqual((await denoiser.branch(plate, {step: 3, seed: 1})).rgba, branch.rgba);

    const region = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], half = plate.rgba.length / 2;
    const changed = await denoiser.inpaint(plate, {region, noiseLevel: 0.8, seed: 2});
    assert.ok(changed.moments[0].noiseLevel <= 0.8 && changed.moments[0].step > 0);
    assert.notDeepEqual(changed.rgba.slice(0, half), plate.rgba.slice(0, half));
    // half a cell is blended in at the edge
    assert.ok(largestDifference(changed.rgba.slice(half + 32 * 4 * 4), plate.rgba.slice(half + 32 * 4 * 4)) <= 1);

    const hint = denoiser.hint(Uint8Array.from({length: 64}, (_, i) => (i < 32 ? [255, 0, 0, 255][i % 4] : 0)));
    assert.deepEqual([hint[0], hint[15], hint[16], hint[48], hint[63]], [1, 0, -1, 1, 0]);
    assert.notDeepEqual((await denoiser.generate({seed: 7, steps: 5, hint})).rgba, plate.rgba);
    const picture = Float32Array.from(plate.moments[5].kept, value => value / 16384);
    const from = await denoiser.generate({seed: 7, steps: 5, picture, noiseLevel: 0.5});
    assert.ok(from.moments[0].step > 0 && largestDifference(from.rgba, plate.rgba) > 0);
  } finally {
    denoiser.close();
  }
});

on('growths wait for their turn and can be stopped; what is wrong is said', async () => {
  const denoiser = await tiny();
  try {
    const stopping = new AbortController(), first = denoiser.generate({steps: 250});
    const second = denoiser.generate({seed: 1, steps: 3, signal: stopping.signal}),
          third = denoiser.generate({seed: 2, steps: 3});
    stopping.abort();
    await assert.rejects(second, {name: 'AbortError'});
    for await (const {step} of first) if (step === 3) break;
    await assert.rejects(first, {name: 'AbortError'});
    const plate = await third;
    assert.throws(() => denoiser.generate({seed: -1}), /^RangeError: A seed is a whole number/);
    assert.throws(() => denoiser.generate({sampler: 'magic'}), /no sampler called 'magic'/);
    assert.throws(() => denoiser.branch(plate, {step: 3}), /0 to 2, not 3/);
    assert.throws(() => denoiser.branch({}, {step: 0}), /no finished plate/);
    assert.throws(() => denoiser.inpaint(plate, {region: [1]}), /has 4 x 4 cells, not 1/);
    assert.throws(() => denoiser.hint([]), /4 x 4 pixels/);
    await assert.rejects(denoiser.load('nowhere.onnx'), /nowhere\.onnx could not be loaded/);
    await assert.rejects(denoiser.load(new Uint8Array([1, 2, 3])), /is not an ONNX model/);
    await assert.rejects(denoiser.load(), /No model came with this library/);
    await assert.rejects(
        denoiser.load(join(folder, 'models/garden.onnx'), {signal: AbortSignal.abort()}), {name: 'AbortError'});
    const late = new AbortController();
    await assert.rejects(
        denoiser.load(join(folder, 'models/garden.onnx'), {signal: late.signal, onProgress: () => late.abort()}),
        {name: 'AbortError'});
    assert.equal((await denoiser.generate({seed: 2, steps: 3})).rgba.length, 4 * 32 ** 2, 'the model in use stays');
    await denoiser.load(new Uint8Array(readFileSync(join(folder, 'models/tiny.onnx'))));
    assert.throws(() => denoiser.branch(plate, {step: 0}), /no longer open/);
  } finally {
    denoiser.close();
  }
  assert.throws(() => denoiser.generate(), /closed/);
  assert.throws(() => new Denoiser({backend: 'abacus'}), /no backend called 'abacus'/);
  assert.throws(() => new Denoiser().generate(), /call load\(\) first/);
});

on('in Chromium it grows the same plate, and forgets what it kept', async () => {
  const {serve} = await import(pathToFileURL(join(web, 'serve.mjs')));
  const denoiser = await tiny(), here = await denoiser.generate({seed: 7, steps: 5});
  denoiser.close();
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Package</title>');
  const server = await serve({root: folder, port: 0}), browser = await launch();
  try {
    const {page, seen} = await openPage(browser, server.url);
    const there = await page.evaluate(async () => {
      const {Denoiser: InBrowser} = await import('/node_modules/florilegium/dist/denoiser.js');
      const other = new InBrowser();
      await other.load('models/tiny.onnx');
      const {rgba} = await other.generate({seed: 7, steps: 5}), kept = await caches.keys();
      await other.purge();
      const left = await caches.keys();
      other.close();
      return {rgba: [...rgba], kept, left, able: await InBrowser.capabilities()};
    });
    assert.ok(largestDifference(there.rgba, here.rgba) <= 1);
    assert.equal(there.kept.length, 1);
    assert.deepEqual(there.left, []);
    assert.deepEqual([there.able.wasm, there.able.threads > 1], [null, true]);
    assert.deepEqual(seen.errors.filter(line => !/404/.test(line)), []);
  } finally {
    await browser.close();
    await server.close();
  }
}, missing);

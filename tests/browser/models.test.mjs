// The shipped models in the page: reproducible, the same on one thread and two, on WebGPU, and in the native program.
// Each test is skipped with a word where its model (or the native build) is not there.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {decodePng, generate, largestDifference, openPage, psnr, readiness, suite} from './support.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const native = process.env.FLORILEGIUM_NATIVE ?? join(root, 'build/native/florilegium');
const has = file => existsSync(join(root, 'models', file));
let browser, site;
const run = suite(
    {timeout: 280000, launching: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'], shipped: true},
    started => {
      ({browser, site} = started);
    });
const on = (file, name, body) =>
    run(`${file}: ${name}`, body, !has(file) && `skipped: models/${file} is not there yet`);

async function grown(file, query, ...runs) {
  const {page} = await openPage(browser, `${site.url}?model=models/${file}&${query}`);
  const info = await readiness(page);
  assert.equal(info.error, undefined);
  const pictures = [];
  for (const run of runs) {
    const {rgba, error, width} = await generate(page, run);
    assert.equal(error, undefined);
    assert.equal(width, info.imageSize);
    pictures.push(rgba);
  }
  await page.close();
  return {info, pictures};
}

function sampled(file, steps) {
  const folder = mkdtempSync(join(tmpdir(), 'florilegium-sample-'));
  try {
    execFileSync(
        native,
        [
          'sample', '--model', join(root, 'models', file), '--seed', '7', '--steps', String(steps), '--out',
          join(folder, 'a.png')
        ],
        {stdio: 'pipe'});
    return decodePng(readFileSync(join(folder, 'a.png'))).rgba;
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

let garden;
on('garden.onnx', 'twice the same bytes; one thread as two to 1/255', async () => {
  const one = await grown('garden.onnx', 'backend=wasm&threads=1', {seed: 7, steps: 20}, {seed: 7, steps: 20});
  const two = await grown('garden.onnx', 'backend=wasm&threads=2', {seed: 7, steps: 20});
  assert.ok(one.pictures[0].equals(one.pictures[1]));
  assert.ok(largestDifference(one.pictures[0], two.pictures[0]) <= 1);
  garden = one.pictures[0];
});

on('garden.onnx', 'WebGPU agrees with WebAssembly to 40 dB', async context => {
  const run = {seed: 7, steps: 2};   // a software adapter takes its time
  const {info, pictures} = await grown('garden.onnx', 'backend=webgpu', run);
  if (info.backend !== 'webgpu') return context.skip(`skipped: ${info.notes.join(' ')}`);
  const expected = (await grown('garden.onnx', 'backend=wasm', run)).pictures[0];
  assert.ok(psnr(pictures[0], expected) >= 40, `${psnr(pictures[0], expected)} dB`);
});

on('garden.onnx', 'the native program draws the same to 45 dB', context => {
  if (!existsSync(native)) return context.skip('skipped: build/native/florilegium is not built');
  const decibels = psnr(sampled('garden.onnx', 20), garden);
  assert.ok(decibels >= 45, `${decibels} dB`);
});

on('botanical.onnx', '512 x 512, twice the same bytes, as the native program to 45 dB', async () => {
  const {info, pictures} = await grown('botanical.onnx', 'backend=wasm', {seed: 7, steps: 3}, {seed: 7, steps: 3});
  assert.equal(info.imageSize, 512);
  assert.ok(pictures[0].equals(pictures[1]));
  if (existsSync(native)) {
    const decibels = psnr(sampled('botanical.onnx', 3), pictures[0]);
    assert.ok(decibels >= 45, `${decibels} dB`);
  }
});

on('florilegium.onnx', 'a ladder of 512 x 512, twice the same bytes, as the native program to 45 dB', async () => {
  const {info, pictures} = await grown('florilegium.onnx', 'backend=wasm', {seed: 7, steps: 6}, {seed: 7, steps: 6});
  assert.equal(info.imageSize, 512);
  assert.deepEqual(info.changes, [0.6]);
  assert.ok(pictures[0].equals(pictures[1]));
  if (existsSync(native)) {
    const decibels = psnr(sampled('florilegium.onnx', 6), pictures[0]);
    assert.ok(decibels >= 45, `${decibels} dB`);
  }
});

// What docs/python.md says, done: its two pieces of Python grow the plate that the native program grows. PYTHON names
// another interpreter than python3.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {decodePng, psnr} from '../browser/support.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const binary = process.env.FLORILEGIUM_BINARY ?? join(root, 'build/native/florilegium');
const python = process.env.PYTHON ?? 'python3';
const text = readFileSync(join(root, 'docs/python.md'), 'utf8');
const pieces = [...text.matchAll(/^```python\n([^]*?)^```$/gm)].map(([, code]) => code);

const able = spawnSync(python, ['-c', 'import numpy, onnxruntime'], {stdio: 'ignore'}).status === 0;
let missing = able ? false : `skipped: no numpy and onnxruntime in ${python}`;
if (!existsSync(binary)) missing = 'skipped: the native program is not built';
if (missing) console.log(missing);

/** A binary PPM file of 8 bits a channel -> {width, height, rgba}. */
function decodePpm(file) {
  const [head, width, height] = /^P6 (\d+) (\d+) 255\n/.exec(file.subarray(0, 40).toString('latin1'));
  const rgba = Buffer.alloc(4 * width * height, 255);
  for (let i = 0; i < width * height; ++i) file.copy(rgba, 4 * i, head.length + 3 * i, head.length + 3 * i + 3);
  return {width: Number(width), height: Number(height), rgba};
}

test('the plate is the native program\'s', {skip: missing, timeout: 120000}, () => {
  assert.equal(pieces.length, 2);
  const folder = mkdtempSync(join(tmpdir(), 'florilegium-python-'));
  try {
    mkdirSync(join(folder, 'models'));
    symlinkSync(join(root, 'models/garden.onnx'), join(folder, 'models/garden.onnx'));
    writeFileSync(join(folder, 'plate.py'), pieces.join('\n'));
    execFileSync(python, ['plate.py'], {cwd: folder, stdio: ['ignore', 'inherit', 'inherit']});
    const native = join(folder, 'native.png');
    execFileSync(binary, [
      'sample', '--model', join(root, 'models/garden.onnx'), '--seed', '7', '--steps', '8', '--sampler', 'plain',
      '--out', native
    ]);
    const here = decodePpm(readFileSync(join(folder, 'plate.ppm'))), there = decodePng(readFileSync(native));
    assert.deepEqual([here.width, here.height], [there.width, there.height]);
    const difference = psnr(here.rgba, there.rgba);
    assert.ok(difference >= 45, `${difference.toFixed(1)} dB`);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
});

test('uniform noise is the native program\'s, bit by bit', {skip: missing, timeout: 60000}, () => {
  // the hash of a million numbers, as in tests/diffusion/test_noise.cpp
  const program = `${pieces[0]}
sum = 0xcbf29ce484222325
for bits in noise('uniform', 7, 1000000).view(np.uint32).tolist(): sum = (sum ^ bits) * 0x100000001b3 % 2**64
print(hex(sum))`;
  assert.equal(execFileSync(python, ['-c', program], {encoding: 'utf8'}).trim(), '0xaeb67df5f3f4ca2a');
});

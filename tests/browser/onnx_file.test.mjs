// The .onnx reader on its own: what it finds in a good file, and its sentences for every other kind.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fromSite} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

const {checkContract, readModel} = await fromSite('onnx-file.js');

const check = bytes => checkContract(readModel(bytes, 'a.onnx'), 'a.onnx');

test('a good model tells its size, hint and metadata', () => {
  const info = check(tinyModel({size: 32, hint: true, metadata: {title: 'Früchte', noise_scale: 2}}));
  assert.equal(info.imageSize, 32);
  assert.equal(info.hasHint, true);
  assert.equal(info.title, 'Früchte');
  assert.equal(info.noiseScale, 2);
  assert.equal(info.schedule, 'shifted:2');
  assert.equal(info.defaultSteps, 12);
  assert.equal(info.defaultSampler, 'plain');
  assert.equal(check(tinyModel({metadata: {default_sampler: 'heun'}})).defaultSampler, 'heun');
});

test('a file cut off anywhere is called incomplete, never accepted', () => {
  const bytes = tinyModel();
  for (let length = 4; length < bytes.length; length += 97) {
    assert.throws(
        () => check(bytes.subarray(0, length)), /a\.onnx (is incomplete|is not an ONNX model|does not fit)/,
        `at ${length}`);
  }
  assert.throws(() => check(bytes.subarray(0, 5000)), /is incomplete: it should go on for \d+ more bytes/);
});

test('other files are called by name', () => {
  assert.throws(
      () => check(new TextEncoder().encode('<!doctype html><html></html>')),
      /not an ONNX model; it looks like a web page/);
  assert.throws(() => check(new Uint8Array(0)), /is empty/);
  assert.throws(() => check(Uint8Array.from({length: 3000}, (_, i) => (i * 89 + 7) % 256)), /not an ONNX model/);
});

test('another signature is shown beside the expected one', () => {
  assert.throws(() => check(tinyModel({xName: 'sample'})), error => {
    assert.match(error.message, /Expected: inputs x float32 \[1,3,S,S\]/);
    assert.match(error.message, /Found: inputs sample float32 \[1,3,64,64\]; noise_level float32 \[1\]/);
    return true;
  });
  assert.throws(() => check(tinyModel({metadata: {noise: 'pink'}})), /noise of a kind this page does not know: 'pink'/);
  assert.throws(
      () => check(tinyModel({metadata: {default_sampler: 'lucky'}})),
      /a sampler that this page does not know: 'lucky'/);
});

// What a metadata value may be that somebody else's program, or a damaged file, puts there.
const ODD = [
  '',
  ' ',
  'cosine',
  'shifted:',
  'shifted:0',
  'shifted:-3',
  'shifted:NaN',
  'shifted:1e99',
  'shifted:99999999999',
  '-1',
  '0',
  'NaN',
  'Infinity',
  '1e308',
  '-1e308',
  '0x10',
  '1,5',
  '12 monkeys',
  'null',
  '[]',
  '{}',
  '[{"from_level":2}]',
  '[1,2]',
  '\ufffd\ufffd',
  '\u0000\u0007',
  'ä'.repeat(5000),
  '<script>',
  '1'.repeat(400)
];
const KEYS = ['noise', 'noise_scale', 'schedule', 'default_steps', 'default_sampler', 'title', 'gflop_per_step',
              'train_samples', 'florilegium.ladder'];

test('whatever stands in the metadata: a usable model, or one sentence', () => {
  let refused = 0;
  for (const key of KEYS)
    for (const value of ODD) {
      let info;
      try {
        info = check(tinyModel({metadata: {[key]: value}}));
      } catch (error) {
        assert.match(error.message, /^a\.onnx (wants|describes) [^\n]{1,200}\.$/, `${key}=${value.slice(0, 40)}`);
        ++refused;
        continue;
      }
      const all = `${key}=${value.slice(0, 40)} ${JSON.stringify({...info, metadata: 0})}`;
      assert.ok(info.noiseScale > 0 && info.noiseScale <= 100, all);
      assert.ok(Number.isInteger(info.defaultSteps) && info.defaultSteps >= 1 && info.defaultSteps <= 250, all);
      assert.match(info.schedule, /^(linear|shifted:[\d.]+(e-?\d+)?)$/, all);
      assert.ok(info.title.length <= 80 && !/\p{Cc}/u.test(info.title), all);
      assert.ok(info.gflopPerStep === null || Number.isFinite(info.gflopPerStep), all);
      for (const level of info.changes) assert.ok(level > 0 && level < 1, all);
    }
  assert.ok(refused > 60, `${refused} were refused`);
  assert.throws(
      () => check(tinyModel({metadata: {schedule: 'cosine'}})), /a schedule that this page does not know: 'cosine'/);
  assert.throws(() => check(tinyModel({metadata: {noise_scale: '-1'}})), /noise of a scale that cannot be: '-1'/);
});

test('a schedule that would stop the studio is refused before the model is accepted', () => {
  for (const schedule
           of ['cosine', 'shifted:', 'shifted:0', 'shifted:-1', 'shifted:NaN', 'shifted:1e999', '\u0000', '3'])
    assert.throws(
        () => check(tinyModel({metadata: {schedule}})), /wants a schedule that this page does not know/, schedule);
  for (const schedule of ['linear', 'shifted:3', 'shifted:.5', 'shifted:1e-05'])
    assert.equal(check(tinyModel({metadata: {schedule}})).schedule, schedule);
  assert.equal(check(tinyModel({metadata: {schedule: ''}})).schedule, 'linear');
});

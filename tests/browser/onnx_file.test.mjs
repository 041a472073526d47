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

test('a schedule that would stop the studio is refused before the model is accepted', () => {
  for (const schedule
           of ['cosine', 'shifted:', 'shifted:0', 'shifted:-1', 'shifted:NaN', 'shifted:1e999', '\u0000', '3'])
    assert.throws(
        () => check(tinyModel({metadata: {schedule}})), /wants a schedule that this page does not know/, schedule);
  for (const schedule of ['linear', 'shifted:3', 'shifted:.5', 'shifted:1e-05'])
    assert.equal(check(tinyModel({metadata: {schedule}})).schedule, schedule);
  assert.equal(check(tinyModel({metadata: {schedule: ''}})).schedule, 'linear');
});

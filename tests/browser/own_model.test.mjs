// A model of the visitor's own, dropped on the page or chosen: it becomes the current one, or a sentence says why not.
import assert from 'node:assert/strict';
import {generate, openPage, readiness, status, suite, until} from './support.mjs';
import {outsideWeights, tinyModel} from './tiny_model.mjs';

let browser, site;
const on = suite({timeout: 120000, models: {'tiny.onnx': tinyModel()}}, started => { ({browser, site} = started); });

const drop = (page, name, bytes) => page.evaluate(([file, base64]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))], file));
  for (const type of ['dragenter', 'dragover', 'drop'])
    document.body.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
}, [name, Buffer.from(bytes).toString('base64')]);
const said = (page, what, why) => until(async () => what.test(await status(page)), why);

for (const viewport of [{width: 1440, height: 900}, {width: 390, height: 844}]) {
  on(`dropped at ${viewport.width}x${viewport.height}`, async () => {
    const {page, seen} = await openPage(browser, `${site.url}?backend=wasm`, {viewport});
    const before = await generate(page, {seed: 7, steps: 3});
    await drop(page, 'other.onnx', tinyModel({xName: 'sample'}));
    await said(
        page, /other\.onnx does not fit this page \(x.*Found: inputs sample float32 \[1,3,64,64\]/,
        'what is wrong with it is told');
    await drop(page, 'short.onnx', tinyModel().subarray(0, 4000));
    await said(page, /short\.onnx is incomplete/, 'a file that is cut off is told');
    await drop(page, 'cosine.onnx', tinyModel({metadata: {schedule: 'cosine'}}));
    await said(
        page, /cosine\.onnx wants a schedule that this page does not know: 'cosine'/, 'an unknown schedule is told');
    assert.equal((await readiness(page)).model, 'tiny.onnx');
    assert.ok((await generate(page, {seed: 7, steps: 3})).rgba.equals(before.rgba), 'the model in use is still in use');
    await drop(
        page, 'mine.onnx',
        tinyModel({size: 32, metadata: {title: 'My own clouds', default_steps: 5, default_sampler: 'extrapolated'}}));
    await said(page, /The model My own clouds is ready/, 'a good one is opened');
    const info = await readiness(page);
    assert.deepEqual([info.model, info.imageSize, info.defaultSteps], ['mine.onnx', 32, 5]);
    const own = await generate(page, {seed: 7});
    assert.equal(own.steps, 5);
    assert.equal(new URL(page.url()).hash, '#seed=7&steps=5&sampler=extrapolated');
    assert.ok(
        own.rgba.equals((await generate(page, {seed: 7, sampler: 'extrapolated'})).rgba),
        'grown as the model wants it');
    assert.ok(!own.rgba.equals((await generate(page, {seed: 7, sampler: 'plain'})).rgba));
    assert.deepEqual(seen.foreign, []);
    assert.deepEqual(seen.errors, []);
    await page.close();
  });
}

on('weights in a second file: dropped together they are opened, alone the missing one is named', async () => {
  const {page, seen} = await openPage(browser, `${site.url}?backend=wasm`);
  const whole = await generate(page, {seed: 7, steps: 3}), model = tinyModel({weightsIn: 'split.onnx.data'});
  await drop(page, 'split.onnx', model);
  await said(
      page, /split\.onnx keeps its weights in a second file, split\.onnx\.data, which is not here/, 'it is told');
  await page.evaluate(files => {
    const data = new DataTransfer();
    for (const [name, values] of files) data.items.add(new File([Uint8Array.from(values)], name));
    document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
  }, [['split.onnx.data', [...outsideWeights()]], ['split.onnx', [...model]]]);
  await until(async () => (await readiness(page)).model === 'split.onnx', 'both together are a model');
  assert.ok((await generate(page, {seed: 7, steps: 3})).rgba.equals(whole.rgba), 'the same one as in a single file');
  await drop(page, 'far.onnx', tinyModel({weightsIn: '../elsewhere/far.data'}));
  await said(
      page, /far\.onnx keeps its weights in \.\.\/elsewhere\/far\.data, which does not lie beside it/, 'it is told');
  assert.deepEqual(seen.errors, []);
  await page.close();
});

// A ladder of networks in one model: the page shows where the next one takes over, grows whole plates or details, and
// branches on both sides of the change, on WebAssembly and on WebGPU.
import assert from 'node:assert/strict';
import {generate, openPage, psnr, readiness, status, suite, until} from './support.mjs';
import {tinyLadder} from './tiny_model.mjs';

let browser, site;
const on = suite(
    {
      timeout: 120000,
      launching: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
      models: {'ladder.onnx': tinyLadder()}
    },
    started => { ({browser, site} = started); });

const ask = (page, what) => page.evaluate(async body => {
  const studio = await window.florilegium;
  return new Function('studio', `return (${body})(studio)`)(studio);
}, String(what));

on('the changes are known, whole plates are the default, and details are another plate', async () => {
  const {page, seen} = await openPage(browser, `${site.url}?backend=wasm`);
  const info = await readiness(page);
  assert.deepEqual(info.changes, [0.5]);
  assert.equal(info.gflopPerStep, 0.01);
  const whole = await generate(page, {seed: 7}), again = await generate(page, {seed: 7, details: false});
  assert.ok(whole.rgba.equals(again.rgba));
  const details = await generate(page, {seed: 7, details: true});
  assert.ok(!whole.rgba.equals(details.rgba));
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('a visitor chooses details, and whole plants again', async () => {
  const {page, seen} = await openPage(browser, `${site.url}?backend=wasm#seed=7&steps=6`);
  await readiness(page);
  const last = () => ask(page, 'async studio => [...studio.frame(6).prediction]');
  const grown = async details => (await generate(page, {seed: 7, steps: 6, details}), last());
  const whole = await grown(false), detail = await grown(true);
  const press = name => page.evaluate(
      wanted => [...document.querySelectorAll('#list button')].find(one => one.textContent === wanted).click(), name);
  const shows = name => until(
      () => page.evaluate(
          wanted => [...document.querySelectorAll('#list button')].some(one => one.textContent === wanted), name),
      `the list has ${name}`);
  await page.focus('#list-toggle');
  await page.keyboard.press('Enter');
  for (const [name, expected] of [['Detail', detail], ['Whole plant', whole]]) {
    await grown(expected === whole);                               // the other kind is on view
    await shows(name);
    await press(name);
    await until(
        () => page.evaluate(
            wanted => [...document.querySelectorAll('#list button')].some(
                one => one.textContent === wanted && one.ariaPressed === 'true'),
            name),
        `${name} is chosen`);
    await press('Grow again');
    await until(
        async () => JSON.stringify(await last().catch(() => [])) === JSON.stringify(expected), `${name} is what grows`);
  }
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('branches at a coarse and at a fine step keep what was decided before', async () => {
  const {page, seen} = await openPage(browser, `${site.url}?backend=wasm`);
  await generate(page, {seed: 7, steps: 10});
  for (const step of [2, 8]) {
    const same = await ask(page, `async studio => {
      studio.showBranch(0);
      const before = [...studio.frame(${step}).prediction];
      await studio.branch({step: ${step}, seed: 3});
      const levels = [studio.frame(${step}).noiseLevel, studio.frame(10).noiseLevel];
      return {levels, before: before.length, shown: studio.branches.length};
    }`);
    assert.ok(Math.abs(same.levels[0] - (1 - step / 10)) < 1e-6);
    assert.equal(same.levels[1], 0);
  }
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('WebGPU agrees with WebAssembly to 40 dB on both sides of the change', async context => {
  const pictures = {};
  for (const backend of ['wasm', 'webgpu']) {
    const {page} = await openPage(browser, `${site.url}?backend=${backend}`);
    const info = await readiness(page);
    if (info.backend !== backend) {
      await page.close();
      return context.skip(`skipped: ${info.notes.join(' ')}`);
    }
    pictures[backend] = (await generate(page, {seed: 7, steps: 10})).rgba;
    await page.close();
  }
  const decibels = psnr(pictures.wasm, pictures.webgpu);
  assert.ok(decibels >= 40, `${decibels} dB`);
});

on('a ladder that is described wrongly is told, and the model in use stays', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=wasm`);
  await readiness(page);
  const bytes = tinyLadder({metadata: {'florilegium.ladder': '[{"from_level": 2}]'}});
  await page.evaluate(([file, base64]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))], file));
    for (const type of ['dragenter', 'dragover', 'drop'])
      document.body.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
  }, ['wrong.onnx', Buffer.from(bytes).toString('base64')]);
  await until(async () => /wrong\.onnx describes its ladder/.test(await status(page)), 'what is wrong with it is told');
  assert.equal((await readiness(page)).model, 'ladder.onnx');
  await page.close();
});

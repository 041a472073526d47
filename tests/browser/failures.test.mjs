// What can go wrong, each with the sentence that the page says and the way on that it finds.
import assert from 'node:assert/strict';
import {
  drawn,
  frame,
  generate,
  largestDifference,
  openPage,
  readiness,
  readPlate,
  serveSite,
  shot,
  status,
  suite,
  until
} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

const good = tinyModel();
const models = {
  'tiny.onnx': good,
  'copy.onnx': good,
  'truncated.onnx': good.subarray(0, 5000),
  'other.onnx': tinyModel({xName: 'sample'}),
  'page.onnx': new TextEncoder().encode('<!doctype html><title>Not here</title>'),
};
let browser, site;
const on = suite({timeout: 60000, models}, started => { ({browser, site} = started); });

async function sentenceFor(query, options) {
  const {page} = await openPage(browser, site.url + query, options);
  const {error} = await readiness(page);
  const told = await status(page);
  await page.close();
  assert.ok(error, `${query} should fail`);
  assert.equal(told, error, 'screen readers hear the same');
  return error;
}

on('a truncated model',
   async () => assert.match(
       await sentenceFor('?model=models/truncated.onnx'),
       /truncated\.onnx is incomplete: it should go on for \d+ more bytes\. Download or export it again\./));
on('a model of another signature',
   async () => assert.match(
       await sentenceFor('?model=models/other.onnx'),
       /other\.onnx does not fit this page .*Expected: inputs x.*Found: inputs sample/));
on('no model at all',
   async () => assert.match(
       await sentenceFor('?model=models/page.onnx'), /page\.onnx is not an ONNX model; it looks like a web page/));
on('a missing file',
   async () => assert.match(
       await sentenceFor('?model=models/missing.onnx'),
       /missing\.onnx could not be loaded: the server answered 404 \(there is no such file\)/));
on('a model on another server',
   async () => assert.match(await sentenceFor('?model=https://example.org/a.onnx'), /lies on another server/));

on('no models on the server', async () => {
  const empty = await serveSite({models: {}});
  const {page} = await openPage(browser, empty.url);
  assert.match((await readiness(page)).error, /No model came with this page\. Train one/);
  await page.close();
  await empty.close();
});

on('a model that cannot be opened leaves the one in use as it is', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=wasm&model=models/tiny.onnx`);
  await readiness(page);
  const before = await generate(page, {seed: 1, steps: 2});
  const open = name => page.evaluate(
      async file => (await window.florilegium).openModel(`models/${file}`).catch(error => error.message), name);
  assert.match(await open('other.onnx'), /does not fit/);
  assert.match(await open('missing.onnx'), /404/);
  assert.equal((await readiness(page)).model, 'tiny.onnx');
  assert.ok((await generate(page, {seed: 1, steps: 2})).rgba.equals(before.rgba));
  // A file of the visitor's own: the right signature and a graph that ends in the middle; then a good one.
  const own = (bytes, name) => page.evaluate(async ([base64, file]) => {
    const data = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
    return (await window.florilegium)
        .openModel(new File([data], file))
        .then(({imageSize}) => imageSize, error => error.message);
  }, [Buffer.from(bytes).toString('base64'), name]);
  const damaged = Buffer.from(good);
  damaged.write('Bonv', damaged.indexOf('Conv'));
  assert.match(await own(damaged, 'damaged.onnx'), /Starting the model failed: .*Bonv/);
  assert.match(await own(models['other.onnx'], 'other.onnx'), /other\.onnx does not fit this page \(x, /);
  assert.ok((await generate(page, {seed: 1, steps: 2})).rgba.equals(before.rgba));
  assert.equal(await own(tinyModel({size: 32}), 'mine.onnx'), 32);
  assert.equal((await readiness(page)).model, 'mine.onnx');
  assert.equal((await generate(page, {seed: 1, steps: 2})).width, 32);
  await page.close();
});

on('no WebGPU: the processor does it, and the page says so', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=webgpu&model=models/tiny.onnx`);
  const info = await readiness(page);
  assert.equal(info.backend, 'wasm');
  assert.match(info.notes.join(), /WebGPU/);
  assert.match(await status(page), /WebGPU.*processor|ready/);
  assert.equal((await generate(page, {seed: 1, steps: 2})).width, 64);
  await page.close();
});

on('no SharedArrayBuffer: one thread, and the page says what it costs', async () => {
  const plain = await serveSite({models, isolation: false});
  const {page} = await openPage(browser, `${plain.url}?threads=4&backend=wasm&model=models/tiny.onnx`);
  const info = await readiness(page);
  assert.equal(info.threads, 1);
  assert.match(info.notes.join(), /One thread only: this server does not send .* so every step takes longer/);
  assert.equal((await generate(page, {seed: 1, steps: 2})).width, 64);
  await page.close();
  await plain.close();
});

on('no WebGL 2: a plain page grows the plate all the same', async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function(
        kind, ...rest) { return kind === 'webgl2' ? null : real.call(this, kind, ...rest); };
  });
  const page = await context.newPage();
  await page.goto(`${site.url}?backend=wasm&model=models/tiny.onnx`);
  await readiness(page);
  assert.match(await page.locator('[data-reason]').textContent(), /no WebGL 2.*plain page/);
  await page.fill('[name=seed]', '7');
  await page.fill('[name=steps]', '4');
  await page.click('#plain button');
  await until(async () => /Step 4 of 4/.test(await page.locator('output').textContent()), 'the plain page grows');
  const same = await page.evaluate(async () => {
    const canvas = document.querySelector('#plain canvas'),
          shown = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return (await window.florilegium).frame(4).working.every((value, i) => value === shown[i]);
  });
  assert.ok(same);
  await context.close();
});

on('the graphics card is lost while the studio is open: the plain page goes on with the growth', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=wasm&model=models/tiny.onnx`);
  await readiness(page);
  const run = generate(page, {seed: 7, steps: 250});
  await page.evaluate(
      () => document.getElementById('canvas').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext());
  const {rgba, error} = await run;
  assert.equal(error, undefined);
  assert.match(
      await page.locator('[data-reason]').textContent(),
      /graphics card stopped drawing the studio; load the page again to have it back\. Here is the plain page/);
  const pixels = () => page.evaluate(() => {
    const canvas = document.querySelector('#plain canvas');
    return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
  });
  assert.ok(rgba.equals(Buffer.from(await pixels())));
  await page.fill('[name=steps]', '4');
  await page.click('#plain button');
  await until(async () => /Step 4 of 4/.test(await page.locator('output').textContent()), 'the plain page grows');
  await page.close();
});

on('no WebAssembly SIMD: a sentence in the page itself', async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => { WebAssembly.validate = () => false; });
  const page = await context.newPage();
  await page.goto(site.url);
  assert.match((await readiness(page)).error, /lacks WebAssembly SIMD/);
  assert.match(await page.locator('#failure').innerText(), /lacks WebAssembly SIMD/);
  await context.close();
});

on('a worker that cannot start', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route('**/denoiser-worker.js', route => route.fulfill({status: 404, body: ''}));
  await page.goto(`${site.url}?model=models/tiny.onnx`);
  assert.match((await readiness(page)).error, /The denoiser stopped unexpectedly .* Load the page again\./);
  await context.close();
});

on('a worker that crashes in the middle of a run: it is started again and finishes the picture', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=wasm&model=models/tiny.onnx`);
  const expected = await generate(page, {seed: 5, steps: 60});
  const worker = page.workers().find(one => /denoiser-worker/.test(one.url()));
  const run = generate(page, {seed: 5, steps: 60});
  await worker.evaluate(() => { setTimeout(() => { throw new Error('a test'); }, 0); });
  const {rgba, error} = await run;
  assert.equal(error, undefined);
  assert.ok(rgba.equals(expected.rgba));
  await page.close();
});

on('a network that does not answer with numbers', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=wasm&model=models/tiny.onnx`);
  await readiness(page);
  const worker = page.workers().find(one => /denoiser-worker/.test(one.url()));
  await worker.evaluate(() => {
    const set = Float32Array.prototype.set;
    Float32Array.prototype.set = function(values, at) {
      set.call(this, values, at);
      if (values.length === 3 * 64 * 64) this[at] = NaN;
    };
  });
  assert.match((await generate(page, {seed: 5, steps: 4})).error, /prediction at step 0 is not a number/);
  await page.close();
});

// The page with its studio within reach, for calls that the page itself never makes.
async function openWithStudio() {
  const page = await browser.newPage({viewport: {width: 1440, height: 900}, serviceWorkers: 'block'});
  await page.route('**/studio.js', async route => {
    const response = await route.fetch(), text = await response.text();
    await route.fulfill({response, body: text.replace('studio.#canvas = canvas;', '$& window.theStudio = studio;')});
  });
  await page.goto(`${site.url}?backend=wasm&model=models/tiny.onnx`);
  await readiness(page);
  return page;
}

on('an exception in a frame: the studio says so, goes back to what it could draw, and goes on', async () => {
  const page = await openWithStudio();
  const {rgba} = await generate(page, {seed: 7, steps: 4});
  await drawn(page);
  await page.evaluate(() => window.theStudio.settings({seed: 8n, steps: 4, sampler: 'plain', schedule: 'cosine'}));
  await until(async () => /could not be drawn: .*cosine/.test(await status(page)), 'it is said');
  assert.ok(await page.locator('#failure').isHidden());
  await drawn(page);
  await page.mouse.click(1260, 120);                               // Grow again
  await until(async () => /finished/.test(await status(page)), 'it grows on');
  assert.equal((await readiness(page)).model, 'tiny.onnx');
  assert.match(await page.evaluate(() => location.hash), /seed=7\b/);
  assert.ok((await frame(page, 4, 'working')).equals(rgba), 'with the settings that it had');
  await page.close();
});

on('a model with which no frame can be drawn: the one before is in use again', async () => {
  const page = await openWithStudio();
  const {rgba} = await generate(page, {seed: 7, steps: 4});
  await drawn(page);
  await page.evaluate(async () => {
    const settings = window.theStudio.settings.bind(window.theStudio);
    window.theStudio.settings = given => settings({...given, schedule: 'cosine'});   // as of the next model
    await (await window.florilegium).openModel('models/copy.onnx');
    window.theStudio.settings = settings;
  });
  await until(async () => (await readiness(page)).model === 'tiny.onnx', 'the model before is in use');
  assert.ok((await generate(page, {seed: 7, steps: 4})).rgba.equals(rgba));
  await drawn(page);
  assert.ok(largestDifference(readPlate(await shot(page), {width: 1080, height: 716}, 64), rgba) <= 2, 'and drawn');
  await page.close();
});

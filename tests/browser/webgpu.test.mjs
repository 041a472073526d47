// WebGPU (Chromium's software adapter): agrees with WebAssembly to 40 dB, and a lost device is survived.
import assert from 'node:assert/strict';
import {generate, openPage, psnr, readiness, suite} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

let browser, site, hasGpu = false;
const run = suite(
    {
      timeout: 120000,
      launching: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
      models: {'tiny.onnx': tinyModel({size: 32, channels: 4})}
    },
    async started => {
      ({browser, site} = started);
      const {page} = await openPage(browser, `${site.url}style.css`);
      hasGpu = await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()));
      await page.close();
    });
const on = (name, body) => run(name, async context => {
  if (!hasGpu) return context.skip('skipped: this Chromium has no WebGPU adapter');
  await body();
});

on('WebGPU agrees with WebAssembly to 40 dB', async () => {
  const pictures = {};
  for (const backend of ['wasm', 'webgpu']) {
    const {page} = await openPage(browser, `${site.url}?backend=${backend}`);
    const info = await readiness(page);
    assert.equal(info.backend, backend, info.notes?.join());
    pictures[backend] = (await generate(page, {seed: 7, steps: 10})).rgba;
    await page.close();
  }
  const decibels = psnr(pictures.wasm, pictures.webgpu);
  assert.ok(decibels >= 40, `${decibels} dB`);
});

on('a device that is lost while nothing grows: the next plate grows without it, and the page says so', async () => {
  const {page} = await openPage(browser, 'about:blank');
  page.on('worker', worker => worker.evaluate(() => {
    const real = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice =
        async function(...given) { return (self.lostLater = await real.apply(this, given)); };
  }).catch(() => {}));
  await page.goto(`${site.url}?backend=webgpu`);
  assert.equal((await readiness(page)).backend, 'webgpu');
  const {rgba: before} = await generate(page, {seed: 7, steps: 5});
  await page.workers().find(one => /denoiser-worker/.test(one.url())).evaluate(() => self.lostLater.destroy());
  const {rgba, error} = await generate(page, {seed: 7, steps: 5});
  assert.equal(error, undefined);
  assert.ok(psnr(rgba, before) >= 40);
  assert.match((await readiness(page)).notes.join(), /WebGPU stopped: .* now runs on the processor/);
  await page.close();
});

on('without ?backend a software GPU is not chosen', async () => {
  const {page} = await openPage(browser, site.url);
  const info = await readiness(page);
  assert.equal(info.backend, 'wasm');
  assert.match(
      info.notes.join(),
      /WebGPU is not used: the (only GPU is a slow software one|GPU is slower than the processor here)/);
  await page.close();
});

on('a lost device: the run goes on without it, and the page says so', async () => {
  const {page} = await openPage(browser, 'about:blank');
  page.on('worker', worker => worker.evaluate(() => {
    const real = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice =
        async function(...given) { return (self.lostLater = await real.apply(this, given)); };
  }).catch(() => {}));
  await page.goto(`${site.url}?backend=webgpu`);
  assert.equal((await readiness(page)).backend, 'webgpu');
  const run = generate(page, {seed: 7, steps: 30});
  const worker = page.workers().find(one => /denoiser-worker/.test(one.url()));
  await worker.evaluate(() => self.lostLater.destroy());
  const {width, error} = await run;
  assert.equal(error, undefined);
  assert.equal(width, 32);
  const info = await readiness(page);
  assert.equal(info.backend, 'wasm');
  assert.match(info.notes.join(), /WebGPU stopped: .* now runs on the processor/);
  assert.equal((await generate(page, {seed: 8, steps: 3})).width, 32, 'and the next one grows there too');
  await page.close();
});

// What wears a page out: many steps, a full memory, a worker that falls silent while the tab is out of sight.
import assert from 'node:assert/strict';
import {generate, openPage, readiness, status, suite, until} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

let browser, site;
const on = suite(
    {
      timeout: 180000,
      launching: ['--enable-blink-features=ForceEagerMeasureMemory'],
      models: {'tiny.onnx': tinyModel()}
    },
    started => {
      ({browser, site} = started);
    });
const denoiser = page => page.workers().find(one => /denoiser-worker/.test(one.url()));

on('500 steps in a row do not grow memory by more than 5 %', async () => {
  const {page, seen} = await openPage(browser, `${site.url}?backend=wasm&threads=1`);
  await readiness(page);
  const grow = seed => page.evaluate(async given => {
    await (await window.florilegium).generate({seed: given, steps: 250});
  }, seed);
  const measure = () => page.evaluate(async () => {   // all of the page and its workers, after the garbage is gone
    await performance.measureUserAgentSpecificMemory();
    return (await performance.measureUserAgentSpecificMemory()).bytes;
  });
  await grow(1);                                      // the history of 250 steps has its place from now on
  const before = await measure();
  await grow(2);
  await grow(3);
  const after = await measure();
  assert.ok(before > 3e7, `${before} bytes are not all of it`);
  assert.ok(after < 1.05 * before, `${before} bytes before, ${after} after`);
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('memory runs out in the middle of a run: a sentence, and the next run succeeds in a fresh worker', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=wasm&threads=1`);
  const expected = await generate(page, {seed: 5, steps: 4});
  await denoiser(page).evaluate(() => {
    Float32Array.prototype.set = () => {
      throw new RangeError('Array buffer allocation failed');
    };
  });
  assert.match(
      (await generate(page, {seed: 5, steps: 4})).error,
      /not enough memory for the next step\. Close other tabs, or choose a smaller model/);
  const again = await generate(page, {seed: 5, steps: 4});
  assert.equal(again.error, undefined);
  assert.ok(again.rgba.equals(expected.rgba));
  await page.close();
});

on('a worker that fell silent while the tab was out of sight for an hour is replaced', async () => {
  const context = await browser.newContext({serviceWorkers: 'block'});
  const page = await context.newPage();
  await page.clock.install();                         // an hour passes at once
  await page.goto(`${site.url}?backend=wasm&threads=1`);
  const expected = await generate(page, {seed: 5, steps: 4});
  const show = shown => page.evaluate(visible => {
    Object.defineProperty(document, 'hidden', {configurable: true, get: () => !visible});
    document.dispatchEvent(new Event('visibilitychange'));
  }, shown);
  await show(false);
  await page.clock.fastForward('01:00:00');
  await show(true);                                   // the worker answers: nothing is said
  await page.waitForTimeout(500);
  await page.clock.fastForward('01:00');
  assert.doesNotMatch(await status(page), /stopped/);
  await denoiser(page).evaluate(() => { self.onmessage = null; });
  await show(false);
  await page.clock.fastForward('01:00:00');
  await show(true);
  await page.waitForTimeout(500);
  await page.clock.fastForward('01:00');
  await until(
      async () =>
          /stopped unexpectedly \(it no longer answers\)\. It has been started again|is ready/.test(await status(page)),
      'the page says so');
  const again = await generate(page, {seed: 5, steps: 4});
  assert.ok(again.rgba.equals(expected.rgba));
  await context.close();
});

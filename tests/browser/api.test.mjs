// window.florilegium: the same seed gives the same bytes, steps blend as the ten lines say, runs can be stopped, and
// the address carries the state. On a hand-written 64x64 denoiser, without a GPU.
import assert from 'node:assert/strict';
import {generate, largestDifference, openPage, readiness, suite, until} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

let browser, site, page, seen;
const on = suite(
    {
      timeout: 90000,
      models: {'tiny.onnx': tinyModel(), 'hinted.onnx': tinyModel({size: 32, hint: true})},
      base: '/deep/er'
    },
    async started => {
      ({browser, site} = started);
      ({page, seen} = await openPage(browser, `${site.url}?backend=wasm&model=models/tiny.onnx`));
    });

on('info says what is loaded', async () => {
  const info = await readiness(page);
  assert.equal(info.model, 'tiny.onnx');
  assert.equal(info.backend, 'wasm');
  assert.equal(info.imageSize, 64);
  assert.equal(info.defaultSteps, 12);
  assert.ok(info.threads >= 1);
});

let first;
on('generate twice gives the same bytes, whatever form the seed has', async () => {
  first = await generate(page, {seed: 7, steps: 20});
  assert.equal(first.error, undefined);
  assert.deepEqual([first.width, first.height, first.steps, first.rgba.length], [64, 64, 20, 64 * 64 * 4]);
  assert.ok(first.millisecondsPerStep > 0);
  for (const seed of [7, 7n, '7']) assert.ok(first.rgba.equals((await generate(page, {seed, steps: 20})).rgba));
  const other = await generate(page, {seed: 18446744073709551615n, steps: 20});
  assert.equal(other.seed, '18446744073709551615');
  assert.ok(!first.rgba.equals(other.rgba));
});

on('one thread agrees with two to 1/255', async () => {
  const rgba = [];
  for (const threads of [1, 2]) {
    const {page: other} = await openPage(browser, `${site.url}?backend=wasm&threads=${threads}&model=models/tiny.onnx`);
    assert.equal((await readiness(other)).threads, threads);
    rgba.push((await generate(other, {seed: 7, steps: 20})).rgba);
    await other.close();
  }
  assert.ok(largestDifference(...rgba) <= 1);
});

on('frames blend as the ten lines say, and the last is the picture', async () => {
  const result = await page.evaluate(async () => {
    const studio = await window.florilegium;
    const told = [];
    const {rgba} =
        await studio.generate({seed: 7, steps: 20, onStep: k => told.push([k, studio.frame(k).working.length])});
    const frames = Array.from({length: 21}, (_, k) => studio.frame(k));
    let worst = 0, compared = 0;
    for (let k = 0; k < 20; ++k) {
      const a = frames[k + 1].noiseLevel / frames[k].noiseLevel, x = frames[k].working, d = frames[k].prediction,
            next = frames[k + 1].working;
      for (let i = 0; i < x.length; ++i) {
        // shades at the ends may stand for values beyond them
        if (x[i] === 0 || x[i] === 255 || next[i] === 0 || next[i] === 255) continue;
        worst = Math.max(worst, Math.abs(next[i] - (a * x[i] + (1 - a) * d[i])));
        ++compared;
      }
    }
    return {
      told,
      worst,
      compared,
      levels: frames.map(frame => frame.noiseLevel),
      same: frames[20].working.every((value, i) => value === rgba[i]),
      asPrediction: frames[20].prediction.every((value, i) => value === rgba[i])
    };
  });
  assert.deepEqual(result.told.map(([k]) => k), Array.from({length: 20}, (_, k) => k + 1));
  assert.ok(result.told.every(([, length]) => length === 64 * 64 * 4));
  assert.ok(result.compared > 100000);
  assert.ok(result.worst <= 1.01, `a step is off by ${result.worst} shades`);
  assert.ok(result.same && result.asPrediction);
  assert.equal(result.levels[0], 1);
  assert.equal(result.levels[20], 0);
  assert.ok(Math.abs(result.levels[10] - 2 * 0.5 / 1.5) < 1e-6, 'the schedule is the model\'s: shifted by 2');
});

on('samplers and schedules matter', async () => {
  const pictures = [];
  for (const given of [{}, {sampler: 'extrapolated'}, {sampler: 'heun'}, {schedule: 'linear'}])
    pictures.push((await generate(page, {seed: 7, steps: 10, ...given})).rgba);
  for (let i = 0; i < 4; ++i) for (let k = 0; k < i; ++k) assert.ok(!pictures[i].equals(pictures[k]), `${i} and ${k}`);
});

on('wrong arguments are answered with a sentence', async () => {
  assert.match((await generate(page, {seed: -1})).error, /A seed is a whole number from 0/);
  assert.match((await generate(page, {seed: 1.5})).error, /A seed is a whole number/);
  assert.match((await generate(page, {seed: 'seven'})).error, /not seven/);
  assert.match((await generate(page, {steps: 0})).error, /from 1 to 250, not 0/);
  assert.match((await generate(page, {sampler: 'magic'})).error, /no sampler called 'magic'/);
  assert.match((await generate(page, {schedule: 'shifted:0'})).error, /schedule|shift/);
  assert.match(
      await page.evaluate(async () => {
        try {
          (await window.florilegium).frame(251);
        } catch (error) { return error.message; }
      }),
      /Step 251 is not there; the steps so far are 0 to/);
});

on('cancel stops a run and keeps its steps; a new run replaces the old', async () => {
  const result = await page.evaluate(async () => {
    const studio = await window.florilegium;
    let steps = 0;
    const stopped = await studio
                        .generate({
                          seed: 1,
                          steps: 250,
                          onStep: k => {
                            steps = k;
                            if (k === 5) studio.cancel();
                          }
                        })
                        .catch(error => error);
    const kept = studio.frame(5).noiseLevel;
    await new Promise(resolve => setTimeout(resolve, 200));
    const replaced = studio.generate({seed: 1, steps: 250}).catch(error => error);
    const {steps: finished} = await studio.generate({seed: 2, steps: 3});
    return {name: stopped.name, message: stopped.message, steps, kept, replaced: (await replaced).name, finished};
  });
  assert.equal(result.name, 'AbortError');
  assert.match(result.message, /stopped/);
  assert.equal(result.steps, 5);
  assert.ok(result.kept > 0);
  assert.equal(result.replaced, 'AbortError');
  assert.equal(result.finished, 3);
});

on('the address carries the state both ways', async () => {
  await generate(page, {seed: 7, steps: 20, sampler: 'heun'});
  assert.equal(new URL(page.url()).hash, '#seed=7&steps=20&sampler=heun');
  await generate(page, {seed: 7, steps: 20, schedule: 'linear'});
  assert.equal(new URL(page.url()).hash, '#seed=7&steps=20&sampler=plain&schedule=linear');
  const {page: shared} =
      await openPage(browser, `${site.url}?backend=wasm&model=models/tiny.onnx#seed=7&steps=20&sampler=plain`);
  const shown = () => shared.evaluate(async () => {
    try {
      return [...(await window.florilegium).frame(20).working];
    } catch { return null; }
  });
  await until(async () => (await shown()) !== null, 'an address with a seed grows its plate');
  assert.ok(first.rgba.equals(Buffer.from(await shown())));
  await shared.evaluate(() => { location.hash = '#seed=8&steps=4&sampler=plain'; });
  await until(
      () => shared.evaluate(async () => {
        try {
          const s = await window.florilegium;
          return s.frame(4).noiseLevel === 0;
        } catch { return false; }
      }),
      'a changed address grows its plate');
  await shared.close();
});

on('a model with a hint, of another size, is opened in place', async () => {
  const size =
      await page.evaluate(async () => (await (await window.florilegium).openModel('models/hinted.onnx')).imageSize);
  assert.equal(size, 32);
  const {width, error} = await generate(page, {seed: 7, steps: 3});
  assert.equal(error, undefined);
  assert.equal(width, 32);
  assert.match(
      await page.evaluate(
          async () => (await window.florilegium).openModel('https://example.org/a.onnx').catch(e => e.message)),
      /another server/);
});

on('nothing leaves the origin, and the page forbids it', async () => {
  assert.deepEqual(seen.foreign, []);
  assert.deepEqual(seen.errors, []);
  const refused = await page.evaluate(() => fetch('https://example.org/').then(() => 'answered', () => 'refused'));
  assert.equal(refused, 'refused');
  assert.ok(seen.errors.some(line => /Content Security Policy/.test(line)));
});

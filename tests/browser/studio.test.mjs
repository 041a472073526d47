// The studio by mouse, finger and keys: what is on the screen is what the API says, at both sizes.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {
  decodePng,
  drawn,
  findPlate,
  frame,
  generate,
  largestDifference,
  openPage,
  readiness,
  readPlate,
  shot,
  status,
  suite,
  until
} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

let browser, site;
const on = suite(
    {timeout: 90000, models: {'tiny.onnx': tinyModel(), 'large.onnx': tinyModel({size: 512, channels: 2})}},
    started => {
      ({browser, site} = started);
    });

const WIDE = {width: 1440, height: 900}, LEFT = {width: 1080, height: 716};   // where the plate is
const SMALL = {width: 390, height: 844}, TOP = {width: 390, height: 430};

on('at 1440x900 the plate shows the pixels of the step on view', async () => {
  const {page, seen} = await openPage(browser, `${site.url}?backend=wasm&model=models/tiny.onnx`, {viewport: WIDE});
  await readiness(page);
  await page.mouse.click(1260, 120);                               // Grow
  await until(async () => /finished/.test(await status(page)), 'the Grow button grows a plate');
  assert.ok(largestDifference(readPlate(await shot(page), LEFT, 64), await frame(page, 12, 'working')) <= 2);
  await page.keyboard.press('Home');
  await until(async () => /Step 0 of 12, noise 100 %/.test(await status(page)), 'Home shows the noise');
  assert.ok(largestDifference(readPlate(await shot(page), LEFT, 64), await frame(page, 0, 'working')) <= 2);
  const press = async (key, expected) => {
    await page.keyboard.press(key);
    await until(async () => expected.test(await status(page)), `${key}: ${expected}`);
  };
  await press('ArrowRight', /Step 1 of 12/);
  await press('v', /The prediction/);
  assert.ok(largestDifference(readPlate(await shot(page), LEFT, 64), await frame(page, 1, 'prediction')) <= 2);
  // all the way round
  for (const view of [/changed since/, /overlaid/, /side by side/, /The working picture/]) await press('v', view);
  assert.ok(largestDifference(readPlate(await shot(page), LEFT, 64), await frame(page, 1, 'working')) <= 2);
  // scrub the filmstrip from its middle to its left end
  await page.mouse.move(540, 770);
  await page.mouse.down();
  await until(async () => /Step 6 of 12/.test(await status(page)), 'the filmstrip shows the step under the pointer');
  await page.mouse.move(40, 770, {steps: 4});
  await page.mouse.up();
  await until(async () => /Step 0 of 12/.test(await status(page)), 'dragging scrubs');
  await page.keyboard.press('Space');                              // replay to the end
  await until(
      async () => largestDifference(readPlate(await shot(page), LEFT, 64), await frame(page, 12, 'working')) <= 2,
      'the replay ends at the picture');
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('pause, one step, grow on, stop', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=wasm&model=models/large.onnx`, {viewport: WIDE});
  await readiness(page);
  const last = () => page.evaluate(async () => {
    const s = await window.florilegium;
    let k = 0;
    try {
      for (;; ++k) s.frame(k);
    } catch { return k - 1; }
  });
  const run = page.evaluate(
      async () => (await window.florilegium)
                      .generate({
                        seed: 3,
                        steps: 250,
                        onStep: k => {
                          window.newest = k;
                        }
                      })
                      .catch(error => error.name));
  await page.waitForFunction(() => window.newest > 3);
  await page.keyboard.press('Space');
  await until(async () => /Paused/.test(await status(page)), 'space pauses');
  await page.waitForTimeout(300);
  const paused = await last();
  await page.waitForTimeout(300);
  assert.equal(await last(), paused);
  await page.keyboard.press('ArrowRight');
  await until(async () => (await last()) === paused + 1, 'an arrow takes one step');
  await page.waitForTimeout(200);
  assert.equal(await last(), paused + 1);
  await page.keyboard.press('Space');
  await until(async () => (await last()) > paused + 3, 'space grows on');
  await page.keyboard.press('Escape');
  assert.equal(await run, 'AbortError');
  assert.match(await status(page), /Stopped after step \d+/);
  await page.close();
});

// Means of 32 x 32 cells of a square: alike at any size.
const cells = `(rgba, width, {x, y, side}) => Float64Array.from({length: 3072}, (_, i) => {
  const cell = Math.floor(i / 3), c = i % 3, edge = k => Math.round(k * side / 32), row = cell >> 5, column = cell & 31;
  let sum = 0, count = 0;
  for (let v = edge(row); v < edge(row + 1); ++v)
    for (let u = edge(column); u < edge(column + 1); ++u, ++count)
      sum += rgba[((Math.round(y) + v) * width + Math.round(x) + u) * 4 + c];
  return sum / count;
})`;

on('while a plate grows, its picture on the screen keeps up with the steps', async () => {
  const {page} =
      await openPage(browser, `${site.url}?backend=wasm&threads=1&model=models/large.onnx`, {viewport: WIDE});
  await readiness(page);
  const run = page.evaluate(
      async () => (await window.florilegium)
                      .generate({
                        seed: 3,
                        steps: 250,
                        onStep: k => {
                          window.newest = k;
                          (window.times ??= [])[k] = performance.now();
                        }
                      })
                      .then(() => 'done', error => error.message));
  const shots = [];
  await page.waitForFunction(() => window.newest > 0);
  for (const _ of ['early', 'late']) {
    await page.waitForTimeout(1500);
    shots.push({asked: await page.evaluate(() => performance.now()), shown: decodePng(await page.screenshot())});
  }
  await page.keyboard.press('Escape');
  await run;
  const [early, late] = await Promise.all(shots.map(({asked, shown}) => page.evaluate(async ([text, plate, since]) => {
    const means = eval(text), studio = await window.florilegium, size = studio.info.imageSize;
    let step = -1, least = Infinity;                               // the step that the screen looked most like
    for (let k = 0; k <= window.newest; ++k) {
      const found = means(studio.frame(k).working, size, {x: 0, y: 0, side: size})
                        .reduce((sum, value, i) => sum + (value - plate[i]) ** 2, 0);
      if (found < least) [step, least] = [k, found];
    }
    return {step, old: since - window.times[step], apart: Math.sqrt(least / plate.length)};
  }, [cells, [...eval(cells)(shown.rgba, shown.width, findPlate(shown, LEFT))], asked])));
  assert.ok(
      early.step > 0 && (late.step > early.step || early.step === 250),
      `the screen showed step ${early.step}, then ${late.step}`);
  for (const one of [early, late])
    assert.ok(
        one.apart < 8 && (one.old < 1500 || one.step === 250),
        `step ${one.step} was on the screen ${Math.round(one.old)} ms after it was done, ${
            one.apart.toFixed(1)} of 255 apart`);
  await page.close();
});

on('where the processor paints, the newest step lies over the plate while it grows, and over nothing else',
   async () => {
     const {page, seen} =
         await openPage(browser, `${site.url}?backend=wasm&threads=1&model=models/large.onnx`, {viewport: WIDE});
     await readiness(page);
     await page.evaluate(async () => {
       window.run = (await window.florilegium)
                        .generate({
                          seed: 3,
                          steps: 250,
                          onStep: k => {
                            window.newest = k;
                          }
                        })
                        .catch(error => error.name);
     });
     const lies = expected =>
         page.waitForFunction(shown => document.getElementById('over').hidden !== shown, expected, {timeout: 15000});
     await page.waitForFunction(() => window.newest > 3);
     await lies(true);
     const {match, place} = await page.evaluate(async () => {
       const over = document.getElementById('over'),
             {data} = over.getContext('2d').getImageData(0, 0, over.width, over.height),
             studio = await window.florilegium;
       let equal = -1;
       for (let k = 0; k <= window.newest; ++k)
         if (studio.frame(k).working.every((value, i) => value === data[i])) equal = k;
       const {left, top, width, height} = over.getBoundingClientRect();
       return {match: window.newest - equal, place: [left, top, width, height]};
     });
     assert.ok(match >= 0 && match <= 2, `the picture is that of the ${match}th step before the newest`);
     await page.keyboard.press('v');
     await page.keyboard.press('v');   // the change has a sheet of its own
     await lies(false);
     for (const _ of [1, 2, 3]) await page.keyboard.press('v');
     await lies(true);
     await page.keyboard.press('?');
     await lies(false);
     await page.keyboard.press('?');
     await lies(true);
     await page.keyboard.press('2');
     await lies(false);
     await page.keyboard.press('1');
     await lies(true);
     await page.keyboard.press('Escape');
     await lies(false);
     const {x, y, side} = findPlate(await shot(page), LEFT);
     assert.ok(
         [x, y, side, side].every((value, i) => Math.abs(value - place[i]) <= 1),
         `it lay at ${place}, the plate at ${[x, y, side]}`);
     assert.deepEqual(seen.errors, []);
     await page.close();
   });

on('at 1.25 pixels a CSS pixel, and when the window changes its size, the plate is drawn anew in full', async () => {
  const {page, seen} = await openPage(
      browser, `${site.url}?backend=wasm&model=models/tiny.onnx`, {viewport: WIDE, deviceScaleFactor: 1.25});
  await readiness(page);
  const {rgba} = await generate(page, {seed: 3, steps: 4});
  for (const viewport of [WIDE, {width: 1280, height: 720}, {width: 1600, height: 1000}]) {
    await page.setViewportSize(viewport);
    await until(
        () => page.evaluate(
            wide =>
                innerWidth === wide && Math.abs(document.getElementById('canvas').width - wide * devicePixelRatio) <= 1,
            viewport.width),
        'the canvas has the window\'s size');
    const area = {width: Math.round((viewport.width - 360) * 1.25), height: Math.round((viewport.height - 162) * 1.25)};
    const plate = readPlate(await shot(page), area, 64, 1.25),
          apart = plate.reduce((sum, value, i) => sum + Math.abs(value - rgba[i]), 0) / plate.length;
    assert.ok(apart < 3, `at ${viewport.width}x${viewport.height} the plate is ${apart} shades from the picture`);
  }
  await page.setViewportSize({width: 1000, height: 1600});         // turned: as many pixels as before
  await until(
      () => page.evaluate(() => {
        const {width, height} = document.getElementById('canvas');
        return width === 1250 && height === 2000;
      }),
      'the canvas is turned');
  await drawn(page);
  assert.equal(
      await page.evaluate(
          () => document.getElementById('canvas').getContext('2d').getImageData(600, 1990, 1, 1).data[3]),
      255, 'it is drawn down to its foot');
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('the page\'s thread does not wait for the processor that paints', async () => {
  const {page} =
      await openPage(browser, `${site.url}?backend=wasm&threads=1&model=models/large.onnx`, {viewport: WIDE});
  await generate(page, {seed: 1, steps: 2});
  await drawn(page);
  await browser.startTracing(page, {categories: ['gpu', 'toplevel', 'devtools.timeline']});
  await page.evaluate(async () => {
    const studio = await window.florilegium;
    await studio.generate({seed: 7, steps: 12});
    for (const room of ['gallery', 'tasks', 'grow']) { studio.showRoom(room); await studio.drawn(); }
  });
  const {traceEvents} = JSON.parse(await browser.stopTracing());
  const main = traceEvents.filter(one => one.name === 'thread_name' && one.args.name === 'CrRendererMain')
                   .map(one => `${one.pid}:${one.tid}`);
  const mine = traceEvents.filter(one => main.includes(`${one.pid}:${one.tid}`));
  assert.ok(mine.some(one => one.name === 'FireAnimationFrame'), 'the trace has the frames');
  assert.ok(traceEvents.some(one => one.cat?.includes('gpu')), 'the trace has the painter');
  assert.deepEqual(
      mine.filter(one => /ReadPixels/.test(one.name) && one.dur > 15000).map(one => `${one.name} ${one.dur / 1000} ms`),
      []);
  await page.close();
});

on('at 390x844 fingers grow and scrub', async () => {
  const {page, seen} = await openPage(
      browser, `${site.url}?backend=wasm&model=models/tiny.onnx`,
      {viewport: SMALL, deviceScaleFactor: 2, hasTouch: true, isMobile: true});
  await readiness(page);
  await page.touchscreen.tap(195, 620);
  await until(async () => /finished/.test(await status(page)), 'the Grow button grows a plate');
  assert.ok(
      largestDifference(
          readPlate(await shot(page), {width: TOP.width * 2, height: TOP.height * 2}, 64, 2),
          await frame(page, 12, 'working')) <= 2);
  await page.touchscreen.tap(30, 462);
  await until(async () => /Step 0 of 12/.test(await status(page)), 'a tap on the filmstrip shows its step');
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('S saves the picture as PNG with its seed and settings inside', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=wasm&model=models/tiny.onnx`, {viewport: WIDE});
  const {rgba} = await generate(page, {seed: 9007199254740993n, steps: 5, sampler: 'heun'});
  await drawn(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')]);
  assert.equal(download.suggestedFilename(), 'florilegium-9007199254740993.png');
  const png = decodePng(await readFile(await download.path()));
  assert.deepEqual([png.width, png.height], [64, 64]);
  assert.ok(png.rgba.equals(rgba));
  assert.equal(png.texts['florilegium.seed'], '9007199254740993');
  assert.equal(png.texts['florilegium.sampler'], 'heun');
  assert.equal(png.texts['florilegium.steps'], '5');
  assert.equal(png.texts['florilegium.schedule'], 'shifted:2');
  assert.equal(png.texts['florilegium.model'], 'tiny.onnx');
  await page.close();
});

on('the main thread is never held for 50 ms during a run', async () => {
  // In time of the thread's own, from Chromium's trace: other work on the machine does not count.
  const {page} =
      await openPage(browser, `${site.url}?backend=wasm&threads=1&model=models/large.onnx`, {viewport: WIDE});
  await generate(page, {seed: 1, steps: 2});
  await browser.startTracing(page, {categories: ['toplevel', 'devtools.timeline']});
  await page.evaluate(async () => { await (await window.florilegium).generate({seed: 7, steps: 12}); });
  const {traceEvents} = JSON.parse(await browser.stopTracing());
  const main = traceEvents.filter(one => one.name === 'thread_name' && one.args.name === 'CrRendererMain')
                   .map(one => `${one.pid}:${one.tid}`);
  const tasks =
      traceEvents.filter(one => one.ph === 'X' && /RunTask/.test(one.name) && main.includes(`${one.pid}:${one.tid}`))
          .map(one => one.tdur / 1000);
  assert.ok(tasks.length >= 12, `the trace has at least a task for each step, not ${tasks.length} in all`);
  const long = tasks.filter(milliseconds => milliseconds > 50).map(Math.round);
  assert.deepEqual(long, [], `tasks over 50 ms: ${long}`);
  await page.close();
});

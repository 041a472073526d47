// The room of the tasks: what it shows is what the network answers, at both sizes.
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {openPage, readiness, shot, status, suite, until} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

const WIDE = {width: 1440, height: 900}, SMALL = {width: 390, height: 844};

let browser, site;
const on = suite({timeout: 300000, shipped: true, models: {}}, async started => {
  ({browser, site} = started);
  // Beside the shipped models: a tiny one in two states of training, and one without an early state.
  for (const [file, options] of Object.entries({
         'tiny.onnx': {metadata: {train_samples: 5000}},
         'tiny-early.onnx': {channels: 8, metadata: {train_samples: 70}},
         'alone.onnx': {}
       }))
    writeFileSync(join(site.folder, 'models', file), tinyModel(options));
  const list = join(site.folder, 'models/index.json');
  writeFileSync(list, JSON.stringify([
    ...JSON.parse(readFileSync(list, 'utf8')),
    ...['tiny', 'tiny-early', 'alone'].map(
        name =>
            ({file: `${name}.onnx`, title: name, bytes: 1, imageSize: 64, trainSamples: name === 'tiny' ? 5000 : 70}))
  ]));
});

async function open(model, task, viewport = WIDE, more = {}) {
  const {page, seen} = await openPage(browser, `${site.url}?backend=wasm&model=models/${model}`, {viewport, ...more});
  await readiness(page);
  await page.evaluate(async name => {
    const studio = await window.florilegium;
    studio.showRoom('tasks');
    studio.tasks.choose(name);
  }, task);
  return {page, seen};
}
/** Calls studio.tasks[name](options) -> what it gives, arrays as plain ones. */
const ask = (page, name, options) => page.evaluate(async ([method, given]) => {
  const plain = value => {
    if (ArrayBuffer.isView(value)) return [...value];
    if (Array.isArray(value)) return value.map(plain);
    if (!value || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
  };
  const studio = await window.florilegium;
  return plain(await studio.tasks[method](given));
}, [name, options]);
const meanSquared = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length;

/** How far a square of the screenshot is from a planar picture of 64x64 values, in mean shades. */
function difference({width, rgba}, {x, y, side}, values, scale = 1) {
  let sum = 0;
  for (let row = 0; row < 64; ++row)
    for (let column = 0; column < 64; ++column)
      for (let c = 0; c < 3; ++c) {
        const at = (Math.floor((y + (row + 0.5) * side / 64) * scale) * width +
                    Math.floor((x + (column + 0.5) * side / 64) * scale)) *
                4 +
            c;
        sum += Math.abs(rgba[at] - Math.min(255, Math.max(0, (values[c * 4096 + row * 64 + column] + 1) * 127.5)));
      }
  return sum / (64 * 64 * 3);
}

on('(a) of pure noise every seed gives the same answer, near the true average; with half of the noise gone they part',
   async () => {
     const {page, seen} = await open('garden.onnx', 'average');
     const all = await ask(page, 'average', {level: 0});
     assert.equal(all.predictions.length, 4);
     const pairs = predictions => predictions.flatMap((a, i) => predictions.slice(i + 1).map(b => meanSquared(a, b)));
     const apart = predictions => Math.sqrt(pairs(predictions).reduce((sum, one) => sum + one, 0) / 6);
     assert.ok(Math.abs(all.apart - apart(all.predictions)) < 1e-4);
     const half = await ask(page, 'average', {level: 2});
     assert.ok(Math.abs(half.apart - apart(half.predictions)) < 1e-4);
     assert.ok(half.apart > 3 * all.apart, `${half.apart} against ${all.apart}`);
     assert.ok(all.fromTruth > 0 && all.fromTruth < 0.1, `${all.fromTruth} from the garden's average`);
     assert.ok(half.fromTruth > 2 * all.fromTruth);
     // One look each, at the same noise that a growth of that seed begins with.
     const grown = await page.evaluate(async () => {
       const studio = await window.florilegium;
       await studio.generate({seed: 2, steps: 4, schedule: 'linear'});
       return [...studio.frame(0).prediction];
     });
     const second = all.predictions[1],
           worst = Math.max(...Array.from(
               {length: 4096}, (_, i) => Math.abs(grown[i * 4] - (Math.min(1, Math.max(-1, second[i])) + 1) * 127.5)));
     assert.ok(worst <= 1, `seed 2's answer is that of a growth of seed 2: ${worst}`);
     assert.deepEqual(seen.errors, []);
     await page.close();
   });

on('(b) the error is that of the prediction, nothing at 0 %, and grows with the noise', async () => {
  const {page, seen} = await open('garden.onnx', 'denoising');
  const errors = [];
  for (const noise of [0.1, 0.4, 0.7, 0.95]) {
    const {error, input, prediction, truth} = await ask(page, 'denoising', {plate: 1, noise});
    assert.equal(truth.length, 3 * 64 * 64);
    const own = meanSquared(prediction, truth);
    assert.ok(Math.abs(error - own) < 1e-5, `${error} against ${own}`);
    // What is left of the input without the plate is noise of variance 1 at that level: the garden's noise scale is 1.
    const left = input.map((value, i) => (value - (1 - noise) * truth[i]) / noise);
    assert.ok(Math.abs(left.reduce((sum, value) => sum + value * value, 0) / left.length - 1) < 0.05);
    errors.push(error);
  }
  for (let i = 1; i < errors.length; ++i) assert.ok(errors[i] > 1.5 * errors[i - 1], `the error grows: ${errors}`);
  const none = await ask(page, 'denoising', {plate: 1, noise: 0});
  assert.equal(none.error, 0);
  assert.deepEqual(none.prediction, none.truth);
  assert.deepEqual(seen.errors, []);
  await page.close();
});

// Where the three sheets of the denoising task lie, left to right: their pictures' corners and sides. Found by their
// paper.
function sheets({width, height, rgba}, scale, paper = [0xfb, 0xf8, 0xf0]) {
  const is = (x, y) => paper.every((value, c) => rgba[(y * width + x) * 4 + c] === value);
  const runsAt = y => {
    const runs = [];
    for (let x = 0, from = -1; x < width; ++x) {
      if (is(x, y)) { if (from < 0) from = x; }
      else if (from >= 0) { if (x - from > 90 * scale) runs.push([from, x - from]); from = -1; }
    }
    return runs;
  };
  for (let y = 0; y < height / 2; ++y)   // below their first rows, where the corners are round
    if (runsAt(y).length === 3)
      return runsAt(y + 3).map(([x, wide]) => ({x: x / scale, y: y / scale, wide: wide / scale}));
  throw new Error('three sheets are not to be seen');
}

for (const [name, viewport, more, margin] of [
         ['1440x900', WIDE, {}, 9], ['390x844', SMALL, {deviceScaleFactor: 2, hasTouch: true, isMobile: true}, 4]]) {
  on(`(b) at ${name} the slider shows input, prediction and truth`, async () => {
    const {page, seen} = await open('garden.onnx', 'denoising', viewport, more), scale = more.deviceScaleFactor ?? 1;
    const {truth} = await ask(page, 'denoising', {plate: 0, noise: 0.3});
    const found = sheets(await shot(page), scale)
                      .map(({x, y, wide}) => ({x: x + margin, y: y + margin, side: wide - 2 * margin}));
    const expect = async (percent, what) => {
      const wanted = await ask(page, 'denoising', {plate: 0, noise: percent / 100});
      const picture = await shot(page);
      for (const [i, part] of ['input', 'prediction', 'truth'].entries()) {
        const off = difference(picture, found[i], wanted[part], scale);
        // Pixels of noise differ by 80 shades or so: a few that are read at their edges do not matter.
        assert.ok(off < (part === 'input' ? 5 : 2.5), `${what}: the ${part} is ${off} shades off`);
      }
      return picture;
    };
    await expect(30, 'asked by script');
    // By hand: the slider lies below the curve, as wide as the sheets together.
    const left = found[0].x - margin + 9, right = found[2].x + found[2].side + margin - 9;
    const drag = async percent => {
      const x = left + (right - left) * percent / 100;
      if (more.hasTouch) await page.touchscreen.tap(x, sliderY);
      else await page.mouse.click(x, sliderY);
    };
    let sliderY = 0;
    for (let y = found[0].y + found[0].side + 60; y < viewport.height - 20 && !sliderY; y += 9) {   // look for it
      if (more.hasTouch) await page.touchscreen.tap(left + (right - left) * 0.8, y);
      else await page.mouse.click(left + (right - left) * 0.8, y);
      await page.waitForTimeout(500);                              // the network answers
      if (/At 80 % noise the error/.test(await status(page))) sliderY = y;
    }
    assert.ok(sliderY, 'a press on the slider at 80 % asks the network there');
    const picture = await shot(page), wanted = await ask(page, 'denoising', {plate: 0, noise: 0.8});
    assert.ok(difference(picture, found[1], wanted.prediction, scale) < 2.5);
    await drag(0);
    await until(
        async () => difference(await shot(page), found[1], truth, scale) < 2.5, 'at 0 % the prediction is the truth');
    assert.deepEqual(seen.errors, []);
    await page.close();
  });
}

on('(c) the cells of the grid are what generate() gives, of early and final weights', async () => {
  const {page, seen} = await open('tiny.onnx', 'training');
  const cells = await ask(page, 'training', {seed: 11, steps: [1, 5, 20]});
  assert.deepEqual(
      cells.map(({file, steps}) => `${file} ${steps}`),
      ['tiny-early.onnx 1', 'tiny-early.onnx 5', 'tiny-early.onnx 20', 'tiny.onnx 1', 'tiny.onnx 5', 'tiny.onnx 20']);
  const generated = (steps, url) => page.evaluate(async ([count, model]) => {
    const studio = await window.florilegium;
    if (studio.info.model !== model) await studio.openModel(`models/${model}`);
    return [...(await studio.generate({seed: 11, steps: count})).rgba];
  }, [steps, url]);
  for (const {file, steps, rgba, seconds} of [...cells].reverse()) {
    assert.deepEqual(rgba, await generated(steps, file), `${file} in ${steps} steps`);
    assert.ok(seconds > 0);
  }
  assert.notDeepEqual(cells[1].rgba, cells[4].rgba);
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('(c) without early weights there is one row, and a growth ends the task', async () => {
  const {page, seen} =
      await open('alone.onnx', 'training', SMALL, {deviceScaleFactor: 2, hasTouch: true, isMobile: true});
  const cells = await ask(page, 'training', {seed: 3, steps: [1, 5]});
  assert.deepEqual(cells.map(({file, steps}) => `${file} ${steps}`), ['alone.onnx 1', 'alone.onnx 5']);
  const [ended, grown] = await page.evaluate(async () => {
    const studio = await window.florilegium;
    const task = studio.tasks.training({seed: 3}).then(() => 'finished', error => error.name);
    await new Promise(resolve => setTimeout(resolve));
    const plate = await studio.generate({seed: 1, steps: 3});
    return [await task, plate.steps];
  });
  assert.deepEqual([ended, grown], ['AbortError', 3]);
  assert.deepEqual(seen.errors, []);
  await page.close();
});

// Where the cells of the grid lie, and one that is enlarged: src/studio/rooms/tasks_training.cpp.
const GRIDS = [
  [
    '1440x900', WIDE, {}, {
      cell: (row, column) => ({x: 43 + 250 * column, y: 221 + 309 * row, side: 214}),
      enlarged: {x: 153.6, y: 96, side: 744}
    }
  ],
  [
    '390x844', SMALL, {deviceScaleFactor: 2, hasTouch: true, isMobile: true},
    {cell: (row, column) => ({x: 15 + 93 * column, y: 65 + 155 * row, side: 80}), enlarged: {x: 53.5, y: 40, side: 283}}
  ],
];
/** RGBA of 64x64 pixels as planar values. */
const planar = rgba => Array.from({length: 3 * 4096}, (_, i) => rgba[i % 4096 * 4 + Math.floor(i / 4096)] / 127.5 - 1);

for (const [name, viewport, more, grid] of GRIDS) {
  on(`(c) at ${name} a cell is enlarged by a press on it, and put back by another`, async () => {
    const {page, seen} = await open('tiny.onnx', 'training', viewport, more), scale = more.deviceScaleFactor ?? 1;
    // early 1, early 5, final 1, final 5
    const cells = (await ask(page, 'training', {seed: 11, steps: [1, 5]})).map(({rgba}) => planar(rgba));
    const press = ({x, y, side}) =>
        (more.hasTouch ? page.touchscreen.tap(x + side / 2, y + side / 2) :
                         page.mouse.click(x + side / 2, y + side / 2));
    const shows = async (place, k) => {
      const picture = await shot(page);
      return difference(picture, place, cells[k], scale) < 6;
    };
    assert.ok(await shows(grid.cell(1, 1), 3), 'the grid shows the cell');
    assert.ok(!await shows(grid.enlarged, 3));
    await press(grid.cell(1, 1));
    await until(() => shows(grid.enlarged, 3), 'the cell is enlarged');
    assert.ok(!await shows(grid.enlarged, 1), 'and not another one');
    if (!more.hasTouch) {
      await page.keyboard.press('ArrowLeft');
      await until(() => shows(grid.enlarged, 2), 'a key turns to the cell before');
      await page.keyboard.press('Escape');
    } else {
      await press(grid.enlarged);
    }
    await until(() => shows(grid.cell(1, 1), 3), 'the grid is back');
    await press(grid.cell(0, 3));
    assert.ok(await shows(grid.cell(1, 1), 3), 'an empty cell is not enlarged');
    assert.deepEqual(seen.errors, []);
    await page.close();
  });
}

on('(c) the other weights have an engine of their own, loaded once, and given back when the room is left', async () => {
  const {page, seen} = await open('tiny.onnx', 'training');
  let loads = 0;
  page.on('request', request => { if (request.url().endsWith('tiny-early.onnx')) ++loads; });
  const denoisers = () => page.workers().filter(worker => worker.url().includes('denoiser-worker')).length;
  assert.equal(denoisers(), 1);
  await ask(page, 'training', {seed: 1, steps: [1]});
  await ask(page, 'training', {seed: 2, steps: [1]});
  assert.equal(denoisers(), 2);
  assert.equal(loads, 1);
  // the page's own stays
  assert.equal(await page.evaluate(async () => (await window.florilegium).info.model), 'tiny.onnx');
  await page.evaluate(async () => (await window.florilegium).showRoom('grow'));
  await until(() => denoisers() === 1, 'the second engine ends');
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('(c) the plates\' early weights stand beside the final ones, each with the pictures that it was trained on',
   async () => {
     const {page, seen} = await open('florilegium.onnx', 'training');
     const cells = await ask(page, 'training', {seed: 4, steps: [1]});
     assert.deepEqual(
         cells.map(({file, steps}) => `${file} ${steps}`), ['florilegium-early.onnx 1', 'florilegium.onnx 1']);
     const [early, final] = cells.map(({rgba}) => rgba), pixels = early.length / 4;
     assert.equal(final.length, early.length);
     const apart = early.reduce((sum, value, i) => sum + Math.abs(value - final[i]), 0) / pixels / 3;
     // One look at pure noise: both answer with nearly the average of the plates, but not with the same.
     assert.ok(apart > 0.2 && apart < 40, `${apart} shades apart`);
     const [fewer, more] = JSON.parse(readFileSync(join(site.folder, 'models/index.json'), 'utf8'))
                               .filter(({file}) => /^florilegium/.test(file))
                               .map(({trainSamples}) => trainSamples);
     assert.ok(fewer > 0 && fewer < more / 5, `${fewer} and ${more} pictures`);
     assert.deepEqual(seen.errors, []);
     await page.close();
   });

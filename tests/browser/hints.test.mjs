// Painting: strokes by mouse and finger become hints that the plate follows, a region grows again while the rest stays,
// and a plate begins from a picture.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {
  decodePng,
  drawn,
  findPlate,
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

const SIZE = 64, CELLS = SIZE / 8;
const WIDE = {viewport: {width: 1440, height: 900}}, PHONE = {viewport: {width: 390, height: 844}, hasTouch: true};
let browser, site;
const on =
    suite({timeout: 90000, models: {'hinted.onnx': tinyModel({hint: true}), 'plain.onnx': tinyModel()}}, started => {
      ({browser, site} = started);
    });

const open = async (model, more = WIDE) => {
  const opened = await openPage(browser, `${site.url}?backend=wasm&model=models/${model}`, more);
  await readiness(opened.page);
  return opened;
};
const easel = (page, body, given) =>
    page.evaluate(`window.florilegium.then(async studio => (${body})(studio, ${JSON.stringify(given) ?? ''}))`);
const hint = page => easel(page, 'studio => studio.hint && [...studio.hint]');
const newest = page =>
    easel(
        page,
        `studio => {
          for (let k = 250; k >= 0; --k) {
            try { return [...studio.frame(k).working]; } catch { /* not so many steps */ }
          }
        }`)
        .then(Buffer.from);

/** The mean of a channel over the pixels of some cells (or of all others). */
function mean(rgba, channel, cells, others = false) {
  let sum = 0, count = 0;
  for (let y = 0; y < SIZE; ++y)
    for (let x = 0; x < SIZE; ++x)
      if (cells.includes((y >> 3) * CELLS + (x >> 3)) !== others) {
        sum += rgba[(y * SIZE + x) * 4 + channel];
        ++count;
      }
  return sum / count;
}
const painted = planes => Array.from({length: CELLS ** 2}, (_, i) => i).filter(i => planes?.[3 * CELLS ** 2 + i] === 1);

// Where the picture lies on the screen, found by its paper on the empty sheet; and where the controls are.
const area = ({viewport: {width, height}}) =>
    (width > 1000 ? {width: 1080, height: height - 184} : {width, height: 430});
const PAINT = {wide: [1372, 142], phone: [332, 620]};

/** Opens the easel by its button, checks that it is open. */
async function startPainting(page, {hasTouch}) {
  const at = hasTouch ? PAINT.phone : PAINT.wide;
  await (hasTouch ? page.touchscreen.tap(...at) : page.mouse.click(...at));
  await until(() => easel(page, 'studio => studio.easel.open'), 'the Paint button opens the easel');
}

/** Where the picture lies: from a screenshot's paper. */
async function pictureOn(page, size) {
  return findPlate(await shot(page), area(size));
}

/** A stroke over the picture, in parts of it, by mouse or finger. */
async function drag(page, plate, from, to, touch) {
  const at = ([x, y]) => [plate.x + x * plate.side, plate.y + y * plate.side];
  const between = k => at([from[0] + (to[0] - from[0]) * k / 6, from[1] + (to[1] - from[1]) * k / 6]);
  if (touch) {
    const client = await page.context().newCDPSession(page);
    const send = (type, touchPoints) => client.send('Input.dispatchTouchEvent', {type, touchPoints});
    await send('touchStart', [{x: at(from)[0], y: at(from)[1]}]);
    await drawn(page);
    for (let k = 1; k <= 6; ++k) { const [x, y] = between(k); await send('touchMove', [{x, y}]); await drawn(page); }
    await send('touchEnd', []);
    await client.detach();
  } else {
    await page.mouse.move(...at(from));
    await drawn(page);
    await page.mouse.down();
    await drawn(page);
    for (let k = 1; k <= 6; ++k) { await page.mouse.move(...between(k)); await drawn(page); }
    await page.mouse.up();
  }
  await drawn(page);
}

for (const [how, size] of [['by mouse at 1440x900', WIDE], ['by finger at 390x844', PHONE]]) {
  on(`strokes ${how} lie on the sheet as colour, and the plate that grows follows them`, async () => {
    const {page, seen} = await open('hinted.onnx', size);
    const plain = await generate(page, {seed: 5, steps: 6});
    const plate = await pictureOn(page, size);
    await startPainting(page, size);
    // the first ink, nearly black
    await (size.hasTouch ? page.touchscreen.tap(36, 654) : page.mouse.click(1123, 294));
    await drawn(page);
    await drag(page, plate, [0.2, 0.3], [0.8, 0.3], size.hasTouch);
    const cells = painted(await hint(page));
    assert.ok(
        [2, 3, 4, 5].every(column => cells.includes(2 * CELLS + column)), `the stroke's cells are painted: ${cells}`);
    assert.ok(cells.every(cell => Math.abs(Math.floor(cell / CELLS) - 2) <= 1), 'and none far from it');

    // On the screen: the paint over the plate, the plate itself elsewhere.
    if (!size.hasTouch) await page.mouse.move(1260, 860);
    const ink = [0x38, 0x33, 0x2c], now = readPlate(await shot(page), area(size), SIZE);
    for (const cell of cells)
      for (let c = 0; c < 3; ++c) {
        const at = ((Math.floor(cell / CELLS) * 8 + 4) * SIZE + cell % CELLS * 8 + 4) * 4 + c;
        const expected = plain.rgba[at] + (ink[c] - plain.rgba[at]) * 215 / 255;
        assert.ok(Math.abs(now[at] - expected) <= 4, `cell ${cell}, channel ${c}: ${now[at]} instead of ${expected}`);
      }
    assert.ok(Math.abs(mean(now, 0, cells, true) - mean(plain.rgba, 0, cells, true)) < 1);

    // The Grow button uses the hint.
    const grow = size.hasTouch ? [150, 474] : [1220, 120];
    await (size.hasTouch ? page.touchscreen.tap(...grow) : page.mouse.click(...grow));
    await until(async () => /finished/.test(await status(page)), 'the plate is finished');
    const followed = await newest(page);
    for (let c = 0; c < 3; ++c) {
      const before = mean(plain.rgba, c, cells), after = mean(followed, c, cells);
      assert.ok(
          Math.sign(ink[c] - before) * (after - before) > 8,
          `channel ${c} goes from ${before} to ${after}, towards ${ink[c]}`);
    }
    assert.ok(
        largestDifference(readPlate(await shot(page), area(size), SIZE), followed) <= 2,
        'the paint makes room for the plate');
    assert.deepEqual(seen.errors, []);
    await page.close();
  });
}

on('undo takes a stroke back and redo brings it again, by keys; the eraser wipes cells; clear all', async () => {
  const {page, seen} = await open('hinted.onnx');
  const plate = await pictureOn(page, WIDE);
  await page.keyboard.press('p');
  await until(() => easel(page, 'studio => studio.easel.open'), 'P opens the easel');
  await drag(page, plate, [0.2, 0.2], [0.8, 0.2]);
  const one = await hint(page);
  await drag(page, plate, [0.2, 0.7], [0.8, 0.7]);
  const two = await hint(page);
  assert.ok(painted(two).length > painted(one).length);
  await page.keyboard.press('Control+z');
  await until(
      async () => JSON.stringify(await hint(page)) === JSON.stringify(one), 'Ctrl+Z takes the last stroke back');
  await page.keyboard.press('Control+z');
  await until(async () => (await hint(page)) === null, 'and then the first');
  await page.keyboard.press('Control+y');
  await page.keyboard.press('Control+y');
  await until(async () => JSON.stringify(await hint(page)) === JSON.stringify(two), 'Ctrl+Y brings both again');

  await page.keyboard.press('e');
  await drag(page, plate, [0.5, 0.2], [0.5, 0.2]);
  const left = painted(await hint(page));
  assert.ok(!left.includes(CELLS + 3) || !left.includes(CELLS + 4), 'the eraser wipes where it is put down');
  assert.ok(painted(two).filter(cell => cell >= 4 * CELLS).every(cell => left.includes(cell)), 'and nothing elsewhere');
  await easel(page, 'studio => studio.easel.clear()');
  assert.equal(await hint(page), null);
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('the picker takes up the colour of the plate', async () => {
  const {page} = await open('hinted.onnx');
  const plain = await generate(page, {seed: 3, steps: 4});
  const plate = await pictureOn(page, WIDE);
  await page.keyboard.press('i');
  await drag(page, plate, [0.32, 0.55], [0.32, 0.55]);
  await drag(page, plate, [0.7, 0.7], [0.7, 0.7]);
  const planes = await hint(page), [cell] = painted(planes);
  assert.ok(painted(planes).length > 0, 'after picking, the brush is in hand');
  const [column, row] = [Math.floor(0.32 * SIZE), Math.floor(0.55 * SIZE)];
  for (let c = 0; c < 3; ++c) {
    let sum = 0;
    for (let y = row - 2; y <= row + 2; ++y)
      for (let x = column - 2; x <= column + 2; ++x) sum += plain.rgba[(y * SIZE + x) * 4 + c];
    const ink = (planes[c * CELLS ** 2 + cell] + 1) * 127.5;
    assert.ok(Math.abs(ink - sum / 25) <= 3, `channel ${c} is ${ink}; the plate has ${sum / 25}`);
  }
  await page.close();
});

on('a region grows again by button while everything outside it stays', async () => {
  for (const size of [WIDE, PHONE]) {
    const {page, seen} = await open('plain.onnx', size);
    await generate(page, {seed: 8, steps: 6});
    const plate = await pictureOn(page, size);
    // a model without hints has the region's tool in hand
    await startPainting(page, size);
    await drag(page, plate, [0.3, 0.6], [0.7, 0.6], size.hasTouch);
    const region = await easel(page, 'studio => [...studio.easel.region]'),
          cells = region.flatMap((marked, i) => (marked ? [i] : []));
    assert.ok(cells.length >= 3 && cells.length < 24, `the stroke marks some cells: ${cells}`);
    assert.equal(await hint(page), null);
    const check = (before, after, what) => {
      let outside = 0, inside = 0;
      for (let i = 0; i < SIZE * SIZE * 4; ++i) {
        const cell = (i >> 2 >> 9) * CELLS + ((i >> 2) % SIZE >> 3), difference = Math.abs(after[i] - before[i]);
        if (cells.includes(cell)) inside += difference / (cells.length * 64 * 3);
        else outside = Math.max(outside, difference);
      }
      assert.ok(outside <= 1, `${what}: ${outside} shades changed outside`);
      assert.ok(inside > 1, `${what}: inside, ${inside} shades changed in the mean`);
    };
    const before = await newest(page), at = size.hasTouch ? [195, 755] : [1260, 379];
    await (size.hasTouch ? page.touchscreen.tap(...at) : page.mouse.click(...at));
    await until(async () => /finished/.test(await status(page)), 'Grow it again grows the region');
    check(before, await newest(page), 'by button');
    for (const sampler of ['extrapolated', 'heun']) {
      const [whole, again] = await page.evaluate(async name => {
        const studio = await window.florilegium;
        await studio.generate({seed: 8, steps: 6, sampler: name});
        const first = [...studio.frame(6).working], {rgba} = await studio.regrow({seed: 77});
        return [first, [...rgba]];
      }, sampler).then(both => both.map(one => Buffer.from(one)));
      check(whole, again, sampler);
    }
    assert.deepEqual(seen.errors, []);
    await page.close();
  }
});

on('without a finished plate or a mark nothing grows again, and a sentence says why', async () => {
  const {page} = await open('plain.onnx');
  const regrow = given =>
      easel(page, '(studio, given) => studio.regrow(given).then(() => "", error => error.message)', given);
  assert.match(await regrow({}), /on a finished plate/);
  await generate(page, {seed: 1, steps: 2});
  assert.match(await regrow({}), /Mark on the plate/);
  assert.match(await regrow({region: [1, 0]}), /has 8 x 8 cells, not 2/);
  assert.match(
      await easel(
          page, 'async studio => { try { studio.paint({x: 0.5, y: 0.5}); } catch (error) { return error.message; } }'),
      /does not follow painted colours/);
  assert.match((await generate(page, {seed: 1, steps: 2, hint: [1]})).error, /does not follow painted colours/);
  await page.close();
});

const drop = (page, name, width, height) => page.evaluate(async ([file, w, h]) => {
  const canvas = new OffscreenCanvas(w, h), context = canvas.getContext('2d');
  context.fillStyle = '#204080';
  context.fillRect(0, 0, w, h);
  context.fillStyle = '#e04020';
  context.fillRect(w / 2 - h / 2, 0, h / 2, h);                       // the left half of its middle square
  const transfer = new DataTransfer();
  transfer.items.add(new File([await canvas.convertToBlob()], file));
  document.body.dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: transfer}));
}, [name, width, height]);
const distance = (rgba, from) => rgba.reduce((sum, value, i) => sum + (value - from[i]) ** 2, 0);

on('a picture that is dropped is what a plate begins from, the nearer to it the less noise; or a coarse guide',
   async () => {
     const {page, seen} = await open('hinted.onnx');
     await drop(page, 'garden.png', 300, 200);
     await until(() => easel(page, 'studio => studio.easel.open'), 'a picture opens the easel');
     const given = Buffer.alloc(SIZE * SIZE * 4, 255);
     for (let i = 0; i < SIZE * SIZE; ++i)
       given.set(i % SIZE < SIZE / 2 ? [0xe0, 0x40, 0x20] : [0x20, 0x40, 0x80], i * 4);
     const grown = level =>
         easel(page, `async studio => [...(await studio.easel.growFromPicture({noiseLevel: ${level}})).rgba]`)
             .then(Buffer.from);
     const little = await grown(0.3), much = await grown(0.9);
     assert.ok(
         distance(little, given) < 0.8 * distance(much, given),
         `${distance(little, given)} from it at 30 %, ${distance(much, given)} at 90 %`);

     await easel(page, 'studio => studio.easel.paintPicture()');
     const planes = await hint(page);
     assert.equal(painted(planes).length, CELLS ** 2);
     for (const [cell, colour] of [[0, [0xe0, 0x40, 0x20]], [CELLS - 1, [0x20, 0x40, 0x80]]])
       colour.forEach((shade, c) => assert.ok(Math.abs((planes[c * CELLS ** 2 + cell] + 1) * 127.5 - shade) <= 2));
     assert.deepEqual(seen.errors, []);
     await page.close();
   });

on('a plate that followed colours is saved without a recipe: its seed would not give it back', async () => {
  const {page} = await open('hinted.onnx');
  const save = async () => {
    await drawn(page);
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')]);
    return decodePng(await readFile(await download.path())).texts;
  };
  await easel(
      page,
      `async studio => {
        studio.paint({x: 0.5, y: 0.5, colour: "#a33235"});
        await studio.generate({seed: 4, steps: 3, hint: studio.hint});
      }`);
  const guided = await save();
  assert.equal(guided['florilegium.guided'], 'yes');
  assert.equal('florilegium.seed' in guided, false);
  await generate(page, {seed: 4, steps: 3});
  assert.equal((await save())['florilegium.seed'], '4');
  await page.close();
});

// The gallery: the sheet fills with what generate() gives for its seeds, gives way to the visitor, opens plates, keeps
// favourites; and the files that can be made of it and of a growth are what they say.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {decodePng, drawn, generate, openPage, psnr, readiness, shot, status, suite, until} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

const WIDE = {width: 1440, height: 900}, SMALL = {width: 390, height: 844};
let browser, site, page, seen;
const on = suite(
    {timeout: 180000, models: {'tiny.onnx': tinyModel(), 'large.onnx': tinyModel({size: 512, channels: 2})}},
    async started => {
      ({browser, site} = started);
      ({page, seen} =
           await openPage(browser, `${site.url}?backend=wasm&model=models/tiny.onnx#steps=6`, {viewport: WIDE}));
      await readiness(page);
    });

const ask = (code, given) => page.evaluate(
    ([text, value]) =>
        window.florilegium.then(studio => new Function('studio', 'given', `return ${text}`)(studio, value)),
    [code, given]);
const pixels = rgba => Buffer.from(rgba);
const cell = async (on, i) => {
  const one = await on.evaluate(async k => {
    const {rgba, ...rest} = (await window.florilegium).gallery.cell(k);
    return {...rest, rgba: [...rgba]};
  }, i);
  return {...one, rgba: pixels(one.rgba)};
};
const state = on => on.evaluate(async () => (await window.florilegium).gallery.state);
const show = (on, room) => on.evaluate(async name => (await window.florilegium).showRoom(name), room);
const start = (on, seed, count) => on.evaluate(
    async ([first, plates]) => (await window.florilegium).gallery.start({seed: BigInt(first), count: plates}),
    [seed, count]);
const favourites = on => on.evaluate(
    async () => (await window.florilegium).gallery.favourites.map(({seed, rgba}) => [String(seed), [...rgba]]));

/** Where cell i of a sheet of `count` is at 1440x900: src/studio/rooms/gallery_panel.cpp, paper_sheet(). */
function wideCell(i, count) {
  const area = {x: 0, y: 56, width: 1080, height: 844}, pad = 26, margin = 24, foot = 44, gap = count > 40 ? 8 : 14;
  const columns = Math.ceil(Math.sqrt(count)), rows = Math.ceil(count / columns);
  const side = Math.floor(Math.min(192, (area.height - 2 * pad - margin - foot - gap * (rows - 1)) / rows));
  const left = Math.floor((area.width - side * columns - gap * (columns - 1)) / 2),
        top = Math.floor(area.y + (area.height - side * rows - gap * (rows - 1) + margin - foot) / 2);
  return {x: left + i % columns * (side + gap), y: top + Math.floor(i / columns) * (side + gap), side};
}

/** A square of a screenshot as size x size pixels. */
function read({width, rgba}, {x, y, side}, size) {
  const out = Buffer.alloc(size * size * 4, 255);
  for (let row = 0; row < size; ++row)
    for (let column = 0; column < size; ++column) {
      const at = (Math.floor(y + (row + 0.5) * side / size) * width + Math.floor(x + (column + 0.5) * side / size)) * 4;
      rgba.copy(out, (row * size + column) * 4, at, at + 3);
    }
  return out;
}

/** Cells of a thumbnail that lie well inside: not under the star or a rim. */
const middle = (rgba, size) => {
  const part = [];
  for (let y = size / 2; y < size - 6; ++y) part.push(rgba.subarray((y * size + 6) * 4, (y * size + size - 6) * 4));
  return Buffer.concat(part);
};

on('the sheet fills cell by cell, and its cells are what generate() gives for their seeds', async () => {
  await show(page, 'gallery');
  await page.mouse.click(1260, 150);                               // the big button
  await until(async () => (await state(page)) === 'growing', 'the button begins a sheet');
  assert.equal(await ask('studio.gallery.count'), 64);
  await until(async () => (await state(page)) === 'finished', 'the sheet fills', 90000);
  const now = await shot(page);
  for (const i of [0, 9, 63]) {
    const {rgba, width, step} = await cell(page, i), other = await cell(page, (i + 1) % 64);
    assert.deepEqual([width, step], [64, 6]);
    const seenCell = middle(read(now, wideCell(i, 64), 64), 64);
    assert.ok(
        psnr(seenCell, middle(rgba, 64)) > 22, `cell ${i} is on the screen: ${psnr(seenCell, middle(rgba, 64))} dB`);
    assert.ok(psnr(seenCell, middle(rgba, 64)) > psnr(seenCell, middle(other.rgba, 64)) + 3);
    assert.ok(
        (await generate(page, {seed: i + 1, steps: 6})).rgba.equals(rgba), `cell ${i} is the plate of seed ${i + 1}`);
  }
  assert.deepEqual(seen.errors, []);
});

on('thumbnails of large plates are their pixels reduced, and the noise becomes a plate before one\'s eyes',
   async () => {
     const {page: large} =
         await openPage(browser, `${site.url}?backend=wasm&model=models/large.onnx#steps=100`, {viewport: WIDE});
     await readiness(large);
     await show(large, 'gallery');
     await start(large, '5', 2);
     await until(async () => (await cell(large, 0)).step >= 1, 'the first cell grows', 60000);
     const early = await cell(large, 0);
     await until(async () => (await state(large)) === 'finished', 'the sheet fills', 120000);
     const late = await cell(large, 0);
     assert.equal(late.width, 128);
     assert.ok(early.step < 100 && psnr(early.rgba, late.rgba) < 30, 'an early picture of the cell is another one');
     const {rgba} = await generate(large, {seed: 5, steps: 100}), reduced = Buffer.alloc(128 * 128 * 4, 255);
     for (let y = 0; y < 128; ++y)
       for (let x = 0; x < 128; ++x)
         for (let c = 0; c < 3; ++c) {
           let sum = 0;
           for (let k = 0; k < 16; ++k) sum += rgba[((y * 4 + (k >> 2)) * 512 + x * 4 + (k & 3)) * 4 + c];
           reduced[(y * 128 + x) * 4 + c] = Math.round(sum / 16);
         }
     assert.ok(reduced.every((value, i) => Math.abs(value - late.rgba[i]) <= 1));
     await large.close();
   });

on('the visitor comes first: a growth interrupts the sheet, which goes on when its room is opened; pause holds it',
   async () => {
     const {page: large} =
         await openPage(browser, `${site.url}?backend=wasm&model=models/large.onnx#steps=60`, {viewport: WIDE});
     await readiness(large);
     await show(large, 'gallery');
     await start(large, '1', 3);
     await until(async () => (await cell(large, 0)).step >= 1, 'the sheet begins', 60000);
     const plate = await generate(large, {seed: 9, steps: 60});
     assert.equal(plate.error, undefined);
     assert.equal(await state(large), 'interrupted');
     await show(large, 'grow');
     await show(large, 'gallery');
     await until(async () => (await cell(large, 0)).step >= 1, 'it goes on', 60000);
     await large.keyboard.press('Space');
     await until(async () => (await state(large)) === 'paused', 'space pauses');
     await large.waitForTimeout(600);
     const held = (await cell(large, 0)).step;
     await large.waitForTimeout(600);
     assert.equal((await cell(large, 0)).step, held);
     await large.keyboard.press('Space');
     const growing = large.evaluate(
         async () => (await window.florilegium).generate({seed: 3, steps: 250}).catch(error => error.name));
     await until(async () => (await state(large)) === 'interrupted', 'a growth interrupts it');
     await large.evaluate(async () => (await window.florilegium).gallery.toggle());
     assert.equal(await state(large), 'waiting');
     await large.evaluate(async () => (await window.florilegium).cancel());
     assert.equal(await growing, 'AbortError');
     await until(
         async () => (await state(large)) === 'finished', 'a waiting sheet goes on when the plate has ended', 120000);
     await large.close();
   });

on('a click opens a plate in the Grow room, and the address is its', async () => {
  await show(page, 'gallery');
  await start(page, '20', 4);
  await until(async () => (await state(page)) === 'finished', 'the sheet fills');
  const {rgba} = await cell(page, 2);
  await drawn(page);
  const {x, y, side} = wideCell(2, 4);
  await page.mouse.click(x + side / 2, y + side / 2);
  await until(async () => (await ask('studio.room')) === 'grow', 'the Grow room opens');
  await until(async () => /finished/.test(await status(page)), 'the plate grows');
  assert.ok(pixels(await ask('[...studio.frame(6).working]')).equals(rgba));
  assert.match(new URL(page.url()).hash, /^#seed=22&steps=6&sampler=plain/);
});

on('favourites by star and by key survive a reload, and lead to their plates', async () => {
  await show(page, 'gallery');
  await drawn(page);
  const {x, y, side} = wideCell(1, 4);
  await page.mouse.move(x + side / 2, y + side / 2);
  await drawn(page);
  await page.mouse.click(x + side - 14, y + 14);                   // the star at its corner
  await until(async () => (await favourites(page)).length === 1, 'the star makes a favourite');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('f');
  await until(async () => (await favourites(page)).length === 2, 'F makes one too');
  const kept = await favourites(page);
  assert.deepEqual(kept.map(([seed]) => seed), ['21', '20']);
  assert.ok(pixels(kept[0][1]).equals((await cell(page, 1)).rgba));
  await page.waitForTimeout(300);
  await page.reload();
  await readiness(page);
  await until(async () => (await favourites(page)).length === 2, 'they are there again');
  assert.deepEqual(await favourites(page), kept);
  await show(page, 'gallery');
  await drawn(page);
  await page.mouse.click(1340, 97);                                // the page of favourites
  const where = {...wideCell(0, 2), y: 0};
  const now = await shot(page);
  let best = 0;
  for (let top = 60; top < 700; ++top)
    best = Math.max(best, psnr(middle(read(now, {...where, y: top}, 64), 64), middle(pixels(kept[0][1]), 64)));
  assert.ok(best > 22, `the first favourite is on the screen: ${best} dB`);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await until(async () => /finished/.test(await status(page)), 'Enter grows the chosen one');
  assert.ok(pixels(await ask('[...studio.frame(6).working]')).equals(pixels(kept[0][1])));
  await page.keyboard.press('2');
  await page.keyboard.press('f');
  await until(async () => (await favourites(page)).length === 1, 'F takes the star away');
  await page.waitForTimeout(300);
  await page.reload();
  await readiness(page);
  await until(async () => (await favourites(page)).length === 1, 'for good');
});

on('a browser that stores nothing is told so', async () => {
  const other = await browser.newPage({viewport: WIDE});
  await other.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('storage is switched off', 'SecurityError');
    };
  });
  await other.goto(`${site.url}?backend=wasm&model=models/tiny.onnx#steps=3`);
  await readiness(other);
  await show(other, 'gallery');
  await start(other, '1', 1);
  await until(async () => (await state(other)) === 'finished', 'the sheet fills');
  await other.keyboard.press('ArrowRight');
  await other.keyboard.press('f');
  await until(
      async () =>
          /Plate 1 is a favourite of this visit only: this browser does not store it \(storage is switched off\)/.test(
              await status(other)),
      'it is told');
  await other.close();
});

const download = async press => {
  const [file] = await Promise.all([page.waitForEvent('download'), press()]);
  return {name: file.suggestedFilename(), bytes: await readFile(await file.path())};
};

on('the sheet as PNG: its plates in their places, with the recipe; dropped, it fills again', async () => {
  await show(page, 'gallery');
  await ask('(studio.generate({seed: 1, steps: 4, sampler: "heun"}))');
  await start(page, '30', 4);
  await until(async () => (await state(page)) === 'finished', 'the sheet fills');
  const {name, bytes} = await download(() => page.keyboard.press('s'));
  assert.equal(name, 'florilegium-sheet-30.png');
  const png = decodePng(bytes);
  assert.deepEqual([png.width, png.height], [2 * 64 + 30, 2 * 64 + 30]);
  assert.deepEqual(
      Object.fromEntries(Object.entries(png.texts).map(([key, value]) => [key.replace('florilegium.', ''), value])), {
        Software: 'Florilegium',
        model: 'tiny.onnx',
        first_seed: '30',
        count: '4',
        steps: '4',
        sampler: 'heun',
        schedule: 'shifted:2'
      });
  for (let i = 0; i < 4; ++i)
    assert.ok(
        read(png, {x: 10 + i % 2 * 74, y: 10 + (i >> 1) * 74, side: 64}, 64).equals((await cell(page, i)).rgba),
        `plate ${i}`);
  const before = (await cell(page, 3)).rgba;
  await start(page, '1', 1);
  await page.evaluate(values => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(values)], 'sheet.png'));
    document.body.dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: transfer}));
  }, [...bytes]);
  await until(
      async () => (await ask('studio.gallery.count')) === 4 && (await state(page)) === 'finished',
      'the dropped sheet fills again');
  assert.ok((await cell(page, 3)).rgba.equals(before));
});

on('filmstrip and animation: each frame is a step of the growth, the recipe is inside, the size is said', async () => {
  await show(page, 'grow');
  const {rgba} = await generate(page, {seed: 77, steps: 20});
  const frames = await Promise.all([0, 9, 20].map(k => ask(`[...studio.frame(${k}).working]`).then(pixels)));
  const strip = await download(() => ask('studio.gallery.saveFilmstrip(12)'));
  assert.equal(strip.name, 'florilegium-77-filmstrip.png');
  const png = decodePng(strip.bytes);
  assert.deepEqual([png.width, png.height], [12 * 74 + 10, 84]);
  assert.equal(png.texts['florilegium.seed'], '77');
  assert.ok(read(png, {x: 10, y: 10, side: 64}, 64).equals(frames[0]), 'it begins with the noise');
  assert.ok(read(png, {x: 10 + 5 * 74, y: 10, side: 64}, 64).equals(frames[1]), 'steps are evenly chosen');
  assert.ok(read(png, {x: 10 + 11 * 74, y: 10, side: 64}, 64).equals(rgba), 'it ends with the plate');
  await until(
      async () =>
          /Saved florilegium-77-filmstrip\.png: 12 steps side by side, 64 pixels each, \d+ kB/.test(await status(page)),
      'the size is said');

  const film = await download(() => ask('studio.gallery.saveAnimation()'));
  assert.equal(film.name, 'florilegium-77-growth.png');
  assert.equal(decodePng(film.bytes).texts['florilegium.seed'], '77');
  const decoded = await page.evaluate(async values => {                       // Chromium's own decoder
    const decoder = new ImageDecoder({data: Uint8Array.from(values), type: 'image/png'});
    await decoder.tracks.ready;
    const {frameCount, repetitionCount} = decoder.tracks.selectedTrack, parts = [];
    for (const frameIndex of [0, 9, 20]) {
      const {image} = await decoder.decode({frameIndex}), bytes = new Uint8Array(64 * 64 * 4);
      await image.copyTo(bytes, {format: 'RGBA'});
      parts.push({milliseconds: image.duration / 1000, rgba: [...bytes]});
    }
    return {frameCount, repetitionCount: String(repetitionCount), parts};
  }, [...film.bytes]);
  assert.equal(decoded.frameCount, 21);
  assert.equal(decoded.repetitionCount, 'Infinity');
  assert.deepEqual(decoded.parts.map(part => part.milliseconds), [190, 190, 2500]);
  decoded.parts.forEach((part, i) => assert.ok(pixels(part.rgba).equals(frames[i]), `frame ${i}`));
});

on('at 390x844 fingers fill the sheet, star and open', async () => {
  const {page: phone, seen: told} = await openPage(
      browser, `${site.url}?backend=wasm&model=models/tiny.onnx#steps=4`,
      {viewport: SMALL, deviceScaleFactor: 2, hasTouch: true, isMobile: true});
  await readiness(phone);
  await phone.touchscreen.tap(146, 818);                           // the tab
  await until(
      () => phone.evaluate(async () => (await window.florilegium).room === 'gallery'), 'the tab opens the gallery');
  await phone.touchscreen.tap(195, 96);
  await until(async () => (await state(phone)) === 'growing', 'the button begins a sheet');
  await until(async () => (await state(phone)) === 'finished', 'the sheet fills', 90000);
  const now = await shot(phone), first = await cell(phone, 0);
  let found = null, best = 0;
  for (let top = 300; top < 800; ++top) {
    const quality = psnr(middle(read(now, {x: 28, y: top, side: 134}, 64), 64), middle(first.rgba, 64));
    if (quality > best) {
      best = quality;
      found = top / 2;
    }
  }
  assert.ok(best > 22, `the first cell is on the screen: ${best} dB`);
  await phone.touchscreen.tap(14 + 67 - 14, found + 14);
  await until(
      async () => (await favourites(phone)).some(([seed]) => seed === '1'), 'a tap on the star makes a favourite');
  await phone.touchscreen.tap(14 + 30, found + 45);
  await until(() => phone.evaluate(async () => (await window.florilegium).room === 'grow'), 'a tap opens the plate');
  await until(async () => /finished/.test(await status(phone)), 'it grows');
  assert.deepEqual(told.errors, []);
  await phone.close();
});

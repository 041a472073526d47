// Branches: the coins are flipped again at a step. Early branches lead far away, late ones hardly; any of them can be
// gone back to, and grows again from its address, its file and its star.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {
  decodePng,
  drawn,
  generate,
  openPage,
  psnr,
  readiness,
  readPlate,
  shot,
  status,
  suite,
  until
} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

let browser, site;
// a trained one: only that draws one plant rather than another
const garden = readFileSync(new URL('../../models/garden.onnx', import.meta.url));
const on = suite({timeout: 300000, models: {'tiny.onnx': tinyModel(), 'garden.onnx': garden}}, started => {
  ({browser, site} = started);
});

const WIDE = {width: 1440, height: 900}, SMALL = {width: 390, height: 844};
const ABOVE = {width: 1080, height: 625};                            // where the plate is, above filmstrip and branches
const tiny = () => `${site.url}?backend=wasm&model=models/tiny.onnx`;
const branch = (page, options) =>
    page.evaluate(async given => {
          try {
            const {rgba, ...rest} = await (await window.florilegium).branch(given);
            return {...rest, seed: String(rest.seed), rgba: [...rgba]};
          } catch (error) { return {error: error.message}; }
        }, options).then(result => (result.rgba ? {...result, rgba: Buffer.from(result.rgba)} : result));
const branches = page =>
    page.evaluate(async () => (await window.florilegium).branches.map(one => ({...one, seed: String(one.seed)})));
const show = (page, index) => page.evaluate(async k => (await window.florilegium).showBranch(k), index);
const part = (page, k, name) => page.evaluate(async ([step, which]) => {
                                      try {
                                        return [...(await window.florilegium).frame(step)[which]];
                                      } catch { return null; }
                                    }, [k, name]).then(values => values && Buffer.from(values));
const working = (page, k) => part(page, k, 'working');
const finished = (page, what) => until(async () => /finished/.test(await status(page)), what, 90000);

on('with a trained model early branches become other plants, late ones the same plant', async () => {
  const {page, seen} = await openPage(browser, `${site.url}?backend=wasm&model=models/garden.onnx`, {viewport: WIDE});
  const first = await generate(page, {seed: 7, steps: 20});
  const from = {};
  for (const step of [2, 10, 17]) {
    from[step] = [];
    for (const seed of [5, 6, 7]) {
      await show(page, 0);
      from[step].push(psnr(first.rgba, (await branch(page, {step, seed})).rgba));
    }
  }
  const told = Object.entries(from)
                   .map(([step, all]) => `step ${step}: ${all.map(one => one.toFixed(1)).join(', ')} dB`)
                   .join('; ');
  console.log(`# from the first plate differ branches of ${told}`);
  assert.ok(Math.max(...from[2]) < 20 && Math.min(...from[17]) > 30, told);
  assert.ok(Math.max(...from[2]) < Math.min(...from[10]) && Math.max(...from[10]) < Math.min(...from[17]), told);
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('a branch begins as the prediction under fresh noise, and the same seed branches alike', async () => {
  const {page, seen} = await openPage(browser, tiny(), {viewport: WIDE});
  await generate(page, {seed: 7, steps: 12});
  const [before, prediction] = [await working(page, 8), await part(page, 8, 'prediction')];
  const one = await branch(page, {step: 8, seed: 5});
  assert.equal(one.error, undefined);
  const noisy = await working(page, 8), distance = psnr(noisy, prediction);
  assert.ok(distance > 8 && distance < 30, `${distance.toFixed(1)} dB from the prediction`);
  assert.ok(psnr(noisy, before) < 25, 'other noise than before');
  assert.equal(await working(page, 7), null, 'nothing is there before the branch begins');
  await show(page, 0);
  assert.ok((await working(page, 8)).equals(before), 'the first plate is what it was');
  const again = await branch(page, {step: 8, seed: 5});
  assert.ok(again.rgba.equals(one.rgba));
  const nested = await branch(page, {step: 10, seed: 6});
  assert.ok(!nested.rgba.equals(one.rgba));
  assert.deepEqual((await branches(page)).map(({parent, step, seed, kept, shown}) => [parent, step, seed, kept, shown]),
      [[-1, 0, '0', true, false], [0, 8, '5', true, false], [0, 8, '5', true, false], [2, 10, '6', true, true]]);
  await show(page, 1);
  assert.ok((await working(page, 12)).equals(one.rgba), 'gone back to, exactly');
  assert.match((await branch(page, {step: 12})).error, /8 to 11, not 12/);
  assert.match((await branch(page, {step: 9, seed: -1})).error, /A seed is a whole number/);
  await generate(page, {seed: 8, steps: 4});
  assert.equal((await branches(page)).length, 1, 'another plate begins another family');
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('at 1440x900 B and the empty place branch, thumbnails lead back, and the plate shows the one chosen', async () => {
  const {page, seen} = await openPage(browser, tiny(), {viewport: WIDE});
  const first = await generate(page, {seed: 7, steps: 12});
  for (let k = 11; k >= 4; --k) {
    await page.keyboard.press('ArrowLeft');
    await until(async () => new RegExp(`Step ${k} of 12`).test(await status(page)), 'the arrows go back');
  }
  await page.keyboard.press('b');
  await until(async () => (await branches(page)).length === 2 && /finished/.test(await status(page)), 'B branches');
  const second = await working(page, 12);
  assert.ok(psnr(readPlate(await shot(page), ABOVE, 64), second) > 40);
  assert.ok(!second.equals(first.rgba));
  // the colours at the middle of each quarter of a thumbnail, against its picture
  const now = await shot(page), thumbnail = index => {
    const mean = ({width, rgba}, x, y, side) => {
      const sums = [0, 0, 0];
      for (let row = 0; row < side; ++row)
        for (let column = 0; column < side; ++column)
          for (let c = 0; c < 3; ++c) sums[c] += rgba[((y + row) * width + x + column) * 4 + c];
      return sums.map(sum => sum / side ** 2);
    };
    const on = mean(now, 34 + index * 76, 818, 54), of = mean({width: 64, rgba: index ? second : first.rgba}, 0, 0, 64);
    return Math.max(...on.map((value, c) => Math.abs(value - of[c])));
  };
  assert.ok(
      thumbnail(0) < 6 && thumbnail(1) < 6,
      `thumbnails are ${thumbnail(0).toFixed(1)} and ${thumbnail(1).toFixed(1)} shades off`);
  await page.mouse.click(61, 845);                                   // the first thumbnail
  await until(async () => (await branches(page))[0].shown, 'a click goes back');
  assert.ok(psnr(readPlate(await shot(page), ABOVE, 64), first.rgba) > 40);
  await page.keyboard.press('ArrowDown');
  await until(async () => (await branches(page))[1].shown, 'an arrow goes to the next');
  await page.keyboard.press('ArrowLeft');
  await until(async () => /Step 11 of 12/.test(await status(page)), 'an arrow goes back a step');
  await page.mouse.click(34 + 2 * 76 + 27, 845);                     // the place after the last thumbnail
  await until(async () => (await branches(page)).length === 3, 'the empty place branches');
  const {parent, step} = (await branches(page))[2];
  assert.deepEqual([parent, step], [1, 11]);
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('at 390x844 a finger branches and goes back to the first plate', async () => {
  const {page, seen} = await openPage(browser, tiny(), {viewport: SMALL, hasTouch: true, isMobile: true});
  const first = await generate(page, {seed: 7, steps: 12});
  await branch(page, {step: 2, seed: 9});
  await drawn(page);
  await page.touchscreen.tap(36, 612);
  await until(async () => (await branches(page))[0].shown, 'a tap goes back');
  assert.ok(psnr(readPlate(await shot(page), {width: 390, height: 430}, 64), first.rgba) > 40);
  await page.touchscreen.tap(30, 462);                               // the filmstrip's left end
  await until(async () => /Step 0 of 12/.test(await status(page)), 'a tap on the filmstrip shows its step');
  await page.touchscreen.tap(12 + 2 * 62 + 24, 612);
  await until(async () => (await branches(page)).length === 3, 'a tap on the empty place branches');
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('beyond the budget the oldest let go of their steps; their pictures stay, and can be gone back to', async () => {
  const {page} = await openPage(browser, tiny(), {viewport: WIDE});
  const first = await generate(page, {seed: 7, steps: 12});
  await page.evaluate(async () => { (await window.florilegium).historyBudget = 1.5e6; });
  for (let k = 0; k < 6; ++k) {
    const newest = (await branches(page)).length - 1;
    await show(page, newest);
    await branch(page, {step: 1, seed: k});
  }
  const family = await branches(page), kept = family.filter(one => one.kept).map(one => one.index);
  assert.equal(family.length, 7);
  assert.ok(kept.length >= 2 && kept.length < 7, `kept: ${kept}`);
  assert.deepEqual(kept, kept.map((_, i) => 7 - kept.length + i), 'the newest are kept');
  await show(page, 0);
  assert.ok((await working(page, 12)).equals(first.rgba));
  assert.equal(await working(page, 11), null);
  await until(async () => {
    await page.mouse.click(1007, 92);                                // puts the notice away that lies over the plate
    return psnr(readPlate(await shot(page), ABOVE, 64), first.rgba) > 40;
  }, 'the plate is on view');
  assert.match((await branch(page, {step: 11, seed: 1})).error, /only step 12 is there/);
  await page.close();
});

on('the address, a saved file and a star bring a branch of a branch back', async () => {
  const {page, seen} = await openPage(browser, tiny(), {viewport: WIDE});
  await generate(page, {seed: 7, steps: 12});
  await branch(page, {step: 3, seed: 18446744073709551615n});
  const wanted = await branch(page, {step: 9, seed: 6});
  const lineage = '3:18446744073709551615,9:6';
  assert.equal(new URL(page.url()).hash, `#seed=7&steps=12&sampler=plain&branches=${lineage}`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')]);
  assert.equal(download.suggestedFilename(), 'florilegium-7-branch-3-18446744073709551615-branch-9-6.png');
  const file = await readFile(await download.path()), png = decodePng(file);
  assert.ok(png.rgba.equals(wanted.rgba));
  assert.equal(png.texts['florilegium.branches'], lineage);
  await show(page, 0);
  assert.equal(new URL(page.url()).hash, '#seed=7&steps=12&sampler=plain', 'the address is that of the plate on view');
  await show(page, 2);

  const address = page.url();
  const regrown = async (other, what) => {
    await until(
        async () => (await branches(other)).length === 3 && (await working(other, 12))?.equals(wanted.rgba), what,
        60000);
    assert.deepEqual(
        (await branches(other)).map(one => [one.parent, one.step, one.lastStep]), [[-1, 0, 4], [0, 3, 10], [1, 9, 12]],
        'each stem grew as far as it had to');
    assert.ok(new URL(other.url()).hash.endsWith(`&branches=${lineage}`));
  };
  const {page: other, seen: told} = await openPage(browser, address, {viewport: WIDE});
  await readiness(other);
  await regrown(other, 'the address');

  await generate(other, {seed: 1, steps: 3});
  assert.ok(!/branches/.test(new URL(other.url()).hash));
  await other.evaluate(values => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(values)], 'branch.png'));
    document.body.dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: transfer}));
  }, [...file]);
  await regrown(other, 'the dropped file');

  await finished(other, 'it is finished');
  await other.keyboard.press('f');
  await until(
      async () => /Plate 7 \(branched at step 9\) is a favourite now/.test(await status(other)),
      'F makes it a favourite');
  await show(other, 1);
  await other.keyboard.press('f');
  await until(
      async () => /Step|Branch 1/.test(await status(other)),
      'a stem that was not grown to its end is no plate to keep');
  await drawn(other);                                              // the key is heard with the next frame
  await generate(other, {seed: 1, steps: 3});
  await other.waitForTimeout(300);
  await other.reload();
  await readiness(other);
  const favourites = () => other.evaluate(
      async () =>
          (await window.florilegium).gallery.favourites.map(one => [String(one.seed), one.branches, [...one.rgba]]));
  await until(async () => (await favourites()).length === 1, 'the favourite is there again');
  const [[seed, carried, pixels]] = await favourites();
  assert.deepEqual([seed, carried], ['7', lineage]);
  assert.ok(Buffer.from(pixels).equals(wanted.rgba));
  await other.evaluate(async () => (await window.florilegium).showRoom('gallery'));
  await drawn(other);
  await other.mouse.click(1340, 97);                                 // the page of favourites
  await drawn(other);
  await other.keyboard.press('ArrowRight');
  await other.keyboard.press('Enter');
  await regrown(other, 'the favourite');
  assert.deepEqual(seen.errors, []);
  assert.deepEqual(told.errors, []);
  await page.close();
  await other.close();
});

on('an address with impossible branches is answered with a sentence', async () => {
  const {page} = await openPage(browser, `${tiny()}#seed=7&branches=40:1`, {viewport: WIDE});
  await readiness(page);
  await until(
      async () => /Branches spring from steps 0 to \d+ here, not from step 40/.test(await status(page)),
      'the sentence is told');
  await page.close();
});

// The rooms: tabs, keys and the API lead to the same place, at both sizes.
import assert from 'node:assert/strict';
import {openPage, readiness, shot, status, suite, until} from './support.mjs';

let browser, site;
const on = suite({timeout: 180000}, started => { ({browser, site} = started); });

const room = page => page.evaluate(async () => (await window.florilegium).room);
const LEAF = [0x3d, 0x62, 0x47];
async function pixel(page, x, y) {
  const {width, rgba} = await shot(page);
  return [...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)];
}

on('at 1440x900 tabs and keys open the rooms, and a line marks the open one', async () => {
  const {page, seen} = await openPage(browser, `${site.url}?backend=wasm`, {viewport: {width: 1440, height: 900}});
  await readiness(page);
  assert.equal(await room(page), 'grow');
  assert.deepEqual(await pixel(page, 302, 54), LEAF);
  await page.mouse.click(406, 28);
  await until(async () => (await room(page)) === 'gallery', 'a click opens the gallery');
  assert.match(await status(page), /Gallery is open/);
  assert.deepEqual(await pixel(page, 406, 54), LEAF);
  assert.notDeepEqual(await pixel(page, 302, 54), LEAF);
  for (const [key, name] of [['4', 'criteria'], ['3', 'tasks'], ['2', 'gallery'], ['1', 'grow']]) {
    await page.keyboard.press(key);
    await until(async () => (await room(page)) === name, `key ${key} opens ${name}`);
  }
  await page.evaluate(async () => (await window.florilegium).showRoom('tasks'));
  assert.equal(await room(page), 'tasks');
  assert.match(
      await page.evaluate(async () => {
        try {
          (await window.florilegium).showRoom('attic');
        } catch (error) { return error.message; }
      }),
      /no room called 'attic'/);
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('at 390x844 a finger opens the rooms from the foot of the page', async () => {
  const {page, seen} = await openPage(
      browser, `${site.url}?backend=wasm`, {viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true});
  await readiness(page);
  for (const [x, name] of [[340, 'criteria'], [146, 'gallery'], [48, 'grow']]) {
    await page.touchscreen.tap(x, 820);
    await until(async () => (await room(page)) === name, `a tap opens ${name}`);
    assert.deepEqual(await pixel(page, x, 793), LEAF);
  }
  assert.deepEqual(seen.errors, []);
  await page.close();
});

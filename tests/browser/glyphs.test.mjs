// Titles and file names in any script: what the studio's typefaces lack is drawn by the browser's own text.
import assert from 'node:assert/strict';
import {drawn, openPage, readiness, shot, suite} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

const TITLES = {
  'chinese.onnx': '花园植物',
  'japanese.onnx': 'はなの庭',
  'cyrillic.onnx': 'Сад цветов',
  'greek.onnx': 'Κήπος',
  'others.onnx': 'გ✿',
  '花.onnx': ''
};
let browser, site;
const on = suite(
    {
      timeout: 120000,
      models: Object.fromEntries(Object.entries(TITLES).map(([file, title]) => [file, tinyModel({metadata: {title}})]))
    },
    started => { ({browser, site} = started); });

const WIDE = {width: 1440, height: 900}, TITLE = {x: 1100, y: 64, width: 320, height: 34};

// How dark each pixel of the title is, 0 to 1, as rows.
function ink({rgba, width}, {x, y, width: columns, height: rows}) {
  return Array.from({length: rows}, (_, row) => Array.from({length: columns}, (_, column) => {
    const at = ((y + row) * width + x + column) * 4;
    return Math.max(0, Math.abs(rgba[at] - 0xf4) / 0xf4);
  }));
}

// The best correlation of a glyph's picture with any place of the title.
function likeness(title, {width, height, alpha}) {
  const mean = alpha.reduce((sum, value) => sum + value, 0) / alpha.length;
  let best = 0;
  for (let top = 0; top + height <= title.length; ++top)
    for (let left = 0; left + width <= title[0].length; ++left) {
      let sum = 0, squares = 0, product = 0, own = 0;
      for (let y = 0; y < height; ++y)
        for (let x = 0; x < width; ++x) {
          const there = title[top + y][left + x];
          sum += there;
          squares += there * there;
        }
      const average = sum / alpha.length, spread = squares - sum * average;
      if (spread < 1) continue;
      for (let y = 0; y < height; ++y)
        for (let x = 0; x < width; ++x) {
          const one = alpha[y * width + x] - mean;
          product += one * (title[top + y][left + x] - average);
          own += one * one;
        }
      best = Math.max(best, product / Math.sqrt(own * spread));
    }
  return best;
}

const painted = (page, character) => page.evaluate(async one => {
  const {paintGlyph} = await import('./glyphs.js');
  const {width, height, rgba} = paintGlyph(one, 21 * 0.8, {serif: true, weight: 400, italic: true});
  return {width, height, alpha: [...rgba].filter((_, i) => i % 4 === 3).map(value => value / 255)};
}, character);

async function open(file) {
  const {page, seen} = await openPage(
      browser, `${site.url}?backend=wasm&model=${encodeURIComponent(`models/${file}`)}`, {viewport: WIDE});
  await readiness(page);
  await drawn(page);
  return {page, seen, title: ink(await shot(page), TITLE)};
}

for (const [file, title] of Object.entries(TITLES)) {
  const borrowed = [...(title || '花')].filter(one => !/[\p{Script=Cyrillic}\p{Script=Greek} ]/u.test(one));
  on(`${title || file}: every glyph is there`, async () => {
    const {page, seen, title: shown} = await open(file);
    for (const character of borrowed) {
      const like = likeness(shown, await painted(page, character));
      assert.ok(like > 0.85, `${character} is on the screen: alike by ${like.toFixed(2)}`);
    }
    assert.deepEqual(seen.errors, []);
    await page.close();
  });
}

on('Cyrillic and Greek are drawn letter by letter, not as one sign for all', async () => {
  for (const file of ['cyrillic.onnx', 'greek.onnx']) {
    const {page, title: shown} = await open(file);
    // between letters there are columns without ink; question marks would all be as wide as one another
    const columns = shown[0].map((_, x) => shown.some(row => row[x] > 0.25)), widths = [];
    columns.forEach((inked, x) => {
      if (inked && !columns[x - 1]) widths.push(0);
      if (inked) ++widths[widths.length - 1];
    });
    assert.ok(Math.max(...widths) - Math.min(...widths) > 2, `${file}: letters ${widths} pixels wide`);
    await page.close();
  }
});

// All actions as a list: what the canvas offers, as the page's own buttons and fields, by the keyboard alone; and what
// axe-core finds on the page in all its states.
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {generate, openPage, readiness, status, suite, until} from './support.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
let browser, site;
const on = suite({timeout: 240000}, started => { ({browser, site} = started); });

const WIDE = {width: 1440, height: 900}, SMALL = {width: 390, height: 844};

const axe = readFileSync(join(root, 'web/node_modules/axe-core/axe.min.js'), 'utf8');
/** What axe-core objects to, with all its rules, as lines. */
async function objections(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const {violations, passes} = await window.axe.run();
    if (passes.length < 10) return ['axe-core has not looked'];
    return violations.flatMap(
        ({id, nodes}) => nodes.map(({html, failureSummary}) => `${id}: ${html} ${failureSummary}`));
  });
}

const names = page => page.evaluate(
    () => [...document.querySelectorAll('#list button, #list label')].map(one => one.textContent));
const headings = page =>
    page.evaluate(() => [...document.querySelectorAll('#list h2, #list h3')].map(one => one.textContent));
const lists = (page, name) => until(async () => (await names(page)).includes(name), `the list has ${name}`);
const openList = async page => {
  await page.focus('#list-toggle');
  await page.keyboard.press('Enter');
  await lists(page, 'Grow');
};
// By Tab alone, from where the focus is.
async function tabTo(page, name) {
  const seen = [];
  for (let i = 0; i < 150; ++i) {
    await page.keyboard.press('Tab');
    const at =
        await page.evaluate(() => (document.activeElement.closest('label') ?? document.activeElement).textContent);
    if (at === name) return;
    seen.push(at);
  }
  assert.fail(`Tab does not lead to ${name}, but to ${seen}`);
}

on('by the keyboard alone a plate is grown, looked at, and kept', async () => {
  const {page, seen} = await openPage(browser, `${site.url}?backend=wasm`, {viewport: WIDE});
  await readiness(page);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'All actions as a list');
  assert.ok((await page.locator('#list-toggle').boundingBox()).width > 100, 'it is on view while it has the focus');
  await page.keyboard.press('Enter');
  await lists(page, 'Grow');
  await tabTo(page, 'Seed');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('99');
  await page.keyboard.press('Enter');
  await until(() => page.evaluate(() => /seed=99\b/.test(location.hash)), 'the seed is taken');
  await tabTo(page, 'Steps');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('6');
  await page.keyboard.press('Enter');
  await until(() => page.evaluate(() => /steps=6\b/.test(location.hash)), 'the steps are taken');
  await page.focus('#list-toggle');
  await page.evaluate(
      () => [...document.querySelectorAll('#list button')].find(one => one.textContent === 'Paint').focus());
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');                              // Grow, just before
  await until(async () => /finished/.test(await status(page)), 'it grows');
  await lists(page, 'Grow again');
  await page.focus('#list-toggle');
  await tabTo(page, 'Step on view');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await until(async () => /Step 4 of 6/.test(await status(page)), 'arrows walk the steps');
  assert.match(
      await page.evaluate(() => document.activeElement.getAttribute('aria-valuetext')), /^step [4-6] of 6, /);
  await tabTo(page, 'Prediction');
  await page.keyboard.press('Space');
  await until(async () => /prediction/i.test(await status(page)), 'a view is chosen');
  await until(
      () => page.evaluate(() => document.activeElement.getAttribute('aria-pressed') === 'true'), 'and marked as such');
  await tabTo(page, 'Save this picture as PNG');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.equal(download.suggestedFilename(), 'florilegium-99-step-4-prediction.png');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'list-toggle');
  assert.ok(await page.locator('#list').isHidden());
  assert.deepEqual(seen.errors, []);
  await page.close();
});

// What each room must offer, under which headings.
const ROOMS = {
  Grow: {
    actions: ['Grow', 'Paint', 'Seed', 'New seed', 'Same seed', 'New one each time', 'Steps', 'plain', 'heun',
              'Schedule: time at high noise', 'Coloured clouds, 64 px', 'Open your own .onnx', 'By night (T)',
              'Keys (?)', 'Working', 'Prediction', 'Change', 'Overlaid', 'All', 'Replay the growth (space)',
              'Make it a favourite', 'Save this picture as PNG', 'Filmstrip', 'Animation', 'N: grow from a new seed'],
    headings: ['Rooms', 'Plate', 'Timeline', 'Controls', 'Seed', 'Model', 'Engine']
  },
  Gallery: {
    actions: ['Sheet', 'Favourites', 'Fill the sheet', 'First seed', 'New seed', '16', '100', 'Steps',
              'Save the sheet as PNG', 'Open a saved plate'],
    headings: ['Gallery controls', 'Plates']
  },
  Tasks: {actions: ['Average', 'Denoising', 'Training', 'Ask the network', '100 %'], headings: ['Task words', 'Keys']},
  Criteria: {actions: ['Plausible', 'In proportion', 'Original', 'Printed', 'Grown'], headings: ['Score']}
};

on('the list has every room\'s actions; axe-core objects to nothing', async () => {
  const {page, seen} = await openPage(browser, `${site.url}?backend=wasm`, {viewport: WIDE});
  await readiness(page);
  assert.deepEqual(await objections(page), [], 'the studio');
  await openList(page);
  for (const [room, {actions, headings: expected}] of Object.entries(ROOMS)) {
    await page.evaluate(
        name => [...document.querySelectorAll('#list button')].find(one => one.textContent === name).click(), room);
    await lists(page, actions.at(-1));
    const there = await names(page), words = await headings(page);
    assert.deepEqual(actions.filter(name => !there.includes(name)), [], `missing in ${room} of ${there}`);
    assert.deepEqual(expected.filter(name => !words.includes(name)), [], `headings of ${room}, of ${words}`);
    assert.deepEqual(await objections(page), [], room);
  }
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('axe-core objects to nothing by night, on a narrow screen, with colours to paint, nor on the plain page',
   async () => {
     const {page} = await openPage(browser, `${site.url}?backend=wasm`, {viewport: SMALL, colorScheme: 'dark'});
     await generate(page, {seed: 2, steps: 3});
     await openList(page);
     await page.evaluate(
         () => [...document.querySelectorAll('#list button')].find(one => one.textContent === 'Paint').click());
     await lists(page, 'Undo');
     assert.deepEqual(await objections(page), [], 'the easel, by night');
     await page.evaluate(
         () =>
             document.getElementById('canvas').getContext('webgl2')?.getExtension('WEBGL_lose_context').loseContext());
     await page.evaluate(() => document.getElementById('canvas').dispatchEvent(new Event('webglcontextlost')));
     await page.waitForSelector('#plain:not([hidden])');
     assert.ok(await page.locator('#list').isHidden(), 'there is no list of what cannot be drawn');
     assert.deepEqual(await objections(page), [], 'the plain page');
     await page.close();
   });

on('what had the focus keeps it while the list changes around it', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=wasm`, {viewport: WIDE});
  await readiness(page);
  await openList(page);
  await tabTo(page, 'By night (T)');
  await page.keyboard.press('Enter');
  await lists(page, 'By day (T)');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'By day (T)');
  await tabTo(page, 'Gallery');
  await page.keyboard.press('Enter');
  await lists(page, 'Fill the sheet');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Gallery');
  await page.close();
});

// What is drawn and can be used, but does not stand in the list, and why.
const UNLISTED = {
  easel: 'painting needs a pointer',
  bar: 'a choice of the same levels stands beside the bars',
};
test('every control of the studio\'s sources is listed', () => {
  const folder = join(root, 'src/studio'), unlisted = [];
  for (const part of ['kit', 'rooms'])
    for (const file of readdirSync(join(folder, part)).filter(name => name.endsWith('.cpp'))) {
      const lines = readFileSync(join(folder, part, file), 'utf8').split('\n');
      lines.forEach((line, i) => {
        const [, name] =
            /ImGui::(?:InvisibleButton|InputText|InputInt|BeginCombo)\((?:"([^"]*)")?/.exec(line) ?? [null];
        if (!/ImGui::(InvisibleButton|InputText|InputInt|BeginCombo)\(/.test(line) || UNLISTED[name]) return;
        if (!/list(ed)?_/.test(lines.slice(i, i + 15).join('\n'))) unlisted.push(`${file}:${i + 1}: ${line.trim()}`);
      });
    }
  assert.deepEqual(unlisted, []);
});

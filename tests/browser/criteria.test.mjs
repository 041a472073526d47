// The room Criteria: the quiz, the two sheets with their statistics, and the nearest plates, at both sizes.
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {generate, openPage, readiness, shot, status, suite, until} from './support.mjs';
import {listModels} from '../../web/site-list.mjs';
import {tinyModel} from './tiny_model.mjs';

let browser, site;
const model = tinyModel(), hash = createHash('sha256').update(model).digest('hex');
/** What `florilegium judge --beside` leaves beside a model. */
const judged = of => JSON.stringify({
  model_sha256: of,
  pictures: 48,
  plausibility: {
    two_sample: [
      {side: 64, accuracy: 0.7, interval: [0.604, 0.782]},
      {side: 128, accuracy: 0.51, interval: [0.41, 0.61]}
    ]
  }
});
const on = suite(
    {
      timeout: 240000,
      models: {
        'tiny.onnx': model,
        'tiny.judge.json': judged(hash),
        'other.onnx': tinyModel({metadata: {title: 'Another'}})
      }
    },
    started => { ({browser, site} = started); });
const WIDE = {
  viewport: {width: 1440, height: 900}
},
      SMALL = {
        viewport: {width: 390, height: 844},
        hasTouch: true,
        isMobile: true
      };

async function room(options) {
  const {page, seen} = await openPage(browser, `${site.url}?backend=wasm&model=models/tiny.onnx`, options);
  await readiness(page);
  const state = () => page.evaluate(async () => (await window.florilegium).criteria.state);
  const show = part => page.evaluate(async one => {
    const studio = await window.florilegium;
    studio.showRoom('criteria');
    studio.criteria.show(one);
  }, part);
  const question = () => page.evaluate(async () => [...((await window.florilegium).criteria.question() ?? [])]);
  return {page, seen, state, show, question};
}

/** The mean colour of a square of a screenshot. */
function colourAt({width, rgba}, x, y, side) {
  const sum = [0, 0, 0];
  for (let row = y; row < y + side; ++row)
    for (let column = x; column < x + side; ++column)
      for (let c = 0; c < 3; ++c) sum[c] += rgba[(row * width + column) * 4 + c] / (side * side);
  return sum;
}
const apart = (a, b) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

on('the quiz at 1440x900: keys answer, the score counts and survives a reload, both kinds come', async () => {
  const {page, seen, state, show, question} = await room(WIDE);
  await show('plausibility');
  const kinds = new Set();
  let right = 0, asked = 0;
  for (; asked < 40 && (kinds.size < 2 || asked < 4); ++asked) {
    await until(async () => (await state()).stage === 'asked', 'a question', 90000);
    assert.equal((await state()).answer, null);                    // not told before
    if (asked === 0) {
      const rgba = await question(),
            mean = [0, 1, 2].map(c => rgba.reduce((sum, value, i) => sum + (i % 4 === c ? value : 0), 0) / (256 * 256));
      const picture = await shot(page);                            // the square on the screen is the question's
      const side = Math.floor(Math.min(1080 - 48, 844 - 36 - 44, 2.2 * 256)), x = Math.floor((1080 - side) / 2),
            y = Math.floor(56 + (844 - side - 44) / 2);
      assert.ok(apart(colourAt(picture, x, y, side), mean) < 4);
    }
    await page.keyboard.press(asked % 2 ? 'g' : 'p');
    await until(async () => (await state()).stage === 'answered', 'an answer');
    const {answer} = await state();
    kinds.add(answer);
    if (answer === (asked % 2 ? 'grown' : 'printed')) ++right;
    assert.match(await status(page), answer === 'grown' ? /Grown: seed \d+, 12 steps/ : /Printed: .*1[78]\d\d/);
    await page.keyboard.press('Space');
  }
  assert.deepEqual([...kinds].sort(), ['grown', 'printed']);
  await until(async () => (await state()).asked === asked, 'the count');
  assert.equal((await state()).right, right);
  await page.reload();
  await readiness(page);
  assert.deepEqual([(await state()).right, (await state()).asked], [right, asked]);
  assert.deepEqual(seen.errors, []);
  assert.deepEqual(seen.foreign, []);
  await page.close();
});

on('beside the quiz stands how well a network tells the model, and after a dozen answers what was taken for what',
   async () => {
     const {page, seen, state, show} = await room(WIDE);
     const words = () => page.evaluate(() => document.querySelector('#list').textContent);
     const listed = part => until(async () => (await words()).includes(part), `the list has "${part}"`);
     // a score of another kind, as an earlier version kept it, does no harm
     await page.evaluate(
         of => localStorage.setItem('florilegium.quiz', JSON.stringify({[of]: [5, 1, 2, 3], 'x': [1, 'a']})), hash);
     await page.reload();
     await readiness(page);
     assert.deepEqual((await state()).answers, [5, 1, 2, 3]);
     await show('plausibility');
     await page.focus('#list-toggle');
     await page.keyboard.press('Enter');
     await listed('70 % right at 64 pixels (60 to 78)');
     await listed('51 % right at 128 pixels (41 to 61)');
     await listed('learned to tell 48 plates of this model');
     await listed('something still gives the grown ones away');
     assert.ok(!(await words()).includes('Of the printed ones you said'), 'eleven answers are not enough');
     await until(async () => (await state()).stage === 'asked', 'a question', 90000);
     await page.evaluate(async () => (await window.florilegium).criteria.answer('grown'));
     const {answers, answer} = await state();
     assert.deepEqual(answers, answer === 'grown' ? [5, 1, 2, 4] : [5, 2, 2, 3]);
     await listed(`Of the printed ones you said printed 5 times and grown ${answers[1]} times`);

     // another model has its own score, and nothing was measured of it
     await page.evaluate(async () => (await window.florilegium).openModel('models/other.onnx'));
     await until(async () => (await state()).asked === 0, 'a score of its own');
     await listed('Not measured for this model');
     assert.ok(!(await words()).includes('Of the printed ones you said'));
     await page.evaluate(async () => (await window.florilegium).openModel('models/tiny.onnx'));
     await listed('70 % right at 64 pixels');
     assert.deepEqual(seen.errors, []);
     await page.close();
   });

on('where nothing may be kept, the quiz still counts', async () => {
  const {page, seen} = await openPage(browser, 'about:blank', WIDE);
  await page.addInitScript(
      () => Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('forbidden'); }}));
  await page.goto(`${site.url}?backend=wasm&model=models/tiny.onnx`);
  await readiness(page);
  const state = () => page.evaluate(async () => (await window.florilegium).criteria.state);
  await page.evaluate(async () => {
    const studio = await window.florilegium;
    studio.showRoom('criteria');
    studio.criteria.show('plausibility');
  });
  await until(async () => (await state()).stage === 'asked', 'a question', 90000);
  await page.keyboard.press('p');
  await until(async () => (await state()).asked === 1, 'the answer counts');
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('what was measured with other weights is not listed, and it is said', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'florilegium-judged-'));
  writeFileSync(join(folder, 'tiny.onnx'), model);
  writeFileSync(join(folder, 'tiny.judge.json'), judged('0'.repeat(64)));
  writeFileSync(join(folder, 'judge.onnx'), 'the encoder is no model of the page');
  const said = [];
  const list = await listModels(site.folder, folder, (file, sentence) => said.push(`${file}: ${sentence}`));
  assert.deepEqual(list.map(({file, judged: numbers}) => [file, numbers]), [['tiny.onnx', undefined]]);
  assert.equal(said.length, 1);
  assert.match(said[0], /^tiny\.judge\.json: it was measured with other weights/);
  rmSync(folder, {recursive: true});
});

on('two sheets fill with grown and printed plates, and their statistics are compared', async () => {
  const {page, seen, state, show} = await room(WIDE);
  await show('proportionality');
  await until(async () => (await state()).measured === 12, 'twelve plates measured', 200000);
  assert.equal((await state()).heldOut, 36);
  const picture = await shot(page);
  const grown = colourAt(picture, 150, 300, 200), printed = colourAt(picture, 720, 300, 200);
  assert.ok(apart(grown, printed) > 25, `${grown} and ${printed}`);   // clouds are not like plates
  assert.ok(printed[0] > printed[2] + 10, `${printed}`);              // old paper is warm
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('at 390x844 the visitor\'s plate is held against the training plates; fingers choose the part and answer',
   async () => {
     const {page, seen, state, show} = await room(SMALL);
     await generate(page, {seed: 5, steps: 4});
     await show('originality');
     await until(async () => (await state()).plates === 1, 'the plate is judged', 90000);
     const ratio = await page.evaluate(async () => (await window.florilegium).criteria.ratio(0));
     assert.ok(ratio > 1 / 3 && ratio <= 1, `${ratio}`);   // clouds are no copy
     const picture = await shot(page);
     // the plate, and beside it another
     assert.ok(apart(colourAt(picture, 50, 70, 100), colourAt(picture, 220, 70, 100)) > 10);
     await page.touchscreen.tap(75, 278 + 14 + 23);   // "Plausible"
     await until(async () => (await state()).part === 'plausibility', 'a finger chooses the part');
     await until(async () => (await state()).stage === 'asked', 'a question', 90000);
     assert.deepEqual(seen.errors, []);
     assert.deepEqual(seen.foreign, []);
     await page.close();
   });

on('a visitor\'s growth goes before the room\'s', async () => {
  const {page, state, show} = await room(WIDE);
  await show('proportionality');
  await until(async () => (await state()).plates > 0, 'the room grows plates', 90000);
  const {rgba, error} = await generate(page, {seed: 3, steps: 30});
  assert.equal(error, undefined);
  assert.equal(rgba.length, 64 * 64 * 4);
  await until(async () => (await state()).measured > 3, 'the room goes on afterwards', 90000);
  await page.close();
});

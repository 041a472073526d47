// Keys go by what they say, on five layouts; text, deletes and the clipboard reach the studio's fields once each; the
// focus is never caught on the canvas.
import assert from 'node:assert/strict';
import {drawn, openPage, readiness, shot, status, suite, until} from './support.mjs';

let browser, site;
const on = suite({timeout: 240000}, started => { ({browser, site} = started); });

const WIDE = {
  width: 1440,
  height: 900
},
      SEED = {
        x: 1180,
        y: 248
      },
      SEED_BELOW_A_PLATE = {
        x: 1180,
        y: 344
      },
      PAPER = {
        x: 8,
        y: 600
      };
const SHIFT = {shift: true}, ALT_GR = {altGr: true};

// What the layouts have on which key: [what it says, its code, what is held]. `idle` keys say something that is no
// shortcut, though where they lie an American keyboard has one.
const LAYOUTS = {
  'American': {
    keys: [['m', 'KeyM'], ['[', 'BracketLeft'], [']', 'BracketRight'], [',', 'Comma'], ['.', 'Period'],
           ['2', 'Digit2'], ['1', 'Digit1'], ['?', 'Slash', SHIFT]],
    idle: [['/', 'Slash'], ['{', 'BracketLeft', SHIFT], ['<', 'Comma', SHIFT], ['@', 'Digit2', SHIFT]]
  },
  'German': {
    keys: [['m', 'KeyM'], ['[', 'Digit8', ALT_GR], [']', 'Digit9', ALT_GR], [',', 'Comma'], ['.', 'Period'],
           ['2', 'Digit2'], ['1', 'Digit1'], ['?', 'Minus', SHIFT]],
    idle: [['-', 'Slash'], ['_', 'Slash', SHIFT], ['ü', 'BracketLeft'], ['+', 'BracketRight'], ['ß', 'Minus']]
  },
  'French': {
    keys: [['m', 'Semicolon'], ['[', 'Digit5', ALT_GR], [']', 'Minus', ALT_GR], [',', 'KeyM'], ['.', 'Comma', SHIFT],
           ['2', 'Digit2', SHIFT], ['1', 'Digit1', SHIFT], ['?', 'KeyM', SHIFT]],
    idle: [['é', 'Digit2'], ['&', 'Digit1'], ['!', 'Slash'], ['§', 'Slash', SHIFT], [';', 'Comma'],
           ['Dead', 'BracketLeft'], ['$', 'BracketRight']]
  },
  'Dvorak': {
    keys: [['m', 'KeyM'], ['[', 'Minus'], [']', 'Equal'], [',', 'KeyW'], ['.', 'KeyE'], ['2', 'Digit2'],
           ['1', 'Digit1'], ['?', 'BracketLeft', SHIFT]],
    idle: [['z', 'Slash'], ['w', 'Comma'], ['/', 'BracketLeft'], ['=', 'BracketRight']]
  },
  'Russian': {
    keys: [['ь', 'KeyM'], ['х', 'BracketLeft'], ['ъ', 'BracketRight'], ['б', 'Comma'], ['.', 'Slash'],
           ['2', 'Digit2'], ['1', 'Digit1'], ['?', 'Digit7', SHIFT]],
    idle: [['"', 'Digit2', SHIFT], ['ж', 'Semicolon'], ['э', 'Quote']]
  }
};
// What the keys of each layout do, in their order.
const EFFECTS =
    [/^Sampler /, /^11 steps/, /^12 steps/, /^Schedule /, /^Schedule /, /Gallery is open/, /Grow is open/];

async function keyboard(page) {
  const session = await page.context().newCDPSession(page);
  return async (key, code, {shift = false, altGr = false} = {}) => {
    // AltGr is told as Ctrl and Alt together, as Windows does
    const modifiers = (shift ? 8 : 0) + (altGr ? 3 : 0);
    const text = key.length === 1 && !altGr ? {text: key} : {};
    if (altGr)
      await session.send(
          'Input.dispatchKeyEvent', {type: 'rawKeyDown', key: 'AltGraph', code: 'AltRight', modifiers});
    await session.send(
        'Input.dispatchKeyEvent', {type: text.text ? 'keyDown' : 'rawKeyDown', key, code, modifiers, ...text});
    await session.send('Input.dispatchKeyEvent', {type: 'keyUp', key, code, modifiers});
    if (altGr) await session.send('Input.dispatchKeyEvent', {type: 'keyUp', key: 'AltGraph', code: 'AltRight'});
  };
}

// Clicks into a field, which chooses all that stands there.
async function enter(page, {x, y}) {
  await drawn(page);
  await page.mouse.click(x, y);
  await page.waitForTimeout(900);
}

const hush = page => page.evaluate(() => { document.getElementById('status').textContent = ''; });
async function brightness(page, {x, y}) {
  const {rgba, width} = await shot(page);
  return rgba[(y * width + x) * 4];
}
const seed = page => page.evaluate(() => /seed=(\d+)/.exec(location.hash)?.[1]);

for (const [layout, {keys, idle}] of Object.entries(LAYOUTS)) {
  on(`${layout}: shortcuts go by what the keys say`, async () => {
    const {page, seen} = await openPage(browser, `${site.url}?backend=wasm`, {viewport: WIDE});
    await readiness(page);
    const press = await keyboard(page), plain = await brightness(page, PAPER);
    for (const [i, effect] of EFFECTS.entries()) {
      await hush(page);
      await press(...keys[i]);
      await until(async () => effect.test(await status(page)), `${keys[i][0]} (${keys[i][1]}): ${effect}`);
    }
    await drawn(page);
    await hush(page);
    for (const key of idle) await press(...key);
    await drawn(page);
    assert.equal(await status(page), '', `${idle.map(([key]) => key)} do nothing`);
    assert.equal(await brightness(page, PAPER), plain, 'nor is a list of keys open');
    await press(...keys.at(-1));
    await until(async () => await brightness(page, PAPER) < plain - 20, '? opens the list of keys');
    await press('Escape', 'Escape');
    await until(async () => await brightness(page, PAPER) === plain, 'Escape puts it away');
    assert.deepEqual(seen.errors, []);
    await page.close();
  });
}

on('a seed is typed, deleted, copied, cut and pasted', async () => {
  const {page, seen} = await openPage(
      browser, `${site.url}?backend=wasm`, {viewport: WIDE, permissions: ['clipboard-read', 'clipboard-write']});
  await readiness(page);
  const field = () => page.evaluate(async () => {
    const studio = await window.florilegium;
    await Promise.race([studio.drawn(), new Promise(resolve => setTimeout(resolve, 900))]);
  });
  const press = async key => { await page.keyboard.press(key); await field(); };
  const is = expected => until(async () => (await seed(page)) === expected, `the address has the seed ${expected}`);
  await enter(page, SEED);
  for (const digit of '12345') await press(digit);
  await press('Backspace');
  await press('Home');
  await press('Delete');
  await press('Enter');                                            // and grows it
  await is('234');
  await until(async () => /finished/.test(await status(page)), 'Enter grows');
  await enter(page, SEED_BELOW_A_PLATE);
  await press('Control+c');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '234');
  await press('End');
  await press('Control+v');
  await press('Enter');
  await is('234234');
  await enter(page, SEED_BELOW_A_PLATE);
  await press('Control+x');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '234234');
  await page.evaluate(() => navigator.clipboard.writeText(' 9007199254740993\n'));
  await press('Control+v');
  await press('Enter');
  await is('9007199254740993');
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('Tab and Shift+Tab leave the canvas, and what is typed elsewhere stays there', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=wasm`, {viewport: WIDE});
  await readiness(page);
  const focus = () => page.evaluate(() => document.activeElement.id);
  await page.keyboard.press('Tab');
  assert.equal(await focus(), 'list-toggle');
  await page.keyboard.press('Tab');
  assert.equal(await focus(), 'canvas');
  await page.keyboard.press('2');
  await until(async () => /Gallery is open/.test(await status(page)), 'the canvas has keys');
  await page.keyboard.press('1');
  await until(async () => /Grow is open/.test(await status(page)), 'the canvas has keys');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focus(), 'list-toggle');
  await page.keyboard.press('2');
  await page.keyboard.press('Tab');
  assert.equal(await focus(), 'canvas');
  await page.keyboard.press('Tab');
  assert.notEqual(await focus(), 'canvas', 'Tab leads on');
  await drawn(page);
  assert.match(await status(page), /Grow is open/, 'keys on a button are none of the canvas');
  await page.close();
});

on('Tab leaves a text field of the canvas with what was typed', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=wasm`, {viewport: WIDE});
  await readiness(page);
  await enter(page, SEED);
  await page.keyboard.type('77', {delay: 60});
  await page.waitForTimeout(600);
  await page.keyboard.press('Shift+Tab');
  await until(async () => (await seed(page)) === '77', 'the seed is kept');
  await drawn(page);
  await page.close();
});

on('after WebGL was lost the plain page takes text, Backspace and Tab', async () => {
  const {page} = await openPage(browser, `${site.url}?backend=wasm`);
  await readiness(page);
  await page.evaluate(
      () => document.getElementById('canvas').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext());
  await page.waitForSelector('#plain:not([hidden])');
  await page.click('#plain [name=seed]');
  await page.keyboard.press('End');
  for (const key of ['Backspace', 'Backspace', '4', '2', '1', 'Backspace']) await page.keyboard.press(key);
  assert.equal(await page.inputValue('#plain [name=seed]'), '42');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'steps');
  await page.close();
});

on('on a touch screen each digit arrives once, and what an input method deletes or replaces is gone', async () => {
  const {page, seen} = await openPage(
      browser, `${site.url}?backend=wasm`,
      {viewport: {width: 820, height: 900}, hasTouch: true, isMobile: true});
  await readiness(page);
  await drawn(page);
  const session = await page.context().newCDPSession(page), settle = () => page.waitForTimeout(700);
  await page.touchscreen.tap(590, 248);
  await until(
      () => page.evaluate(() => document.activeElement.id === 'typing'), 'the hidden input has the focus');
  await settle();
  // a keyboard that tells keys, as iPhones do
  for (const digit of '567') { await page.keyboard.press(digit); await settle(); }
  await page.keyboard.press('Backspace');
  await settle();
  // one that tells changes only, as most on Android do
  await session.send('Input.insertText', {text: '89'});
  await settle();
  await session.send('Input.imeSetComposition', {text: '1', selectionStart: 1, selectionEnd: 1});
  await settle();
  await session.send('Input.imeSetComposition', {text: '12', selectionStart: 2, selectionEnd: 2});
  await settle();
  await session.send('Input.imeSetComposition', {text: '13', selectionStart: 2, selectionEnd: 2});
  await settle();
  await session.send('Input.insertText', {text: '13'});
  await settle();
  await page.evaluate(() => document.execCommand('delete'));       // deletes without a key
  await settle();
  await page.keyboard.press('Enter');
  await until(async () => (await seed(page)) === '56891', 'the address has what was typed');
  assert.deepEqual(seen.errors, []);
  await page.close();
});

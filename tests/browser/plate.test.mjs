// <florilegium-plate>: the page of docs/elsewhere.md, in another folder than the site, on a server that knows no more
// than the usual endings and sends a strict Content-Security-Policy, shows three plates that grow one after another.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {dirname, extname, join} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {generate, largestDifference, launch, missing, openPage, serveSite, until} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const axe = readFileSync(join(root, 'web/node_modules/axe-core/axe.min.js'), 'utf8');

const [, PAGE] = /^```html\n([^]*?)^```$/m.exec(readFileSync(join(root, 'docs/elsewhere.md'), 'utf8'));
const POLICY = 'default-src \'none\'; script-src \'self\' \'wasm-unsafe-eval\'; worker-src \'self\'; ' +
    'connect-src \'self\'; img-src \'self\'; base-uri \'none\'; form-action \'none\'';
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm'
};

const one = attributes => `<!doctype html><html lang="en"><title>A plate</title><h1>A plate</h1>
<script type="module" src="../lib/flora/plate.js"></script><florilegium-plate ${
    attributes}></florilegium-plate></html>`;
const PAGES = {
  '/favicon.ico': ' ',
  '/texts/three.html': PAGE,
  '/texts/plain.html': '<!doctype html><title>Nothing</title>',
  '/texts/pressed.html': one('seed="57" steps="6" controls poster="../lib/flora/icon.svg"'),
  '/texts/calm.html': one('seed="57" steps="6" controls autoplay'),
  '/texts/long.html': one('seed="57" steps="250" controls'),
  '/texts/seed.html': one('seed="fifty-seven" controls'),
  '/texts/steps.html': one('seed="57" steps="0"'),
  '/texts/absent.html': one('model="nowhere.onnx"'),
};

let site, server, browser, base;
before(async () => {
  if (missing) return;
  site = await serveSite({models: {'tiny.onnx': tinyModel()}});
  server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    response.setHeader('Content-Security-Policy', POLICY);
    const inSite = path.startsWith('/lib/flora/') && join(site.folder, path.slice(11));
    const body = PAGES[path] ?? (inSite && await readFile(inSite).catch(() => null));
    response.writeHead(body ? 200 : 404, {'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream'});
    response.end(body || '');
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  base = `http://localhost:${server.address().port}/texts/`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
  await site?.close();
});
const on = (name, body) => test(name, {skip: missing, timeout: 180000}, body);

const state = (page, at = 0) =>
    page.evaluate(k => document.querySelectorAll('florilegium-plate')[k].state, at);
const becomes = (page, wanted, at = 0) =>
    until(async () => await state(page, at) === wanted, `the plate is ${wanted}`);
const inside = (page, selector) => page.locator('florilegium-plate').first().locator(selector);
const line = page => inside(page, '[role=status]').textContent();
const pixels = (page, at = 0) => page.evaluate(k => {
  const canvas = document.querySelectorAll('florilegium-plate')[k].shadowRoot.querySelector('canvas');
  return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
}, at);

let three;
on('three plates grow one after another, without an error, as the studio grows them', async () => {
  const scripts = [];
  let engineAsked = false;
  const {page, seen} = await openPage(browser, 'about:blank');
  page.on('response', async response => {
    if (/denoiser-worker/.test(response.url())) engineAsked = true;
    else if (/\.js$/.test(response.url()) && !engineAsked) scripts.push(response.body().then(body => body.length));
  });
  await page.addInitScript(() => {
    const told = [];
    Object.defineProperty(globalThis, Symbol.for('told'), {value: told});
    for (const name of ['step', 'grown', 'failed'])
      addEventListener(name, ({target, detail}) => {
        const plates = [...document.querySelectorAll('florilegium-plate')];
        told.push(`${plates.indexOf(target)} ${name}${detail ? ` ${detail.step ?? detail.message}` : ''}`);
      }, true);
  });
  await page.setViewportSize({width: 600, height: 1900});
  await page.goto(`${base}three.html`);
  await becomes(page, 'grown', 2);
  const told = await page.evaluate(() => globalThis[Symbol.for('told')]);
  const expected = [20, 6, 12].flatMap(
      (steps, k) => [...Array.from({length: steps + 1}, (_, step) => `${k} step ${step}`), `${k} grown`]);
  assert.deepEqual(told, expected);
  assert.deepEqual(seen.errors, []);
  const bytes = (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0);
  assert.ok(bytes > 20000 && bytes < 60000, `${bytes} bytes of JavaScript before the engine`);
  const {page: studio} = await openPage(browser, `${site.url}?backend=wasm`);
  for (const [at, settings] of [{seed: 57, steps: 20}, {seed: 58, steps: 6}, {seed: 59}].entries()) {
    const {rgba} = await generate(studio, settings);
    assert.ok(largestDifference([...rgba], await pixels(page, at)) <= 1, `plate ${at} is the studio's`);
  }
  await studio.close();
  three = page;
});

on('axe-core objects to nothing; nothing is global but the element', async () => {
  const names = page => page.evaluate(() => Object.getOwnPropertyNames(globalThis));
  const {page: plain} = await openPage(browser, `${base}plain.html`), usual = await names(plain);
  await plain.close();
  assert.deepEqual((await names(three)).filter(name => !usual.includes(name)), []);
  await three.evaluate(axe);
  const found = await three.evaluate(async () => {
    const {violations, passes} = await window.axe.run();
    return {
      looked: passes.length,
      objections: violations.flatMap(({id, nodes}) => nodes.map(node => `${id}: ${node.html}`))
    };
  });
  assert.ok(found.looked > 10);
  assert.deepEqual(found.objections, []);
});

on('the keyboard scrubs, replays, and changes the view', async () => {
  const timeline = inside(three, 'input'), shown = () => timeline.getAttribute('aria-valuetext');
  assert.equal(await shown(), 'step 20 of 20, 0 % noise');
  const finished = await pixels(three);
  await timeline.focus();
  await three.keyboard.press('Home');
  assert.equal(await shown(), 'step 0 of 20, 100 % noise');
  const noise = await pixels(three);
  await three.keyboard.press('ArrowRight');
  assert.match(await shown(), /^step 1 of 20, 9\d % noise$/);
  await three.keyboard.press('Tab');
  await three.keyboard.press('Space');
  assert.equal(await inside(three, '[aria-pressed]').getAttribute('aria-pressed'), 'true');
  const believed = await pixels(three);
  await three.keyboard.press('Space');
  for (const [a, b] of [[finished, noise], [noise, believed], [believed, finished]]) assert.notDeepEqual(a, b);
  await inside(three, '.bar button').first().press('Enter');
  assert.equal(await inside(three, '.bar button').first().textContent(), 'Pause');
  await until(async () => await shown() === 'step 20 of 20, 0 % noise', 'the replay ends');
  assert.deepEqual(await pixels(three), finished);
  await three.close();
});

on('a poster waits until the plate is pressed; below the fold, autoplay waits until it is seen', async () => {
  const {page, seen} = await openPage(browser, `${base}pressed.html`);
  assert.equal(await state(page), 'waiting');
  assert.ok(await inside(page, 'img').isVisible() && !await inside(page, 'canvas').isVisible());
  await page.evaluate(() => {
    const below = document.createElement('florilegium-plate');
    below.style.marginTop = '3000px';
    below.setAttribute('steps', '4');
    below.setAttribute('autoplay', '');
    document.body.append(below);
  });
  await inside(page, '.bar button').first().press('Enter');
  await becomes(page, 'grown');
  assert.ok(!await inside(page, 'img').isVisible() && await inside(page, 'canvas').isVisible());
  assert.equal(await line(page), 'Grown in 6 steps.');
  assert.equal(await state(page, 1), 'waiting');
  await page.evaluate(() => document.querySelectorAll('florilegium-plate')[1].scrollIntoView());
  await becomes(page, 'grown', 1);
  assert.deepEqual(seen.errors, []);
  await page.close();
});

on('who wants little motion or little data is asked first; little motion shows the finished plate alone', async () => {
  const {page} = await openPage(browser, `${base}calm.html`, {reducedMotion: 'reduce'});
  const {page: saving} = await openPage(browser, 'about:blank');
  await saving.addInitScript(
      () => Object.defineProperty(Navigator.prototype, 'connection', {get: () => ({saveData: true})}));
  await saving.goto(`${base}calm.html`);
  await new Promise(resolve => setTimeout(resolve, 600));
  assert.equal(await state(page), 'waiting');
  assert.equal(await state(saving), 'waiting');
  await saving.close();
  await page.evaluate(() => {
    const plate = document.querySelector('florilegium-plate');
    plate.shown = [];
    plate.addEventListener('step', ({detail}) => plate.shown.push(detail.step));
  });
  await inside(page, '.bar button').first().press('Enter');
  await becomes(page, 'grown');
  assert.deepEqual(await page.evaluate(() => document.querySelector('florilegium-plate').shown), [6]);
  await page.close();
});

on('stopping lets the next plate grow; another seed begins afresh', async () => {
  const {page} = await openPage(browser, `${base}long.html`);
  await page.evaluate(() => {
    const [first] = document.querySelectorAll('florilegium-plate'), second = first.cloneNode();
    second.setAttribute('steps', '4');
    first.after(second);
    first.addEventListener('step', ({detail}) => {
      if (detail.step !== 5) return;
      second.before = second.state;
      first.shadowRoot.querySelector('.bar button').click();
    });
    first.grow();
    second.grow();
  });
  await becomes(page, 'grown', 1);
  assert.equal(await page.evaluate(() => document.querySelectorAll('florilegium-plate')[1].before), 'queued');
  assert.equal(await state(page), 'waiting');
  assert.equal(await page.evaluate(() => document.querySelector('florilegium-plate').step), 5);
  const before = await pixels(page, 1);
  await page.evaluate(() => {
    const [, second] = document.querySelectorAll('florilegium-plate');
    second.setAttribute('seed', '60');
    second.grow();
  });
  await becomes(page, 'grown', 1);
  assert.notDeepEqual(await pixels(page, 1), before);
  await page.close();
});

on('what is wrong is said inside the plate', async () => {
  const {page} = await openPage(browser, `${base}seed.html`);
  assert.equal(await line(page), 'A seed is a whole number from 0 to 18446744073709551615, not fifty-seven.');
  assert.ok(await inside(page, '[role=status]').isVisible() && await inside(page, '.bar button').first().isDisabled());
  await page.goto(`${base}steps.html`);
  assert.match(await line(page), /^The number of steps is a whole number from 1 to/);
  await page.goto(`${base}absent.html`);
  await inside(page, '.sheet > button').click();
  await becomes(page, 'failed');
  assert.equal(await line(page), 'nowhere.onnx could not be loaded: the server answered 404 (there is no such file).');
  await page.addInitScript(() => { delete globalThis.WebAssembly; });
  await page.goto(`${base}pressed.html`);
  await inside(page, '.bar button').first().click();
  await becomes(page, 'failed');
  assert.match(await line(page), /^This browser lacks WebAssembly SIMD/);
  await page.close();
});

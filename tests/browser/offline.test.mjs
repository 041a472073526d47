// On a host that sends no special headers, at a sub-path: threads after the first load; without the network; damaged
// downloads; another deployment; forgetting. With the service worker, which the other tests leave out.
import assert from 'node:assert/strict';
import {appendFileSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {generate, launch, missing, openPage, readiness, serveSite, status, until} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

const {writeServiceWorker} =
    await import(pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), '../../web/site-list.mjs')));
const tiny = tinyModel();
let browser;
before(async () => { if (!missing) browser = await launch(); });
after(async () => {
  await browser?.close();
  for (const site of sites) await site.close().catch(() => {});   // closed already, unless its test failed
});
const on = (name, body) => test(name, {skip: missing, timeout: 180000}, body);

const sites = [];
const deploy = async (options = {}) => {
  sites.push(await serveSite({models: {'tiny.onnx': tiny}, isolation: false, base: '/some/where', ...options}));
  return sites.at(-1);
};

// A page that tells what each of its documents is like, once parsed: {page, seen, documents: ['isolated=true
// paper=first main=true']}. The documents say it themselves: a page that is just then loading itself again may never
// answer. main: the page, not the empty one of a takeover.
async function visitor() {
  const {page, seen} = await openPage(browser, 'about:blank', {serviceWorkers: 'allow'});
  const documents = [];
  page.on('console', line => { if (line.text().startsWith('document: ')) documents.push(line.text().slice(10)); });
  await page.addInitScript(
      () => addEventListener(
          'DOMContentLoaded',
          () => console.log(`document: isolated=${globalThis.crossOriginIsolated} paper=${
              getComputedStyle(document.body).getPropertyValue('--test').trim() ||
              'first'} main=${Boolean(document.querySelector('script[src="main.js"]'))}`)));
  return {page, seen, documents};
}
// Loads a page (or loads it again) and waits until a document like this was parsed, which may be the second or third
// one -> its readiness.
async function load({page, documents}, url, like = /isolated=true .*main=true/) {
  const before = documents.length;
  await (url ? page.goto(url) : page.reload());
  await until(() => documents.slice(before).some(line => like.test(line)), `a document like ${like}`, 60000);
  return readiness(page);
}
// All that the next visit needs is on the device.
const kept = page => page.evaluate(async () => {
  await navigator.serviceWorker.ready;
  const names = await caches.keys();
  return names.some(name => / page /.test(name)) &&
      (await (await caches.open(names.find(name => /files$/.test(name)))).keys())
          .filter(({url}) => /kept/.test(url))
          .length >= 2;
});

on('threads are on after the first load, with one reload; then everything works without the server', async () => {
  const site = await deploy();
  mkdirSync(join(site.folder, 'plates'), {recursive: true});
  writeFileSync(join(site.folder, 'plates/some.txt'), 'a plate');    // a room's data
  writeServiceWorker(site.folder);
  const visit = await visitor(), {page, seen} = visit;
  let loads = 0;
  page.on('request', request => { if (request.isNavigationRequest()) ++loads; });
  const info = await load(visit, `${site.url}?backend=wasm&threads=2`);
  assert.equal(info.threads, 2, info.notes?.join());
  assert.equal(loads, 2, 'one reload');
  assert.equal(await page.evaluate(() => globalThis.crossOriginIsolated), true);
  const before = await generate(page, {seed: 7, steps: 6});
  await until(() => kept(page), 'page, model and runtime are kept');
  for (const file of ['plates/some.txt', 'judge/judge.json', 'judge/plates.jpg', 'judge/held-out.jpg'])
    await until(
        () => page.evaluate(async path => Boolean(await caches.match(path)), file), `the rooms' data is kept: ${file}`);
  await site.close();
  assert.equal((await load(visit)).threads, 2);
  assert.equal(await page.evaluate(async () => (await fetch('plates/some.txt')).text()), 'a plate');
  const after = await generate(page, {seed: 7, steps: 6});
  assert.equal(after.error, undefined);
  assert.ok(after.rgba.equals(before.rgba));
  await page.evaluate(async () => (await window.florilegium).showRoom('criteria'));
  const criteria = () => page.evaluate(async () => (await window.florilegium).criteria.state);
  await until(async () => (await criteria()).plates > 0, 'the plate is held against the printed ones', 60000);
  assert.equal((await criteria()).heldOut, 36);
  assert.equal(loads, 3);
  // the browser logs the list of models it asked for
  assert.deepEqual(seen.errors.filter(line => !/ERR_CONNECTION_REFUSED|ERR_FAILED/.test(line)), []);
  const refused = await page.evaluate(() => fetch('https://example.org/').then(() => 'answered', () => 'refused'));
  assert.equal(refused, 'refused');
  assert.ok(seen.errors.some(line => /Content Security Policy/.test(line)), 'the policy holds in the kept page');
  await page.close();
});

on('where no service worker can run, one thread does it, without any reload', async () => {
  const site = await deploy();
  const {page} = await openPage(browser, 'about:blank');
  let loads = 0;
  page.on('request', request => { if (request.isNavigationRequest()) ++loads; });
  await page.goto(`${site.url}?backend=wasm`);
  const info = await readiness(page);
  assert.equal(info.threads, 1);
  assert.match(info.notes.join(), /One thread only: this server does not send .* so every step takes longer/);
  assert.equal(loads, 1);
  await page.close();
  await site.close();
});

on('a host that sends the headers: no reload, and the second visit works without it', async () => {
  const site = await deploy({isolation: true});
  const visit = await visitor(), {page} = visit;
  let loads = 0;
  page.on('request', request => { if (request.isNavigationRequest()) ++loads; });
  assert.equal((await load(visit, `${site.url}?backend=wasm&threads=2`)).threads, 2);
  await until(() => kept(page), 'page, model and runtime are kept');
  assert.equal(loads, 1);
  await site.close();
  assert.equal((await load(visit)).threads, 2);
  assert.equal((await generate(page, {seed: 7, steps: 3})).width, 64);
  await page.close();
});

on('a damaged download is named; one that was damaged once is asked for again', async () => {
  const site = await deploy({isolation: true});
  const damaged = Buffer.from(tiny);
  damaged[3000] ^= 255;
  writeFileSync(join(site.folder, 'models/tiny.onnx'), damaged);
  const {page} = await openPage(browser, site.url);
  const {error} = await readiness(page);
  assert.match(error, /tiny\.onnx arrived damaged, also when it was asked for a second time: its SHA-256 begins with /);
  assert.match(error, /begins with [0-9a-f]{12}, not [0-9a-f]{12}/);
  await page.close();

  const {page: other} = await openPage(browser, 'about:blank');
  let asked = 0;
  await other.route('**/models/tiny.onnx', route => route.fulfill({body: Buffer.from(++asked === 1 ? damaged : tiny)}));
  await other.goto(site.url);
  assert.equal((await readiness(other)).model, 'tiny.onnx');
  assert.equal(asked, 2);
  await other.close();
  await site.close();
});

on('a second deployment replaces the first as a whole', async () => {
  const site = await deploy();
  const visit = await visitor(), {page} = visit;
  await load(visit, `${site.url}?backend=wasm`);
  await until(() => kept(page), 'the first version is kept');
  const look = () => page.evaluate(async () => ({
                                     paper: getComputedStyle(document.body).getPropertyValue('--test').trim(),
                                     script: (await (await fetch('plain.js')).text()).includes('second deployment')
                                   }));
  assert.deepEqual(await look(), {paper: '', script: false});
  // Half of it: the list names files that are not there yet. The first version stays whole.
  appendFileSync(join(site.folder, 'style.css'), '\nbody { --test: second; }\n');
  const script = readFileSync(join(site.folder, 'plain.js'));
  writeFileSync(join(site.folder, 'plain.js'), `${script}\n// second deployment\n`);
  writeServiceWorker(site.folder);
  writeFileSync(join(site.folder, 'plain.js'), script);
  await load(visit);
  await page.waitForTimeout(1500);
  await load(visit);
  assert.deepEqual(await look(), {paper: '', script: false});
  // Now all of it.
  writeFileSync(join(site.folder, 'plain.js'), `${script}\n// second deployment\n`);
  await load(visit);
  await until(
      async () => /newer version of this page/.test(await status(page)), 'the page says that a newer version is here');
  assert.deepEqual(await look(), {paper: '', script: false}, 'the page on view stays one version');
  let loads = 0;
  page.on('request', request => { if (request.isNavigationRequest()) ++loads; });
  assert.equal((await load(visit, null, /paper=second/)).model, 'tiny.onnx');   // the next load shows it
  assert.equal(loads, 2, 'the page asks again once, when the newer version is ready');
  assert.deepEqual(await look(), {paper: 'second', script: true});
  assert.equal(
      await page.evaluate(async () => (await caches.keys()).filter(name => / page /.test(name)).length), 1,
      'the first version is gone');
  await page.close();
  await site.close();
});

on('what is kept is shown in bytes and can be forgotten', async () => {
  const site = await deploy({isolation: true});
  const {page} = await openPage(browser, `${site.url}?backend=wasm`, {serviceWorkers: 'allow'});
  await readiness(page);
  await until(() => kept(page), 'page, model and runtime are kept');
  const before = await page.evaluate(async () => (await window.florilegium).keptBytes());
  const sizes = JSON.parse(readFileSync(join(site.folder, 'ort/index.json')))
                    .find(one => one.file === 'ort-wasm-simd-threaded.wasm')
                    .bytes +
      tiny.length;
  assert.ok(before > sizes + 1e6 && before < sizes + 2e7, `${before} bytes`);
  await page.evaluate(async () => (await window.florilegium).forgetKept());
  assert.deepEqual(
      await page.evaluate(
          async () =>
              [await (await window.florilegium).keptBytes(), (await caches.keys()).length,
               (await navigator.serviceWorker.getRegistrations()).length]),
      [0, 0, 0]);
  assert.match(await status(page), /Nothing of this page is kept/);
  assert.equal((await generate(page, {seed: 7, steps: 3})).width, 64);
  await page.close();
  await site.close();
});

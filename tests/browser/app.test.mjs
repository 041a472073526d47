// The page as an installed app: its manifest is read without an objection, its icons are what that says, and what other
// apps share with it is opened.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {decodePng, openPage, readiness, status, suite, until} from './support.mjs';

let browser, site;
const on = suite({timeout: 180000, base: '/some/where'}, started => { ({browser, site} = started); });

on('the browser finds nothing to object to in the manifest', async () => {
  const {page, seen} = await openPage(browser, site.url);
  const {url, errors, data} = await (await page.context().newCDPSession(page)).send('Page.getAppManifest');
  assert.equal(url, `${site.url}manifest.json`);
  assert.deepEqual(errors, []);
  const {name, start_url: start, display, icons} = JSON.parse(data);
  assert.deepEqual([name, new URL(start, url).href, display], ['Florilegium', site.url, 'standalone']);
  assert.ok(icons.some(({purpose}) => purpose === 'maskable'));
  for (const {src, sizes, type} of icons.filter(icon => icon.type === 'image/png')) {
    const {width, height} = decodePng(readFileSync(join(site.folder, src)));
    assert.deepEqual([`${width}x${height}`, type], [sizes, 'image/png']);
  }
  assert.deepEqual(seen.errors.filter(line => /Content Security Policy|manifest/i.test(line)), []);
  await page.close();
});

on('a file that another app shares is opened once', async () => {
  const {page} = await openPage(browser, site.url, {serviceWorkers: 'allow'});
  await readiness(page);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  await page.goto(site.url);
  await readiness(page);
  const landed = await page.evaluate(async () => {
    const form = new FormData();
    form.append('file', new File(['some words'], 'näher.txt', {type: 'text/plain'}));
    return (await fetch('share', {method: 'POST', body: form})).url;
  });
  assert.equal(landed, `${site.url}?shared`);
  await page.goto(landed);
  await readiness(page);
  await until(
      async () => /^näher\.txt is neither a picture nor a model/.test(await status(page)), 'the file is opened');
  assert.equal(new URL(page.url()).search, '');
  await page.goto(landed);
  await readiness(page);
  await until(async () => new URL(page.url()).search === '', 'the page has looked');
  assert.doesNotMatch(await status(page), /näher/);
  await page.close();
});

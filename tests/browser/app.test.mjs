// The page as an installed app: its manifest is read without an objection, and its icons are what that says.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {decodePng, openPage, suite} from './support.mjs';

let browser, site;
const on = suite({timeout: 90000, isolation: false, base: '/some/where'}, started => { ({browser, site} = started); });

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

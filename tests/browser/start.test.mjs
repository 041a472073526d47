// The page where it cannot start: on a host that knows little, with a part missing, as a file. It starts, or says why
// not.
import assert from 'node:assert/strict';
import {createReadStream, existsSync, statSync} from 'node:fs';
import {createServer} from 'node:http';
import {extname, join} from 'node:path';
import {after} from 'node:test';
import {pathToFileURL} from 'node:url';
import {generate, openPage, readiness, suite} from './support.mjs';

let browser, site;
const on = suite({timeout: 60000}, started => { ({browser, site} = started); });

// What servers have known for twenty years.
const TYPES = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'application/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.jpg': 'image/jpeg'
};

const servers = [];
after(() => { for (const server of servers) server.close(); });

/** A stock server of the test site. types: by ending; missing: a file that it lacks; silent: one that never comes. */
async function stockServer({types = TYPES, missing = '', silent = ''} = {}) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname).slice(1) || 'index.html';
    const file = join(site.folder, path);
    if (path === silent) return;
    if (path === missing || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404, {'Content-Type': 'text/html'});
      return response.end('<!doctype html><title>404 Not Found</title>');
    }
    response.writeHead(200, {
      'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      'Content-Length': statSync(file).size
    });
    createReadStream(file).pipe(response);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  servers.push({
    close() {
      server.close();
      server.closeAllConnections();
    }
  });
  return {url: `http://127.0.0.1:${server.address().port}/`, close: servers.at(-1).close};
}

/** What the page at this address shows after at most three seconds instead of itself. */
async function toldAt(url) {
  const page = await browser.newPage();
  await page.goto(url, {waitUntil: 'commit'});
  await page.locator('#failure').waitFor({state: 'visible', timeout: 3000});
  const told = await page.locator('#failure-text').innerText();
  assert.equal(await page.locator('#status').textContent(), told, 'screen readers hear the same');
  assert.equal(await page.locator('#loading').isVisible(), false);
  await page.close();
  return told;
}

on('a server that knows no .mjs, no .wasm and no .ttf: the page grows a plate', async () => {
  const stock = await stockServer();
  for (const threads of [1, 2]) {
    const {page, seen} = await openPage(
        browser, `${stock.url}?backend=wasm&threads=${threads}&model=models/tiny.onnx`, {serviceWorkers: 'allow'});
    await page.waitForFunction(() => crossOriginIsolated && window.florilegium, {timeout: 15000});
    assert.equal((await readiness(page)).threads, threads);
    assert.equal((await generate(page, {seed: 7, steps: 3})).width, 64);
    // Emscripten says that it cannot compile while it loads without the right type, and then does it after.
    assert.deepEqual(seen.errors.filter(text => !/wasm streaming compile|falling back to ArrayBuffer/.test(text)), []);
    await page.close();
  }
  stock.close();
});

on('a server that sends scripts as something else is told so', async () => {
  const {'.js': _, ...types} = TYPES, stock = await stockServer({types});
  assert.match(await toldAt(stock.url), /^This server sends \S+\.js as application\/octet-stream, and browsers take/);
  stock.close();
});

for (const missing of ['main.js', 'api.js', 'florilegium_studio.js'])
  on(`${missing} is missing on the server`, async () => {
    const stock = await stockServer({missing});
    assert.equal(
        await toldAt(stock.url),
        `The page is incomplete on this server: it answered 404 for ${missing}. ` +
            'Copy the whole folder of the site there again.');
    stock.close();
  });

on('the studio\'s program is missing on the server', async () => {
  const stock = await stockServer({missing: 'florilegium_studio.wasm'});
  assert.match(await toldAt(stock.url), /wasm/);
  stock.close();
});

on('a module that never comes: the page is on its way, and says so', async () => {
  const stock = await stockServer({silent: 'api.js'}), page = await browser.newPage();
  await page.goto(stock.url, {waitUntil: 'commit'});
  await page.getByText('Florilegium is on its way').waitFor({timeout: 5000});
  await page.close();
  stock.close();
});

on('opened as a file', async () => {
  const told = await toldAt(pathToFileURL(join(site.folder, 'index.html')).href);
  assert.match(told, /opened as a file.*Serve its folder, for example with: python3 -m http\.server/);
});

on('a browser that cannot read the modules', async () => {
  const page = await browser.newPage();
  await page.route('**/api.js', route => route.fulfill({contentType: 'text/javascript', body: 'export class { ++ }'}));
  await page.goto(site.url);
  await page.locator('#failure').waitFor({state: 'visible', timeout: 3000});
  assert.match(await page.locator('#failure-text').innerText(), /could not start: .*SyntaxError.*browser of 2023/);
  await page.close();
});

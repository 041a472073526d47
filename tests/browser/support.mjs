// What the browser tests share: the built site with test models beside it, a server, a browser, a page that is ready.
import {cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {tinyModel} from './tiny_model.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const site = process.env.FLORILEGIUM_SITE ?? join(root, 'build/web/site');

const BROWSERS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executable = BROWSERS.find(path => path && existsSync(path));

/** A word why the tests cannot run here, or false. */
export const missing = !executable ? 'skipped: no Chromium on this machine (set CHROMIUM to its path)'
  : !existsSync(join(site, 'florilegium_studio.mjs')) ? 'skipped: the site is not built (cmake --build build/web)' : false;

/** Serves the site as built, with `models` (name -> bytes) in its models folder instead of, or beside, the shipped ones. */
export async function serveSite({models = {'tiny.onnx': tinyModel()}, isolation = true, base = '', shipped = false} = {}) {
  const {serve} = await import(pathToFileURL(join(root, 'web/serve.mjs')));
  const {readModel, checkContract} = await import(pathToFileURL(join(root, 'web/onnx-file.mjs')));
  const folder = mkdtempSync(join(tmpdir(), 'florilegium-site-'));
  cpSync(site, folder, {recursive: true, filter: path => !/ort$|models$/.test(path)});
  cpSync(join(site, 'ort'), join(folder, 'ort'), {recursive: true});
  if (shipped) cpSync(join(site, 'models'), join(folder, 'models'), {recursive: true});
  else {
    mkdirSync(join(folder, 'models'));
    const list = [];
    for (const [file, bytes] of Object.entries(models)) {
      writeFileSync(join(folder, 'models', file), bytes);
      try {
        const {imageSize, title} = checkContract(readModel(bytes, file), file);
        list.push({file, title, bytes: bytes.length, imageSize});
      } catch { /* a damaged one for a test: not in the list */ }
    }
    writeFileSync(join(folder, 'models/index.json'), JSON.stringify(list));
  }
  const server = await serve({root: folder, port: 0, isolation, base});
  return {url: server.url, folder, close: async () => { await server.close(); rmSync(folder, {recursive: true, force: true}); }};
}

export async function launch(extra = []) {
  const {chromium} = await import(pathToFileURL(join(root, 'web/node_modules/playwright-core/index.mjs')));
  return chromium.launch({executablePath: executable, args: ['--no-sandbox', ...extra]});
}

/** A page at url; collects errors and requests that leave the origin. */
export async function openPage(browser, url, {viewport = {width: 1000, height: 700}, ...context} = {}) {
  const page = await browser.newPage({viewport, ...context});
  const seen = {errors: [], foreign: []};
  page.on('pageerror', error => seen.errors.push(String(error.stack ?? error)));
  page.on('console', line => { if (line.type() === 'error') seen.errors.push(line.text()); });
  page.context().on('request', request => { if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin) seen.foreign.push(request.url()); });
  await page.goto(url);
  return {page, seen};
}

/** generate() in the page -> {width, height, steps, seed: string, millisecondsPerStep, rgba: Buffer}, or {error}. */
export async function generate(page, options) {
  const result = await page.evaluate(async given => {
    try {
      const studio = await window.florilegium;
      const {rgba, seed, ...rest} = await studio.generate(given);
      let binary = '';
      for (let i = 0; i < rgba.length; i += 8192) binary += String.fromCharCode(...rgba.subarray(i, i + 8192));
      return {...rest, seed: String(seed), rgba: btoa(binary)};
    } catch (error) {
      return {error: error.message};
    }
  }, options);
  if (result.rgba) result.rgba = Buffer.from(result.rgba, 'base64');
  return result;
}

export const readiness = page => page.evaluate(() => window.florilegium.then(studio => studio.info, error => ({error: error.message})));

export function psnr(a, b) {
  let sum = 0, count = 0;
  for (let i = 0; i < a.length; ++i) if (i % 4 !== 3) { sum += (a[i] - b[i]) ** 2; ++count; }
  return sum === 0 ? Infinity : 10 * Math.log10(255 ** 2 / (sum / count));
}

export const largestDifference = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

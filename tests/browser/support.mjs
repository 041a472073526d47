// What the browser tests share: the built site with test models beside it, a server, a browser, a page that is ready.
import {cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {inflateSync} from 'node:zlib';
import {tinyModel} from './tiny_model.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const site = process.env.FLORILEGIUM_SITE ?? join(root, 'build/web/site');

const BROWSERS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executable = BROWSERS.find(path => path && existsSync(path));

const NOT_BUILT = 'skipped: the site is not built (cmake --build build/web)';

/** A word why the tests cannot run here, or false. */
export const siteMissing = existsSync(join(site, 'florilegium_studio.js')) ? false : NOT_BUILT;
export const missing = executable ? siteMissing : 'skipped: no Chromium on this machine (set CHROMIUM to its path)';

/** Serves the site as built, with `models` (name -> bytes) in its models folder instead of, or beside, the shipped
    ones. */
export async function serveSite({
  models = {
    'tiny.onnx': tinyModel()
  },
  isolation = true,
  compress = false,
  base = '',
  shipped = false
} = {}) {
  const {serve} = await import(pathToFileURL(join(root, 'web/serve.mjs')));
  const {listModels} = await import(pathToFileURL(join(root, 'web/site-list.mjs')));
  const folder = mkdtempSync(join(tmpdir(), 'florilegium-site-'));
  cpSync(site, folder, {recursive: true, filter: path => !/ort$|models$/.test(path)});
  cpSync(join(site, 'ort'), join(folder, 'ort'), {recursive: true});
  if (shipped) cpSync(join(site, 'models'), join(folder, 'models'), {recursive: true});
  else {
    mkdirSync(join(folder, 'models'));
    for (const [file, bytes] of Object.entries(models)) writeFileSync(join(folder, 'models', file), bytes);
    // a damaged one for a test is not in the list
    writeFileSync(join(folder, 'models/index.json'), JSON.stringify(await listModels(folder, join(folder, 'models'))));
  }
  const server = await serve({root: folder, port: 0, isolation, compress, base});
  return {
    url: server.url,
    folder,
    close: async () => {
      await server.close();
      rmSync(folder, {recursive: true, force: true});
    }
  };
}

export async function launch(extra = []) {
  const {chromium} = await import(pathToFileURL(join(root, 'web/node_modules/playwright-core/index.mjs')));
  return chromium.launch({executablePath: executable, args: ['--no-sandbox', ...extra]});
}

/**
 * The set-up of a file of tests: a site (options as of serveSite) and a browser (launching: its arguments), which
 * `ready({browser, site})` gets before the first test -> test(name, body, skip), skip: a word why this one cannot run
 * here.
 */
export function suite({timeout, launching = [], ...serving}, ready) {
  let browser, site;
  before(async () => {
    if (missing) return;
    site = await serveSite(serving);
    browser = await launch(launching);
    await ready({browser, site});
  });
  after(async () => { await browser?.close(); await site?.close(); });
  return (name, body, skip = false) => test(name, {skip: missing || skip, timeout}, body);
}

/** A module of the built site. */
export const fromSite = file => import(pathToFileURL(join(site, file)));

/** A page at url, without a service worker unless serviceWorkers is 'allow'; collects errors and requests that leave
    the origin. */
export async function openPage(browser, url, {
  viewport = {
    width: 1000,
    height: 700
  },
  serviceWorkers = 'block',
  ...context
} = {}) {
  const page = await browser.newPage({viewport, serviceWorkers, ...context});
  const seen = {errors: [], foreign: []};
  page.on('pageerror', error => seen.errors.push(String(error.stack ?? error)));
  page.on('console', line => { if (line.type() === 'error') seen.errors.push(line.text()); });
  page.context().on('request', request => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin)
      seen.foreign.push(request.url());
  });
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

/** The RGBA bytes of step k: part is 'working', 'prediction' or 'change'. */
export const frame = (page, k, part) =>
    page.evaluate(async ([step, name]) => [...(await window.florilegium).frame(step)[name]], [k, part])
        .then(Buffer.from);

export const readiness = page =>
    page.evaluate(() => window.florilegium.then(studio => studio.info, error => ({error: error.message})));

export function psnr(a, b) {
  let sum = 0, count = 0;
  for (let i = 0; i < a.length; ++i) if (i % 4 !== 3) { sum += (a[i] - b[i]) ** 2; ++count; }
  return sum === 0 ? Infinity : 10 * Math.log10(255 ** 2 / (sum / count));
}

export const largestDifference = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** A PNG file -> {width, height, rgba, texts}: 8 bits a channel, RGB or RGBA, not interlaced. */
export function decodePng(file) {
  const parts = [], texts = {};
  let width = 0, height = 0, channels = 0;
  if (file.subarray(1, 4).toString() !== 'PNG') throw new Error('not a PNG file');
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at), type = file.subarray(at + 4, at + 8).toString(),
          data = file.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      width = data.readUInt32BE(0);
      height = data.readUInt32BE(4);
      channels = data[9] === 6 ? 4 : 3;
    }
    if (type === 'IDAT') parts.push(data);
    if (type === 'tEXt') { const [key, value] = data.toString('latin1').split('\0'); texts[key] = value; }
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(parts)), stride = width * channels,
        rgba = Buffer.alloc(width * height * 4, 255), lines = Buffer.alloc(stride * height);
  for (let y = 0; y < height; ++y) {
    const filter = raw[y * (stride + 1)];
    for (let i = 0; i < stride; ++i) {
      const left = i >= channels ? lines[y * stride + i - channels] : 0, up = y ? lines[(y - 1) * stride + i] : 0;
      const corner = y && i >= channels ? lines[(y - 1) * stride + i - channels] : 0, guess = left + up - corner;
      const near =
          [left, up, corner].reduce((best, one) => (Math.abs(guess - one) < Math.abs(guess - best) ? one : best));
      lines[y * stride + i] = raw[y * (stride + 1) + 1 + i] + [0, left, up, (left + up) >> 1, near][filter];
    }
  }
  for (let i = 0; i < width * height; ++i) lines.copy(rgba, i * 4, i * channels, (i + 1) * channels);
  return {width, height, rgba, texts};
}

/** Finds the plate on a screenshot by its paper: {picture: {x, y, side}} in screenshot pixels, within the left `width`
    pixels. */
export function findPlate({width: stride, rgba}, {width, height}, scale = 1, paper = [0xfb, 0xf8, 0xf0]) {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x)
      if (paper.every((value, c) => rgba[(y * stride + x) * 4 + c] === value)) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
  const sheetWidth = right - left + 1, sheetHeight = bottom - top + 1;
  // the foot of a sheet is 40 high: src/studio/rooms/plate_panel.cpp
  const margin = sheetWidth - sheetHeight + 40 * scale;
  return {x: left + margin, y: top + margin, side: sheetWidth - 2 * margin};
}

/** The plate of a screenshot as size x size pixels, each read at its middle. */
export function readPlate(shot, area, size, scale = 1) {
  const {x, y, side} = findPlate(shot, area, scale);
  const pixels = Buffer.alloc(size * size * 4, 255);
  for (let row = 0; row < size; ++row)
    for (let column = 0; column < size; ++column) {
      const at =
          (Math.floor(y + (row + 0.5) * side / size) * shot.width + Math.floor(x + (column + 0.5) * side / size)) * 4;
      shot.rgba.copy(pixels, (row * size + column) * 4, at, at + 3);
    }
  return pixels;
}

/** Waits until the page shows all that changed; for five seconds at most, since what moves by itself is never done. */
export const drawn = page => page.evaluate(async () => {
  const studio = await window.florilegium;
  await Promise.race([studio.drawn(), new Promise(resolve => setTimeout(resolve, 5000))]);
});

/** What is on the screen then, as decodePng() gives it. */
export async function shot(page) {
  await drawn(page);
  return decodePng(await page.screenshot());
}

export const status = page => page.locator('#status').textContent();
export async function until(condition, what, milliseconds = 20000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    if (await condition()) return;
    if (Date.now() > end) throw new Error(`${what}: did not happen within ${milliseconds / 1000} s`);
    await new Promise(resolve => setTimeout(resolve, 30));
  }
}

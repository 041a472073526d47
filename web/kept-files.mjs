// Downloads that are checked and kept on the visitor's device: models, and ONNX Runtime's WebAssembly.
//
// A file whose SHA-256 is known (models/index.json, ort/index.json) is kept under that, so that another version of the
// site that has the same file needs no download; one that is not listed is asked for each time, and the kept copy
// serves when the server does not answer. Where the browser keeps nothing (an address that is not secure), everything
// is downloaded each time. Used by the page and by its workers.

const scope = new URL('./', import.meta.url);
const CACHES = `florilegium ${scope.pathname} `;             // the service worker's begin with the same
const CACHE = `${CACHES}files`;
const BYTES = 'X-Kept-Bytes';
const TELL_EVERY = 60;                                       // ms

/** A failure whose message is a sentence for the visitor. */
export class Told extends Error {}

const store = () => globalThis.caches?.open(CACHE).catch(() => null) ?? null;   // private windows may refuse
const keyOf = ({url, sha256}) => new URL(sha256 ? `kept/${sha256}` : new URL(url, scope).href, scope).href;

async function find(file) {
  const kept = await (await store())?.match(keyOf(file)).catch(() => undefined);
  return kept && new Uint8Array(await kept.arrayBuffer());
}

async function put(file, bytes) {
  try {
    await (await store())?.put(keyOf(file), new Response(bytes, {headers: {[BYTES]: String(bytes.length)}}));
  } catch { /* no room: it will be downloaded again */ }
}

async function sha256Of(bytes) {
  if (!globalThis.crypto?.subtle) return null;               // only secure addresses have it
  return Array
      .from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), byte => byte.toString(16).padStart(2, '0'))
      .join('');
}

async function request(url, name, cache) {
  let response;
  try {
    response = await fetch(url, {cache});
  } catch {
    throw new Told(`${name} could not be loaded: the server did not answer.`);
  }
  if (!response.ok)
    throw new Told(`${name} could not be loaded: the server answered ${response.status}${
        response.status === 404 ? ' (there is no such file)' : ''}.`);
  return response;
}

/** Reads a stream of `total` bytes (0: not known) to its end. broken(received): the sentence for one that breaks off.
    */
export async function readStream(stream, total, broken, onProgress) {
  const reader = stream.getReader();
  let bytes = new Uint8Array(total || 1 << 20), received = 0, told = 0;
  try {
    for (;;) {
      const {done, value} = await reader.read();
      if (done) break;
      if (received + value.length > bytes.length) {
        const larger = new Uint8Array(Math.max(2 * bytes.length, received + value.length));
        larger.set(bytes.subarray(0, received));
        bytes = larger;
      }
      bytes.set(value, received);
      received += value.length;
      if (performance.now() - told > TELL_EVERY) { told = performance.now(); onProgress(received, total); }
    }
  } catch (error) {
    if (error instanceof RangeError) throw error;            // no memory
    throw new Told(broken(received));
  }
  onProgress(received, total || received);
  return bytes.length === received ? bytes : bytes.slice(0, received);
}

async function download({url, name, size = 0}, cache, onProgress) {
  const response = await request(url, name, cache);
  const total =
      response.headers.get('content-encoding') ? size : Number(response.headers.get('content-length')) || size;
  const bytes = await readStream(
      response.body, total,
      received => `${name} is incomplete: the connection broke off after ${received} bytes. Load the page again.`,
      onProgress);
  if (bytes.length < total)
    throw new Told(`${name} is incomplete: ${bytes.length} of ${total} bytes arrived. Load the page again.`);
  return bytes;
}

/**
 * A file's bytes, from the device or the server. file: {url, name, sha256, size}, the last two where they are known;
 * onProgress(received, total): total 0 while not known. Throws a sentence (Told).
 */
export async function fetchKept(file, onProgress = () => {}) {
  const {name, sha256} = file;
  if (!sha256) {
    try {
      const bytes = await download(file, 'no-cache', onProgress);
      put(file, bytes);
      return bytes;
    } catch (error) {
      const kept = /did not answer/.test(error.message) ? await find(file) : undefined;
      if (!kept) throw error;
      onProgress(kept.length, kept.length);
      return kept;
    }
  }
  const kept = await find(file);
  if (kept && await sha256Of(kept) === sha256) {
    onProgress(kept.length, kept.length);
    return kept;
  }
  let found;
  for (const cache of ['default', 'reload']) {               // what the browser's own cache holds may be what is wrong
    const bytes = await download(file, cache, onProgress);
    found = await sha256Of(bytes);
    if (found === null || found === sha256) {
      await put(file, bytes);
      return bytes;
    }
  }
  throw new Told(
      `${name} arrived damaged, also when it was asked for a second time: its SHA-256 begins with ${
          found.slice(0, 12)}, not ${sha256.slice(0, 12)}. ` +
      'The server may be changing its files just now: load the page again in a minute.');
}

/** A JSON list of the site, as the server has it now, else as it was kept; empty when it is nowhere. */
export async function fetchList(path) {
  const file = {url: new URL(path, scope).href, name: path};
  try {
    return JSON.parse(new TextDecoder().decode(await fetchKept(file)));
  } catch {
    return [];
  }
}

/** Forgets the files that no list knows any more. lists: all files of the site, [{sha256}]. */
export async function forgetOthers(lists) {
  const known = new Set(lists.map(({sha256}) => sha256)), cache = await store();
  for (const {url} of await cache?.keys() ?? []) {
    const name = new URL(url).pathname.slice(scope.pathname.length);
    if (name.startsWith('kept/') && !known.has(name.slice(5))) await cache.delete(url);
  }
}

/** How many bytes of this site the device keeps: the page, models, the runtime. */
export async function keptBytes() {
  let sum = 0;
  for (const name of await globalThis.caches?.keys().catch(() => []) ?? []) {
    if (!name.startsWith(CACHES)) continue;
    const cache = await caches.open(name);
    for (const key of await cache.keys()) sum += Number((await cache.match(key))?.headers.get(BYTES)) || 0;
  }
  return sum;
}

export async function forgetKept() {
  for (const name of await globalThis.caches?.keys() ?? []) if (name.startsWith(CACHES)) await caches.delete(name);
}

/** Forgets models and the runtime; the page itself stays. */
export async function forgetFiles() { await globalThis.caches?.delete(CACHE); }

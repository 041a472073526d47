// The service worker: keeps the page for visits without a network, and gives it the two headers (COOP and COEP) that
// threads need, where the host sends none.
//
// It serves one version of the page as a whole: every file of the list, each checked against its SHA-256, or none. A
// new deployment is another service worker with another list; it is fetched beside the old one, and takes over when the
// page is loaded again and no other tab shows the old one. Models and ONNX Runtime's WebAssembly are not its business:
// kept-files.mjs.
//
// No module: not every browser starts modules as service workers.
'use strict';

// {path: SHA-256}, filled in by make-site.mjs; the rest is kept once the page is ready
const VERSION = '', FILES = {}, REST = {};

const SCOPE = new URL(self.registration.scope);
const CACHES = `florilegium ${SCOPE.pathname} page `;       // an origin may hold more than one site
const CACHE = CACHES + VERSION;
const addressOf = path => new URL(path === 'index.html' ? './' : path, SCOPE).href;

const hex = buffer => Array.from(new Uint8Array(buffer), byte => byte.toString(16).padStart(2, '0')).join('');

function isolated(response, body = response.body, more = {}) {
  const headers = new Headers(response.headers);
  headers.delete('Content-Encoding');                       // the body is decoded already
  headers.delete('Content-Length');
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  for (const [name, value] of Object.entries(more)) headers.set(name, value);
  return new Response(body, {status: response.status, statusText: response.statusText, headers});
}

async function keep(cache, path, sha256) {
  const address = addressOf(path);
  if (await cache.match(address)) return;                   // from an attempt that was interrupted
  for (const mode of ['no-cache', 'reload']) {
    const response = await fetch(address, {cache: mode, credentials: 'same-origin'});
    if (!response.ok) continue;
    const bytes = await response.arrayBuffer();
    if (hex(await crypto.subtle.digest('SHA-256', bytes)) !== sha256) continue;
    return cache.put(address, isolated(response, bytes, {'X-Kept-Bytes': String(bytes.byteLength)}));
  }
  // a deployment half done: the next visit tries again
  throw new Error(`${path} is not the file of version ${VERSION}`);
}

self.addEventListener(
    'install',
    event => event.waitUntil(caches.open(CACHE).then(
        cache => Promise.all(Object.entries(FILES).map(([path, sha256]) => keep(cache, path, sha256))))));

self.addEventListener(
    'activate',
    event => event.waitUntil(caches.keys().then(
        names => Promise.all(
            names.filter(name => name.startsWith(CACHES) && name !== CACHE).map(name => caches.delete(name))))));

async function keepRest() {
  const cache = await caches.open(CACHE);
  // the next visit tries again
  for (const [path, sha256] of Object.entries(REST)) await keep(cache, path, sha256).catch(() => {});
}

self.addEventListener('message', event => {
  if (event.data === 'take over') self.skipWaiting();
  if (event.data === 'keep the rest') event.waitUntil(keepRest());
});

// The page is loaded again while a newer version waits and no other tab shows this one: the newer one takes over, and
// once it has, an empty page asks again, now from there. Not sooner: requests in the midst of a takeover may be left
// without an answer.
let handedOver = 0;
const EMPTY = `<!doctype html><title>Florilegium</title><script>
const asking = setInterval(async () => {
  const now = await navigator.serviceWorker.getRegistration();
  if (now && (now.waiting || now.active?.state !== 'activated')) return;
  clearInterval(asking);
  location.reload();
}, 50);
</script>`;
async function handOver() {
  const {waiting} = self.registration;
  if (!waiting || handedOver >= 5 || (await self.clients.matchAll()).length > 1) return null;
  ++handedOver;
  waiting.postMessage('take over');
  return isolated(new Response('', {headers: {'Content-Type': 'text/html', Refresh: '15'}}), EMPTY);
}

async function answer(request, path) {
  const kept = await (await caches.open(CACHE)).match(addressOf(path));
  return kept ?? isolated(await fetch(request));
}

// What another app shares with the installed page comes as a form. Its file waits until the page, which is loaded next,
// takes it (service.mjs).
async function putAside(request) {
  const file = (await request.formData()).get('file');
  if (file instanceof File)
    await (await caches.open(`florilegium ${SCOPE.pathname} shared`))
        .put(addressOf('shared'), new Response(file, {headers: {'X-Name': encodeURIComponent(file.name)}}));
  return Response.redirect(new URL('?shared', SCOPE).href, 303);
}

self.addEventListener('fetch', event => {
  const {request} = event, url = new URL(request.url);
  if (request.method === 'POST' && url.href === addressOf('share')) return event.respondWith(putAside(request));
  if (request.method !== 'GET' || url.origin !== SCOPE.origin || !url.pathname.startsWith(SCOPE.pathname)) return;
  const path = url.pathname.slice(SCOPE.pathname.length) || 'index.html';
  if (!Object.hasOwn(FILES, path) && !Object.hasOwn(REST, path)) return;
  event.respondWith(
      request.mode === 'navigate' ? handOver().then(fresh => fresh ?? answer(request, path)) : answer(request, path));
});

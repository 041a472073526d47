// The page's side of the service worker (service-worker.js): starting it, the one reload after which a host without
// COOP and COEP headers gives threads, the word that a newer version is there, and what other apps share.

const WAIT = 15000;                       // ms until a page goes on without threads
const RELOADED = 'florilegium reloaded for threads';

const settled = worker => new Promise(resolve => {
  const check = () => { if (['activated', 'redundant'].includes(worker.state)) resolve(worker.state); };
  worker.addEventListener('statechange', check);
  check();
});

let registering = null;
const register = () =>
    (registering ??=
         navigator.serviceWorker.register(new URL('./service-worker.js', import.meta.url), {updateViaCache: 'none'}));

// Once a visit, and never where the last try did not help; a browser that cannot remember gets none.
function mayReload() {
  try {
    if (sessionStorage.getItem(RELOADED)) return false;
    sessionStorage.setItem(RELOADED, 'yes');
    return sessionStorage.getItem(RELOADED) === 'yes';
  } catch {
    return false;
  }
}

/**
 * On a host that sends no headers for threads, loads the page again once the service worker can add them; then never
 * returns. Otherwise -> a sentence why there will be one thread only, or null.
 */
export async function seekThreads() {
  if (globalThis.crossOriginIsolated) {
    try { sessionStorage.removeItem(RELOADED); } catch { /* nothing was kept */ }
    return null;
  }
  if (!globalThis.isSecureContext) return 'this address is not secure (https), which shared memory requires';
  if (!navigator.serviceWorker)
    return 'this server does not send the two headers (COOP and COEP) that allow shared memory, ' +
        'and this browser has no service workers to add them';
  const why =
      'this server does not send the two headers (COOP and COEP) that allow shared memory, ' +
          'and the page could not add them itself';
  if (navigator.serviceWorker.controller) return why;     // they were added and did not help
  try {
    const registration = await register();
    const worker = registration.active ?? registration.waiting ?? registration.installing;
    const state = await Promise.race([settled(worker), new Promise(resolve => setTimeout(resolve, WAIT, 'late'))]);
    if (state === 'activated' && mayReload()) {
      location.reload();
      await new Promise(() => {});
    }
  } catch { /* as if there were none */ }
  return why;
}

/** Keeps the page and the rooms' data for visits without a network; onNewer is called when another version waits for
    the next load. */
export async function keepPage(onNewer) {
  if (!navigator.serviceWorker) return;
  const registration = await register();
  navigator.serviceWorker.ready.then(({active}) => active.postMessage('keep the rest'));
  const watch = worker => worker?.addEventListener('statechange', () => {
    if (worker.state === 'installed' && registration.active && registration.active !== worker) onNewer();
  });
  if (registration.waiting && registration.active) onNewer();
  watch(registration.installing);
  registration.addEventListener('updatefound', () => watch(registration.installing));
}

/** The page is no longer kept. */
export async function forgetPage() {
  registering = null;
  const registration = await navigator.serviceWorker?.getRegistration(new URL('./', import.meta.url));
  await registration?.unregister();
}

/** What another app shared with the installed page and the service worker put aside -> a File, or null. */
export async function takeShared() {
  const scope = new URL('./', import.meta.url), address = new URL('shared', scope).href;
  const cache = await globalThis.caches?.open(`florilegium ${scope.pathname} shared`);
  const kept = await cache?.match(address);
  if (!kept) return null;
  await cache.delete(address);
  const name = decodeURIComponent(kept.headers.get('X-Name'));
  return new File([await kept.blob()], name, {type: kept.headers.get('content-type') ?? ''});
}

// Starts the page: puts the studio on its canvas, the engine in its worker, and everything between them together.
//
// What the parts share is one object, `page`: {base, host, announce(text), tell(text, failure),
// tellUnlessStopped(error), studio, engine, plain, list, desk, drops, growing, models, keeping, gallery, easel, tasks,
// criteria}. Each part takes what it needs from there when it needs it (engine, tasks and plain may be null), and puts
// what the studio may ask of it into page.host (src/bridge/studio_host.cpp).
import {Api} from './api.mjs';
import {watchAppearance} from './appearance.mjs';
import {readQuery} from './address.mjs';
import {needSimd} from './capabilities.mjs';
import {Criteria} from './criteria.mjs';
import {Desk} from './desk.mjs';
import {Drops} from './drop.mjs';
import {Easel} from './easel.mjs';
import {Engine} from './engine.mjs';
import {Gallery} from './gallery.mjs';
import {Growing} from './growing.mjs';
import {Keeping} from './keeping.mjs';
import {Models} from './models.mjs';
import {PlainPage} from './plain.mjs';
import {seekThreads} from './service.mjs';
import {fetchShipped} from './shipped.mjs';
import {Studio} from './studio.mjs';
import {Tasks} from './tasks.mjs';
import {Typing} from './typing.mjs';

const byId = id => document.getElementById(id);
const SLEEP = 60000;       // ms out of sight after which the denoiser is asked whether it is still there
const announce = text => { byId('status').textContent = text; };

/** Says in the page itself what went wrong; for when there is no studio to say it. */
function fail(sentence) {
  byId('loading').hidden = true;
  byId('failure').hidden = false;
  byId('failure-text').textContent = sentence;
  announce(sentence);
}

const page = {
  base: new URL('./', import.meta.url),
  studio: null, engine: null, plain: null, tasks: null,
  announce,
  tell(text, failure) {
    page.studio.notice(text, failure);
    page.plain?.tell(text);
  },
  tellUnlessStopped(error) { if (error.name !== 'AbortError') page.tell(error.message, true); },
  host: {
    page: {
      announce: ({text}) => announce(text),
      drawingFailed: ({why}) => fail(`The studio cannot be drawn any more: ${why} Load the page again.`),
    },
  },
};

function goPlain(reason) {
  byId('canvas').hidden = byId('list-toggle').hidden = byId('list').hidden = true;
  page.plain = new PlainPage(byId('plain'), reason, page);
  announce(reason);
}

// All actions as a list, whose module comes when it is asked for.
function offerList() {
  const toggle = byId('list-toggle');
  toggle.hidden = false;
  toggle.addEventListener('click', async () => {
    const {ActionList} = await import('./actions.mjs');
    page.list ??= new ActionList(page, toggle, byId('list'));
    page.list.toggle();
  });
}

// What needs no model: the studio and the rooms.
async function startStudio() {
  page.studio = await Studio.create(byId('canvas'), byId('over'), page.host);
  page.desk = new Desk();
  page.drops = new Drops(page);
  page.growing = new Growing(page);
  page.models = new Models(page);
  page.keeping = new Keeping(page);
  page.gallery = new Gallery(page);
  page.easel = new Easel(page);
  page.gallery.loadFavourites();
  page.criteria = new Criteria(page);
  watchAppearance(page);
  try {
    byId('canvas').hidden = false;                               // it must have a size
    await page.studio.openWindow();
    new Typing(page, byId('canvas'), byId('typing'));
    offerList();
  } catch (error) {
    goPlain(error.message);
  }
  byId('canvas').addEventListener('webglcontextlost', event => {   // a sleep, a driver's crash, too many tabs
    event.preventDefault();
    if (page.plain) return;
    page.studio.closeWindow();
    goPlain('The graphics card stopped drawing the studio; load the page again to have it back.');
    if (page.engine?.info) page.plain.ready(page.engine.info);
  });
  byId('loading').hidden = true;
  document.documentElement.dataset.ready = page.plain ? 'plain' : 'studio';
  page.drops.watch(window);
}

// again: the same model in a new worker; then the settings stay as they are.
function modelReady(info, again) {
  page.studio.modelLoaded(info);
  page.easel.modelReady(info);
  if (again) return;
  page.plain?.ready(info);
  page.models.name(info.model);
  for (const part of [page.growing, page.tasks, page.criteria]) part.modelReady(info);
}

// What needs one: the engine, the models, and what the address asks for.
async function startEngine({backend, threads, model}) {
  const {studio, growing, models, keeping} = page;
  page.engine = new Engine({
    backend, threads, single: await seekThreads(),
    onProgress: progress => studio.modelLoading(progress),
    onReady: (info, {again}) => modelReady(info, again),
    onGone: () => studio.modelFailed(),
    onNotice: text => page.tell(text, false),
  });
  page.tasks = new Tasks(page);
  const given = growing.takeAddress();
  models.came = await fetchShipped();
  try {
    await models.open(model ? models.sourceOf(model) : models.usual());
  } finally {
    keeping.keep().catch(() => {});                              // a browser that keeps nothing
  }
  watchSleep();
  addEventListener('hashchange', () => growing.follow());
  if ('seed' in given) growing.growAddress(given.branches);      // a shared address shows its plate
  page.drops.openShared().catch(page.tellUnlessStopped);
}

// A tab that was out of sight for long may find its worker gone.
function watchSleep() {
  let hidden = 0;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) hidden = Date.now();
    else if (hidden && Date.now() - hidden > SLEEP) page.engine.check();
  });
}

async function start() {
  needSimd();
  await startStudio();
  let wanted;
  try {
    wanted = readQuery(location.search, location.href);
  } catch (error) {
    page.studio.modelFailed();
    page.tell(error.message, true);
    throw error;
  }
  await startEngine(wanted);
  return new Api(page);
}

window.florilegium = start();
window.florilegium.catch(error => {
  if (!document.documentElement.dataset.ready) fail(error.message);
  console.info(error.message);
});

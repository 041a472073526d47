// npm run bench [-- MODEL.onnx ...]: what the page costs, on WebAssembly.
//
// For each model two lines. The first: a run in the page against bare session.run calls; runs of both kinds take turns,
// so that whatever else the machine does falls on both, and the fastest and the median of each are compared. The
// second: a first visit, with a compressing server on this machine and an empty cache: first paint, the interface, the
// model, the first step and a whole picture on the screen, bytes over the wire and as unpacked, the page's peak memory,
// its main thread's longest task. Without arguments: a hand-written 64x64 denoiser and all models of the built site.
// STEPS, TURNS and THREADS change the runs.
import {copyFileSync, readdirSync, readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {launch, missing, openPage, readiness, serveSite} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

if (missing) { console.log(missing); process.exit(0); }
const here = dirname(fileURLToPath(import.meta.url)), shipped = join(here, '../../build/web/site/models');
const steps = Number(process.env.STEPS ?? 20), turns = Number(process.env.TURNS ?? 5);
const files = process.argv.slice(2).length ?
    process.argv.slice(2) :
    readdirSync(shipped).filter(name => name.endsWith('.onnx')).map(name => join(shipped, name));
const models = {
  'tiny.onnx': tinyModel({channels: 64}),
  ...Object.fromEntries(files.map(file => [basename(file), readFileSync(file)]))
};

const site = await serveSite({models, compress: true});
copyFileSync(join(here, 'bare-worker.mjs'), join(site.folder, 'bare-worker.js'));
const browser = await launch();

// Highest resident memory of the browser's processes of a kind, in bytes; 0 where the system does not tell.
async function peakMemory(kind) {
  const session = await browser.newBrowserCDPSession();
  try {
    const {processInfo} = await session.send('SystemInfo.getProcessInfo');
    return Math.max(0, ...processInfo.filter(({type}) => type === kind).map(({id}) => {
      try {
        return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]);
      } catch { return 0; }
    }));
  } finally {
    await session.detach();
  }
}

async function firstVisit(name) {
  const {page} =
      await openPage(browser, 'about:blank', {serviceWorkers: 'allow', viewport: {width: 1440, height: 900}});
  await page.addInitScript(() => {
    window.tasks = [];
    new PerformanceObserver(
        list => window.tasks.push(...list.getEntries().map(({startTime, duration}) => ({startTime, duration}))))
        .observe({type: 'longtask', buffered: true});
    document.addEventListener(
        'DOMContentLoaded', () => new MutationObserver(() => {
                                    window.interfaceAt ??= performance.now();
                                  }).observe(document.documentElement, {attributeFilter: ['data-ready']}));
  });
  await page.goto(
      `${site.url}?backend=wasm&model=models/${name}${process.env.THREADS ? `&threads=${process.env.THREADS}` : ''}`);
  const times = await page.evaluate(async count => {
    const studio = await window.florilegium, modelAt = performance.now();
    let firstAt = 0;
    await studio.generate({seed: 7, steps: count, onStep: () => { firstAt ||= performance.now(); }});
    const pictureAt = performance.now();
    await new Promise(resolve => setTimeout(resolve, 300));
    const longest = tasks => Math.max(0, ...tasks.map(({duration}) => duration));
    return {
      paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
      interface: window.interfaceAt,
      modelAt,
      firstAt,
      pictureAt,
      loading: longest(window.tasks.filter(task => task.startTime < modelAt)),
      after: longest(window.tasks.filter(task => task.startTime >= modelAt))
    };
  }, steps);
  const sizes = () => [performance.getEntriesByType('navigation')[0], ...performance.getEntriesByType('resource')]
                          .filter(Boolean)
                          .map(({transferSize, decodedBodySize}) => [transferSize, decodedBodySize]);
  // The runtime's own threads wait for work and answer nothing; they download nothing either.
  const all = (await Promise.all([page, ...page.workers().filter(worker => /-worker/.test(worker.url()))].map(
                   place => place.evaluate(sizes))))
                  .flat();
  const megabytes = bytes => `${(bytes / 1e6).toFixed(1)} MB`, sum = k => all.reduce((total, one) => total + one[k], 0);
  const task = milliseconds => (milliseconds > 0 ? `${milliseconds.toFixed(0)} ms` : 'under 50 ms'),
        at = milliseconds => `${(milliseconds / 1000).toFixed(2)} s`;
  console.log(
      `  a first visit: first paint ${at(times.paint)}, interface ${at(times.interface)}, model ready ${
          at(times.modelAt)}, first step ${at(times.firstAt)}, ${steps} steps ${at(times.pictureAt)}; ` +
      `${megabytes(sum(0))} downloaded, ${megabytes(sum(1))} unpacked; peak memory of the page's process ${
          megabytes(await peakMemory('renderer'))}; ` +
      `longest main-thread task (by the clock) ${task(times.loading)} while loading, ${task(times.after)} after`);
  await page.close();
}

try {
  for (const name of Object.keys(models)) {
    const {page} = await openPage(
        browser,
        `${site.url}?backend=wasm&model=models/${name}${process.env.THREADS ? `&threads=${process.env.THREADS}` : ''}`);
    const {imageSize, threads, hasHint} = await readiness(page);
    const {bare: bareTimes, run: runTimes} =
        await page.evaluate(async ([model, size, hint, threadCount, runs, count]) => {
          const worker = new Worker('./bare-worker.js', {type: 'module'});
          const ask = message => new Promise((resolve, reject) => {
            worker.onmessage = ({data}) => resolve(data);
            worker.onerror = reject;
            worker.postMessage(message);
          });
          await ask({model: new URL(model, location.href).href, size, hint, threads: threadCount});
          const studio = await window.florilegium;
          const times = {bare: [], run: []};
          await ask({runs: 2});
          await studio.generate({seed: 1, steps: 2});
          for (let turn = 0; turn < count; ++turn) {
            times.bare.push(await ask({runs}));
            const began = performance.now();
            await studio.generate({seed: turn, steps: runs});
            times.run.push(performance.now() - began);
          }
          return times;
        }, [`models/${name}`, imageSize, hasHint, threads, steps, turns]);
    const best = list => Math.min(...list), middle = list => [...list].sort((a, b) => a - b)[list.length >> 1];
    const each = milliseconds => `${(milliseconds / steps).toFixed(2)} ms`,
          more = (a, b) => `${a >= b ? '+' : ''}${((a / b - 1) * 100).toFixed(1)} %`;
    console.log(
        `${name}, ${imageSize} x ${imageSize}, ${threads} threads, ${steps} steps, ${turns} turns: a bare run ${
            each(best(bareTimes))} (median ${each(middle(bareTimes))}), ` +
        `a step in the page ${each(best(runTimes))} (median ${each(middle(runTimes))}): ${
            more(best(runTimes), best(bareTimes))} (median ${more(middle(runTimes), middle(bareTimes))})`);
    await page.close();
    await firstVisit(name);
  }
} finally {
  await browser.close();
  await site.close();
}

// npm run bench [-- MODEL.onnx ...]: what a run in the page costs beyond bare session.run calls, on WebAssembly.
//
// Runs of both kinds take turns, so that whatever else the machine does falls on both; the fastest and the median of each are
// compared. Without arguments: a hand-written 64x64 denoiser and all models of the built site.
import {copyFileSync, readdirSync, readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {launch, missing, openPage, readiness, serveSite} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

if (missing) { console.log(missing); process.exit(0); }
const here = dirname(fileURLToPath(import.meta.url)), shipped = join(here, '../../build/web/site/models');
const steps = Number(process.env.STEPS ?? 20), turns = Number(process.env.TURNS ?? 5);
const files = process.argv.slice(2).length ? process.argv.slice(2) : readdirSync(shipped).filter(name => name.endsWith('.onnx')).map(name => join(shipped, name));
const models = {'tiny.onnx': tinyModel({channels: 64}), ...Object.fromEntries(files.map(file => [basename(file), readFileSync(file)]))};

const site = await serveSite({models});
copyFileSync(join(here, 'bare-worker.mjs'), join(site.folder, 'bare-worker.mjs'));
const browser = await launch();
try {
  for (const name of Object.keys(models)) {
    const {page} = await openPage(browser, `${site.url}?backend=wasm&model=models/${name}${process.env.THREADS ? `&threads=${process.env.THREADS}` : ''}`);
    const {imageSize, threads, hasHint} = await readiness(page);
    const {bare: bareTimes, run: runTimes} = await page.evaluate(async ([model, size, hint, threadCount, runs, count]) => {
      const worker = new Worker('./bare-worker.mjs', {type: 'module'});
      const ask = message => new Promise((resolve, reject) => { worker.onmessage = ({data}) => resolve(data); worker.onerror = reject; worker.postMessage(message); });
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
    const each = milliseconds => `${(milliseconds / steps).toFixed(2)} ms`, more = (a, b) => `${a >= b ? '+' : ''}${((a / b - 1) * 100).toFixed(1)} %`;
    console.log(`${name}, ${imageSize} x ${imageSize}, ${threads} threads, ${steps} steps, ${turns} turns: a bare run ${each(best(bareTimes))} (median ${each(middle(bareTimes))}), ` +
        `a step in the page ${each(best(runTimes))} (median ${each(middle(runTimes))}): ${more(best(runTimes), best(bareTimes))} (median ${more(middle(runTimes), middle(bareTimes))})`);
    await page.close();
  }
} finally {
  await browser.close();
  await site.close();
}

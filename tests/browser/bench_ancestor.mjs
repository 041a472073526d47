// node tests/browser/bench_ancestor.mjs [MODEL.onnx]: what a picture costs beside the ancestor's, on one WebAssembly
// thread.
//
// The public demo of the essay "Bare-bones Diffusion Models" draws 512x512 pixels as a cascade of 64x64 patches: 639
// runs of a U-Net of 2.2 million parameters and 4.1 GFLOP. A network of that shape (random weights: they do not change
// the time) and the model take turns, each in a worker of its own; the medians of both are multiplied by the runs that
// a picture takes.
import {copyFileSync, readFileSync} from 'node:fs';
import {basename, dirname, join as path} from 'node:path';
import {fileURLToPath} from 'node:url';
import {int64, ints, join, message, node, number, tensor, text, value} from './onnx_writer.mjs';
import {fromSite, launch, missing, openPage, serveSite} from './support.mjs';

// noisy patch 3, wider context 3, coordinates 2, guidance 4, noise level 1
const ANCESTOR_RUNS = 639, WIDTH = 96, SIDE = 64, INPUTS = 13;

/** -> {bytes, parameters, gflop}: residual blocks of two 3x3 convolutions, 1, 1, 2 and 4 at 64, 32, 16 and 8 pixels, 2,
    2 and 1 on the way up. */
export function ancestorShape() {
  const nodes = [], weights = [];
  let names = 0, parameters = 0, flop = 0;
  const conv = (from, inputs, outputs, side) => {
    const name = `conv${names++}`, count = inputs * outputs * 9;
    weights.push(
        tensor(
            `${name}.weight`, [outputs, inputs, 3, 3],
            Array.from({length: count}, (_, i) => 0.02 * Math.sin(i * 12.9898 + names))),
        tensor(`${name}.bias`, [outputs], Array(outputs).fill(0.01)));
    nodes.push(node('Conv', [from, `${name}.weight`, `${name}.bias`], name, ints('pads', [1, 1, 1, 1])));
    parameters += count + outputs;
    flop += 2 * count * side * side;
    return name;
  };
  const one = (op, inputs, ...attributes) => {
    const name = `${op}${names++}`;
    nodes.push(node(op, inputs, name, ...attributes));
    return name;
  };
  const blocks = (x, count, side) => {
    for (let k = 0; k < count; ++k)
      x = one('Relu', [one('Add', [conv(one('Relu', [conv(x, WIDTH, WIDTH, side)]), WIDTH, WIDTH, side), x])]);
    return x;
  };
  let x = conv(one('Add', ['x', one('Reshape', ['noise_level', 'level_shape'])]), INPUTS, WIDTH, SIDE);
  const skips = [];
  for (const [count, side] of [[1, 64], [1, 32], [2, 16]]) {
    x = blocks(x, count, side);
    skips.push(x);
    x = one('MaxPool', [x], ints('kernel_shape', [2, 2]), ints('strides', [2, 2]));
  }
  x = blocks(x, 4, 8);
  for (const [count, side] of [[2, 16], [2, 32], [1, 64]])
    x = blocks(one('Add', [one('Resize', [x, '', 'scales']), skips.pop()]), count, side);
  nodes.push(node('Identity', [conv(x, WIDTH, 3, SIDE)], 'denoised'));
  const graph = message(
      7, ...nodes, text(2, 'ancestor'), ...weights, int64('level_shape', [1, 1, 1, 1]),
      tensor('scales', [4], [1, 1, 2, 2]), value(11, 'x', [1, INPUTS, SIDE, SIDE]), value(11, 'noise_level', [1]),
      value(12, 'denoised', [1, 3, SIDE, SIDE]));
  return {
    bytes: join([number(1, 8), text(2, 'florilegium tests'), graph, message(8, number(2, 17))]),
    parameters,
    gflop: flop / 1e9
  };
}

if (missing) { console.log(missing); process.exit(0); }
const here = dirname(fileURLToPath(import.meta.url)),
      file = process.argv[2] ?? path(here, '../../models/botanical.onnx');
const {checkContract, readModel} = await fromSite('onnx-file.js');
const model = readFileSync(file),
      {imageSize: size, hasHint, defaultSteps: steps, schedule, changes, metadata} =
          checkContract(readModel(model, basename(file)), basename(file));
const turns = Number(process.env.TURNS ?? 5);
// The model's networks, the coarsest first: what a run costs, and at how many steps' noise levels it is asked.
const shift = schedule === 'linear' ? 1 : Number(schedule.slice('shifted:'.length));
const levels = Array.from({length: steps}, (_, k) => 1 - k / steps).map(t => shift * t / (1 + (shift - 1) * t));
const networks = metadata.gflop_per_step.split(' ').map((cost, i) => {
  const own = levels.filter(level => level > (changes[i] ?? 0) && (i === 0 || level <= changes[i - 1]));
  return {gflop: Number(cost), steps: own.length, level: own[own.length >> 1]};
});
const ancestor = ancestorShape();
const site = await serveSite({models: {'ancestor.onnx': ancestor.bytes, 'model.onnx': model}});
copyFileSync(path(here, 'bare-worker.mjs'), path(site.folder, 'bare-worker.js'));
const browser = await launch();
try {
  const {page} = await openPage(browser, `${site.url}?backend=wasm&model=models/model.onnx`);
  const times = await page.evaluate(async ([modelSize, hint, side, channels, count, asked]) => {
    const engine = async message => {
      const worker = new Worker('./bare-worker.js', {type: 'module'});
      const ask = one => new Promise((resolve, reject) => {
        worker.onmessage = ({data}) => resolve(data);
        worker.onerror = reject;
        worker.postMessage(one);
      });
      await ask({...message, model: new URL(message.model, location.href).href, threads: 1});
      await ask({runs: 2});
      return ask;
    };
    await window.florilegium;
    const old = await engine({model: 'models/ancestor.onnx', size: side, channels}),
          ours = await engine({model: 'models/model.onnx', size: modelSize, hint});
    const all = {old: [], ours: asked.map(() => [])};
    for (const level of asked) await ours({runs: 1, level});
    for (let turn = 0; turn < count; ++turn) {
      all.old.push(await old({runs: 4}) / 4);
      for (const [i, level] of asked.entries()) all.ours[i].push(await ours({runs: 4, level}) / 4);
    }
    return all;
  }, [size, hasHint, SIDE, INPUTS, turns, networks.map(({level}) => level)]);
  const median = list => [...list].sort((a, b) => a - b)[list.length >> 1], old = median(times.old);
  networks.forEach((network, i) => { network.time = median(times.ours[i]); });
  const sum = part => networks.reduce((all, network) => all + network[part] * network.steps, 0), ours = sum('time'),
        gflop = sum('gflop');
  console.log(`the ancestor's shape: ${(ancestor.parameters / 1e6).toFixed(2)} M parameters, ${
      ancestor.gflop.toFixed(2)} GFLOP, ${old.toFixed(0)} ms a run, ${(old * ANCESTOR_RUNS / 1000).toFixed(1)} s and ${
      (ancestor.gflop * ANCESTOR_RUNS / 1000).toFixed(2)} TFLOP a picture of ${ANCESTOR_RUNS} runs`);
  for (const network of networks)
    console.log(`${basename(file)}: ${network.steps} runs of ${network.gflop.toFixed(1)} GFLOP, ${
        network.time.toFixed(0)} ms each, ${(network.gflop / network.time * 1000).toFixed(0)} GFLOP/s`);
  console.log(`${basename(file)}: ${(ours / 1000).toFixed(1)} s and ${(gflop / 1000).toFixed(2)} TFLOP a picture of ${
      steps} runs`);
  console.log(`a picture costs 1/${(old * ANCESTOR_RUNS / ours).toFixed(1)} of the ancestor's time and 1/${
      (ancestor.gflop * ANCESTOR_RUNS / gflop).toFixed(1)} of its arithmetic`);
} finally {
  await browser.close();
  await site.close();
}

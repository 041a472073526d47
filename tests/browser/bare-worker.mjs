// Bare session.run calls in a worker, to measure what the page's own loop costs beyond them (bench.mjs).
import * as ort from './ort/ort.wasm.min.js';

let session, feeds;
self.onmessage = async ({data}) => {
  if (data.model) {
    ort.env.wasm.numThreads = data.threads;
    ort.env.wasm.wasmPaths = new URL('./ort/', import.meta.url).href;
    session =
        await ort.InferenceSession.create(data.model, {executionProviders: ['wasm'], graphOptimizationLevel: 'all'});
    const channels = data.channels ?? 3, values = channels * data.size ** 2,
          x = Float32Array.from({length: values}, (_, i) => Math.sin(i * 12.9898) * 1.5);
    feeds = {
      x: new ort.Tensor('float32', x, [1, channels, data.size, data.size]),
      noise_level: new ort.Tensor('float32', [0.5], [1])
    };
    if (data.hint)
      feeds.hint =
          new ort.Tensor('float32', new Float32Array(4 * (data.size / 8) ** 2), [1, 4, data.size / 8, data.size / 8]);
    return self.postMessage('ready');
  }
  if (data.level) feeds.noise_level = new ort.Tensor('float32', [data.level], [1]);
  const began = performance.now();
  for (let k = 0; k < data.runs; ++k) await session.run(feeds);
  self.postMessage(performance.now() - began);
};

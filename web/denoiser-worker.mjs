// The denoiser: ONNX Runtime Web and the diffusion loop in one worker, so that neither waits for the page.
//
// From the page: load, run, pause, resume, step, cancel, ping. To the page: progress, ready, declined (the GPU cannot
// be used), begun, steps (kept predictions), done, failed, pong. One worker is one engine: another backend or thread
// count is another worker (web/engine.mjs). All pixels are planar RGB, [3, size, size].
import {HINT_CELL, KEPT_SCALE, STARTS, USUAL_SAMPLER, USUAL_SCHEDULE, USUAL_STRENGTH} from './boundary.mjs';
import {whyNoGpu} from './capabilities.mjs';
import createCore from './florilegium_core.mjs';
import {Told, fetchKept, fetchList, readStream} from './kept-files.mjs';
import {checkContract, readModel} from './onnx-file.mjs';

const TELL_EVERY = 30;                                   // ms: quicker steps are told, and messages heard, together
const PROBE_TOLERANCE = 0.01;                            // root mean square over values in [-1, 1]: 46 dB

const post = (type, fields = {}, transfer = []) => self.postMessage({type, ...fields}, transfer);

let ort, core, session;
let externalData = [];                                   // of the model that is being opened
let model = null;                                        // what checkContract() found
// id -> {allowed: steps it may still take, cancelled, wake}, from request to end
const runs = new Map();

const isExhausted = error => error instanceof RangeError ||
    /out of memory|bad_alloc|allocation failed|could not allocate/i.test(String(error?.message ?? error));

/** The sentence for the visitor: the failure's own, or one made here. */
function sentence(error, doing) {
  if (error instanceof Told) return error.message;
  const raw = String(error?.message ?? error);
  if (isExhausted(error))
    return `There is not enough memory for ${doing}. Close other tabs, or choose a smaller model.`;
  return `${doing[0].toUpperCase()}${doing.slice(1)} failed: ${raw.split('\n')[0]}`;
}

// Progress of all downloads together; the total stays unknown while one of them is.
const downloads = new Map();
function onProgressOf(name) {
  downloads.set(name, {received: 0, total: 0});
  return (received, total) => {
    downloads.set(name, {received, total});
    const all = [...downloads.values()];
    post('progress', {
      received: all.reduce((sum, one) => sum + one.received, 0),
      total: all.every(one => one.total > 0) ? all.reduce((sum, one) => sum + one.total, 0) : 0
    });
  };
}

function fetchModel({name, url, file, bytes, sha256, size}) {
  if (bytes) return bytes;
  const onProgress = onProgressOf(name);
  if (file)
    return readStream(
        file.stream(), file.size,
        () => `${name} could not be read: it was moved or changed, or it lies where this page may not read.`,
        onProgress);
  return fetchKept({url, name, sha256, size}, onProgress);
}

// What a model keeps in other files (as PyTorch writes large ones): {path, data} of each, from what came with it or, of
// a model on the server, from beside it.
function fetchCompanions(names, {name, url, companions = []}) {
  return Promise.all(names.map(async path => {
    const missing = () => new Told(
        `${name} keeps its weights in a second file, ${path}, which is not here. ` +
        (url ? 'It has to lie beside the model on the server.' : 'Open or drop both files together.'));
    const plain = path.split(/[\\/]/).at(-1), file = companions.find(one => one.name === plain);
    if (plain !== path.replace(/^\.\//, ''))
      throw new Told(
          `${name} keeps its weights in ${path}, which does not lie beside it. Move it there, and export again.`);
    if (file) return {path, data: await fetchModel({name: plain, file})};
    if (!url) throw missing();
    const beside = new URL(encodeURIComponent(plain), url).href;
    try {
      return {path, data: await fetchModel({name: plain, url: beside})};
    } catch { throw missing(); }
  }));
}

// ONNX Runtime: the site's, or as its npm package has it in the folder `runtime`.
const importRuntime = (gpu, runtime) => (runtime ?
    import(`${runtime}ort.${gpu ? 'webgpu' : 'wasm'}.min.mjs`) :
    import(gpu ? './ort/ort.webgpu.min.mjs' : './ort/ort.wasm.min.mjs'));

async function fetchRuntime(gpu, runtime) {
  const file = gpu ? 'ort-wasm-simd-threaded.asyncify.wasm' : 'ort-wasm-simd-threaded.wasm',
        onProgress = onProgressOf(file);
  const list = runtime ? [] : await fetchList('ort/index.json');
  const {sha256, bytes} = list.find(one => one.file === file) ?? {};
  const url = new URL(file, runtime ?? new URL('./ort/', import.meta.url)).href;
  return fetchKept({url, name: `ONNX Runtime (${file})`, sha256, size: bytes}, onProgress);
}

// One run of the network on a fixed picture, for comparing providers: noise at half level.
function probeFeeds() {
  const size = model.imageSize, values = 3 * size * size;
  begin({
    start: {kind: 'noise', seed: 1n, stream: 0},
    steps: 2,
    firstStep: 0,
    schedule: USUAL_SCHEDULE,
    sampler: USUAL_SAMPLER
  });
  const x = new Float32Array(core.HEAPF32.buffer, core._core_working(), values).slice();
  return feeds(x, 0.5, null);
}

// details: the other kind of view that models of whole plates know.
function feeds(x, noiseLevel, hint, details = false) {
  const size = model.imageSize, cells = size / HINT_CELL;
  const all = {
    x: new ort.Tensor('float32', x, [1, 3, size, size]),
    noise_level: new ort.Tensor('float32', Float32Array.of(noiseLevel), [1])
  };
  if (model.hasHint)
    all.hint = new ort.Tensor('float32', hint ?? new Float32Array(4 * cells * cells), [1, 4, cells, cells]);
  if (model.hasView) all.view = new ort.Tensor('float32', Float32Array.of(details ? 0 : 1), [1]);
  return all;
}

const open = (bytes, provider) =>
    ort.InferenceSession.create(bytes, {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
      ...(externalData.length > 0 && {externalData: externalData.map(({path, data}) => ({path, data: data.slice()}))})
    });

async function openGpu(bytes, insist) {
  ort.env.webgpu.powerPreference = 'high-performance';
  const reference = await open(bytes, 'wasm');
  const began = performance.now();
  const expected = (await reference.run(probeFeeds())).denoised.data;
  const wasmTime = performance.now() - began;
  await reference.release();

  const candidate = await open(bytes, 'webgpu');
  const device = await ort.env.webgpu.device;
  // Told at once: a run that waits for a lost device may never end. The page then starts an engine without a GPU.
  device?.lost.then(lost => post('lost', {reason: `the GPU was lost (${lost.message || lost.reason})`}));
  const found = (await candidate.run(probeFeeds())).denoised.data;
  let sum = 0;
  for (let i = 0; i < expected.length; ++i) sum += (found[i] - expected[i]) ** 2;
  const rms = Math.sqrt(sum / expected.length);
  if (!(rms <= PROBE_TOLERANCE)) {
    await candidate.release();
    throw new Told('the GPU computes other pictures than the processor');
  }
  if (!insist) {
    const again = performance.now();
    await candidate.run(probeFeeds());                   // the first run also compiled the shaders
    if (performance.now() - again > wasmTime) {
      await candidate.release();
      throw new Told('the GPU is slower than the processor here');
    }
  }
  return candidate;
}

async function load({source, backend, threads, runtime}) {
  const {name} = source, gpu = backend !== 'wasm', insist = backend === 'webgpu';
  const decline = (error, bytes) => post(
      'declined', {
        reason: error instanceof Told ? error.message : `the GPU failed (${String(error.message).split('\n')[0]})`,
        bytes
      },
      bytes ? [bytes.buffer] : []);
  const coreReady = createCore();
  if (gpu) {
    const why = await whyNoGpu(insist);                    // before anything is downloaded for it
    if (why) return decline(new Told(why), source.bytes);
  }
  // Node brings its own, which finds its files by itself (node-worker.mjs)
  const parts = self.importRuntime ? [self.importRuntime()] : [importRuntime(gpu, runtime), fetchRuntime(gpu, runtime)];
  parts.forEach(part => part.catch(() => {}));           // heard of below, once the model is found good
  const bytes = await fetchModel(source);
  try {
    const read = readModel(bytes, name);
    model = checkContract(read, name);
    externalData = await fetchCompanions(read.files, source);
  } catch (error) {
    throw new Told(error.message);
  }
  core = await coreReady;
  ort = await parts[0];
  ort.env.wasm.numThreads = threads;
  if (parts[1]) {
    ort.env.wasm.wasmPaths = runtime ?? new URL('./ort/', import.meta.url).href;
    ort.env.wasm.wasmBinary = (await parts[1]).buffer;
  }
  ort.env.logLevel = 'error';
  post('progress', {received: bytes.length, total: bytes.length, preparing: true});
  if (gpu) {
    try {
      session = await openGpu(bytes, insist);
    } catch (error) {
      return decline(error, bytes);
    }
  } else {
    session = await open(bytes, 'wasm');
  }
  ort.env.wasm.wasmBinary = undefined;                   // it is compiled: its bytes need no place any more
  externalData = [];
  const {metadata, ...info} = model;
  post('ready', {info: {...info, metadata, bytes: bytes.length, backend: gpu ? 'webgpu' : 'wasm', threads}});
}

const toCore = string => {
  const at = core.stringToNewUTF8(string);
  return {at, free: () => core._free(at)};
};

function begin(
    {start, region = null, steps, firstStep = 0, noiseLevel = null, schedule, sampler, strength = USUAL_STRENGTH}) {
  const values = 3 * model.imageSize ** 2;
  if (start.picture) {
    const at = core._core_start(values);
    if (!at) throw new RangeError('out of memory');
    if (start.picture.length !== values)
      throw new Told(`The picture to start from has ${start.picture.length} values; the model needs ${values}.`);
    const into = new Float32Array(core.HEAPF32.buffer, at, values);
    if (start.picture instanceof Int16Array) for (let i = 0; i < values; ++i) into[i] = start.picture[i] / KEPT_SCALE;
    else into.set(start.picture);
  }
  if (region) {
    const at = core._core_region(region.length);
    if (!at) throw new RangeError('out of memory');
    core.HEAPU8.set(region, at);
  }
  const seed = BigInt.asUintN(64, start.seed ?? 0n);
  const texts = [model.noise, schedule, sampler].map(toCore);
  const first = noiseLevel === null ? firstStep : core._core_first_step(texts[1].at, steps, noiseLevel);
  const failed = first < 0 || core._core_begin(STARTS.indexOf(start.kind), values, texts[0].at, model.noiseScale, seed,
      start.stream ?? 0, texts[1].at, steps, first, texts[2].at, strength) < 0;
  texts.forEach(text => text.free());
  if (failed) throw new Told(core.UTF8ToString(core._failure_sentence()));
}

// RGBA of the working picture, or of what the last step believed.
function shownBytes(ofPrediction) {
  const at = core._core_picture(ofPrediction ? 1 : 0);
  if (!at) throw new RangeError('out of memory');
  return new Uint8ClampedArray(core.HEAPU8.buffer, at, 4 * model.imageSize ** 2).slice();
}

// Lets messages that arrived meanwhile (pause, cancel) be handled; cheaper than a timer, which is held back to 4 ms.
const {port1, port2} = new MessageChannel();
const breathe = () => new Promise(resolve => { port1.onmessage = resolve; port2.postMessage(0); });

async function denoise({id, request}) {
  const mine = runs.get(id);
  try {
    if (mine.cancelled) return post('done', {id, cancelled: true});
    begin(request);
    const values = 3 * model.imageSize ** 2;
    const levels = new Float32Array(core.HEAPF32.buffer, core._core_levels(), request.steps + 1).slice();
    const x = new Float32Array(core.HEAPF32.buffer, core._core_working(), values).slice();
    const picture = request.pictures ? shownBytes(false) : null;
    post(
        'begun', {id, x, levels, firstStep: core._core_step(), picture},
        [x.buffer, levels.buffer, ...(picture ? [picture.buffer] : [])]);
    let finished = [], told = -Infinity;
    const tell = () => {
      const buffers = ({prediction, picture, believed}) =>
          (picture ? [prediction.buffer, picture.buffer, believed.buffer] : [prediction.buffer]);
      if (finished.length > 0) post('steps', {id, steps: finished}, finished.flatMap(buffers));
      finished = [];
      told = performance.now();
    };
    const last = request.lastStep ?? request.steps;
    while (core._core_step() < last) {
      if (mine.allowed <= 0 || performance.now() - told >= TELL_EVERY) {
        tell();
        await breathe();
        while (mine.allowed <= 0 && !mine.cancelled) await new Promise(resolve => { mine.wake = resolve; });
        if (mine.cancelled) return post('done', {id, cancelled: true});
      }
      const began = performance.now();
      for (let complete = 0; !complete;) {
        // Memory may have grown since the last step: views are made anew; they cost nothing.
        const input = new Float32Array(core.HEAPF32.buffer, core._core_input(), values);
        const {denoised} =
            await session.run(feeds(input, core._core_input_noise_level(), request.hint, request.details));
        core.HEAPF32.set(denoised.data, core._core_answer() >> 2);
        complete = core._core_accept();
        if (complete < 0) throw new Told(core.UTF8ToString(core._failure_sentence()));
      }
      const at = core._core_prediction() >> 1;
      finished.push({
        step: core._core_step(),
        prediction: core.HEAP16.slice(at, at + values),
        ...(request.pictures && {picture: shownBytes(false), believed: shownBytes(true)}),
        milliseconds: performance.now() - began
      });
      --mine.allowed;
    }
    tell();
  } catch (error) {
    if (/device.*lost|GPUDevice|GPUBuffer|webgpu/i.test(String(error?.message)))
      post('lost', {reason: 'the GPU failed'});
    else post('failed', {id, message: sentence(error, 'the next step'), exhausted: isExhausted(error)});
    return;
  } finally {
    runs.delete(id);
  }
  post('done', {id});
}

function steer(id, change) {
  const mine = runs.get(id);
  if (!mine) return;
  change(mine);
  mine.wake?.();
}

let busy = Promise.resolve();
self.onmessage = ({data}) => {
  switch (data.type) {
    case 'load':
      busy = load(data).catch(error => post('failed', {message: sentence(error, 'starting the model')}));
      break;
    case 'run':                                            // one after another: a cancelled run still ends its step
      runs.set(data.id, {allowed: data.request.paused ? 0 : Infinity, cancelled: false, wake: null});
      busy = busy.then(() => denoise(data));
      break;
    case 'pause': steer(data.id, run => { run.allowed = 0; }); break;
    case 'resume': steer(data.id, run => { run.allowed = Infinity; }); break;
    case 'step': steer(data.id, run => { run.allowed = Math.max(0, run.allowed) + 1; }); break;
    case 'ping': post('pong'); break;
    case 'cancel': steer(data.id, run => { run.cancelled = true; }); break;
  }
};

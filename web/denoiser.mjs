// The denoiser as a library: opens a model and grows plates with it in a worker of its own. It needs no page around it
// (no DOM); what the visitor of a page sees of it is the caller's affair. In Node: node.mjs.
//
//   const denoiser = new Denoiser();
//   await denoiser.load('models/garden.onnx');                       // without an address: the site's own model
//   const {rgba, width, height} = await denoiser.generate({seed: 7, steps: 20});
//   for await (const {step, picture} of denoiser.generate({seed: 8})) …   // as it grows
//   denoiser.close();
//
// One denoiser is one engine (engine.mjs) and one model; what it is asked for it grows one after another.
import {checkSampler, checkSchedule, checkSteps, parseSeed} from './address.mjs';
import {HINT_CELL} from './boundary.mjs';
import {browser, mostThreads, needSimd, whyNoGpu} from './capabilities.mjs';
import {Engine} from './engine.mjs';
import {forgetFiles} from './kept-files.mjs';
import {RUNTIME} from './runtime.mjs';
import {addressOf, fetchShipped, sourceOf, usualOf} from './shipped.mjs';

const FRESH_STREAM = 1;    // of noise over a picture: other coins than those of the first growth, even of one seed

const stopped = what => new DOMException(`The ${what} was stopped.`, 'AbortError');
const aborted = signal => new Promise((_, reject) => {
  if (signal.aborted) reject(signal.reason);
  signal.addEventListener('abort', () => reject(signal.reason), {once: true});
});
const randomSeed = () => BigInt(crypto.getRandomValues(new Uint32Array(1))[0]);

/**
 * A plate that is on its way. It is a promise of the finished plate, and an iterable of its moments, from the one at
 * which it begins to the picture: {step, noiseLevel, picture, prediction}, RGBA. prediction, what the network believes
 * at that moment, is null until the network has looked: it is there when the next moment comes. Leaving a loop over
 * them stops the growth; so does stop(), or the signal that it was given.
 */
class Growth {
  #moments = []; #finished; #over = false; #waiting = []; #stop;

  /** grow(told): grows the plate, calling told(moment); stop() makes it reject. */
  constructor(grow, stop) {
    this.#stop = stop;
    this.#finished = grow(moment => {
      this.#moments.push(moment);
      this.#wake();
    });
    const over = () => {
      this.#over = true;
      this.#wake();
    };
    this.#finished.then(over, over);     // and who only loops hears of a failure there
  }

  #wake() { for (const wake of this.#waiting.splice(0)) wake(); }

  then(...taken) { return this.#finished.then(...taken); }
  catch(...taken) { return this.#finished.catch(...taken); }
  finally(...taken) { return this.#finished.finally(...taken); }

  stop() { this.#stop(); }

  async * [Symbol.asyncIterator]() {
    try {
      for (let k = 0;; ++k) {
        while (k >= this.#moments.length && !this.#over) await new Promise(resolve => this.#waiting.push(resolve));
        if (k >= this.#moments.length) break;
        yield this.#moments[k];
      }
      await this.#finished;              // throws what it failed of
    } finally {
      this.stop();
    }
  }
}

export class Denoiser {
  #engine; #place; #info = null; #last = Promise.resolve(); #closed = false; #onProgress = () => {};
  #opened = null;          // stands for the model that is open: another one each time
  #grownBy = new WeakMap();   // plate -> that

  /** What can be had here, without loading anything: {wasm, webgpu, threads}; webgpu and wasm: null, or a sentence why
      not. */
  static async capabilities(place = browser) {
    let wasm = null;
    try {
      needSimd();
    } catch (error) { wasm = error.message; }
    return {wasm, webgpu: await whyNoGpu(false), threads: place.sharesMemory ? mostThreads(place) : 1};
  }

  /** backend: 'auto' (the GPU where it is right and quicker), 'webgpu' or 'wasm'. threads: 0 for as many as are worth
      while. runtime: the address of a folder with onnxruntime-web's own files. onNotice(sentence): what happened to the
      engine on the way, such as a GPU that was lost. */
  constructor({backend = 'auto', threads = 0, runtime = RUNTIME, onNotice = () => {}, place = browser} = {}) {
    if (!['auto', 'webgpu', 'wasm'].includes(backend))
      throw new RangeError(`There is no backend called '${backend}'; use 'auto', 'webgpu' or 'wasm'.`);
    needSimd();
    this.#place = place;
    this.#engine = new Engine({
      backend,
      threads,
      place,
      runtime: runtime && new URL(runtime, globalThis.location?.href).href,
      onProgress: ({received, total, preparing = false}) => this.#onProgress({received, total, preparing}),
      onNotice,
      onReady: info => { this.#info = info; },
    });
  }

  /** Of the model that is open: {model, backend, threads, imageSize, title, defaultSteps, defaultSampler, schedule,
      hasHint, hasView, notes, ...}; null before. */
  get info() { return this.#info; }

  /**
   * Opens a model -> its info. source: an address, the bytes of a file (Uint8Array), a File or Blob; the site's usual
   * model when left out. onProgress({received, total, preparing}) hears of the download, in bytes; total is 0 while
   * unknown. Rejects with a sentence; the model in use then stays.
   */
  async load(source, {onProgress = () => {}, signal} = {}) {
    this.#checkOpen();
    signal?.throwIfAborted();
    const found = await this.#sourceOf(source);
    signal?.throwIfAborted();
    const stop = () => this.#engine.stopLoading();
    signal?.addEventListener('abort', stop, {once: true});
    this.#onProgress = onProgress;
    try {
      const info = await this.#engine.load(found);
      this.#opened = Symbol(info.model);
      return info;
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  async #sourceOf(source) {
    if (source instanceof Uint8Array) return {name: 'The model', bytes: source.slice()};
    if (source instanceof Blob) return {name: source.name ?? 'The model', file: source};
    const list = await fetchShipped();
    if (source !== undefined) return sourceOf(this.#place.addressOf?.(source) ?? new URL(source, location.href), list);
    const usual = usualOf(list);
    if (!usual) throw new Error('No model came with this library here. Say which one to load.');
    return sourceOf(addressOf(usual), list);
  }

  /**
   * Grows a plate -> Growth. Given, each with the model's own as the usual: {seed, steps, sampler, schedule}; hint:
   * colours to follow, as hint() makes them; details: true for a detail of a plant, from models that know both;
   * picture: to begin from instead of noise, [3, S, S] in [-1, 1], under noise of noiseLevel; signal.
   */
  generate({picture = null, noiseLevel = 0.7, ...given} = {}) {
    const settings = this.#settings(given), {imageSize} = this.#info;
    if (!picture) return this.#grow(settings, given, {start: {kind: 'noise', seed: settings.seed, stream: 0}});
    if (!(picture instanceof Float32Array) || picture.length !== 3 * imageSize ** 2)
      throw new RangeError(
          `A picture to begin from is a Float32Array of 3 x ${imageSize} x ${imageSize} numbers for this model.`);
    return this.#grow(settings, given, {
      start: {kind: 'fresh', picture: picture.slice(), seed: settings.seed, stream: FRESH_STREAM},
      noiseLevel: checkLevel(noiseLevel)
    });
  }

  /** Flips the coins again: grows on from a step of a plate, with fresh noise of that step's level over what was
      believed there -> Growth. */
  branch(plate, {step, seed = randomSeed(), signal} = {}) {
    const {moments, settings} = this.#checkPlate(plate), first = moments[0].step;
    if (!Number.isInteger(step) || step < first || step >= settings.steps)
      throw new RangeError(
          `A branch starts at a step that has a prediction: ${first} to ${settings.steps - 1}, not ${String(step)}.`);
    const picture = moments[step - first].kept.slice();
    return this.#grow(
        settings, {hint: plate.hint, details: plate.details, signal},
        {start: {kind: 'fresh', picture, seed: parseSeed(seed), stream: FRESH_STREAM}, firstStep: step});
  }

  /** Grows a region of a finished plate again, from noise of noiseLevel on; the rest stays as it is -> Growth. region:
      (S/8)^2 cells, row by row, not 0 where it grows. */
  inpaint(plate, {region, noiseLevel = 1, seed = randomSeed(), hint = null, signal} = {}) {
    const {moments, settings} = this.#checkPlate(plate), side = this.#info.imageSize / HINT_CELL;
    if (region?.length !== side ** 2)
      throw new RangeError(`A region for this model has ${side} x ${side} cells, not ${region?.length ?? 'none'}.`);
    const cells = Uint8Array.from(region, cell => (cell ? 1 : 0));
    if (!cells.includes(1)) throw new RangeError('No cell of the region is marked: nothing would grow.');
    return this.#grow(settings, {hint, details: plate.details, signal}, {
      start: {kind: 'fresh', picture: moments.at(-1).kept.slice(), seed: parseSeed(seed), stream: FRESH_STREAM},
      region: cells,
      noiseLevel: checkLevel(noiseLevel)
    });
  }

  /** A hint out of a picture of S/8 x S/8 pixels, RGBA: where it is not transparent, plates follow its colours. */
  hint(rgba) {
    const {imageSize} = this.#checkModel(true), cells = (imageSize / HINT_CELL) ** 2;
    if (rgba?.length !== 4 * cells)
      throw new RangeError(`A hint for this model is made of ${imageSize / HINT_CELL} x ${
          imageSize / HINT_CELL} pixels, RGBA.`);
    const planes = new Float32Array(4 * cells);
    for (let i = 0; i < cells; ++i) {
      if (rgba[4 * i + 3] === 0) continue;
      for (let c = 0; c < 3; ++c) planes[c * cells + i] = rgba[4 * i + c] / 127.5 - 1;
      planes[3 * cells + i] = 1;
    }
    return planes;
  }

  /** Forgets the models and the runtime that this device keeps, so that another visit needs no download. */
  purge() { return forgetFiles(); }

  /** Ends the worker, and with it what is still growing. */
  close() {
    this.#closed = true;
    this.#info = null;
    this.#engine.close();
  }

  #checkOpen() { if (this.#closed) throw new Error('This denoiser is closed.'); }

  #checkModel(colours) {
    this.#checkOpen();
    if (!this.#info) throw new Error('No model is open yet; call load() first.');
    if (colours && !this.#info.hasHint) throw new Error('This model does not follow painted colours.');
    return this.#info;
  }

  #settings({seed, steps, sampler, schedule}) {
    const info = this.#checkModel(false);
    return {
      seed: parseSeed(seed ?? randomSeed()),
      steps: checkSteps(steps ?? info.defaultSteps),
      sampler: checkSampler(sampler ?? info.defaultSampler),
      schedule: checkSchedule(schedule ?? info.schedule)
    };
  }

  // What branches and regions spring from has to be finished, and of the model that is open.
  #checkPlate(plate) {
    this.#checkModel(false);
    if (!this.#grownBy.has(plate)) throw new TypeError('This is no finished plate of this denoiser.');
    if (this.#grownBy.get(plate) !== this.#opened)
      throw new Error(`This plate was grown by a model that is no longer open, ${plate.model}. Grow a new one first.`);
    const {moments, seed, steps, sampler, schedule} = plate;
    return {moments, settings: {seed, steps, sampler, schedule}};
  }

  #grow(settings, {hint = null, details = false, signal}, origin) {
    if (hint) {
      const {imageSize} = this.#checkModel(true), side = imageSize / HINT_CELL;
      if (!(hint instanceof Float32Array) || hint.length !== 4 * side ** 2)
        throw new RangeError(`A hint for this model is a Float32Array of 4 x ${side} x ${side} numbers.`);
    }
    const stopping = new AbortController();
    if (signal?.aborted) stopping.abort(signal.reason);
    signal?.addEventListener('abort', () => stopping.abort(signal.reason), {once: true});
    const request = {...settings, ...origin, hint, details: Boolean(details), pictures: true, paused: false};
    return new Growth(told => {
      const growth = this.#last.then(() => this.#growNow(request, told, stopping.signal));
      this.#last = growth.catch(() => {});
      // one that is stopped while it waits for its turn ends at once
      return Promise.race([growth, aborted(stopping.signal)]);
    }, () => stopping.abort(stopped('growth')));
  }

  async #growNow(request, told, signal) {
    const {model, imageSize} = this.#checkModel(false), {seed, steps, sampler, schedule, hint, details} = request;
    signal.throwIfAborted();
    const moments = [];
    let levels, milliseconds = 0;
    const tell = (step, picture) => {
      moments.push({step, steps, noiseLevel: levels[step], picture, prediction: null, kept: null});
      told(moments.at(-1));
    };
    const {finished} = this.#engine.run(request, {
      onBegun: ({levels: all, firstStep, picture}) => {
        // again in another worker, where the first one failed: the same plate
        if (moments.length > 0) return;
        levels = all;
        tell(firstStep, picture);
      },
      onStep: ({step, prediction, picture, believed, milliseconds: spent}) => {
        milliseconds += spent;
        if (step <= moments.at(-1).step) return;
        Object.assign(moments.at(-1), {prediction: believed, kept: prediction});
        tell(step, picture);
        // the picture is what was believed last
        if (step === steps) Object.assign(moments.at(-1), {prediction: picture, kept: prediction});
      },
    });
    const stop = () => this.#engine.cancel();
    signal.addEventListener('abort', stop, {once: true});
    try {
      const {cancelled} = await finished;
      if (cancelled) throw signal.reason ?? stopped('growth');
    } finally {
      signal.removeEventListener('abort', stop);
    }
    const plate = {
      width: imageSize,
      height: imageSize,
      rgba: moments.at(-1).picture,
      model,
      seed,
      steps,
      sampler,
      schedule,
      hint,
      details,
      moments,
      millisecondsPerStep: milliseconds / (steps - moments[0].step)
    };
    this.#grownBy.set(plate, this.#opened);
    return plate;
  }
}

function checkLevel(value) {
  if (!(value > 0 && value <= 1))
    throw new RangeError(`A noise level lies above 0 and is at most 1, not ${String(value)}.`);
  return value;
}

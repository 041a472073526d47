// The engine as the page sees it: one denoiser worker at a time, and what happens when it cannot go on.
//
// Engine.load() starts a worker for a model; Engine.run() denoises. The model in use stays in use until the new one is
// ready, and for good when that cannot be opened. When the GPU turns out unusable, is lost, or the worker crashes or
// falls silent, another worker takes over, the run in progress starts again there (the same seed gives the same
// picture), and onNotice says so. A request is {start: {kind: 'noise', seed: BigInt, stream}
//                                     | {kind: 'picture', picture: planar Float32Array or kept Int16Array}
//                                     | {kind: 'fresh', picture, seed, stream},
//                              steps, firstStep, lastStep (where it ends; `steps` when left out), schedule, sampler,
//                              strength, hint: Float32Array | null, paused,
//                              noiseLevel: instead of firstStep, the first that is no noisier,
//                              pictures: true to be told RGBA too, of each working picture and prediction,
//                              region: Uint8Array of n x n cells | null: with 'fresh', where it is 0 the picture stays
//                              as it is}.

import {HINT_CELL} from './boundary.mjs';
import {browser, mostThreads} from './capabilities.mjs';

// ms without a word after which a worker is given up; a step may be long
const SILENCE = 20000, SILENCE_IN_A_RUN = 120000;

// The samplers' blending and the history are the processor's work, so x and the prediction travel at every step.
function traffic({imageSize, hasHint}) {
  const megabytes = values => `${(4 * values / 1e6).toFixed(1)} MB`, picture = 3 * imageSize ** 2;
  return `Each look sends ${
      megabytes(picture + (hasHint ? 4 * (imageSize / HINT_CELL) ** 2 : 0))} to the graphics card and ${
      megabytes(picture)} back; weights and everything between stay there.`;
}

export class Engine {
  #seat = null;            // the worker that denoises: {worker, source, backend, ready, crashes}
  #coming = null;          // the one that is loading another model meanwhile
  #loading = null;         // {resolve, reject} of that
  #current = null;         // {id, request, onBegun, onStep, resolve, reject}
  #lastId = 0;
  #lastWord = 0;           // when the worker was last heard
  #watch = 0;

  /** backend: 'auto' | 'webgpu' | 'wasm'; threads: 0 for as many as fit; single: why there can be one only, where that
      is known; runtime: the address of a folder with ONNX Runtime Web's own files, where it is not the site's ort/;
      place: as `browser` in capabilities.mjs. */
  constructor({
    backend,
    threads,
    single = 'this browser does not share memory between threads here',
    runtime = null,
    place = browser,
    onProgress,
    onNotice,
    onReady,
    onGone = () => {}
  }) {
    this.backend = backend;
    const {cores, sharesMemory} = place, most = mostThreads(place), wanted = threads > 0 ? threads : most;
    this.threads = sharesMemory ? wanted : 1;
    this.notes = [];
    if (!sharesMemory)
      this.notes.push(`One thread only: ${single}, so every step takes longer${
          cores > 1 ? `: up to ${most} times, with the ${cores} cores here` : ''}.`);
    this.runtime = runtime;
    this.place = place;
    this.onProgress = onProgress;
    this.onNotice = onNotice;
    this.onReady = onReady;
    this.onGone = onGone;    // the model in use cannot be used any more
    this.info = null;
  }

  /** source: {name, url, sha256, size} (the last two where they are known) | {name, file} -> the model's info. A run in
      progress ends with an error when the new model is ready. */
  load(source) {
    let backend = this.backend;
    if (backend !== 'wasm' && !globalThis.navigator?.gpu) {
      this.#note(
          'This browser has no WebGPU; the model runs on the processor instead, which is often ten times slower ' +
              'than a graphics card.',
          backend === 'webgpu');
      backend = 'wasm';
    }
    return new Promise((resolve, reject) => {
      this.#loading?.reject(new Error('Another model is being loaded instead.'));
      this.#loading = {resolve, reject};
      this.#coming?.worker.terminate();
      this.#coming = this.#start(backend, source);
    });
  }

  /** Gives up the model that is being loaded; the one in use stays. */
  stopLoading() {
    this.#loading?.reject(new DOMException('The loading was stopped.', 'AbortError'));
    this.#coming?.worker.terminate();
    this.#coming = this.#loading = null;
  }

  /** Begins a run after cancelling the one in progress. finished resolves to {cancelled}. */
  run(request, {onBegun, onStep}) {
    this.cancel();
    const id = ++this.#lastId;
    const finished = new Promise((resolve, reject) => {
      this.#current = {id, request, onBegun, onStep, resolve, reject};
    });
    if (this.#seat && !this.#seat.worker) this.#restart(this.#seat, 'wasm');
    this.#send();
    return {id, finished};
  }

  /** Whether a run is in progress. */
  get busy() { return this.#current !== null; }

  pause() { this.#steer('pause'); }
  resume() { this.#steer('resume'); }
  step() { this.#steer('step'); }
  cancel() {
    this.#steer('cancel');
    const current = this.#current;
    this.#current = null;
    current?.resolve({cancelled: true});
  }

  /** Ends the engine for good: its workers, and the run or the loading in progress. */
  close() {
    this.cancel();
    clearTimeout(this.#watch);
    this.stopLoading();
    this.#seat?.worker?.terminate();
    this.#seat = null;
  }

  /** After the page was asleep: a worker that the browser took away meanwhile, or that hangs, is replaced. */
  check() {
    const seat = this.#seat;
    if (!seat?.ready) return;
    const asked = performance.now();
    seat.worker.postMessage({type: 'ping'});
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      if (seat === this.#seat && seat.ready && this.#lastWord < asked) this.#crashed(seat, 'it no longer answers');
    }, this.#current ? SILENCE_IN_A_RUN : SILENCE);
  }

  #send() {
    if (this.#seat?.ready && this.#current)
      this.#seat.worker.postMessage({type: 'run', id: this.#current.id, request: this.#current.request});
  }

  #steer(type) { if (this.#seat?.ready && this.#current) this.#seat.worker.postMessage({type, id: this.#current.id}); }

  #note(text, aloud) {
    if (!this.notes.includes(text)) this.notes.push(text);
    if (aloud) this.onNotice(text);
  }

  #fail(error) {
    const current = this.#current;
    this.#current = null;
    current?.reject(error);
  }

  #start(backend, source, crashes = 0) {
    const worker = this.place.startWorker();
    const seat = {worker, source, backend, ready: false, crashes};
    worker.onmessage = ({data}) => { if (this.#holds(seat)) this.#hear(seat, data); };
    worker.onerror = event => {
      event.preventDefault();
      if (this.#holds(seat))
        this.#crashed(seat, event.message ? `it reported "${event.message}"` : 'it could not be started');
    };
    const {bytes, ...lasting} = source;                    // bytes are handed over: another start loads them again
    seat.source = lasting;
    worker.postMessage(
        {type: 'load', source, backend, threads: this.threads, runtime: this.runtime}, bytes ? [bytes.buffer] : []);
    return seat;
  }

  #holds(seat) { return seat === this.#seat || seat === this.#coming; }

  // The same model in a new worker, in the place of this one.
  #restart(seat, backend, bytes) {
    seat.worker?.terminate();
    const next = this.#start(backend, bytes ? {...seat.source, bytes} : seat.source, seat.crashes);
    if (seat === this.#coming) this.#coming = next;
    else this.#seat = next;
  }

  #crashed(seat, why) {
    const message = `The denoiser stopped unexpectedly (${why}).`;
    if (++seat.crashes > 2) return this.#giveUp(seat, `${message} Load the page again.`);
    if (seat === this.#seat) this.onNotice(`${message} It has been started again.`);
    this.#restart(seat, 'wasm');
  }

  // A worker that cannot load its model: the model in use stays, if there is one.
  #giveUp(seat, message) {
    seat.worker.terminate();
    if (seat === this.#coming) {
      const loading = this.#loading;
      this.#coming = this.#loading = null;
      loading.reject(new Error(message));
    } else {
      seat.worker = null;                                  // the next run tries once more
      seat.ready = false;
      seat.crashes = 0;
      this.onGone();
      if (this.#current) this.#fail(new Error(message));
      else this.onNotice(message);
    }
  }

  #hear(seat, data) {
    const current = seat === this.#seat && this.#current?.id === data.id ? this.#current : null;
    if (seat === this.#seat) this.#lastWord = performance.now();
    switch (data.type) {
      case 'progress': this.onProgress(data); break;
      case 'declined':
        this.#note(`WebGPU is not used: ${data.reason}. The model runs on the processor.`, this.backend === 'webgpu');
        this.#restart(seat, 'wasm', data.bytes);
        break;
      case 'lost':
        this.#note(`WebGPU stopped: ${data.reason}. The model now runs on the processor.`, true);
        this.#restart(seat, 'wasm');
        break;
      case 'ready': {
        seat.ready = true;
        const loading = seat === this.#coming ? this.#loading : null;
        if (loading) {
          this.#seat?.worker?.terminate();
          this.#seat = seat;
          this.#coming = this.#loading = null;
          this.#fail(new Error('The growth was stopped because another model is used now.'));
        }
        this.info = {
          ...data.info,
          model: seat.source.name,
          sha256: seat.source.sha256,   // of those that came with the page
          notes: [...this.notes, ...(data.info.backend === 'webgpu' ? [traffic(data.info)] : [])]
        };
        this.onReady(this.info, {again: !loading});
        loading?.resolve(this.info);
        this.#send();   // a run that an earlier worker could not finish starts again here
        break;
      }
      case 'begun': current?.onBegun(data); break;
      case 'steps':
        // a listener may cancel in between
        for (const one of data.steps) if (current && this.#current === current) current.onStep(one);
        break;
      case 'done':
        seat.crashes = 0;
        if (current) { this.#current = null; current.resolve({cancelled: Boolean(data.cancelled)}); }
        break;
      case 'failed':
        if (data.id === undefined) {
          this.#giveUp(seat, data.message);
        } else if (current) {
          this.#current = null;
          current.reject(new Error(data.message));
        }
        // its memory is full for good: WebAssembly gives none back
        if (data.exhausted && data.id !== undefined) this.#restart(seat, seat.backend);
        break;
    }
  }
}

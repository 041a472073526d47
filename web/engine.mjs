// The engine as the page sees it: one denoiser worker at a time, and what happens when it cannot go on.
//
// Engine.load() starts a worker for a model; Engine.run() denoises. When the GPU turns out unusable, is lost, or the worker
// crashes, a worker without GPU takes over, the run in progress starts again there (the same seed gives the same picture), and
// onNotice says so. A request is {start: {kind: 'noise', seed: BigInt, stream}
//                                     | {kind: 'picture', picture: planar Float32Array or kept Int16Array}
//                                     | {kind: 'fresh', picture, seed, stream},
//                              steps, firstStep, schedule, sampler, strength, hint: Float32Array | null, paused}.

const FASTEST_COUNT = 8;   // more threads than this gain little: memory bandwidth is shared

export class Engine {
  #worker = null;
  #loading = null;         // {resolve, reject}
  #current = null;         // {id, request, onBegun, onStep, resolve, reject}
  #lastId = 0;
  #source = null;
  #retries = 0;
  #ready = false;

  /** backend: 'auto' | 'webgpu' | 'wasm'; threads: 0 for as many as fit. */
  constructor({backend, threads, onProgress, onNotice, onReady}) {
    this.backend = backend;
    const possible = globalThis.crossOriginIsolated ? Math.max(1, Math.min(FASTEST_COUNT, navigator.hardwareConcurrency || 1)) : 1;
    this.threads = globalThis.crossOriginIsolated && threads > 0 ? threads : possible;
    this.notes = [];
    if (!globalThis.crossOriginIsolated)
      this.notes.push('One thread only: this server does not send the two headers (COOP and COEP) that allow shared memory, so every step takes longer.');
    this.onProgress = onProgress;
    this.onNotice = onNotice;
    this.onReady = onReady;
    this.info = null;
  }

  /** source: {name, url} | {name, file} -> the model's info. A run in progress ends with an error. */
  load(source) {
    this.#source = source;
    this.#retries = 0;
    this.info = null;
    this.#fail(new Error('The growth was stopped because another model is being loaded.'));
    let backend = this.backend;
    if (backend !== 'wasm' && !navigator.gpu) {
      this.#note('This browser has no WebGPU; the model runs on the processor instead.', backend === 'webgpu');
      backend = 'wasm';
    }
    return new Promise((resolve, reject) => {
      this.#loading?.reject(new Error('Another model is being loaded instead.'));
      this.#loading = {resolve, reject};
      this.#start(backend, source);
    });
  }

  /** Begins a run after cancelling the one in progress. finished resolves to {cancelled}. */
  run(request, {onBegun, onStep}) {
    this.cancel();
    const id = ++this.#lastId;
    const finished = new Promise((resolve, reject) => { this.#current = {id, request, onBegun, onStep, resolve, reject}; });
    this.#send();
    return {id, finished};
  }

  pause() { this.#steer('pause'); }
  resume() { this.#steer('resume'); }
  step() { this.#steer('step'); }
  cancel() {
    this.#steer('cancel');
    const current = this.#current;
    this.#current = null;
    current?.resolve({cancelled: true});
  }

  #send() { if (this.#ready && this.#current) this.#worker.postMessage({type: 'run', id: this.#current.id, request: this.#current.request}); }

  #steer(type) { if (this.#ready && this.#current) this.#worker.postMessage({type, id: this.#current.id}); }

  #note(text, aloud) {
    if (!this.notes.includes(text)) this.notes.push(text);
    if (aloud) this.onNotice(text);
  }

  #fail(error) {
    const current = this.#current;
    this.#current = null;
    current?.reject(error);
  }

  #start(backend, source) {
    this.#worker?.terminate();
    this.#ready = false;
    const worker = new Worker(new URL('./denoiser-worker.mjs', import.meta.url), {type: 'module', name: 'denoiser'});
    this.#worker = worker;
    worker.onmessage = ({data}) => { if (worker === this.#worker) this.#hear(data); };
    worker.onerror = event => {
      event.preventDefault();
      if (worker === this.#worker) this.#crashed(event.message ? `it reported "${event.message}"` : 'it could not be started');
    };
    worker.postMessage({type: 'load', source, backend, threads: this.threads}, source.bytes ? [source.bytes.buffer] : []);
  }

  #crashed(why) {
    const message = `The denoiser stopped unexpectedly (${why}).`;
    if (++this.#retries > 2) {
      this.#fail(new Error(message));
      this.#loading?.reject(new Error(`${message} Load the page again.`));
      this.#loading = null;
      return;
    }
    if (!this.#loading) this.onNotice(`${message} It has been started again.`);
    this.#start('wasm', this.#source);
  }

  #hear(data) {
    const current = this.#current?.id === data.id ? this.#current : null;
    switch (data.type) {
      case 'progress': this.onProgress(data); break;
      case 'declined':
        this.#note(`WebGPU is not used: ${data.reason}. The model runs on the processor.`, this.backend === 'webgpu');
        this.#start('wasm', {...this.#source, bytes: data.bytes});
        break;
      case 'lost':
        this.#note(`WebGPU stopped: ${data.reason}. The model now runs on the processor.`, true);
        this.#start('wasm', this.#source);
        break;
      case 'ready': {
        this.#ready = true;
        this.info = {...data.info, model: this.#source.name, notes: [...this.notes]};
        this.onReady(this.info);
        const loading = this.#loading;
        this.#loading = null;
        loading?.resolve(this.info);
        this.#send();   // a run that an earlier worker could not finish starts again here
        break;
      }
      case 'begun': current?.onBegun(data); break;
      case 'steps':
        for (const one of data.steps) if (current && this.#current === current) current.onStep(one);   // a listener may cancel in between
        break;
      case 'done':
        if (current) { this.#current = null; current.resolve({cancelled: Boolean(data.cancelled)}); }
        break;
      case 'failed':
        if (data.id === undefined) {
          const loading = this.#loading;
          this.#loading = null;
          if (loading) loading.reject(new Error(data.message));
          else { this.#fail(new Error(data.message)); this.onNotice(data.message); }
        } else if (current) {
          this.#current = null;
          current.reject(new Error(data.message));
        }
        break;
    }
  }
}

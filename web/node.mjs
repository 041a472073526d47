// The denoiser in Node: the same, in a worker thread, on ONNX Runtime Web's WebAssembly. A model is named by its path,
// too. The thread keeps the program alive until close().
import {availableParallelism} from 'node:os';
import {resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {Worker} from 'node:worker_threads';
import {Denoiser as InBrowsers} from './denoiser.mjs';

// A worker as browsers have it.
class Thread {
  #worker = new Worker(new URL('./node-worker.mjs', import.meta.url));
  onmessage = null; onerror = null;

  constructor() {
    this.#worker.on('message', data => this.onmessage?.({data}));
    this.#worker.on('error', ({message}) => this.onerror?.({message, preventDefault() {}}));
  }
  postMessage(message, transfer) { this.#worker.postMessage(message, transfer); }
  terminate() { this.#worker.terminate(); }
}

const node = {
  startWorker: () => new Thread(),
  cores: availableParallelism(),
  sharesMemory: true,
  addressOf: source => (/^(https?|file):/.test(source) ? new URL(source) : pathToFileURL(resolve(source))),
};

/** As in browsers. */
export class Denoiser extends InBrowsers {
  static capabilities() { return InBrowsers.capabilities(node); }
  constructor({backend = 'wasm', ...options} = {}) {
    super({...options, backend: backend === 'auto' ? 'wasm' : backend, place: node});
  }
}

// The denoiser's worker as a thread of Node: gives denoiser-worker.mjs what browsers give a worker.
import {readFile} from 'node:fs/promises';
import {extname} from 'node:path';
import {parentPort} from 'node:worker_threads';

// Node's fetch() reads no files.
const {fetch} = globalThis;
async function fetchAny(address, options) {
  const url = new URL(address);
  if (url.protocol !== 'file:') return fetch(url, options);
  try {
    const bytes = await readFile(url);
    return new Response(bytes, {
      headers: {
        'Content-Length': String(bytes.length),
        'Content-Type': extname(url.pathname) === '.wasm' ? 'application/wasm' : 'application/octet-stream'
      }
    });
  } catch (error) {
    if (error.code === 'ENOENT') return new Response(null, {status: 404});
    throw error;
  }
}

Object.assign(globalThis, {
  self: globalThis,
  fetch: fetchAny,
  importRuntime: () => import('onnxruntime-web'),
  postMessage: (message, transfer) => parentPort.postMessage(message, transfer),
});
await import('./denoiser-worker.mjs');
parentPort.on('message', data => self.onmessage({data}));

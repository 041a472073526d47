// What this browser, or Node, has for denoising; asked without loading anything.
const FASTEST_COUNT = 8;   // more threads than this gain little: memory bandwidth is shared

// The smallest module that uses a SIMD instruction: (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt)
const SIMD = Uint8Array.of(
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11);

/** Throws a sentence where nothing can be computed. */
export function needSimd() {
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(SIMD))
    throw new Error(
        'This browser lacks WebAssembly SIMD, which both the studio and the denoiser need. ' +
        'Any browser since 2023 has it.');
}

/** What the engine needs of the place that it runs in: here a browser; Node's is in node.mjs. */
export const browser = {
  startWorker: () => new Worker(new URL('./denoiser-worker.mjs', import.meta.url), {type: 'module', name: 'denoiser'}),
  get cores() { return navigator.hardwareConcurrency || 1; },
  get sharesMemory() { return Boolean(globalThis.crossOriginIsolated); },   // without that, one thread only
};

/** As many threads as are worth while in a place. */
export const mostThreads = ({cores}) => Math.max(1, Math.min(FASTEST_COUNT, cores));

/** Why the GPU cannot be used, or null; insist: a slow one will do. */
export async function whyNoGpu(insist) {
  if (!globalThis.navigator?.gpu) return 'this browser has no WebGPU';
  const adapter = await navigator.gpu.requestAdapter({powerPreference: 'high-performance'}).catch(() => null);
  if (!adapter) return 'this browser offers no GPU';
  if (!insist && (adapter.isFallbackAdapter || adapter.info?.isFallbackAdapter))
    return 'the only GPU is a slow software one';
  return null;
}

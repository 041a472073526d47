// The denoiser: opens a model and grows plates with it, in a worker of its own. See README.md.

/** What the network is asked about, and answers, at one step of a growth. Pictures are RGBA, row by row. */
export interface Moment {
  /** How many steps are done: 0 is where a plate begins, `steps` the finished picture. */
  step: number;
  steps: number;
  /** Of the working picture, from 1 (pure noise) to 0. */
  noiseLevel: number;
  /** The working picture. */
  picture: Uint8ClampedArray;
  /** What the network believes is under the noise; null until it has looked: it is there when the next moment comes. */
  prediction: Uint8ClampedArray|null;
  /** The same as numbers, planar RGB [3, S, S], in 1/16384; null as above. */
  kept: Int16Array|null;
}

export interface Plate {
  width: number;
  height: number;
  /** The picture, RGBA, row by row. */
  rgba: Uint8ClampedArray;
  /** Of the model: its file's name. */
  model: string;
  seed: bigint;
  steps: number;
  sampler: string;
  schedule: string;
  hint: Float32Array|null;
  details: boolean;
  /** From the one at which it begins to the picture. At 512x512 each takes 3.5 MB. */
  moments: Moment[];
  millisecondsPerStep: number;
}

/** A plate on its way: a promise of the finished one, and an iterable of its moments. Leaving a loop over them stops
    it. */
export interface Growth extends PromiseLike<Plate>, AsyncIterable<Moment> {
  catch<Other = never>(failed: (reason: unknown) => Other|PromiseLike<Other>): Promise<Plate|Other>;
  finally(ended: () => void): Promise<Plate>;
  /** Ends it: the promise rejects with an AbortError. */
  stop(): void;
}

export interface Info {
  /** The file's name. */
  model: string;
  title: string;
  backend: 'webgpu'|'wasm';
  threads: number;
  /** S: pictures are S x S pixels. */
  imageSize: number;
  defaultSteps: number;
  defaultSampler: string;
  schedule: string;
  noise: string;
  noiseScale: number;
  /** Whether it follows painted colours; whether it knows details beside whole plants. */
  hasHint: boolean;
  hasView: boolean;
  gflopPerStep: number|null;
  /** Noise levels at which another network of a ladder takes over. */
  changes: number[];
  /** In bytes. */
  bytes: number;
  /** All that the file says of itself. */
  metadata: Record<string, string>;
  /** What a user may want to know of the engine, in sentences. */
  notes: string[];
}

export interface Progress {
  /** In bytes; total is 0 while it is unknown. */
  received: number;
  total: number;
  /** All is here, and the network is being set up. */
  preparing: boolean;
}

export interface Capabilities {
  /** null, or a sentence why it cannot be had. */
  wasm: string|null;
  webgpu: string|null;
  threads: number;
}

export interface Settings {
  /** A whole number of 64 bits; one by chance when left out. The others are the model's own when left out. */
  seed?: number|bigint|string;
  steps?: number;
  /** 'plain', 'extrapolated' or 'heun'. */
  sampler?: string;
  /** 'linear' or 'shifted:S'. */
  schedule?: string;
}

export interface Guidance {
  /** Colours to follow, [4, S/8, S/8]: see Denoiser.hint(). */
  hint?: Float32Array|null;
  /** A detail of a plant instead of a whole one, from models that know both. */
  details?: boolean;
  /** To begin from instead of noise: planar RGB [3, S, S] in [-1, 1], under noise of noiseLevel (0.7). */
  picture?: Float32Array|null;
  noiseLevel?: number;
}

export interface Stopping {
  signal?: AbortSignal;
}

export class Denoiser {
  /** What can be had here, without loading anything. */
  static capabilities(): Promise<Capabilities>;

  /** Throws a sentence where there is no WebAssembly. In Node the backend is always 'wasm'. */
  constructor(options?: {
    backend?: 'auto'|'webgpu'|'wasm';
    /** 0: as many as are worth while. */
    threads?: number;
    /** The address of a folder with onnxruntime-web's own files, where it does not lie beside this package. */
    runtime?: string|URL|null;
    /** Hears, in sentences, what happened to the engine on the way, such as a GPU that was lost. */
    onNotice?: (sentence: string) => void;
  });

  /** Of the model that is open; null before. */
  readonly info: Info|null;

  /** Opens a model: by its address (in Node also its path), its bytes, or as a File; the one in use stays when this
      one does not fit. Rejects with a sentence. */
  load(source?: string|URL|Uint8Array|Blob, options?: {onProgress?: (progress: Progress) => void}&Stopping):
      Promise<Info>;

  /** Grows a plate; those that are asked for meanwhile wait for their turn. */
  generate(given?: Settings&Guidance&Stopping): Growth;

  /** Flips the coins again: grows on from a step of a plate, with fresh noise over what was believed there. */
  branch(plate: Plate, given: {step: number; seed?: Settings['seed']}&Stopping): Growth;

  /** Grows a region of a finished plate again: (S/8)^2 cells, not 0 where it grows. noiseLevel: 1 when left out. */
  inpaint(
      plate: Plate,
      given: {region: ArrayLike<number|boolean>; noiseLevel?: number; seed?: Settings['seed']; hint?: Float32Array|null}
          &Stopping): Growth;

  /** A hint out of S/8 x S/8 pixels, RGBA: where they are not transparent, plates follow their colours. */
  hint(rgba: ArrayLike<number>): Float32Array;

  /** Forgets the models and the runtime that this device keeps for the next visit. */
  purge(): Promise<void>;

  /** Ends the worker, and with it what is still growing. */
  close(): void;
}

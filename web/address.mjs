// The address carries the state: #seed=7&steps=20&sampler=plain&schedule=shifted:3&branches=3:5,7:123 says what is
// grown; ?backend=wasm|webgpu, ?threads=N and ?model=URL choose the engine. Unreadable parts are left out, never an
// error.

import {MOST_STEPS, SAMPLERS} from './boundary.mjs';

/** "'a', 'b' or 'c'" */
export const either = names => names.map(name => `'${name}'`).join(', ').replace(/, ([^,]*)$/, ' or $1');

/** A Number, BigInt or string as a 64-bit seed (BigInt). Throws a sentence for anything else. */
export function parseSeed(value) {
  let seed;
  try {
    seed = typeof value === 'string' && !/^\s*\d+\s*$/.test(value) ? undefined : BigInt(value);
  } catch { /* told below */ }
  if (seed === undefined || seed < 0n || seed >= 1n << 64n)
    throw new RangeError(`A seed is a whole number from 0 to 18446744073709551615, not ${String(value)}.`);
  return seed;
}

export function checkSteps(value) {
  const steps = Number(value);
  if (!Number.isInteger(steps) || steps < 1 || steps > MOST_STEPS)
    throw new RangeError(`The number of steps is a whole number from 1 to ${MOST_STEPS}, not ${String(value)}.`);
  return steps;
}

export function checkSampler(value) {
  if (!SAMPLERS.includes(value))
    throw new RangeError(`There is no sampler called '${value}'; use ${either(SAMPLERS)}.`);
  return value;
}

export function checkSchedule(value) {
  if (value !== 'linear' && !/^shifted:(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value))
    throw new RangeError(
        `There is no schedule called '${value}'; use 'linear' or 'shifted:S' with a number S above 0.`);
  const shift = value === 'linear' ? 1 : Number(value.slice(8));
  if (!(shift > 0 && shift <= 1e6))
    throw new RangeError(`The shift of a schedule is a number above 0 and at most a million, not ${value.slice(8)}.`);
  return value;
}

/** Where the coins were flipped again on the way to a plate: '3:5,7:123' -> [{step: 3, seed: 5n}, {step: 7, seed:
    123n}]. Throws a sentence when these cannot be branches of a plate that grows in `steps` steps. */
export function parseBranches(text, steps = MOST_STEPS) {
  let before = 0;
  return text === '' ? [] : text.split(',').map(one => {
    const [, step, seed] = /^(\d{1,3}):(\d+)$/.exec(one) ?? [];
    if (step === undefined)
      throw new RangeError(`Branches are written like 3:5,7:123, a step and a seed each, not ${text}.`);
    if (step < before || step >= steps)
      throw new RangeError(`Branches spring from steps ${before} to ${steps - 1} here, not from step ${step}.`);
    before = Number(step);
    return {step: before, seed: parseSeed(seed)};
  });
}

export function checkBranches(value, steps) {
  parseBranches(value, steps);
  return value;
}

/** '#seed=7&steps=20' -> {seed: 7n, steps: 20}: only what is there and makes sense. */
export function readHash(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const found = {};
  for (const [key, check] of Object.entries({
         seed: parseSeed,
         steps: checkSteps,
         sampler: checkSampler,
         schedule: checkSchedule,
         branches: checkBranches
       })) {
    if (!given.has(key)) continue;
    try { found[key] = check(given.get(key), found.steps); } catch { /* left out */ }
  }
  return found;
}

/** The schedule is left out while it is the model's own. */
export function writeHash({seed, steps, sampler, schedule, branches}, modelSchedule) {
  return `#seed=${seed}&steps=${steps}&sampler=${sampler}${schedule === modelSchedule ? '' : `&schedule=${schedule}`}${
      branches ? `&branches=${branches}` : ''}`;
}

/** '?backend=wasm&threads=2&model=models/x.onnx' -> {backend, threads, model: URL | null}. Throws a sentence for
    another origin's model. */
export function readQuery(search, base) {
  const given = new URLSearchParams(search);
  const backend = ['wasm', 'webgpu'].includes(given.get('backend')) ? given.get('backend') : 'auto';
  const threads = Math.min(64, Math.max(0, Math.floor(Number(given.get('threads'))) || 0));
  let model = null;
  if (given.get('model')) {
    model = new URL(given.get('model'), base);
    if (model.origin !== new URL(base).origin)
      throw new Error(
          `The model ${model.href} lies on another server. This page opens models from its own server only.`);
  }
  return {backend, threads, model};
}

/**
 * Keeps the page's fragment as it was said last. Browsers refuse to write it very often (Safari: 100 times in 30 s),
 * and a key may be held: so many changes in any half minute are written at once, after them one each second, as things
 * are then.
 */
export class AddressWriter {
  static AT_ONCE = 40;
  #wanted;
  #written = [];   // when, of the last half minute, ms
  #timer = 0;

  /** How the fragment is read and written, the clock and the alarm, for tests. */
  constructor({
    current = () => location.hash,
    put = hash => history.replaceState(null, '', hash),
    now = () => performance.now(),
    later = (act, wait) => setTimeout(act, wait)
  } = {}) {
    Object.assign(this, {current, put, now, later});
  }

  write(hash) {
    this.#wanted = hash;
    if (!this.#timer) this.#due();
  }

  #due() {
    this.#timer = 0;
    if (this.#wanted === this.current()) return;
    const now = this.now();
    this.#written = this.#written.filter(time => now - time < 30000);
    if (this.#written.length >= AddressWriter.AT_ONCE && now - this.#written.at(-1) < 1000) {
      this.#timer = this.later(() => this.#due(), 1000) || 1;
      return;
    }
    this.#written.push(now);
    this.put(this.#wanted);
  }
}

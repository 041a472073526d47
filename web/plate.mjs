// A plate on any page: <script type="module" src=".../plate.js"></script>, and wherever one is to grow
//
//   <florilegium-plate seed="57" steps="20" controls></florilegium-plate>
//
// seed, steps, sampler, model (an address): as everywhere, each with the usual when left out. It grows when it is
// pressed; with `autoplay` when it is seen, unless the visitor wants little motion or little data. controls: a timeline
// to scrub, and a switch between the picture and what the network believed. poster: a picture to show while it waits.
// alt: what the plate is called. All plates of a page share one engine and grow one after another.
//
// To scripts: grow(), stop(), state, step, view; the events `step`, `grown` and `failed`. Parts for ::part(): sheet,
// plate, poster, bar, button, timeline, line.
import {checkSampler, checkSteps, parseSeed} from './address.mjs';

const USUAL_SEED = 57n;
const MOST_BYTES = 256e6;  // of moments that all plates keep together; then the one grown longest ago lets go of its
const SMALL = 256;         // pictures below this size show their pixels
const REPLAY_EVERY = 90;   // ms

const STYLE = `
:host { display: block; max-width: 32rem; }
:host([hidden]), [hidden] { display: none !important; }
.sheet { position: relative; aspect-ratio: 1; overflow: hidden; background: var(--florilegium-paper, #fbf8f0);
  color: var(--florilegium-ink, #2c2b26); border: 1px solid var(--florilegium-rule, #d6ccb5); }
canvas, img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
canvas.small { image-rendering: pixelated; }
.foot { position: absolute; inset: auto 0 0; margin: 0; padding: .5rem .75rem;
  background: var(--florilegium-paper, #fbf8f0); }
.foot p { margin: 0; }
.foot.thin { padding: 0; background: none; }
.foot.thin p { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.unseen { width: 1px; height: 1px; padding: 0; overflow: hidden; clip-path: inset(50%); }
progress { display: block; width: 100%; height: .4rem; accent-color: var(--florilegium-leaf, #3d6247); }
button { font: inherit; color: inherit; min-height: 2.75rem; padding: 0 1rem; background: none; cursor: pointer;
  border: 1px solid currentColor; border-radius: .4rem; }
button[aria-pressed=true] { box-shadow: inset 0 0 0 2px currentColor; }
button:disabled { cursor: default; opacity: .6; }
.sheet > button { position: absolute; inset: auto auto 50% 50%; transform: translate(-50%, 50%);
  background: var(--florilegium-paper, #fbf8f0); }
.bar { display: flex; gap: .5rem; align-items: center; margin-top: .5rem; }
.bar button { flex: none; min-width: 5.5rem; }
input { flex: auto; width: 0; min-width: 4rem; height: 2.75rem; margin: 0;
  accent-color: var(--florilegium-leaf, #3d6247); }
:focus-visible { outline: 3px solid var(--florilegium-leaf, #3d6247); outline-offset: 2px; }
`;

let sheetOfStyles = null;
function styles() {
  if (!sheetOfStyles) {
    sheetOfStyles = new CSSStyleSheet();
    sheetOfStyles.replaceSync(STYLE);
  }
  return sheetOfStyles;
}

const prefers = what => matchMedia(`(prefers-reduced-${what}: reduce)`).matches;
const wantsLittleData = () => prefers('data') || Boolean(navigator.connection?.saveData);

function make(name, given = {}, ...inside) {
  const {part, ...attributes} = given, element = document.createElement(name);
  if (part) element.part = part;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...inside);
  return element;
}

// ---- the engine, which all plates share ---------------------------------------------------------------------------

let denoiser = null;         // a promise of it
let opened;                  // the address of its model; undefined while there is none
let turn = Promise.resolve();
const keeping = [];          // {plate, bytes, forget} of those that have all their moments, the oldest first

// One after another, whatever became of the one before.
function inTurn(work) {
  const mine = turn.then(work);
  turn = mine.catch(() => {});
  return mine;
}

async function denoiserFor(model, onProgress, signal) {
  if (new URL(import.meta.url).origin !== location.origin)
    throw new Error(
        'This plate cannot grow here: its script lies on another server than the page, and browsers start workers ' +
        'from the page\'s own server only.');
  denoiser ??= import('./denoiser.mjs').then(({Denoiser}) => new Denoiser());
  denoiser.catch(() => { denoiser = null; });
  const ready = await denoiser;
  if (opened !== model || !ready.info) {
    await ready.load(model ?? undefined, {onProgress, signal});
    opened = model;
  }
  return ready;
}

function keep(plate, bytes, forget) {
  letGo(plate);
  keeping.push({plate, bytes, forget});
  let all = keeping.reduce((sum, one) => sum + one.bytes, 0);
  while (all > MOST_BYTES && keeping.length > 1) {
    const oldest = keeping.shift();
    all -= oldest.bytes;
    oldest.forget();
  }
}
function letGo(plate) {
  const at = keeping.findIndex(one => one.plate === plate);
  if (at >= 0) keeping.splice(at, 1);
}

const seeing = new Map();    // element -> what is done once it is seen
const observer = globalThis.IntersectionObserver && new IntersectionObserver(entries => {
  for (const {target, isIntersecting} of entries) if (isIntersecting) seeing.get(target)?.();
}, {threshold: 0.25});

// ---- the element --------------------------------------------------------------------------------------------------

export class FlorilegiumPlate extends HTMLElement {
  static observedAttributes = ['seed', 'steps', 'sampler', 'model', 'poster', 'alt', 'controls', 'autoplay'];

  #canvas = make('canvas', {part: 'plate', role: 'img', width: 1, height: 1});
  #poster = make('img', {part: 'poster', alt: ''});
  #overlay = make('button', {part: 'button', type: 'button'}, 'Grow');
  #line = make('p', {part: 'line', role: 'status'});
  #progress = make('progress', {'aria-label': 'Growing', max: 1});
  #foot = make('div', {class: 'foot'}, this.#progress, this.#line);
  #button = make('button', {part: 'button', type: 'button'}, 'Grow');
  #timeline = make('input', {part: 'timeline', type: 'range', min: 0, max: 1, value: 0, 'aria-label': 'Step'});
  #switch = make('button', {part: 'button', type: 'button', 'aria-pressed': 'false'}, 'Prediction');
  #sheet = make('div', {part: 'sheet', class: 'sheet'}, this.#canvas, this.#poster, this.#foot, this.#overlay);
  #bar = make('div', {part: 'bar', class: 'bar'}, this.#button, this.#timeline, this.#switch);
  #group = make('div', {role: 'group'}, this.#sheet, this.#bar);

  #state = 'waiting';        // queued, loading, growing, grown, failed
  #moments = [];             // {step, noiseLevel, picture, prediction}
  #size = 0;
  #shown = 0;                // which of them
  #follows = true;           // shows the newest as they come
  #believed = false;         // shows predictions
  #stopping = null;          // an AbortController while it is queued, loading or growing
  #replaying = 0;            // a timer
  #settings = null;          // {seed, steps, sampler}; null where the attributes say what cannot be
  #complete = true;          // all moments are there, not the last one alone

  constructor() {
    super();
    const root = this.attachShadow({mode: 'open'});
    root.adoptedStyleSheets = [styles()];
    root.append(this.#group);
    const press = () => this.#press();
    this.#overlay.addEventListener('click', press);
    this.#button.addEventListener('click', press);
    this.#canvas.addEventListener('click', () => { if (this.#state === 'waiting') press(); });
    this.#timeline.addEventListener('input', () => this.#scrub(this.#timeline.valueAsNumber));
    this.#switch.addEventListener('click', () => { this.view = this.#believed ? 'picture' : 'prediction'; });
  }

  connectedCallback() { this.#reset(); }
  disconnectedCallback() {
    this.#watch(false);
    this.stop();
    this.#replay(false);
  }
  attributeChangedCallback(name, before, now) {
    if (!this.isConnected || before === now) return;
    if (['poster', 'alt', 'controls'].includes(name)) this.#update();
    else this.#reset();
  }

  /** 'waiting', 'queued', 'loading', 'growing', 'grown' or 'failed'. */
  get state() { return this.#state; }

  /** The step on view, and showing another one. */
  get step() { return this.#moments[this.#shown]?.step ?? 0; }
  set step(step) { this.#scrub(Number(step)); }

  /** 'picture', or 'prediction': what the network believes at that step. */
  get view() { return this.#believed ? 'prediction' : 'picture'; }
  set view(view) {
    if (!['picture', 'prediction'].includes(view))
      throw new RangeError(`A plate shows its 'picture' or its 'prediction', not '${view}'.`);
    this.#believed = view === 'prediction';
    this.#draw();
    this.#update();
  }

  /** Grows the plate -> resolves when it is there, or was stopped, or has failed (see state). */
  async grow() {
    if (!this.#settings || this.#stopping) return;
    this.#watch(false);
    this.#replay(false);
    const stopping = this.#stopping = new AbortController(), {signal} = stopping, mine = () => !signal.aborted;
    this.#to('queued', 'Waits for its turn.');
    try {
      await inTurn(async () => {
        signal.throwIfAborted();
        this.#to('loading', 'The model is on its way.');
        const model = this.getAttribute('model');
        const ready = await denoiserFor(
            model && new URL(model, document.baseURI).href,
            ({received, total, preparing}) => {
              if (mine()) this.#progress.value = preparing || !total ? 1 : received / total;
            },
            signal);
        signal.throwIfAborted();
        this.#to('growing', 'Grows.');
        await this.#follow(ready.generate({...this.#settings, signal}), ready.info.imageSize, signal);
      });
      keep(this, this.#moments.length * 2 * 4 * this.#size ** 2, () => this.#forget());
      this.#stopping = null;
      this.#to('grown', `Grown in ${this.#moments.at(-1).step} steps.`);
      this.dispatchEvent(new CustomEvent('grown'));
    } catch (error) {
      if (this.#stopping === stopping) this.#stopping = null;
      if (signal.aborted) return;
      this.#to('failed', error.message);
      this.dispatchEvent(new CustomEvent('failed', {detail: {message: error.message}}));
    }
  }

  async #follow(growth, size, signal) {
    const moments = [], calm = prefers('motion');
    this.#follows = true;
    for await (const moment of growth) {
      signal.throwIfAborted();             // what was on its way when it was stopped
      const {step, steps} = moment;
      moments.push(moment);
      this.#progress.value = step / steps;
      if (calm && step < steps) continue;
      this.#take(moments, size, steps);
      this.dispatchEvent(new CustomEvent('step', {detail: {step, steps}}));
    }
    // what only branches need is let go of
    this.#moments = moments.map(({step, noiseLevel, picture, prediction}) => ({step, noiseLevel, picture, prediction}));
  }

  #take(moments, size, steps) {
    const last = moments.length - 1;
    this.#moments = moments;
    this.#size = size;
    this.#complete = true;
    this.#timeline.max = steps;
    if (this.#follows) this.#shown = last;
    this.#draw();
    this.#update();
  }

  /** Stops what is queued, loading or growing; what has come of it stays on view. */
  stop() {
    if (!this.#stopping) return;
    this.#stopping.abort(new DOMException('The growth was stopped.', 'AbortError'));
    this.#stopping = null;
    this.#to('waiting', '');
  }

  // Lets go of all moments but the last, for the sake of memory.
  #forget() {
    this.#moments = this.#moments.slice(-1);
    this.#shown = 0;
    this.#complete = false;
    this.#replay(false);
    this.#draw();
  }

  // What the attributes say now.
  #reset() {
    this.stop();
    this.#replay(false);
    letGo(this);
    this.#moments = [];
    this.#shown = 0;
    try {
      const [seed, steps, sampler] = ['seed', 'steps', 'sampler'].map(name => this.getAttribute(name));
      this.#settings = {
        seed: parseSeed(seed ?? USUAL_SEED),
        steps: steps === null ? undefined : checkSteps(steps),
        sampler: sampler === null ? undefined : checkSampler(sampler)
      };
    } catch (error) {
      this.#settings = null;
      this.#watch(false);
      return this.#to('failed', error.message);
    }
    this.#to('waiting', '');
    const byItself = this.hasAttribute('autoplay') && !prefers('motion') && !wantsLittleData();
    this.#watch(byItself);
  }

  #watch(on) {
    if (on && observer) {
      seeing.set(this, () => this.grow());
      observer.observe(this);
    } else {
      seeing.delete(this);
      observer?.unobserve(this);
    }
  }

  #press() {
    if (this.#stopping) this.stop();
    else if (this.#state === 'grown' && this.#complete) this.#replay(!this.#replaying);
    else this.grow();
  }

  #scrub(step) {
    const first = this.#moments[0]?.step ?? 0, at = Math.min(this.#moments.length - 1, Math.max(0, step - first));
    this.#replay(false);
    if (this.#moments.length === 0) return;
    this.#shown = at;
    this.#follows = at === this.#moments.length - 1;
    this.#draw();
    this.#update();
  }

  #replay(on) {
    clearInterval(this.#replaying);
    this.#replaying = 0;
    if (on) {
      this.#shown = 0;
      this.#replaying = setInterval(() => {
        if (++this.#shown >= this.#moments.length - 1) this.#replay(false);
        this.#draw();
        this.#update();
      }, REPLAY_EVERY);
      this.#draw();
    }
    this.#update();
  }

  #to(state, sentence) {
    this.#state = state;
    this.#line.textContent = sentence;
    if (state === 'queued') this.#progress.value = 0;
    this.#update();
  }

  #draw() {
    const moment = this.#moments[this.#shown], size = this.#size;
    if (!moment) return;
    // the newest one's prediction is still to come
    const before = this.#moments[this.#shown - 1], believed = moment.prediction ?? before?.prediction;
    const rgba = (this.#believed && believed) || moment.picture;
    if (this.#canvas.width !== size) this.#canvas.width = this.#canvas.height = size;
    this.#canvas.classList.toggle('small', size < SMALL);
    this.#canvas.getContext('2d').putImageData(new ImageData(rgba, size, size), 0, 0);
  }

  // All that follows from the rest.
  #update() {
    const {seed} = this.#settings ?? {}, busy = Boolean(this.#stopping), moment = this.#moments[this.#shown],
          grown = this.#state === 'grown', controls = this.hasAttribute('controls');
    const name = seed === undefined ? 'A plate' : `Plate ${seed}`;
    this.#group.setAttribute('aria-label', name);
    this.#canvas.setAttribute('aria-label', this.getAttribute('alt') ?? `${name}, grown by a diffusion model`);
    const poster = this.getAttribute('poster') ?? '';
    if (this.#poster.getAttribute('src') !== poster) this.#poster.setAttribute('src', poster);
    this.#poster.hidden = !poster || Boolean(moment);
    this.#canvas.hidden = !this.#poster.hidden;
    this.#overlay.hidden = controls || busy || grown || !this.#settings;
    this.#overlay.setAttribute('aria-label', `Grow ${name.toLowerCase()}`);
    this.#bar.hidden = !controls;
    const replayable = grown && this.#complete, still = replayable && prefers('motion');
    this.#button.hidden = still;
    let word = 'Grow';
    if (busy) word = 'Stop';
    else if (replayable) word = this.#replaying ? 'Pause' : 'Replay';
    this.#button.textContent = word;
    this.#button.disabled = !this.#settings;
    this.#timeline.disabled = this.#moments.length < 2;
    this.#switch.disabled = this.#moments.length < 2;
    this.#switch.setAttribute('aria-pressed', String(this.#believed));
    if (moment) {
      this.#timeline.value = moment.step;
      this.#timeline.setAttribute(
          'aria-valuetext',
          `step ${moment.step} of ${this.#timeline.max}, ${Math.round(100 * moment.noiseLevel)} % noise`);
    }
    this.#progress.hidden = !busy;
    this.#foot.classList.toggle('thin', this.#state === 'growing');   // the plate is to be seen
    // it stays where screen readers find it
    this.#foot.classList.toggle('unseen', !busy && (grown || !this.#line.textContent));
  }
}

if (!customElements.get('florilegium-plate')) customElements.define('florilegium-plate', FlorilegiumPlate);

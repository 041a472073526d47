// The tasks in the page: asks the engine on behalf of the room, hands the answers to the studio, and loads the plates
// that came with the page. The same experiments can be made by scripts: window.florilegium's studio.tasks, see the
// methods below.
//
// Whatever asks the engine is an errand: beginning one ends the one before, and a growth that the visitor begins ends
// it too.
import {either, parseSeed} from './address.mjs';
import {
  AVERAGE_LEVELS,
  AVERAGE_SEEDS,
  KEPT_SCALE,
  TASKS,
  TRAINING_STEPS,
  USUAL_SAMPLER,
  USUAL_SCHEDULE
} from './boundary.mjs';
import {Engine} from './engine.mjs';

// as `florilegium dataset publish` writes them; the first stands in for unknown data
const DATA = ['plates/', 'plates/garden/'];
const REST = 160;                             // ms that the slider rests before the network is asked
const NOISE_PART = 1 << 16;                   // values of noise made at once: a few milliseconds

const breathe = () => new Promise(resolve => setTimeout(resolve));
const stopped = () => new DOMException('The task was stopped.', 'AbortError');

/** The exports of src/bridge/tasks_exports.cpp in JavaScript's terms. */
class TasksLink {
  #link;
  constructor(studio) { this.#link = studio.link; }

  #call(name, ...values) { return this.#link.call(`_tasks_${name}`, ...values); }
  #filled(arrays, name, ...values) { this.#link.fill(...arrays); this.#link.checked(`_tasks_${name}`, ...values); }
  #values(at, Kind) {
    const {HEAPF32, HEAP16} = this.#link.module, size = this.#link.module._tasks_values();
    return Kind === Float32Array ?
        HEAPF32.slice(at >> 2, (at >> 2) + size) :
        Float32Array.from(HEAP16.subarray(at >> 1, (at >> 1) + size), kept => kept / KEPT_SCALE);
  }

  get onView() { return Boolean(this.#link.module._tasks_on_view()); }
  model(imageSize) { this.#call('model', imageSize); }
  weights(early, earlySamples, last, lastSamples, missing) {
    this.#call('weights', early, earlySamples, last, lastSamples, missing);
  }
  data(other, missing) { this.#call('data', other ? 1 : 0, missing); }
  picture(average, {data, width, height}, title, credit) {
    this.#filled([data], 'picture', average ? 1 : 0, width, height, title, credit);
  }
  choose(task) { this.#call('choose', task); }
  ended() { this.#call('end'); }

  newNoise(seed) { this.#call('new_noise', seed); }
  /** Makes the next part of the noise -> whether there is more to make. */
  noise(kind, scale, seed, count) { return this.#link.checked('_tasks_noise', kind, scale, seed, count) > 0; }

  averageBegun(seed) { this.#call('average_begun', seed); }
  averageNoise(seed, x, levels) { this.#filled([x, levels], 'average_noise', seed); }
  averageAnswered(seed, prediction) { this.#filled([prediction], 'average_answered', seed); }
  averageAsked(seed) { return this.#link.module._tasks_average_asked(seed); }
  averageWorking(seed, level) {
    return this.#values(this.#link.module._tasks_average_working(seed, level), Float32Array);
  }
  averagePrediction(seed, level) {
    return this.#values(this.#link.module._tasks_average_prediction(seed, level), Int16Array);
  }
  averageApart(level) { return this.#link.module._tasks_average_apart(level); }
  averageFromTruth(level) { return this.#link.module._tasks_average_from_truth(level); }
  showLevel(level) { this.#call('show_level', level); }

  get plateCount() { return this.#link.module._tasks_plate_count(); }
  show(plate, percent) { this.#call('show', plate, percent); }
  truth() { return this.#values(this.#link.module._tasks_truth(), Float32Array); }
  denoisingBegun() { this.#call('denoising_begun'); }
  denoisingAnswered(plate, percent, prediction) { this.#filled([prediction], 'denoising_answered', plate, percent); }
  denoisingError(plate, percent) { return this.#link.module._tasks_denoising_error(plate, percent); }

  trainingBegun(seed) { this.#call('training_begun', seed); }
  cellBegun(row, column, x, levels) { this.#filled([x, levels], 'cell_begun', row, column, levels.length - 1); }
  cellStepped(row, column, prediction, milliseconds) {
    this.#filled([prediction], 'cell_stepped', row, column, milliseconds);
  }
  cellPicture(row, column) {
    const at = this.#link.module._tasks_cell_picture(row, column);
    return new Uint8ClampedArray(this.#link.module.HEAPU8.buffer, at, this.#link.module._tasks_values() / 3 * 4)
        .slice();
  }
}

export class Tasks {
  #page; #studio;           // #studio: the module's functions
  #info = null;             // of the open model
  #rows = ['', ''];         // of the grid: files, empty where not there
  #data = null;             // a promise of its plates being there
  #noise = {seed: null, ready: Promise.resolve()};
  #errand = 0;              // counts them: what is no longer the newest stops
  #busy = false;
  #timer = 0;
  #second = null;           // {engine, file, ready}: the other weights' engine

  constructor(page) {
    this.#page = page;
    this.#studio = new TasksLink(page.studio);
    const quietly = work => { work.catch(() => {}); };              // failures are told as notices
    page.host.tasks = {
      enter: () => this.enter(),
      leave: () => this.leave(),
      cancel: () => this.cancel(),
      askAverage: given => quietly(this.average(given)),
      askTraining: given => quietly(this.training(given)),
      askDenoising: ({plate, percent, seed}) => {
        this.cancel();
        this.#timer = setTimeout(() => quietly(this.denoising({plate, noise: percent / 100, seed})), REST);
      },
      makeNoise: ({seed}) => { this.#makeNoise(seed); },
    };
  }

  modelReady(info) {
    this.cancel();
    this.#closeSecond();
    this.#info = info;
    this.#data = null;
    this.#noise = {seed: null, ready: Promise.resolve()};
    this.#studio.model(info.imageSize);
    this.#findWeights(info.model);
    if (this.#studio.onView) this.#load();
  }

  enter() {
    if (this.#info) this.#load();
  }
  leave() {
    this.cancel();
    this.#closeSecond();
  }

  cancel() {
    clearTimeout(this.#timer);
    if (!this.#busy) return;
    ++this.#errand;
    this.#busy = false;
    this.#page.engine.cancel();
    this.#second?.engine.cancel();
    this.#studio.ended();
  }

  /** Puts one of 'average', 'denoising' and 'training' on view. */
  choose(task) {
    if (!TASKS.includes(task)) throw new RangeError(`There is no task called '${task}'; use ${either(TASKS)}.`);
    this.#studio.choose(TASKS.indexOf(task));
  }

  /**
   * What four seeds' noise looks like to the network at level 0 (all noise), 1 (75 %), 2 (50 %) or 3 (25 %) of four
   * linear steps.
   * -> {predictions: four planar Float32Arrays in [-1, 1], apart, fromTruth}, the last two as root mean squares;
   * fromTruth is null when no average of the training data is there.
   */
  async average({seed = 1n, level = 0} = {}) {
    const first = parseSeed(seed), at = Number(level);
    if (!(Number.isInteger(at) && at >= 0 && at < AVERAGE_LEVELS))
      throw new RangeError(`A level is a whole number from 0 to ${AVERAGE_LEVELS - 1}, not ${level}.`);
    return this.#run(async going => {
      await this.#load();
      going();
      this.#studio.averageBegun(first);
      this.#studio.showLevel(at);
      for (let k = 0; k <= at; ++k)
        for (let s = 0; s < AVERAGE_SEEDS; ++s) {
          if (this.#studio.averageAsked(s) > k) continue;
          const start = k === 0 ? {kind: 'noise', seed: first + BigInt(s), stream: 0} :
                                  {kind: 'picture', picture: this.#studio.averageWorking(s, k)};
          await this.#ask(
              this.#page.engine,
              {start, steps: AVERAGE_LEVELS, firstStep: k, lastStep: k + 1, schedule: USUAL_SCHEDULE}, {
                onBegun: ({x, levels}) => {
                  if (k === 0) this.#studio.averageNoise(s, x, levels);
                },
                onStep: ({prediction}) => this.#studio.averageAnswered(s, prediction),
              },
              going);
        }
      const apart = this.#studio.averageApart(at), from = this.#studio.averageFromTruth(at);
      this.#page.announce(
          `At ${100 - 100 * at / AVERAGE_LEVELS} % noise the four answers lie ${apart.toFixed(3)} apart.`);
      return {
        predictions: Array.from({length: AVERAGE_SEEDS}, (_, s) => this.#studio.averagePrediction(s, at)),
        apart,
        fromTruth: from < 0 ? null : from
      };
    });
  }

  /** Denoises a held-out plate in one look -> {error: mean squared, input, prediction, truth: planar Float32Arrays}.
      noise: 0 to 1, rounded to per cents. */
  async denoising({plate = 0, noise = 0.6, seed = 1n} = {}) {
    const percent = Math.round(noise * 100), one = parseSeed(seed);
    if (!(percent >= 0 && percent <= 100)) throw new RangeError(`The noise is a number from 0 to 1, not ${noise}.`);
    return this.#run(async going => {
      await this.#load();
      await this.#makeNoise(one);
      going();
      const plates = this.#studio.plateCount;
      if (plates === 0) throw new Error('There are no plates for this task.');
      if (!(Number.isInteger(plate) && plate >= 0 && plate < plates))
        throw new RangeError(`There is no plate ${plate}; they are 0 to ${plates - 1}.`);
      this.#studio.show(plate, percent);
      const truth = this.#studio.truth();
      if (percent === 0) return {error: 0, input: truth, prediction: truth, truth};
      this.#studio.denoisingBegun();
      let input, prediction;
      await this.#ask(
          this.#page.engine, {
            start: {kind: 'fresh', picture: truth, seed: one, stream: 0},
            steps: 100,
            firstStep: 100 - percent,
            lastStep: 101 - percent,
            schedule: USUAL_SCHEDULE
          },
          {
            onBegun: ({x}) => {
              input = x;
            },
            onStep: step => {
              prediction = Float32Array.from(step.prediction, kept => kept / KEPT_SCALE);
              this.#studio.denoisingAnswered(plate, percent, step.prediction);
            },
          },
          going);
      const error = this.#studio.denoisingError(plate, percent);
      this.#page.announce(`At ${percent} % noise the error is ${error.toFixed(4)}.`);
      return {error, input, prediction, truth};
    });
  }

  /** Fills the grid -> [{file, steps, seconds, rgba}], row by row. steps: which of the columns. */
  async training({seed = 1n, steps = TRAINING_STEPS} = {}) {
    const one = parseSeed(seed);
    return this.#run(async going => {
      const rows = this.#rows, found = [];
      this.#studio.trainingBegun(one);
      for (const count of steps) {
        const column = TRAINING_STEPS.indexOf(count);
        if (column < 0)
          throw new RangeError(`The grid has columns of ${TRAINING_STEPS.join(', ')} steps, none of ${count}.`);
        for (const [row, file] of rows.entries()) {
          if (!file) continue;
          const engine = await this.#engineFor(file);
          going();
          let spent = 0;
          await this.#ask(
              engine, {
                start: {kind: 'noise', seed: one, stream: 0},
                steps: count,
                firstStep: 0,
                schedule: engine.info.schedule
              },
              {
                onBegun: ({x, levels}) => {
                  spent = 0;
                  this.#studio.cellBegun(row, column, x, levels);
                },
                onStep: ({prediction, milliseconds}) => {
                  spent += milliseconds;
                  this.#studio.cellStepped(row, column, prediction, milliseconds);
                },
              },
              going);
          found.push({row, file, steps: count, seconds: spent / 1000, rgba: this.#studio.cellPicture(row, column)});
        }
      }
      this.#page.announce('The grid is complete.');
      return found.sort((a, b) => a.row - b.row).map(({row, ...cell}) => cell);
    });
  }

  /** Runs an errand. errand(going): going() throws once another one has begun. */
  async #run(errand) {
    if (!this.#info) throw new Error('No model is open yet.');
    const mine = ++this.#errand;
    const going = () => { if (mine !== this.#errand) throw stopped(); };
    if (this.#busy) {
      this.#second?.engine.cancel();
      this.#studio.ended();
    }
    this.#busy = true;
    try {
      return await errand(going);
    } catch (error) {
      if (mine === this.#errand && error.name !== 'AbortError') this.#page.tell(error.message, true);
      throw error;
    } finally {
      if (mine === this.#errand) {
        this.#busy = false;
        this.#studio.ended();
      }
    }
  }

  async #ask(engine, request, {onBegun, onStep}, going) {
    const {finished} = engine.run({sampler: USUAL_SAMPLER, hint: null, paused: false, ...request}, {onBegun, onStep});
    const {cancelled} = await finished;
    going();
    if (cancelled) throw stopped();
  }

  // The average and the held-out plates of the data that the model was trained on; else the first ones there are.
  #load() {
    this.#data ??= this.#loadData(this.#info).catch(error => this.#studio.data(false, error.message));
    return this.#data;
  }

  async #loadData(info) {
    const lists = await Promise.all(DATA.map(async folder => {
      const response = await fetch(new URL(`${folder}plates.json`, this.#page.base)).catch(() => null);
      return response?.ok ? {folder, ...await response.json()} : null;
    }));
    const known = lists.filter(Boolean), own = known.find(list => list.source === info.metadata.trained_on);
    const list = own ?? known[0];
    if (!list) throw new Error('The plates for this task did not come with this page.');
    const current = () => info === this.#info;
    if (!current()) return;
    this.#studio.data(!own, '');
    const picture = async file => {
      const response = await fetch(new URL(list.folder + file, this.#page.base));
      if (!response.ok) throw new Error(`The plate ${file} is missing on the server.`);
      const bitmap = await createImageBitmap(await response.blob(), {colorSpaceConversion: 'none'});
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', {willReadFrequently: true});
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, bitmap.width, bitmap.height);
    };
    if (own) {
      const average = await picture(list.average);
      if (current()) this.#studio.picture(true, average, '', '');
    }
    for (const plate of list.plates) {
      const image = await picture(plate.file);
      if (!current()) return;
      const book = [plate.author, plate.book, plate.year].filter(Boolean).join(', ');
      this.#studio.picture(
          false, image, plate.title ?? '',
          book + (plate.gutenberg_id ? `. Project Gutenberg ${plate.gutenberg_id}` : ''));
      await breathe();
    }
    this.#makeNoise(this.#noise.seed ?? 1n);
  }

  // The noise over the plates, made in parts so that the page stays quick.
  #makeNoise(seed) {
    if (this.#noise.seed === seed) return this.#noise.ready;
    const info = this.#info, noise = this.#noise = {seed};
    return noise.ready = (async () => {
      this.#studio.newNoise(seed);
      while (noise === this.#noise && info === this.#info &&
             this.#studio.noise(info.noise, info.noiseScale, seed, NOISE_PART))
        await breathe();
    })();
  }

  // The rows of the grid: name-early.onnx and name.onnx, whichever of the two is open.
  #findWeights(file) {
    const stem = file.replace(/\.onnx$/i, '').replace(/-early$/, '');
    const early = `${stem}-early.onnx`, last = `${stem}.onnx`;
    const there = name => name === file || this.#page.models.list.some(one => one.file === name);
    this.#rows = [there(early) ? early : '', there(last) ? last : ''];
    const missing = this.#rows[0] ?
        '' :
        `The early weights of this model (${early}) did not come with this page, so only the final ones are here.`;
    const samples = name => Number(
        (name === file ? this.#info.metadata.train_samples :
                         this.#page.models.list.find(one => one.file === name)?.trainSamples) ??
        0);
    this.#studio.weights(this.#rows[0], samples(early), this.#rows[1], samples(last), missing);
  }

  async #engineFor(file) {
    if (file === this.#info.model) return this.#page.engine;
    if (this.#second?.file !== file) {
      this.#closeSecond();
      const engine = new Engine({
        backend: this.#page.engine.backend,
        threads: this.#page.engine.threads,
        onProgress: () => {},
        onReady: () => {},
        onNotice: text => this.#page.tell(text, false)
      });
      this.#second = {engine, file, ready: engine.load(this.#page.models.sourceOfFile(file))};
    }
    const {engine, ready} = this.#second;
    await ready;
    return engine;
  }

  #closeSecond() {
    this.#second?.engine.close();
    this.#second = null;
  }
}

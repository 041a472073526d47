// The gallery in the page: grows the sheet's cells with the engine, keeps favourites, and makes files of sheets and
// growths.
//
// The studio (src/studio/state/gallery.h) decides what grows next; here its wishes meet the engine. Scripts may use the
// gallery as well:
//   const {gallery} = await window.florilegium;
//   gallery.start({seed: 1n, count: 16}), gallery.toggle(), gallery.state, gallery.done, gallery.cell(3),
//   gallery.favourites
import {parseSeed} from './address.mjs';
import {CELL_ENDS, MOST_PLATES, SHEET_STATES} from './boundary.mjs';
import {sizeOf} from './desk.mjs';
import {Favourites} from './favourites.mjs';

const SHEET = {margin: 10, background: 0xfbf8f0};
const FILM_PIXELS = 2048 * 2048;         // a filmstrip has about this many at most
const FRAME_SIDE = 256, LAST_MILLISECONDS = 2500, GROWTH_MILLISECONDS = 4000;

const breathe = () => new Promise(resolve => setTimeout(resolve));

export class Gallery {
  #page; #studio;          // #studio: the module's functions (web/studio.mjs)
  #favourites = new Favourites();
  #run = 0;                // the newest cell's
  #pictures = [];          // of the sheet that is being saved
  #saving = false;

  constructor(page) {
    this.#page = page;
    this.#studio = page.studio.link;
    page.host.gallery = {
      grow: settings => this.#grow(settings),
      pause: () => page.engine.pause(),
      resume: () => page.engine.resume(),
      open: ({thumbnail, ...recipe}) => page.growing.openRecipe(recipe).catch(
          error => page.tell(`Plate ${recipe.seed} cannot be opened: ${error.message}`, true)),
      keep: ({thumbnail, ...recipe}) => this.#keep(recipe, thumbnail),
      // then it was not kept either
      forget: ({thumbnail, ...recipe}) => this.#favourites.forget(recipe).catch(() => {}),
      addPicture: ({picture}) => this.#pictures.push(picture),
      saveSheet: ({columns, notes, file}) =>
          this.#save('sheet', this.#pictures.splice(0), notes, {columns, ...SHEET}, file, 'plates'),
      saveSteps: request => this.#saveSteps(request),
      chooseFile: () => page.drops.choose('image/*,.onnx'),
    };
  }

  get state() { return SHEET_STATES[this.#studio.module._gallery_state()]; }
  get count() { return this.#studio.module._gallery_count(); }
  get done() { return this.#studio.module._gallery_done(); }

  /** A new sheet of `count` plates (1 to MOST_PLATES) from a seed on, with the studio's steps, sampler and schedule. */
  start({seed = 1n, count = 64} = {}) {
    const first = parseSeed(seed);
    if (!Number.isInteger(count) || count < 1 || count > MOST_PLATES)
      throw new RangeError(`A sheet has 1 to ${MOST_PLATES} plates, not ${String(count)}.`);
    this.#studio.call('_gallery_start', first, count);
  }

  /** Pauses the sheet, or lets it go on. */
  toggle() { this.#studio.call('_gallery_toggle'); }

  /** Files of the growth on view: at most so many of its steps side by side, evenly chosen; or one after the other. */
  saveFilmstrip(most) { this.#studio.call('_gallery_save_filmstrip', most); }
  saveAnimation() { this.#studio.call('_gallery_save_animation'); }

  /** A cell as it is now: {step, width, height, rgba}; no pixels before it begins. */
  cell(i) {
    if (!Number.isInteger(i) || i < 0 || i >= this.count)
      throw new RangeError(`Cell ${i} is not there; the sheet has ${this.count}.`);
    const step = this.#studio.module._gallery_cell_step(i);
    return this.#studio.module._gallery_cell(i) ? {step, ...this.#picture('_gallery_cell', i)} :
                                                  {step, width: 0, height: 0, rgba: new Uint8ClampedArray()};
  }

  /** [{seed, branches, width, height, rgba}] */
  get favourites() {
    const {module} = this.#studio;
    return Array.from({length: module._gallery_favourites()}, (_, i) => ({
      seed: BigInt.asUintN(64, module._gallery_favourite_seed(i)),
      branches: module.UTF8ToString(module._gallery_favourite_flips(i)),
      ...this.#picture('_gallery_favourite', i),
    }));
  }

  #picture(name, ...values) {
    const {module} = this.#studio, at = module[name](...values);
    if (!at) throw new Error(module.UTF8ToString(module._failure_sentence()));
    const side = module._gallery_shown_side();
    return {width: side, height: side, rgba: new Uint8ClampedArray(module.HEAPU8.buffer, at, side * side * 4).slice()};
  }

  /** What earlier visits kept. */
  async loadFavourites() {
    try {
      for (const {seed, steps, sampler, schedule, model, branches, rgba, width, height} of await this.#favourites
               .all()) {
        this.#studio.fill(rgba);
        this.#studio.checked(
            '_gallery_favourite_loaded', seed, steps, sampler, schedule, model, branches, width, height);
      }
    } catch { /* told when one is to be kept */ }
  }

  /** The visitor's plate has ended. */
  engineFree() { this.#studio.call('_gallery_engine_free'); }

  #grow({seed, steps, sampler, schedule}) {
    const {engine, growing} = this.#page;
    if (growing.busy || !engine?.info) return false;
    const mine = ++this.#run, {imageSize, model} = engine.info;
    const end = how => { if (mine === this.#run) this.#studio.call('_gallery_cell_ended', CELL_ENDS.indexOf(how)); };
    let broken = null;
    const show = (name, ...values) => {
      if (mine !== this.#run) return;
      try {
        this.#studio.checked(name, ...values);
      } catch (error) {
        broken = error;
        engine.cancel();
      }
    };
    engine
        .run(
            {
              start: {kind: 'noise', seed, stream: 0},
              steps,
              firstStep: 0,
              schedule,
              sampler,
              hint: null,
              paused: false
            },
            {
              onBegun: ({x, levels}) => {
                this.#studio.fill(x, levels);
                show('_gallery_cell_begun', imageSize, steps);
              },
              onStep: ({prediction, milliseconds}) => {
                this.#studio.fill(prediction);
                show('_gallery_cell_stepped', milliseconds);
              },
            })
        .finished
        .then(({cancelled}) => {
          if (broken) throw broken;
          end(cancelled ? 'interrupted' : 'finished');
        })
        .catch(error => {
          if (engine.info?.model !== model) return end('interrupted');   // another model is opened
          this.#page.tell(`The sheet stopped. ${error.message}`, true);
          end('failed');
        });
    return true;
  }

  async #keep(recipe, thumbnail) {
    try {
      await this.#favourites.keep(recipe, thumbnail);
    } catch (error) {
      const full = error?.name === 'QuotaExceededError';
      this.#page.tell(
          `Plate ${recipe.seed} is a favourite of this visit only: ${
              full ? 'the storage of this browser is full' :
                     `this browser does not store it (${error?.message ?? 'no reason given'})`}.`,
          true);
    }
  }

  // columns: 0 for an animation.
  async #saveSteps({steps, columns, notes, file}) {
    const {module} = this.#studio, growth = module._gallery_growth();
    const longest =
        columns ? Math.max(64, Math.min(FRAME_SIDE, Math.floor(Math.sqrt(FILM_PIXELS / steps.length)))) : FRAME_SIDE;
    if (this.#saving) return this.#page.tell('A file is being made already; wait until it is there.', false);
    this.#saving = true;
    try {
      const pictures = [];
      for (const step of steps) {
        if (module._gallery_growth() !== growth)
          throw new Error(`${file} was not made: another plate began meanwhile.`);
        pictures.push(this.#picture('_gallery_step', step, longest));
        await breathe();   // a large picture takes some 20 ms
      }
      const frameMilliseconds = Math.round(Math.min(400, Math.max(40, GROWTH_MILLISECONDS / steps.length)));
      if (columns) await this.#save('sheet', pictures, notes, {columns, ...SHEET}, file, 'steps side by side');
      else
        await this.#save(
            'animation', pictures, notes, {frameMilliseconds, lastMilliseconds: LAST_MILLISECONDS}, file,
            'steps as a film');
    } catch (error) {
      this.#page.tell(error.message, true);
    } finally {
      this.#saving = false;
    }
  }

  async #save(kind, pictures, notes, options, file, of) {
    const {length} = pictures, {width} = pictures[0];
    try {
      const bytes = await this.#page.desk.encode(kind, pictures, notes, options);
      this.#page.desk.save(bytes, file);
      this.#page.tell(`Saved ${file}: ${length} ${of}, ${width} pixels each, ${sizeOf(bytes.length)}.`, false);
    } catch (error) {
      this.#page.tell(error.message, true);
    }
  }
}

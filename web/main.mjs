// Starts the page: the studio on its canvas, the engine in its worker, the address, and window.florilegium for other
// scripts.
//
//   const studio = await window.florilegium;   // when a model is loaded; rejected with a sentence when none can be
//   const run = await studio.generate({seed: 7, steps: 20, sampler: 'plain', onStep: k => {}});
//   studio.frame(k), studio.cancel(), studio.info, studio.showRoom('gallery'), studio.room, await studio.drawn()
//   studio.branch({step: 8, seed: 3}), studio.branches, studio.showBranch(0)
//   studio.paint({x: 0.5, y: 0.4, colour: '#a33235'}), studio.generate({hint: studio.hint}), studio.regrow({noiseLevel:
//   1}): see web/easel.mjs
import {
  checkSampler,
  checkSchedule,
  checkSteps,
  parseBranches,
  parseSeed,
  readHash,
  readQuery,
  writeHash
} from './address.mjs';
import {Criteria} from './criteria.mjs';
import {Desk, sizeOf} from './desk.mjs';
import {Drops} from './drop.mjs';
import {Easel} from './easel.mjs';
import {Engine} from './engine.mjs';
import {Gallery} from './gallery.mjs';
import {fetchList, forgetKept, forgetOthers, keptBytes} from './kept-files.mjs';
import {PlainPage} from './plain.mjs';
import {forgetPage, keepPage, seekThreads} from './service.mjs';
import {ROOMS, STATE, Studio} from './studio.mjs';
import {Tasks} from './tasks.mjs';

const byId = id => document.getElementById(id);
const base = new URL('./', import.meta.url);
const SLEEP = 60000;       // ms out of sight after which the denoiser is asked whether it is still there
const announce = text => { byId('status').textContent = text; };

// The smallest module that uses a SIMD instruction: (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt)
const SIMD = Uint8Array.of(
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11);

/** Says in the page itself what went wrong; for when there is no studio to say it. */
function fail(sentence) {
  byId('failure').hidden = false;
  byId('failure-text').textContent = sentence;
  announce(sentence);
}

const BRANCH_STREAM = 1;   // of noise: other coins than those of the first growth, even with the same seed
const MOST_BRANCHES = 64;  // of one plate; even those that let go of their steps take some megabytes

class Page {
  #studio;                 // null when WebAssembly is missing
  #engine;
  #plain = null;           // the page without WebGL 2
  #models = [];            // that came with the page: [{file, title, bytes, imageSize, gflopPerStep, sha256}]
  #settings = {seed: 57n, steps: 20, sampler: 'plain', schedule: 'linear'};
  #grown = null;           // of the family on view: {settings, model, guidance}
  #desk = new Desk();
  #drops = new Drops((text, failure) => this.#tell(text, failure));
  #growing = 0;            // growths that the visitor has begun and that have not ended
  #tasks = null;

  async start() {
    if (typeof WebAssembly !== 'object' || !WebAssembly.validate(SIMD))
      throw new Error(
          'This browser lacks WebAssembly SIMD, which both the studio and the denoiser need. ' +
          'Any browser since 2023 has it.');
    const host = {
      // told by a notice already
      grow: settings => this.#grow(settings, undefined, {hint: this.easel.hint}).catch(() => {}),
      branch: given => this.branch(given).catch(error => {
        if (error.name !== 'AbortError') this.#tell(error.message, true);
      }),
      remember: settings => this.#remember(settings),
      steer: what => this.#engine?.[what](),
      openModel: file => this.#open(this.#sourceOf(new URL(`models/${file}`, base))).catch(() => {}),
      chooseModelFile: () => this.#drops.choose('.onnx'),
      forgetKept: () => this.forgetKept(),
      tasks: () => this.#tasks,
      savePng: request => this.#savePng(request),
      rememberDark: night => {
        document.documentElement.dataset.appearance = night ? 'dark' : 'light';
        try {
          localStorage.setItem('florilegium.appearance', night ? 'dark' : 'light');
        } catch { /* forbidden: until the page is left, then */
        }
        announce(night ? 'By night.' : 'By day.');
      },
      announce,
      drawingFailed: why => fail(`The studio cannot be drawn any more: ${why} Load the page again.`),
    };
    this.#studio = await Studio.create(byId('canvas'), byId('over'), host);
    this.gallery = new Gallery({
      studio: this.#studio,
      engine: () => this.#engine,
      desk: this.#desk,
      drops: this.#drops,
      tell: (text, failure) => this.#tell(text, failure),
      visitorGrows: () => this.#growing > 0,
      openRecipe: recipe => this.openRecipe(recipe),
    });
    host.gallery = this.gallery.host;
    this.easel = new Easel({
      studio: this.#studio,
      engine: () => this.#engine,
      drops: this.#drops,
      settings: () => this.#settings,
      grow: (...plan) => this.#grow(...plan),
      tell: (text, failure) => this.#tell(text, failure),
    });
    host.easel = this.easel.host;
    this.gallery.loadFavourites();
    this.criteria = new Criteria(
        {studio: this.#studio, engine: () => this.#engine, tell: (text, failure) => this.#tell(text, failure)});
    host.criteria = this.criteria.host;
    this.#watchAppearance();
    try {
      byId('canvas').hidden = false;                               // it must have a size
      await this.#studio.openWindow();
      this.#watchTyping();
    } catch (error) {
      this.#goPlain(error.message);
    }
    byId('canvas').addEventListener('webglcontextlost', event => {   // a sleep, a driver's crash, too many tabs
      event.preventDefault();
      if (this.#plain) return;
      this.#studio.closeWindow();
      this.#goPlain('The graphics card stopped drawing the studio; load the page again to have it back.');
      if (this.#engine?.info) this.#plain.ready(this.#engine.info);
    });
    byId('loading').hidden = true;
    document.documentElement.dataset.ready = this.#plain ? 'plain' : 'studio';
    this.#drops.recipe = recipe => (recipe.count ? this.#openSheet(recipe) : this.openRecipe(recipe));
    this.#drops.model = file => this.openModel(file).catch(() => {});   // told by a notice already
    this.#drops.picture = async file => {
      await this.easel.takePicture(file);
      this.showRoom('grow');
    };
    this.#drops.watch(window);

    let wanted;
    try {
      wanted = readQuery(location.search, location.href);
    } catch (error) {
      this.#studio.modelFailed();
      this.#tell(error.message, true);
      throw error;
    }
    const {backend, threads, model} = wanted;
    this.#engine = new Engine({
      backend, threads, single: await seekThreads(),
      onProgress: progress => this.#studio.modelLoading(progress),
      onReady: (info, {again}) => this.#modelReady(info, again),
      onGone: () => this.#studio.modelFailed(),
      onNotice: text => this.#tell(text, false),
    });
    this.#tasks = new Tasks({
      studio: this.#studio,
      engine: this.#engine,
      tell: (text, failure) => this.#tell(text, failure),
      announce,
      sourceOf: file => this.#sourceOf(new URL(`models/${file}`, base))
    });
    const {branches, ...given} = readHash(location.hash);
    Object.assign(this.#settings, given);
    this.#studio.settings(this.#settings);
    this.#tasks.models = this.#models = await fetchList('models/index.json');
    for (const one of this.#models) this.#studio.addChoice(one);
    try {
      await this.#open(model ? this.#sourceOf(model) : this.#defaultModel());
    } finally {
      this.#keepForOffline().catch(() => {});                      // a browser that keeps nothing
    }
    this.#watchSleep();
    addEventListener('hashchange', () => this.#follow());
    // a shared address shows its plate
    if ('seed' in given) this.#growRecipe({...this.#settings, branches}).catch(error => this.#tellImpossible(error));
    return this;
  }

  #goPlain(reason) {
    byId('canvas').hidden = true;
    this.#plain = new PlainPage(byId('plain'), reason, {
      grow: given => this.#grow({...this.#settings, ...given}).catch(() => {}),
      cancel: () => this.cancel(),
    });
    announce(reason);
  }

  get info() {
    const {notes, metadata, ...info} = this.#engine.info;
    return {...info, notes: [...notes], metadata: {...metadata}};
  }

  /**
   * Grows a picture -> {width, height, rgba, steps, seed, millisecondsPerStep}. Rejected with a sentence when it is
   * stopped or fails. hint: colours to follow, as the model takes them. picture: to begin from instead of noise, [3, S,
   * S] in [-1, 1], under noise of noiseLevel.
   */
  async generate({
    seed = this.#settings.seed,
    steps = this.#engine.info?.defaultSteps ?? 20,
    sampler = this.#engine.info?.defaultSampler ?? 'plain',
    schedule = this.#engine.info?.schedule ?? 'linear',
    hint = null,
    picture = null,
    noiseLevel = 0.7,
    onStep = () => {}
  } = {}) {
    const settings = {
      seed: parseSeed(seed),
      steps: checkSteps(steps),
      sampler: checkSampler(sampler),
      schedule: checkSchedule(schedule)
    };
    if (hint) this.easel.checkHint(hint);
    const origin = picture ? this.easel.originOf(picture, {noiseLevel, seed: settings.seed, settings, hint}) : {hint};
    this.#remember(settings);
    return this.#grow(settings, onStep, origin);
  }

  /** What is to be seen at step k, from 0 (pure noise) to the number of steps (the picture). */
  frame(k) {
    const last = this.#studio.lastStep;
    if (last < 0) throw new Error('There is no step to show yet; call generate() first.');
    if (!Number.isInteger(k) || k < this.#studio.firstStep || k > last)
      throw new RangeError(`Step ${k} is not there; the steps so far are ${this.#studio.firstStep} to ${last}.`);
    return {
      noiseLevel: this.#studio.noiseLevel(k),
      working: this.#studio.picture(k),
      prediction: this.#studio.picture(k, 'prediction'),
      change: this.#studio.picture(k, 'change')
    };
  }

  cancel() { this.#engine?.cancel(); }

  /** Paints on the sheet, what is painted as a hint, and growing a marked region again: see web/easel.mjs. */
  paint(stroke) { this.easel.paint(stroke); }
  get hint() { return this.easel.hint; }
  regrow(options) { return this.easel.regrow(options); }

  /** Flips the coins again: grows on from a step of the plate on view, with fresh noise of that step's level over that
      step's prediction -> as generate(). */
  async branch({step, seed = crypto.getRandomValues(new Uint32Array(1))[0], onStep = () => {}} = {}) {
    return this.#branch({step, seed: parseSeed(seed)}, onStep);
  }

  async #branch({step, seed}, onStep, lastStep) {
    const {firstStep, lastStep: newest, shownBranch} = this.#studio;
    if (newest < 0) throw new Error('There is nothing to branch from yet; call generate() first.');
    if (this.#engine.info?.model !== this.#grown.model)
      throw new Error('The plate on view was grown by another model. Grow a new one, then branch from it.');
    if (newest === firstStep)
      throw new RangeError(`A branch starts at a step that has a prediction, and only step ${newest} is there.`);
    if (!Number.isInteger(step) || step < firstStep || step >= newest)
      throw new RangeError(
          `A branch starts at a step that has a prediction: ${firstStep} to ${newest - 1}, not ${step}.`);
    if (this.branches.length > MOST_BRANCHES)
      throw new RangeError(`There is room for ${MOST_BRANCHES} branches of a plate. Grow it anew to begin afresh.`);
    return this.#grow(this.#grown.settings, onStep, {
      ...this.#grown.guidance,
      firstStep: step,
      lastStep,
      parent: shownBranch,
      coins: seed,
      start: {kind: 'fresh', picture: this.#studio.keptPrediction(step), seed, stream: BRANCH_STREAM}
    });
  }

  // Grows a plate, or a branch of one: then each stem grows only until the next branch springs from it.
  async #growRecipe({branches = '', ...settings}, onStep) {
    const flips = parseBranches(branches, settings.steps), grownUntil = i => flips[i] && flips[i].step + 1;
    ++this.#growing;                                                 // the engine stays the visitor's between them
    try {
      let growth = this.#grow(settings, onStep, {lastStep: grownUntil(0)});
      for (const [i, flip] of flips.entries()) {
        const serial = this.#serial;
        await growth;
        if (serial !== this.#serial) throw new DOMException('Another plate grows instead.', 'AbortError');
        growth = this.#branch(flip, onStep, grownUntil(i + 1));
      }
      return await growth;
    } finally {
      if (--this.#growing === 0) this.gallery.engineFree();
    }
  }

  // Failures while growing are told where they happen; not so what cannot even begin.
  #tellImpossible(error) { if (error instanceof RangeError) this.#tell(error.message, true); }

  /** The first growth and its branches: [{index, parent, step, noiseLevel, seed, kept, lastStep, shown}]; kept: its
      steps are still there. */
  get branches() { return this.#studio.branches; }
  showBranch(index) { this.#studio.showBranch(index); }
  /** How many bytes of steps all branches may keep together; beyond, the oldest keep their newest picture only. */
  set historyBudget(bytes) { this.#studio.historyBudget(bytes); }

  /** The room of the tasks: its experiments, see web/tasks.mjs. */
  get tasks() { return this.#tasks; }

  /** Grows the plate of a recipe, {seed, steps, sampler, schedule, model, branches}, with the model that it names.
      Rejected with a sentence when that is not here. */
  async openRecipe({model, ...recipe}) {
    parseBranches(recipe.branches ?? '', recipe.steps);
    this.showRoom('grow');
    await this.#useModel(model);
    this.#remember(recipe);
    this.#studio.settings(recipe);
    return this.#growRecipe(recipe).catch(() => {});                 // told by a notice already
  }

  async #openSheet({model, count, ...settings}) {
    await this.#useModel(model);
    this.#remember(settings);
    this.#studio.settings(settings);
    this.showRoom('gallery');
    this.gallery.start({seed: settings.seed, count});
  }

  async #useModel(model) {
    if (!this.#engine?.info) throw new Error('the model is still on its way. Try again when it is ready.');
    if (!model || model === this.#engine.info.model) return;
    if (!this.#models.some(one => one.file === model))
      throw new Error(`it was grown by the model ${model}, which did not come with this page.`);
    await this.#open(this.#sourceOf(new URL(`models/${model}`, base)));
  }

  /** 'grow', 'gallery', 'tasks' or 'criteria'. */
  get room() { return this.#studio.room; }
  showRoom(room) {
    if (!ROOMS.includes(room))
      throw new RangeError(`There is no room called '${room}'; the rooms are ${ROOMS.join(', ')}.`);
    this.#studio.showRoom(room);
  }

  /** Resolves when the page shows all that changed: before a screenshot, or a click on what just came. Not while a
      plate grows. */
  drawn() { return this.#studio.drawn(); }

  /** Opens another model -> its info: by its URL on this server, or a File of the visitor's own. The one in use stays
      when it does not fit. */
  async openModel(url) {
    if (url instanceof File) return this.#open({name: url.name, file: url});
    const model = new URL(url, location.href);
    if (model.origin !== location.origin)
      throw new Error(
          `The model ${model.href} lies on another server. This page opens models from its own server only.`);
    return this.#open(this.#sourceOf(model));
  }

  // A model's address -> what the engine loads; of a listed one the size and hash are known.
  #sourceOf(url) {
    const listed = this.#models.find(({file}) => new URL(`models/${file}`, base).href === url.href);
    return {
      name: decodeURIComponent(url.pathname.split('/').at(-1)),
      url: url.href,
      sha256: listed?.sha256,
      size: listed?.bytes
    };
  }

  #defaultModel() {
    const file =
        ['botanical.onnx', 'garden.onnx'].find(preferred => this.#models.some(one => one.file === preferred)) ??
        this.#models[0]?.file;
    if (!file) {
      const sentence =
          'No model came with this page. Train one (florilegium train), then open it with ?model=models/NAME.onnx.';
      this.#studio.modelFailed();
      this.#tell(sentence, true);
      throw new Error(sentence);
    }
    return this.#sourceOf(new URL(`models/${file}`, base));
  }

  async #open(source) {
    this.#studio.modelLoading({received: 0, total: 0, preparing: false});
    try {
      if (!this.#engine) throw new Error('The page is not ready yet. Open the model again in a moment.');
      return await this.#engine.load(source);
    } catch (error) {
      this.#studio.modelFailed();
      this.#tell(error.message, true);
      throw error;
    }
  }

  // again: the same model in a new worker; then the settings stay as they are.
  #modelReady(info, again) {
    this.#studio.modelLoaded(info);
    this.easel.modelReady(info);
    if (again) return;
    this.#plain?.ready(info);
    this.#nameModel(info.model);
    const given = readHash(location.hash);
    this.#settings = {
      ...this.#settings,
      steps: given.steps ?? info.defaultSteps,
      sampler: given.sampler ?? info.defaultSampler,
      schedule: given.schedule ?? info.schedule
    };
    this.#studio.settings(this.#settings);
    this.#tasks.modelReady(info);
    this.criteria.modelReady(info);
  }

  // The address names the model too, when it is another one than the page would open: a plate is a recipe and its
  // model.
  #nameModel(file) {
    if (!this.#models.some(one => one.file === file)) return;
    const opened = readQuery(location.search, location.href).model?.href ?? this.#defaultModel().url;
    if (new URL(`models/${file}`, base).href === opened) return;
    const query = new URLSearchParams(location.search);
    query.set('model', `models/${file}`);
    history.replaceState(null, '', `?${query.toString().replaceAll('%2F', '/')}${location.hash}`);
  }

  // origin: where it begins when not at noise, where it ends when not at the picture, and what it follows: {start,
  // firstStep, lastStep, parent, coins, region, hint, guided}.
  async #grow(settings, onStep = () => {}, origin = {}) {
    this.#settings = {...settings};
    const {imageSize} = this.#engine?.info ?? {};
    if (!imageSize) throw new Error('No model is open yet.');
    const {
      start = {kind: 'noise', seed: settings.seed, stream: 0},
      firstStep = 0,
      lastStep = settings.steps,
      region = null,
      hint = null
    } = origin;
    // by a visitor's hand: the recipe alone does not give it back
    const guided = origin.guided ?? Boolean(hint || origin.start);
    let milliseconds = 0, broken = null;
    ++this.#growing;
    const {finished} = this.#engine.run(
        {
          start,
          region,
          steps: settings.steps,
          firstStep,
          lastStep,
          schedule: settings.schedule,
          sampler: settings.sampler,
          hint,
          paused: false,
        },
        {
          onBegun: ({x, levels}) => {
            milliseconds = 0;
            this.#grown = {settings, model: this.#engine.info.model, guidance: {region, hint, guided}};
            this.#studio.growthBegun(settings, imageSize, firstStep, x, levels, origin);
            this.easel.growthBegun(guided);
            this.#plain?.show(this.#studio.picture(firstStep), imageSize, firstStep, settings.steps);
          },
          onStep: ({step, prediction, milliseconds: spent}) => {
            milliseconds += spent;
            try {
              this.#studio.growthStepped(prediction, spent);
            } catch (error) {
              broken = error;
              this.#engine.cancel();
              return;
            }
            this.#plain?.show(this.#studio.picture(step), imageSize, step, settings.steps);
            onStep(step);
          },
        });
    const serial = ++this.#serial;
    const ended = state => { if (serial === this.#serial) this.#studio.growthEnded(state); };
    try {
      const {cancelled} = await finished;
      if (broken) throw broken;
      if (cancelled) {
        ended(STATE.stopped);
        throw new DOMException('The growth was stopped.', 'AbortError');
      }
      ended(lastStep === settings.steps ? STATE.finished : STATE.stopped);
      const picture = {
        width: imageSize,
        height: imageSize,
        rgba: this.#studio.picture(lastStep),
        steps: settings.steps,
        seed: settings.seed
      };
      // what was guided is no sample of the model's own
      if (lastStep === settings.steps && !guided) this.criteria.collect({...picture, branched: 'parent' in origin});
      return {...picture, millisecondsPerStep: milliseconds / (lastStep - firstStep)};
    } catch (error) {
      if (error.name !== 'AbortError') { ended(STATE.failed); this.#tell(error.message, true); }
      throw error;
    } finally {
      if (--this.#growing === 0) this.gallery.engineFree();
      this.#plain?.ended();
    }
  }
  #serial = 0;

  #tell(text, failure) {
    this.#studio.notice(text, failure);
    this.#plain?.tell(text);
  }

  #remember({branches, ...settings}) {
    this.#settings = settings;
    const hash = writeHash({...settings, branches}, this.#engine?.info?.schedule);
    if (hash !== location.hash) history.replaceState(null, '', hash);
  }

  #follow() {
    const {branches, ...given} = readHash(location.hash);
    if (Object.keys(given).length === 0) return;
    this.#settings = {
      ...this.#settings,
      sampler: this.#engine.info?.defaultSampler ?? 'plain',
      schedule: this.#engine.info?.schedule ?? 'linear',
      ...given
    };
    this.#studio.settings(this.#settings);
    this.#growRecipe({...this.#settings, branches}).catch(error => this.#tellImpossible(error));
  }

  async #savePng({rgba, width, height, notes, file}) {
    try {
      const bytes = await this.#desk.encode('png', [{rgba, width, height}], notes);
      this.#desk.save(bytes, file);
      announce(`Saved ${file}, ${sizeOf(bytes.length)}.`);
    } catch (error) {
      this.#tell(error.message, true);
    }
  }

  async #keepForOffline() {
    await keepPage(
        () => this.#tell('A newer version of this page is here. It will be used when you load the page again.', false));
    const runtime = await fetchList('ort/index.json');
    if (this.#models.length > 0 && runtime.length > 0) await forgetOthers([...this.#models, ...runtime]);
    await this.#tellKept();
  }

  async #tellKept() { this.#studio.kept(await keptBytes()); }

  /** How many bytes of this site the device keeps for visits without a network. */
  keptBytes() { return keptBytes(); }

  async forgetKept() {
    await forgetKept().catch(() => {});
    await forgetPage().catch(() => {});
    await this.#tellKept();
    this.#tell('Nothing of this page is kept on this device any more; the next visit downloads it again.', false);
  }

  // A tab that was out of sight for long may find its worker gone.
  #watchSleep() {
    let hidden = 0;
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) hidden = Date.now();
      else if (hidden && Date.now() - hidden > SLEEP) this.#engine.check();
    });
  }

  #watchAppearance() {
    const dark = matchMedia('(prefers-color-scheme: dark)'), still = matchMedia('(prefers-reduced-motion: reduce)');
    // some browsers forbid it
    const chosen = () => { try { return localStorage.getItem('florilegium.appearance'); } catch { return null; } };
    const tell = () => {
      const night = chosen() ? chosen() === 'dark' : dark.matches;
      document.documentElement.dataset.appearance = night ? 'dark' : 'light';
      this.#studio.appearance(night, still.matches);
    };
    dark.addEventListener('change', tell);
    still.addEventListener('change', tell);
    tell();
  }

  // Fingers need the on-screen keyboard: while a text field of the studio is active, a hidden input takes the focus.
  #watchTyping() {
    const field = byId('typing');
    byId('canvas').addEventListener(
        'touchend', () => setTimeout(() => (this.#studio.wantsText ? field.focus() : field.blur()), 60));
    field.addEventListener('input', event => {
      for (const character of event.data ?? '') this.#studio.type(character);
      field.value = '';
    });
  }
}

const page = new Page();
window.florilegium = page.start();
window.florilegium.catch(error => {
  if (!document.documentElement.dataset.ready) fail(error.message);
  console.info(error.message);
});

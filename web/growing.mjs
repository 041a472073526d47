// Growing plates for the visitor: from noise, from a picture, or as a branch of the plate on view; what is to be grown
// next; and the address, which says it (address.mjs).
import {
  AddressWriter,
  checkSampler,
  checkSchedule,
  checkSteps,
  parseBranches,
  parseSeed,
  readHash,
  writeHash
} from './address.mjs';
import {USUAL_SAMPLER, USUAL_SCHEDULE, USUAL_STEPS} from './boundary.mjs';

const BRANCH_STREAM = 1;   // of noise: other coins than those of the first growth, even with the same seed
const MOST_BRANCHES = 64;  // of one plate; even those that let go of their steps take some megabytes

export class Growing {
  /** What is grown next. */
  settings = {seed: 57n, steps: USUAL_STEPS, sampler: USUAL_SAMPLER, schedule: USUAL_SCHEDULE};
  #page;
  #address = new AddressWriter();
  #grown = null;           // of the family on view: {settings, model, guidance}
  #visitors = 0;           // growths that the visitor has begun and that have not ended
  #serial = 0;             // of the newest growth

  constructor(page) {
    this.#page = page;
    const steer = what => () => page.engine?.[what]();
    page.host.growing = {
      // told by a notice already
      grow: ({branches, ...settings}) =>
          this.grow(settings, undefined, {hint: page.easel.hint, details: page.studio.wantsDetails}).catch(() => {}),
      branch: ({step, seed}) => this.branch({step, seed}).catch(error => page.tellUnlessStopped(error)),
      remember: settings => this.remember(settings),
      pause: steer('pause'), resume: steer('resume'), step: steer('step'), cancel: steer('cancel'),
    };
  }

  /** Whether the engine is the visitor's. */
  get busy() { return this.#visitors > 0; }

  /** Takes what the address says -> it. */
  takeAddress() {
    const {branches, ...given} = readHash(location.hash);
    Object.assign(this.settings, given);
    this.#page.studio.settings(this.settings);
    return {branches, ...given};
  }

  /** Another model is open: its own recommendations hold, but for what the address says. */
  modelReady(info) {
    const given = readHash(location.hash);
    this.settings = {
      ...this.settings,
      steps: given.steps ?? info.defaultSteps,
      sampler: given.sampler ?? info.defaultSampler,
      schedule: given.schedule ?? info.schedule
    };
    this.#page.studio.settings(this.settings);
  }

  /** The address has changed by hand: grows what it says now. */
  follow() {
    const {branches, ...given} = readHash(location.hash), {engine, studio} = this.#page;
    if (Object.keys(given).length === 0) return;
    this.settings = {
      ...this.settings,
      sampler: engine.info?.defaultSampler ?? USUAL_SAMPLER,
      schedule: engine.info?.schedule ?? USUAL_SCHEDULE,
      ...given
    };
    studio.settings(this.settings);
    this.growAddress(branches);
  }

  /** Grows the settings, with the branches that the address names. */
  growAddress(branches) {
    // Failures while growing are told where they happen; not so what cannot even begin.
    this.growRecipe({...this.settings, branches}).catch(error => {
      if (error instanceof RangeError) this.#page.tell(error.message, true);
    });
  }

  /** The address says it from now on. */
  remember({branches, ...settings}) {
    this.settings = settings;
    this.#address.write(writeHash({...settings, branches}, this.#page.engine?.info?.schedule));
  }

  /** What scripts call: see web/api.mjs. */
  async generate({
    seed = this.settings.seed,
    steps = this.#page.engine.info?.defaultSteps ?? USUAL_STEPS,
    sampler = this.#page.engine.info?.defaultSampler ?? USUAL_SAMPLER,
    schedule = this.#page.engine.info?.schedule ?? USUAL_SCHEDULE,
    hint = null,
    details = false,
    picture = null,
    noiseLevel = 0.7,
    onStep = () => {}
  } = {}) {
    const settings = {
      seed: parseSeed(seed),
      steps: checkSteps(steps),
      sampler: checkSampler(sampler),
      schedule: checkSchedule(schedule)
    },
          {easel} = this.#page;
    if (hint) easel.checkHint(hint);
    const from = picture ? easel.originOf(picture, {noiseLevel, seed: settings.seed, settings, hint}) : {hint};
    const origin = {...from, details: Boolean(details)};
    this.remember(settings);
    return this.grow(settings, onStep, origin);
  }

  async branch({step, seed = crypto.getRandomValues(new Uint32Array(1))[0], onStep = () => {}} = {}) {
    return this.#branch({step, seed: parseSeed(seed)}, onStep);
  }

  async #branch({step, seed}, onStep, lastStep) {
    const {studio, engine} = this.#page, {firstStep, lastStep: newest, shownBranch} = studio;
    if (newest < 0) throw new Error('There is nothing to branch from yet; call generate() first.');
    if (engine.info?.model !== this.#grown.model)
      throw new Error('The plate on view was grown by another model. Grow a new one, then branch from it.');
    if (newest === firstStep)
      throw new RangeError(`A branch starts at a step that has a prediction, and only step ${newest} is there.`);
    if (!Number.isInteger(step) || step < firstStep || step >= newest)
      throw new RangeError(
          `A branch starts at a step that has a prediction: ${firstStep} to ${newest - 1}, not ${step}.`);
    if (studio.branches.length > MOST_BRANCHES)
      throw new RangeError(`There is room for ${MOST_BRANCHES} branches of a plate. Grow it anew to begin afresh.`);
    return this.grow(this.#grown.settings, onStep, {
      ...this.#grown.guidance,
      firstStep: step,
      lastStep,
      parent: shownBranch,
      coins: seed,
      start: {kind: 'fresh', picture: studio.keptPrediction(step), seed, stream: BRANCH_STREAM}
    });
  }

  /** Grows a plate, or a branch of one: then each stem grows only until the next branch springs from it. */
  async growRecipe({branches = '', ...settings}, onStep) {
    const flips = parseBranches(branches, settings.steps), grownUntil = i => flips[i] && flips[i].step + 1;
    ++this.#visitors;                                                // the engine stays the visitor's between them
    try {
      let growth = this.grow(settings, onStep, {lastStep: grownUntil(0)});
      for (const [i, flip] of flips.entries()) {
        const serial = this.#serial;
        await growth;
        if (serial !== this.#serial) throw new DOMException('Another plate grows instead.', 'AbortError');
        growth = this.#branch(flip, onStep, grownUntil(i + 1));
      }
      return await growth;
    } finally {
      this.#ended();
    }
  }

  /** Grows the plate of a recipe, {seed, steps, sampler, schedule, model, branches}, with the model that it names. */
  async openRecipe({model, weights = '', ...recipe}) {
    const {models, studio} = this.#page;
    parseBranches(recipe.branches ?? '', recipe.steps);
    checkSchedule(recipe.schedule);
    studio.showRoom('grow');
    await models.use(model, weights);
    this.remember(recipe);
    studio.settings(recipe);
    return this.growRecipe(recipe).catch(() => {});                  // told by a notice already
  }

  /** Grows a sheet from the recipe of one. */
  async openSheet({model, weights = '', count, ...settings}) {
    const {models, studio, gallery} = this.#page;
    await models.use(model, weights);
    this.remember(settings);
    studio.settings(settings);
    studio.showRoom('gallery');
    gallery.start({seed: settings.seed, count});
  }

  /**
   * Grows a plate -> {width, height, rgba, steps, seed, millisecondsPerStep}. Rejected with a sentence when it is
   * stopped or fails; failures are told by a notice. origin: where it begins when not at noise, where it ends when not
   * at the picture, and what it follows: {start, firstStep, lastStep, parent, coins, region, hint, details,
   * guided}.
   */
  async grow(settings, onStep = () => {}, origin = {}) {
    const {studio, engine, easel, criteria} = this.#page, plain = () => this.#page.plain;
    this.settings = {...settings};
    const {imageSize} = engine?.info ?? {};
    if (!imageSize) throw new Error('No model is open yet.');
    const {
      start = {kind: 'noise', seed: settings.seed, stream: 0},
      firstStep = 0,
      lastStep = settings.steps,
      region = null,
      hint = null,
      details = false
    } = origin;
    // by a visitor's hand: the recipe alone does not give it back
    const guided = origin.guided ?? Boolean(hint || origin.start || details);
    let milliseconds = 0, broken = null;
    ++this.#visitors;
    const {finished} = engine.run(
        {
          start,
          region,
          steps: settings.steps,
          firstStep,
          lastStep,
          schedule: settings.schedule,
          sampler: settings.sampler,
          hint,
          details,
          paused: false,
        },
        {
          onBegun: ({x, levels}) => {
            milliseconds = 0;
            this.#grown = {settings, model: engine.info.model, guidance: {region, hint, details, guided}};
            studio.growthBegun(settings, imageSize, firstStep, x, levels, origin);
            easel.growthBegun(guided);
            plain()?.show(studio.picture(firstStep), imageSize, firstStep, settings.steps);
          },
          onStep: ({step, prediction, milliseconds: spent}) => {
            milliseconds += spent;
            try {
              studio.growthStepped(prediction, spent);
            } catch (error) {
              broken = error;
              engine.cancel();
              return;
            }
            plain()?.show(studio.picture(step), imageSize, step, settings.steps);
            onStep(step);
          },
        });
    const serial = ++this.#serial;
    const ended = state => { if (serial === this.#serial) studio.growthEnded(state); };
    try {
      const {cancelled} = await finished;
      if (broken) throw broken;
      if (cancelled) {
        ended('stopped');
        throw new DOMException('The growth was stopped.', 'AbortError');
      }
      ended(lastStep === settings.steps ? 'finished' : 'stopped');
      const picture = {
        width: imageSize,
        height: imageSize,
        rgba: studio.picture(lastStep),
        steps: settings.steps,
        seed: settings.seed
      };
      // what was guided is no sample of the model's own
      if (lastStep === settings.steps && !guided) criteria.collect({...picture, branched: 'parent' in origin});
      return {...picture, millisecondsPerStep: milliseconds / (lastStep - firstStep)};
    } catch (error) {
      if (error.name !== 'AbortError') { ended('failed'); this.#page.tell(error.message, true); }
      throw error;
    } finally {
      this.#ended();
      plain()?.ended();
    }
  }

  #ended() { if (--this.#visitors === 0) this.#page.gallery.engineFree(); }
}

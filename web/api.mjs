// The page as a library, for other scripts and tests: what `await window.florilegium` gives once a model is loaded.
//
//   const studio = await window.florilegium;   // rejected with a sentence when no model can be loaded
//   const run = await studio.generate({seed: 7, steps: 20, sampler: 'plain', onStep: k => {}});
//   studio.frame(k), studio.cancel(), studio.info, studio.showRoom('gallery'), studio.room, await studio.drawn()
//   studio.branch({step: 8, seed: 3}), studio.branches, studio.showBranch(0)
//   studio.paint({x: 0.5, y: 0.4, colour: '#a33235'}), studio.generate({hint: studio.hint}), studio.regrow({noiseLevel:
//   1}): see web/easel.mjs
import {ROOMS} from './boundary.mjs';
import {keptBytes} from './kept-files.mjs';

export class Api {
  #page;

  constructor(page) { this.#page = page; }

  get info() {
    const {notes, metadata, ...info} = this.#page.engine.info;
    return {...info, notes: [...notes], metadata: {...metadata}};
  }

  /**
   * Grows a picture -> {width, height, rgba, steps, seed, millisecondsPerStep}. Rejected with a sentence when it is
   * stopped or fails. Given: {seed, steps, sampler, schedule, onStep}, and
   * hint: colours to follow, as the model takes them. details: true for a detail of a plant instead of a whole one,
   * from models that know both. picture: to begin from instead of noise, [3, S, S] in [-1, 1],
   * under noise of noiseLevel.
   */
  generate(given) { return this.#page.growing.generate(given); }

  /** What is to be seen at step k, from 0 (pure noise) to the number of steps (the picture). */
  frame(k) {
    const {studio} = this.#page, last = studio.lastStep;
    if (last < 0) throw new Error('There is no step to show yet; call generate() first.');
    if (!Number.isInteger(k) || k < studio.firstStep || k > last)
      throw new RangeError(`Step ${k} is not there; the steps so far are ${studio.firstStep} to ${last}.`);
    return {
      noiseLevel: studio.noiseLevel(k),
      working: studio.picture(k),
      prediction: studio.picture(k, 'prediction'),
      change: studio.picture(k, 'change')
    };
  }

  cancel() { this.#page.engine?.cancel(); }

  /** Paints on the sheet, what is painted as a hint, and growing a marked region again: see web/easel.mjs. */
  paint(stroke) { this.#page.easel.paint(stroke); }
  get hint() { return this.#page.easel.hint; }
  regrow(options) { return this.#page.easel.regrow(options); }

  /** Flips the coins again: grows on from a step of the plate on view, with fresh noise of that step's level over that
      step's prediction -> as generate(). */
  branch(given) { return this.#page.growing.branch(given); }

  /** The first growth and its branches: [{index, parent, step, noiseLevel, seed, kept, lastStep, shown}]; kept: its
      steps are still there. */
  get branches() { return this.#page.studio.branches; }
  showBranch(index) { this.#page.studio.showBranch(index); }
  /** How many bytes of steps all branches may keep together; beyond, the oldest keep their newest picture only. */
  set historyBudget(bytes) { this.#page.studio.historyBudget(bytes); }

  /** What scripts can do in the rooms: see the files of these names. */
  get gallery() { return this.#page.gallery; }
  get easel() { return this.#page.easel; }
  get tasks() { return this.#page.tasks; }
  get criteria() { return this.#page.criteria; }

  /** Grows the plate of a recipe, {seed, steps, sampler, schedule, model, branches}, with the model that it names.
      Rejected with a sentence when that is not here. */
  openRecipe(recipe) { return this.#page.growing.openRecipe(recipe); }

  /** 'grow', 'gallery', 'tasks' or 'criteria'. */
  get room() { return this.#page.studio.room; }
  showRoom(room) {
    if (!ROOMS.includes(room))
      throw new RangeError(`There is no room called '${room}'; the rooms are ${ROOMS.join(', ')}.`);
    this.#page.studio.showRoom(room);
  }

  /** Resolves when the page shows all that changed: before a screenshot, or a click on what just came. Not while a
      plate grows. */
  drawn() { return this.#page.studio.drawn(); }

  /** Opens another model -> its info: by its URL on this server, or a File of the visitor's own. The one in use stays
      when it does not fit. */
  openModel(url) { return this.#page.models.openAny(url); }

  /** How many bytes of this site the device keeps for visits without a network; and forgetting them. */
  keptBytes() { return keptBytes(); }
  forgetKept() { return this.#page.keeping.forget(); }
}

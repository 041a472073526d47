// The studio's WebAssembly module in JavaScript's terms: events in, pictures out.
import {GROWTH_STATES, PARTS, ROOMS} from './boundary.mjs';
import {FetchedCanvas} from './fetched-canvas.mjs';
import createStudio from './florilegium_studio.mjs';
import {paintGlyph} from './glyphs.mjs';

// names of WebGL renderers without a graphics card
const DRAWN_BY_PROCESSOR = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export class Studio {
  #module;
  #canvas; #over;
  #fetched = null;         // where the processor paints
  #drawing = false;        // the window is open
  #frame = 0; #timer = 0;  // the next frame, or the moment when it will be due
  #waiting = [];           // who waits until there is neither
  #watchers = [];          // told after each frame
  // of the last frame: it was painted, its pixels are on their way, and what is to be done then
  #painted = false; #fetching = false; #asked = false; #uncover = false;

  /** over: a canvas that may lie over a part of the other; host: what the studio asks for, see
      src/bridge/studio_host.cpp. */
  static async create(canvas, over, host) {
    const studio = new Studio();
    studio.#canvas = canvas;
    studio.#over = over;
    studio.#module = await createStudio({
      canvas,
      host,
      paintGlyph,
      layOver: (...picture) => studio.#layOver(...picture),
      takeOff: () => {
        studio.#uncover = true;
      },
      painted: () => {
        studio.#painted = true;
      }
    });
    return studio;
  }

  #layOver(rgba, size, squarePixels, x, y, side) {
    // on whole pixels of the screen
    const over = this.#over, {style} = over, whole = length => Math.round(length * devicePixelRatio) / devicePixelRatio;
    if (over.width !== size) over.width = over.height = size;
    style.left = `${whole(x)}px`;
    style.top = `${whole(y)}px`;
    style.width = style.height = `${whole(x + side) - whole(x)}px`;
    style.imageRendering = squarePixels ? 'pixelated' : 'auto';
    over.getContext('2d', {willReadFrequently: true}).putImageData(new ImageData(rgba, size, size), 0, 0);
    over.hidden = this.#uncover = false;
  }

  #string(text) { return this.#module.stringToNewUTF8(text); }

  // Tells the studio of an event; what it changed is drawn with the next frame.
  #call(name, ...values) {
    const strings = [];
    const plain = values.map(value => {
      if (typeof value !== 'string') return value;
      strings.push(this.#string(value));
      return strings.at(-1);
    });
    const result = this.#module[name](...plain);
    strings.forEach(at => this.#module._free(at));
    if (!this.#timer || !this.#module._studio_may_wait()) this.#wake();      // else it is drawn when that is due
    return result;
  }

  #checked(result) {
    if (result < 0) throw new Error(this.#module.UTF8ToString(this.#module._failure_sentence()));
  }

  #fill(...arrays) {
    const at = this.#module._studio_inbox(arrays.reduce((sum, array) => sum + array.byteLength, 0));
    if (!at) this.#checked(-1);
    let offset = at;
    for (const array of arrays) {
      this.#module.HEAPU8.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
      offset += array.byteLength;
    }
  }

  /** For the rooms' own modules: the functions of their exports, with arrays put into the studio's inbox first. Seeds
      are BigInts. */
  get link() {
    return {
      module: this.#module,
      call: (name, ...values) => this.#call(name, ...values),
      checked: (name, ...values) => {
        const result = this.#call(name, ...values);
        this.#checked(result);
        return result;
      },
      fill: (...arrays) => this.#fill(...arrays),
    };
  }

  modelLoading({received, total, preparing}) {
    this.#call('_studio_model_loading', received, total, preparing ? 1 : 0);
  }
  modelFailed() { this.#call('_studio_model_failed'); }
  modelLoaded(info) {
    this.#call(
        '_studio_model_loaded', info.model, info.title, info.imageSize, info.defaultSteps, info.schedule, info.backend,
        info.threads, info.bytes, info.notes.join('\n'));
    if (info.hasView) this.#call('_studio_takes_view');
    for (const level of info.changes ?? []) this.#call('_studio_ladder_change', level);
  }
  /** Whether the visitor chose details of plants instead of whole ones. */
  get wantsDetails() { return this.#module._studio_details() !== 0; }
  addChoice({file, title, bytes, imageSize, gflopPerStep}) {
    this.#call('_studio_add_choice', file, title, bytes, imageSize, gflopPerStep ?? 0);
  }
  kept(bytes) { this.#call('_studio_kept', bytes); }
  notice(text, failure) { this.#call('_studio_notice', failure ? 1 : 0, text); }
  settings({seed, steps, sampler, schedule}) { this.#call('_studio_settings', seed, steps, sampler, schedule); }

  /** parent: of which of the branches this is one, grown with fresh noise from the seed coins; -1: of none. */
  growthBegun({seed, steps, sampler, schedule}, imageSize, firstStep, x, levels, {parent = -1, coins = 0n} = {}) {
    this.#fill(x, levels);
    this.#checked(
        this.#call('_studio_growth_begun', seed, steps, sampler, schedule, imageSize, firstStep, parent, coins));
  }
  growthStepped(prediction, milliseconds) {
    this.#fill(prediction);
    this.#checked(this.#call('_studio_growth_stepped', milliseconds));
  }
  /** state: one of GROWTH_STATES. */
  growthEnded(state) { this.#call('_studio_growth_ended', GROWTH_STATES.indexOf(state)); }

  /** RGBA of a step's 'working' picture, its 'prediction' or its 'change' since the step before. */
  picture(step, part = 'working') {
    const at = this.#module._studio_frame(step, PARTS.indexOf(part));
    if (!at) this.#checked(-1);
    const size = this.#module._studio_image_size();
    return new Uint8ClampedArray(this.#module.HEAPU8.buffer, at, size * size * 4).slice();
  }
  /** What a step blended in, as kept (Int16Array). Throws a sentence when the step has none yet. */
  keptPrediction(step) {
    const at = this.#module._studio_prediction(step);
    if (!at) this.#checked(-1);
    return this.#module.HEAP16.slice(at >> 1, (at >> 1) + 3 * this.imageSize ** 2);
  }
  get branches() {
    return Array.from({length: this.#module._studio_branch_count()}, (_, index) => {
      const at = this.#module._studio_branch(index),
            [parent, step, noiseLevel, kept, lastStep] = new Float64Array(this.#module.HEAPU8.buffer, at, 5);
      return {
        index,
        parent,
        step,
        noiseLevel,
        seed: BigInt.asUintN(64, this.#module._studio_branch_coins(index)),
        kept: kept !== 0,
        lastStep,
        shown: index === this.shownBranch
      };
    });
  }
  get shownBranch() { return this.#module._studio_shown_branch(); }
  showBranch(index) { this.#call('_studio_show_branch', index); }
  historyBudget(bytes) { this.#module._studio_history_budget(bytes); }
  noiseLevel(step) { return this.#module._studio_noise_level(step); }
  get imageSize() { return this.#module._studio_image_size(); }
  get firstStep() { return this.#module._studio_first_step(); }
  get lastStep() { return this.#module._studio_last_step(); }
  get shownStep() { return this.#module._studio_shown_step(); }

  showRoom(room) { this.#call('_studio_show_room', ROOMS.indexOf(room)); }
  get room() { return ROOMS[this.#module._studio_current_room()]; }

  appearance(dark, reducedMotion) { this.#call('_studio_appearance', dark ? 1 : 0, reducedMotion ? 1 : 0); }

  /** Opens the window on the canvas. Throws a sentence when there is no WebGL 2. */
  async openWindow() {
    const faces = Array.from(
        {length: this.#module._studio_face_count()},
        (_, face) => this.#module.UTF8ToString(this.#module._studio_face_name(face)));
    const files = await Promise.all(faces.map(async name => {
      const response = await fetch(new URL(`./fonts/${name}.ttf`, import.meta.url));
      if (!response.ok) throw new Error(`The typeface ${name} is missing on the server.`);
      return new Uint8Array(await response.arrayBuffer());
    }));
    const probe = options => {
      const context = document.createElement('canvas').getContext('webgl2', options);
      if (!context) return null;
      const drawnBy = context.getParameter(
          context.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER);
      context.getExtension('WEBGL_lose_context')?.loseContext();
      return drawnBy;
    };
    // not every browser counts that as a caveat
    const quick = probe({failIfMajorPerformanceCaveat: true}), slow = quick === null || DRAWN_BY_PROCESSOR.test(quick);
    if (slow) this.#fetched = new FetchedCanvas(this.#canvas);
    if ((quick === null && probe({}) === null) ||
        this.#module._studio_open_window(innerWidth, innerHeight, slow ? 1 : 0) < 0)
      throw new Error(
          'This browser has no WebGL 2, which the studio is drawn with. Switch on hardware acceleration, ' +
          'or use a newer browser.');
    this.#spareQuestions();
    files.forEach((file, face) => { this.#fill(file); this.#module._studio_face(face, file.length); });
    addEventListener('touchstart', ({touches}) => {
      if (touches.length === 1) this.#module._studio_touch(touches[0].pageX, touches[0].pageY, 1);
    }, {capture: true, passive: true});
    // after GLFW told the release
    addEventListener('touchend', ({touches}) => { if (touches.length === 0) this.#module._studio_touch(0, 0, 0); });
    addEventListener('resize', () => this.#module._studio_resize(innerWidth, innerHeight));
    for (const event
             of ['mousemove', 'mousedown', 'mouseup', 'wheel', 'keydown', 'keyup', 'touchstart', 'touchmove',
                 'touchend', 'resize', 'focus', 'blur'])
      addEventListener(event, () => this.#wake(), {capture: true, passive: true});
    document.addEventListener('mouseout', () => this.#wake());
    this.#drawing = true;
    this.#wake();
  }

  // Dear ImGui notes WebGL's state before a frame, to put it back afterwards, though nobody else draws here. Some of
  // these questions wait until the graphics process, or the processor that does its work, has done all that it was
  // given: they are asked once.
  #spareQuestions() {
    const context = this.#canvas.getContext('webgl2'), ask = context.getParameter.bind(context), answers = new Map();
    const spared = new Set([
      context.VIEWPORT, context.SCISSOR_BOX, context.BLEND_SRC_RGB, context.BLEND_DST_RGB, context.BLEND_SRC_ALPHA,
      context.BLEND_DST_ALPHA, context.BLEND_EQUATION_RGB, context.BLEND_EQUATION_ALPHA
    ]);
    context.getParameter = name => {
      if (!spared.has(name)) return ask(name);
      if (!answers.has(name)) answers.set(name, ask(name));
      return answers.get(name);
    };
  }

  // Asks for a frame. There is no loop while nothing happens: sixty idle frames a second would slow the denoiser down.
  #wake() {
    if (!this.#drawing || this.#frame) return;
    if (this.#fetching) { this.#asked = true; return; }
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    if (!this.#drawing) return;
    this.#fetched?.fit();
    this.#painted = this.#asked = false;
    const again = this.#module._studio_draw();
    if (this.#painted) for (const watcher of this.#watchers) watcher();
    const shown = () => {
      if (this.#uncover) this.#over.hidden = true;
      this.#uncover = this.#fetching = false;
      if (again === 0 || this.#asked) this.#wake();
      else if (again > 0) this.#timer = setTimeout(() => this.#wake(), again);   // quick steps are drawn together
      else this.#rest();
    };
    if (!this.#fetched || !this.#painted) return shown();
    this.#fetching = true;
    this.#fetched.show().finally(shown);
  }

  #rest() { for (const rested of this.#waiting.splice(0)) rested(); }

  /** Resolves when all that changed stands on the canvas and no other frame is due; not while a plate grows or a caret
      blinks. */
  drawn() {
    return this.#drawing && (this.#frame || this.#timer || this.#fetching) ?
        new Promise(resolve => this.#waiting.push(resolve)) :
        Promise.resolve();
  }

  /** Calls watcher after each frame that was painted. */
  watchFrames(watcher) { this.#watchers.push(watcher); }

  /** The page in words, as of the last frame, while it is kept: src/bridge/list_exports.cpp. */
  keepList(kept) { this.#call('_studio_keep_list', kept ? 1 : 0); }
  get list() { return this.#module.UTF8ToString(this.#module._studio_list()); }
  doInList(id, value = '') { this.#call('_studio_do_in_list', id, value); }

  /** The window draws no more; all else goes on. */
  closeWindow() {
    this.#drawing = false;
    this.#over.hidden = true;
    this.#rest();
  }

  get wantsText() { return Boolean(this.#module._studio_wants_text()); }
  /** What is chosen in the text field that is written in. */
  get chosenText() { return this.#module.UTF8ToString(this.#module._studio_chosen_text()); }
  type(text) { this.#call('_studio_type', text); }
  leaveText() { this.#call('_studio_leave_text'); }
  appleKeyboard(apple) { this.#module._studio_apple_keyboard(apple ? 1 : 0); }
  /** name: as KeyboardEvent.key; held: {ctrl, shift, alt, meta} -> whether the studio knows it. */
  key(name, down, {again = false, ctrl = false, shift = false, alt = false, meta = false} = {}) {
    const held = [ctrl, shift, alt, meta].reduce((bits, one, i) => bits | (one ? 1 << i : 0), 0);
    return this.#call('_studio_key', name, down ? 1 : 0, again ? 1 : 0, held) !== 0;
  }
}

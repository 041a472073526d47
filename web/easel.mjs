// The easel in the page: what is painted over the sheet becomes a hint, a region of a plate grows again, a picture of
// the visitor's is what a plate begins from. The studio keeps what is painted (src/studio/state/easel.h); scripts may
// paint as well:
//   const {easel} = await window.florilegium;
//   easel.paint({x: 0.2, y: 0.3, toX: 0.6, toY: 0.3, colour: '#a33235', size: 0.1}), easel.undo(), easel.hint,
//   easel.region
//   await easel.regrow({noiseLevel: 1, seed: 7}), await easel.takePicture(file), await
//   easel.growFromPicture({noiseLevel: 0.3})
import {parseSeed} from './address.mjs';
import {HINT_CELL, TOOLS} from './boundary.mjs';

const STREAM = 1;          // of the noise over a picture: not the one that a seed's own plate begins with

const part = (value, name) => {
  if (!(value >= 0 && value <= 1))
    throw new RangeError(`${name} is a part of the sheet, from 0 to 1, not ${String(value)}.`);
  return value;
};
function checkLevel(value) {
  if (!(value > 0 && value <= 1))
    throw new RangeError(`A noise level lies above 0 and is at most 1, not ${String(value)}.`);
  return value;
}

/** Whatever the browser can show, as an ImageBitmap; a drawing without a size of its own gets `size`. Rejects with an
    Error of the name UnreadablePicture. */
async function decoded(file, size) {
  const url = URL.createObjectURL(file);
  try {
    return await createImageBitmap(file).catch(async () => {
      const image = new Image();   // reads drawings (SVG) too
      image.src = url;
      await image.decode();
      const width = image.naturalWidth || size, height = image.naturalHeight || size,
            scale = Math.max(1, size / Math.min(width, height));   // drawings are as sharp as they are large
      return createImageBitmap(
          image, {resizeWidth: Math.round(width * scale), resizeHeight: Math.round(height * scale)});
    });
  } catch {
    throw Object.assign(new Error('the browser cannot read this picture.'), {name: 'UnreadablePicture'});
  } finally {
    URL.revokeObjectURL(url);
  }
}

export class Easel {
  #page; #studio;          // #studio: the module's functions (web/studio.mjs)
  #picture = null;         // that the visitor brought: planar floats

  constructor(page) {
    this.#page = page;
    this.#studio = page.studio.link;
    page.host.easel = {
      regrow: () => this.regrow().catch(page.tellUnlessStopped),
      growFromGuide: () => this.growFromPicture().catch(page.tellUnlessStopped),
      choosePicture: () => page.drops.choose('image/*'),
    };
  }

  modelReady({imageSize, hasHint}) { this.#studio.call('_easel_fit', imageSize, hasHint ? 1 : 0); }

  /** What was painted makes room for the plate that grows. guided: not by its recipe alone. */
  growthBegun(guided) { this.#studio.call('_easel_growth_begun', guided ? 1 : 0); }

  get open() { return Boolean(this.#studio.module._easel_is_open()); }
  set open(open) { this.#studio.call('_easel_open', open ? 1 : 0); }

  /** A straight stroke; places and size are parts of the sheet's width. colour: '#rrggbb'. tool: 'brush', 'eraser', or
      'region' for marking what is to grow again. */
  paint({x, y, toX = x, toY = y, colour = '#6c8f4a', size = this.#studio.module._easel_brush(), tool = 'brush'}) {
    if (!/^#[0-9a-f]{6}$/i.test(colour))
      throw new RangeError(`A colour is written as '#rrggbb', not ${String(colour)}.`);
    if (!TOOLS.includes(tool))
      throw new RangeError(`There is no tool called '${tool}'; the tools are ${TOOLS.join(', ')}.`);
    this.#checkModel(tool === 'brush');
    const shades = [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16));
    this.#studio.call(
        '_easel_stroke', TOOLS.indexOf(tool), ...shades, part(size, 'The size'), part(x, 'x'), part(y, 'y'),
        part(toX, 'toX'), part(toY, 'toY'));
  }
  undo() { this.#studio.call('_easel_undo'); }
  redo() { this.#studio.call('_easel_redo'); }
  clear() { this.#studio.call('_easel_clear'); }

  /** What is painted, as the model takes it: [4, S/8, S/8]; null when nothing is. */
  get hint() {
    const {module} = this.#studio, at = module._easel_hint();
    return at ? module.HEAPF32.slice(at >> 2, (at >> 2) + 4 * module._easel_side() ** 2) : null;
  }

  /** The cells that are marked to grow again: S/8 x S/8 of 0 or 1; null when none is. */
  get region() {
    const {module} = this.#studio, at = module._easel_region();
    return at ? module.HEAPU8.slice(at, at + module._easel_side() ** 2) : null;
  }

  /** Checks a hint that a script brings. */
  checkHint(hint) {
    const {imageSize} = this.#checkModel(true);
    if (!(hint instanceof Float32Array) || hint.length !== 4 * (imageSize / HINT_CELL) ** 2)
      throw new RangeError(`A hint for this model is a Float32Array of 4 x ${imageSize / HINT_CELL} x ${
          imageSize / HINT_CELL} numbers.`);
    return hint;
  }

  /** Grows a region of the finished plate again, from noise of noiseLevel on; what lies outside it stays as it is.
      region: S/8 x S/8 cells of 0 or 1. */
  async regrow({region = this.region, noiseLevel = this.#studio.module._easel_region_noise(), seed, onStep} = {}) {
    const {imageSize} = this.#checkModel(false), {module} = this.#studio;
    if (!module._easel_finished()) throw new Error('A region grows again on a finished plate. Let one grow first.');
    if (module._studio_image_size() !== imageSize)
      throw new Error('The plate on view was grown by a model of another size. Grow a new one first.');
    if (!region?.some(Boolean)) throw new Error('Mark on the plate what is to grow again.');
    if (region.length !== (imageSize / HINT_CELL) ** 2)
      throw new RangeError(`A region for this model has ${imageSize / HINT_CELL} x ${
          imageSize / HINT_CELL} cells, not ${region.length}.`);
    const at = module._easel_newest() >> 2, picture = module.HEAPF32.slice(at, at + 3 * imageSize ** 2);
    const coins = parseSeed(seed ?? crypto.getRandomValues(new Uint32Array(1))[0]);
    return this.#page.growing.grow(
        this.#page.growing.settings, onStep,
        this.originOf(picture, {noiseLevel, seed: coins, region: Uint8Array.from(region)}));
  }

  /** Where a growth begins: a planar picture under noise. */
  originOf(picture, {noiseLevel, seed, settings = this.#page.growing.settings, region = null, hint = this.hint}) {
    const {imageSize} = this.#checkModel(false), {schedule, steps} = settings;
    if (!(picture instanceof Float32Array) || picture.length !== 3 * imageSize ** 2)
      throw new RangeError(
          `A picture to begin from is a Float32Array of 3 x ${imageSize} x ${imageSize} numbers for this model.`);
    const firstStep = this.#studio.checked('_easel_first_step', schedule, steps, checkLevel(noiseLevel));
    return {start: {kind: 'fresh', picture, seed, stream: STREAM}, firstStep, region, hint};
  }

  /** Keeps a picture (File) to begin from or to paint as a guide: its middle square, at the model's size. */
  async takePicture(file) {
    const {imageSize: size} = this.#checkModel(false);
    const whole = await decoded(file, size);
    const side = Math.min(whole.width, whole.height);
    const fitting = await createImageBitmap(
        whole, Math.floor((whole.width - side) / 2), Math.floor((whole.height - side) / 2), side, side,
        {resizeWidth: size, resizeHeight: size, resizeQuality: 'high'});
    whole.close();
    const context = new OffscreenCanvas(size, size).getContext('2d');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, size, size);
    context.drawImage(fitting, 0, 0);
    fitting.close();
    const {data} = context.getImageData(0, 0, size, size), planes = new Float32Array(3 * size * size);
    for (let i = 0; i < size * size; ++i)
      for (let c = 0; c < 3; ++c) planes[c * size * size + i] = data[i * 4 + c] / 127.5 - 1;
    this.#picture = planes;
    this.#studio.fill(data);
    this.#studio.call('_easel_guide', size);
  }

  /** Paints the picture that the visitor brought as a coarse guide over the whole sheet. */
  paintPicture() {
    this.#checkModel(true);
    this.#studio.call('_easel_paint_guide');
  }

  /** Grows from the picture that the visitor brought, under noise of noiseLevel. */
  async growFromPicture({noiseLevel = this.#studio.module._easel_guide_noise(), onStep} = {}) {
    if (!this.#picture) throw new Error('There is no picture to begin from. Drop one on the page.');
    const settings = this.#page.growing.settings;
    return this.#page.growing.grow(settings, onStep, this.originOf(this.#picture, {noiseLevel, seed: settings.seed}));
  }

  #checkModel(colours) {
    const info = this.#page.engine?.info;
    if (!info) throw new Error('The model is still on its way. Try again when it is ready.');
    if (colours && !info.hasHint) throw new Error('This model does not follow painted colours.');
    return info;
  }
}

// What an .onnx file says about itself: its inputs, outputs and metadata, read from the protobuf without running it.
//
// ONNX Runtime Web shows no metadata, and its own errors name no remedy. This reads only the few fields of onnx.proto
// that the contract needs and skips the weights. readModel() throws an Error with a sentence for a file that is cut off
// or is something else; checkContract() says what was expected and what was found.

import {checkSchedule} from './address.mjs';
import {HINT_CELL, MOST_STEPS, NOISES, SAMPLERS, USUAL_SAMPLER, USUAL_SCHEDULE, USUAL_STEPS} from './boundary.mjs';

const WIRE = {varint: 0, fixed64: 1, bytes: 2, fixed32: 5};
const FLOAT = 1;                                              // TensorProto.DataType
const ELEMENT_TYPES = [
  'undefined', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64'
];

class Damaged extends Error {}

// Walks one protobuf message: calls visit(field, value), value a Number (varint), or a Uint8Array (length-delimited).
function walk(bytes, visit) {
  let at = 0;
  const varint = () => {
    let value = 0, scale = 1;
    for (let k = 0; k < 10; ++k) {
      if (at >= bytes.length) throw new Damaged('it ends in the middle of a number');
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new TypeError('a number is too long');
  };
  while (at < bytes.length) {
    const tag = varint(), field = Math.floor(tag / 8), wire = tag % 8;
    if (field === 0) throw new TypeError('field number 0');
    if (wire === WIRE.varint) visit(field, varint());
    else if (wire === WIRE.bytes) {
      const length = varint();
      if (length > bytes.length - at)
        throw new Damaged(`it should go on for ${length - (bytes.length - at)} more bytes`);
      visit(field, bytes.subarray(at, at + length));
      at += length;
    } else if (wire === WIRE.fixed64 || wire === WIRE.fixed32) {
      at += wire === WIRE.fixed64 ? 8 : 4;
      if (at > bytes.length) throw new Damaged('it ends in the middle of a number');
    } else throw new TypeError(`wire type ${wire}`);
  }
}

const decoder = new TextDecoder();
const text = value => (value instanceof Uint8Array ? decoder.decode(value) : '');

function metadataEntry(bytes) {
  let key = '', value = '';
  walk(bytes, (field, data) => { if (field === 1) key = text(data); else if (field === 2) value = text(data); });
  return [key, value];
}

// ValueInfoProto -> {name, type, shape}; a free dimension is its name, or '?'.
function valueInfo(bytes) {
  const found = {name: '', type: 'undefined', shape: []};
  walk(bytes, (field, data) => {
    if (field === 1) found.name = text(data);
    if (field === 2) walk(data, (f, type) => {
      if (f !== 1) return;                                    // TypeProto.tensor_type
      walk(type, (g, part) => {
        if (g === 1) found.type = ELEMENT_TYPES[part] ?? `type ${part}`;
        if (g === 2) walk(part, (h, dimension) => {
          if (h !== 1) return;
          let size = '?';
          walk(dimension, (i, d) => { if (i === 1) size = d; else if (i === 2) size = text(d); });
          found.shape.push(size);
        });
      });
    });
  });
  return found;
}

// TensorProto -> {name, location}: the file beside the model that holds its numbers, or null.
function initializer(bytes) {
  const found = {name: '', location: null};
  let elsewhere = false;
  walk(bytes, (field, data) => {
    if (field === 8) found.name = text(data);
    if (field === 13) {
      const [key, value] = metadataEntry(data);
      if (key === 'location') found.location = value;
    }
    if (field === 14) elsewhere = data === 1;
  });
  return elsewhere ? found : {...found, location: null};
}

/** Reads bytes (Uint8Array) -> {inputs, outputs: [{name, type, shape}], metadata: {key: value}, files: names of those
    beside it that hold weights}. name is for the sentences. */
export function readModel(bytes, name = 'The model') {
  const notOnnx = () => new Error(`${name} is not an ONNX model` +
      (/^\s*</.test(text(bytes.subarray(0, 64))) ? '; it looks like a web page. Check the address.' : '.'));
  if (bytes.length === 0) throw new Error(`${name} is empty (0 bytes).`);
  const model = {inputs: [], outputs: [], metadata: {}, files: []};
  const initializers = new Set(), files = new Set();
  let version = 0, graph = null;
  try {
    walk(bytes, (field, data) => {
      if (field === 1 && typeof data === 'number') version = data;
      if (field === 7) graph = data;
      if (field === 14) { const [key, value] = metadataEntry(data); model.metadata[key] = value; }
    });
    if (!(graph instanceof Uint8Array) || version < 1) throw new TypeError('no graph');
    walk(graph, (field, data) => {
      if (field === 5) {
        const {name: initialized, location} = initializer(data);
        initializers.add(initialized);
        if (location !== null) files.add(location);
      }
      if (field === 11) model.inputs.push(valueInfo(data));
      if (field === 12) model.outputs.push(valueInfo(data));
    });
  } catch (failure) {
    // A file of ours begins with its version; one that does not is no model at all, however it goes on.
    if (failure instanceof Damaged && bytes[0] === 8 && version >= 1 && version < 100)
      throw new Error(`${name} is incomplete: ${failure.message}. Download or export it again.`);
    throw notOnnx();
  }
  model.inputs = model.inputs.filter(input => !initializers.has(input.name));
  model.files = [...files];
  return model;
}

const show = value => `${value.name} ${value.type} [${value.shape.join(',')}]`;
const equal = (shape, wanted) => shape.length === wanted.length && shape.every((size, i) => size === wanted[i]);

/** The noise levels at which a ladder's next network takes over, falling; none for a single network. */
function changesOf(about, name) {
  if (!about['florilegium.ladder']) return [];
  try {
    const levels = JSON.parse(about['florilegium.ladder']).map(one => one.from_level);
    if (levels.every((level, i) => level > 0 && level < (i > 0 ? levels[i - 1] : 1))) return levels;
  } catch {
    // What follows tells it.
  }
  throw new Error(`${name} describes its ladder of networks in a way that this page does not understand.`);
}

const MOST_NOISE = 100;
// NaN for what is no plain number; Number('') would be 0, Number('0x10') 16.
const decimal = text => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text ?? '') ? Number(text) : NaN);
// Without control characters, and no longer than fits in a line.
const short = (text, most = 40) => {
  const clean = [...text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim()];
  return clean.length > most ? `${clean.slice(0, most - 1).join('')}…` : clean.join('');
};

/** Checks a model from readModel() against the contract -> what the page needs to know of it. Throws a sentence. */
export function checkContract(model, name = 'The model') {
  const problems = [];
  const x = model.inputs.find(input => input.name === 'x');
  const noiseLevel = model.inputs.find(input => input.name === 'noise_level');
  const hint = model.inputs.find(input => input.name === 'hint');
  const view = model.inputs.find(input => input.name === 'view');
  const denoised = model.outputs.find(output => output.name === 'denoised');
  const size = x?.shape[2];
  const float = value => value.type === ELEMENT_TYPES[FLOAT];
  if (!x || !float(x) || !Number.isInteger(size) || size < HINT_CELL || !equal(x.shape, [1, 3, size, size]))
    problems.push('x');
  if (!noiseLevel || !float(noiseLevel) || !equal(noiseLevel.shape, [1])) problems.push('noise_level');
  if (hint && (!float(hint) || !equal(hint.shape, [1, 4, size / HINT_CELL, size / HINT_CELL]))) problems.push('hint');
  if (view && (!float(view) || !equal(view.shape, [1]))) problems.push('view');
  if (model.inputs.some(input => !['x', 'noise_level', 'hint', 'view'].includes(input.name)))
    problems.push('an unknown input');
  if (!denoised || !float(denoised) || !equal(denoised.shape, x?.shape ?? [])) problems.push('denoised');
  if (problems.length > 0) {
    throw new Error(
        `${name} does not fit this page (${
            problems.join(', ')}). Expected: inputs x float32 [1,3,S,S], noise_level float32 [1] ` +
        `and perhaps hint float32 [1,4,S/${HINT_CELL},S/${
            HINT_CELL}] and view float32 [1]; output denoised float32 [1,3,S,S]. Found: inputs ${
            model.inputs.map(show).join('; ') || 'none'}; ` +
        `outputs ${model.outputs.map(show).join('; ') || 'none'}.`);
  }
  const about = model.metadata;
  if (about.noise && !NOISES.includes(about.noise))
    throw new Error(`${name} wants noise of a kind this page does not know: '${short(about.noise)}'.`);
  const sampler = about.default_sampler || USUAL_SAMPLER;
  if (!SAMPLERS.includes(sampler))
    throw new Error(`${name} wants a sampler that this page does not know: '${short(sampler)}'.`);
  const schedule = about.schedule || USUAL_SCHEDULE;
  try {
    checkSchedule(schedule);
  } catch {
    throw new Error(`${name} wants a schedule that this page does not know: '${short(schedule)}'.`);
  }
  // What decides how a plate grows has to be right; what is only recommended, or told, may be missing.
  const noiseScale = about.noise_scale === undefined ? 1 : decimal(about.noise_scale);
  if (!(noiseScale > 0 && noiseScale <= MOST_NOISE))
    throw new Error(`${name} wants noise of a scale that cannot be: '${short(about.noise_scale)}'.`);
  const steps = decimal(about.default_steps);
  // Of each network of a ladder, the coarsest first.
  const costs = (about.gflop_per_step ?? '').split(' ').map(decimal).filter(cost => cost > 0 && cost < 1e9);
  return {
    imageSize: size,
    hasHint: Boolean(hint),
    hasView: Boolean(view),
    noise: about.noise || NOISES[0],
    noiseScale,
    schedule,
    defaultSteps: steps > 0 ? Math.min(MOST_STEPS, Math.max(1, Math.round(steps))) : USUAL_STEPS,
    defaultSampler: sampler,
    title: short(about.title ?? '', 80),
    gflopPerStep: costs.length > 0 ? Math.max(...costs) : null,
    changes: changesOf(about, name),
    metadata: about,
  };
}

// Reads the notes in a PNG file: what Florilegium writes into each picture it saves (src/image/png.h), and so the
// recipe of a plate.
import {checkBranches, checkSampler, checkSchedule, checkSteps, parseSeed} from './address.mjs';
import {MOST_PLATES} from './boundary.mjs';

const BROKEN_OFF = 'the PNG file is damaged: it breaks off in the middle.';
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
export const isPng = bytes => SIGNATURE.every((value, i) => bytes[i] === value);

/** The notes of a PNG file, {key: value}: tEXt chunks and uncompressed iTXt ones. Throws a sentence for a damaged file.
    */
export function readPngNotes(bytes) {
  if (!isPng(bytes)) throw new Error('it is not a PNG file.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), latin1 = new TextDecoder('latin1'),
        utf8 = new TextDecoder();
  const notes = {};
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) throw new Error(BROKEN_OFF);
    const length = view.getUint32(at), type = latin1.decode(bytes.subarray(at + 4, at + 8)),
          data = bytes.subarray(at + 8, at + 8 + length);
    if (at + 12 + length > bytes.length) throw new Error(BROKEN_OFF);
    if (type === 'IEND') return notes;
    const end = data.indexOf(0), key = latin1.decode(data.subarray(0, Math.max(0, end)));
    if (type === 'tEXt' && end > 0) notes[key] = latin1.decode(data.subarray(end + 1));
    if (type === 'iTXt' && end > 0 && data[end + 1] === 0) {
      const language = data.indexOf(0, end + 3), translated = data.indexOf(0, language + 1);
      if (language > 0 && translated > 0) notes[key] = utf8.decode(data.subarray(translated + 1));
    }
    at += 12 + length;
  }
}

/** The recipe in a picture's notes, {seed, steps, sampler, schedule, model, weights, branches}, and of a contact sheet
    the count of its plates as well, from that seed on; null when there is none, or when the picture followed painted
    colours, which no recipe carries. model: a file's name, or a title as the program `sample` once wrote; weights: the
    first digits of the file's SHA-256, or ''. Throws a sentence when it makes no sense. */
export function readRecipe(notes) {
  const range = /^(\d+) to (\d+)$/.exec(notes['florilegium.seed'] ?? '');   // as `sample` once wrote of a sheet
  const sheet = 'florilegium.first_seed' in notes || range !== null,
        seed = range?.[1] ?? notes[sheet ? 'florilegium.first_seed' : 'florilegium.seed'];
  if (seed === undefined || notes['florilegium.hint'] === 'yes') return null;
  try {
    let count;
    if (sheet) count = range ? Number(BigInt(range[2]) - BigInt(range[1]) + 1n) : Number(notes['florilegium.count']);
    if (sheet && !(Number.isInteger(count) && count >= 1 && count <= MOST_PLATES))
      throw new RangeError(`A sheet has 1 to ${MOST_PLATES} plates, not ${count}.`);
    const steps = checkSteps(notes['florilegium.steps']),
          branches = checkBranches(notes['florilegium.branches'] ?? '', steps);
    return {
      ...(sheet ? {count} : {branches}),
      seed: parseSeed(seed),
      steps,
      sampler: checkSampler(notes['florilegium.sampler']),
      schedule: checkSchedule(notes['florilegium.schedule']),
      model: notes['florilegium.model'] ?? '',
      weights: notes['florilegium.weights'] ?? '',
    };
  } catch (error) {
    throw new Error(`the recipe in it cannot be used. ${error.message}`);
  }
}

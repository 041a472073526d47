// The judge in a worker of its own: the published thumbs of all training plates, and pictures that are held against
// them.
//
// {type: 'open'}: answers {type: 'held out', rgba, text} for each square of a held-out plate, QUIZ_SIDE pixels wide and
// high; then {type: 'ready'}. {type: 'picture', id, side, rgba | kept, inSet}: answers {type: 'judged', id, picture,
// ratio, nearest: [{rgba, text, distance}],
//   proportion: {count, values: Float64Array} when inSet}. kept: planar 16-bit values as the denoiser keeps them
//   (src/diffusion/kept.h).
// {type: 'forget'}: begins a new set. What goes wrong: {type: 'failed', id, message}.
import {KEPT_SCALE, NEAREST_SHOWN, QUIZ_SIDE as SIDE} from './boundary.mjs';
import createJudge from './florilegium_judge.mjs';

const NEAR_SIDE = 192, QUALITY = 0.85;
let judge, published, sheet;
let count = 0;                             // pictures in the set

const fetched = async file => {
  const response = await fetch(new URL(`./judge/${file}`, import.meta.url));
  if (!response.ok) throw new Error(`The printed plates cannot be shown: judge/${file} is missing on the server.`);
  return response;
};
const canvasOf = (bitmap, width = bitmap.width, height = bitmap.height) => {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d', {willReadFrequently: true}).drawImage(bitmap, 0, 0);
  return canvas;
};
const pixels = (canvas, x = 0, y = 0, width = canvas.width, height = canvas.height) =>
    canvas.getContext('2d').getImageData(x, y, width, height).data;
/** The place first: making room may move the module's memory, and the view of it with it. */
const fill = (at, bytes) => judge.HEAPU8.set(bytes, at);
const bookOf = index => {
  const book = published.books[index];
  return book ? [book.title, book.author, book.year].filter(Boolean).join(', ') : 'a plate';
};

/** Both kinds of the quiz go through the same compression, so that it gives nothing away. */
async function compressedAlike(rgba) {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(rgba), SIDE, SIDE), 0, 0);
  return pixels(canvasOf(await createImageBitmap(await canvas.convertToBlob({type: 'image/jpeg', quality: QUALITY}))));
}

async function open() {
  judge = await createJudge();
  published = await (await fetched('judge.json')).json();
  const [plates, squares] = await Promise.all(
      ['plates.jpg', 'held-out.jpg'].map(async file => createImageBitmap(await (await fetched(file)).blob())));
  sheet = canvasOf(plates);
  fill(judge._judge_sheet(sheet.width, sheet.height), pixels(sheet));
  for (const [left, top, width, height] of published.plates) judge._judge_shelve(left, top, width, height);
  const {quantiles, hue, count: real} = published.statistics, numbers = [...quantiles, ...hue];
  const at = judge._judge_numbers(numbers.length);
  judge.HEAPF64.set(numbers, at / 8);
  judge._judge_real(real);
  const {plates: listed, columns, side} = published.held_out, canvas = canvasOf(squares);
  for (const [i, [book]] of listed.entries()) {
    const rgba = await compressedAlike(pixels(canvas, i % columns * side, Math.floor(i / columns) * side, side, side));
    self.postMessage({type: 'held out', rgba, text: bookOf(book)}, [rgba.buffer]);
  }
  self.postMessage({type: 'ready'});
}

function toRgba(kept, side) {
  const rgba = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let c = 0; c < 3; ++c)
    for (let i = 0; i < side * side; ++i)
      rgba[i * 4 + c] = Math.floor((kept[c * side * side + i] / KEPT_SCALE + 1) * 127.5 + 0.5);
  return rgba;
}

/** The place of a neighbour on the sheet of thumbs, turned as the picture is. */
function placeOf(k) {
  const [left, top] = published.plates[judge._judge_neighbour(k)];
  const [x, y, side, mirrored] = [0, 1, 2, 3].map(what => judge._judge_place(k, what));
  const canvas = new OffscreenCanvas(NEAR_SIDE, NEAR_SIDE), context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  if (mirrored) context.setTransform(-1, 0, 0, 1, NEAR_SIDE, 0);
  context.drawImage(sheet, left + x, top + y, side, side, 0, 0, NEAR_SIDE, NEAR_SIDE);
  return pixels(canvas);
}

/** How far as many real plates, drawn by chance, are from the others: for the nearest count that was published. */
function distanceByChance(wanted) {
  const {counts, distances} = published.statistics.by_chance;
  return distances[counts.reduce(
      (best, one, i) => (Math.abs(one - wanted) < Math.abs(counts[best] - wanted) ? i : best), 0)];
}

async function judged({id, side, rgba, kept, inSet}) {
  fill(judge._judge_picture(side, side), rgba ?? toRgba(kept, side));
  const ratio = judge._judge_look(NEAREST_SHOWN), nearest = [];
  for (let k = 0; k < NEAREST_SHOWN; ++k)
    nearest.push({
      rgba: placeOf(k),
      text: bookOf(published.plates[judge._judge_neighbour(k)][4]),
      distance: judge._judge_distance(k)
    });
  let proportion = null;
  if (inSet) {
    judge._judge_set_add();
    const at = judge._judge_compare() / 8, values = new Float64Array(judge._judge_compared() + 1);
    values.set(judge.HEAPF64.subarray(at, at + values.length - 1));
    values[values.length - 1] = distanceByChance(++count);
    proportion = {count, values};
  }
  const at = judge._judge_reduced(SIDE);
  const picture = await compressedAlike(judge.HEAPU8.slice(at, at + SIDE * SIDE * 4));
  self.postMessage({type: 'judged', id, picture, ratio, nearest, proportion});
}

let last = Promise.resolve();              // one after the other
self.onmessage = ({data}) => {
  last = last.then(async () => {
    if (data.type === 'open') await open();
    else if (data.type === 'forget') { judge?._judge_set_clear(); count = 0; }
    else await judged(data);
  }).catch(error => self.postMessage({type: 'failed', id: data.id, message: error.message}));
};

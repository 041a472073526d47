// Glyphs that the studio's faces lack, painted by the browser with whatever typefaces the visitor's device has: titles
// and file names are in any script.

let context;   // of one small canvas

/** A character -> {advance, left, top, width, height, coloured, rgba}: white (or in its own colours) on nothing. The
    pen stands on the baseline; left and top lead from there to the picture, downwards positive. All in pixels. */
export function paintGlyph(character, size, {serif, weight, italic}) {
  context ??= document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const font = `${italic ? 'italic ' : ''}${weight} ${size}px ${serif ? 'serif' : 'sans-serif'}`;
  context.font = font;
  const box = context.measureText(character);
  const left = Math.floor(-box.actualBoundingBoxLeft) - 1, top = Math.floor(-box.actualBoundingBoxAscent) - 1,
        width = Math.ceil(box.actualBoundingBoxRight) + 1 - left,
        height = Math.ceil(box.actualBoundingBoxDescent) + 1 - top;
  const empty = {advance: box.width, left: 0, top: 0, width: 0, height: 0, coloured: false, rgba: new Uint8Array()};
  if (!(width > 2 && height > 2)) return empty;            // a space of some kind
  const {canvas} = context;
  canvas.width = width;                                    // empties it, and forgets the font
  canvas.height = height;
  context.font = font;
  context.fillStyle = '#fff';
  context.fillText(character, -left, -top);
  const rgba = context.getImageData(0, 0, width, height).data;
  let coloured = false, anything = false;
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i + 3] === 0) continue;
    anything = true;
    if (rgba[i + 3] > 32 && Math.min(rgba[i], rgba[i + 1], rgba[i + 2]) < 200) coloured = true;
    if (rgba[i + 3] < 255 && !coloured) rgba[i] = rgba[i + 1] = rgba[i + 2] = 255;
  }
  return anything ? {...empty, left, top, width, height, coloured, rgba} : empty;
}

// The desk: makes files out of pictures in a worker of its own, so that neither the page nor the denoiser waits.
// From the page: {id, kind: 'png' | 'sheet' | 'animation', pictures: [{rgba, width, height}], notes, ...}; back: {id,
// bytes} or {id, message}.
import createDesk from './florilegium_desk.mjs';

const ready = createDesk();

const encode = {
  png: (desk, notes) => desk._desk_encode_png(notes),
  sheet: (desk, notes, {columns, margin, background}) => desk._desk_encode_sheet(columns, margin, background, notes),
  animation: (desk, notes, {frameMilliseconds, lastMilliseconds}) =>
      desk._desk_encode_animation(frameMilliseconds, lastMilliseconds, notes),
};

self.onmessage = async ({data: {id, kind, pictures, notes, ...options}}) => {
  try {
    const desk = await ready;
    const sayWhy = () => { throw new Error(desk.UTF8ToString(desk._failure_sentence())); };
    desk._desk_clear();
    for (const {rgba, width, height} of pictures) {
      const at = desk._desk_picture(width, height);
      if (!at) sayWhy();
      desk.HEAPU8.set(rgba, at);
    }
    const text = desk.stringToNewUTF8(notes);
    const length = encode[kind](desk, text, options);
    desk._free(text);
    if (length < 0) sayWhy();
    const at = desk._desk_file(), bytes = desk.HEAPU8.slice(at, at + length);
    self.postMessage({id, bytes}, [bytes.buffer]);
  } catch (error) {
    self.postMessage({id, message: `The file could not be made: ${error.message}`});
  }
};

// The desk: makes files out of pictures in a worker of its own, so that neither the page nor the denoiser waits.
import createDesk from './florilegium_desk.mjs';

const ready = createDesk();

self.onmessage = async ({data: {id, rgba, width, height, notes}}) => {
  try {
    const desk = await ready;
    desk.HEAPU8.set(rgba, desk._desk_picture(width, height));
    const text = desk.stringToNewUTF8(notes);
    const bytes = desk._desk_encode_png(text);
    desk._free(text);
    if (bytes < 0) throw new Error(desk.UTF8ToString(desk._desk_error()));
    const at = desk._desk_png(), png = desk.HEAPU8.slice(at, at + bytes);
    self.postMessage({id, png}, [png.buffer]);
  } catch (error) {
    self.postMessage({id, message: `The PNG file could not be made: ${error.message}`});
  }
};

// The desk as the page sees it: pictures go to its worker, files come back and are handed to the visitor.

export class Desk {
  #worker = null;
  #waiting = new Map();    // id -> {resolve, reject}
  #lastId = 0;

  /** pictures: [{rgba, width, height}]: their arrays are given away -> the bytes of the file (Uint8Array). Rejected
      with a sentence. kind 'png': the first by itself; 'sheet': side by side, with {columns, margin, background:
      0xRRGGBB}; 'animation': one after the other, with {frameMilliseconds, lastMilliseconds}. notes: one "key=value" a
      line. */
  encode(kind, pictures, notes, options = {}) {
    this.#worker ??= this.#start();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {resolve, reject});
      this.#worker.postMessage({id, kind, pictures, notes, ...options}, pictures.map(one => one.rgba.buffer));
    });
  }

  /** Hands bytes to the visitor as a download. */
  save(bytes, file) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes], {type: 'image/png'}));
    link.download = file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  #start() {
    const worker = new Worker(new URL('./desk-worker.mjs', import.meta.url), {type: 'module', name: 'desk'});
    worker.onmessage = ({data: {id, bytes, message}}) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (message) waiting.reject(new Error(message));
      else waiting.resolve(bytes);
    };
    worker.onerror = event => {
      event.preventDefault();
      for (const {reject} of this.#waiting.values())
        reject(new Error('The file could not be made: its worker did not start.'));
      this.#waiting.clear();
      this.#worker = null;
    };
    return worker;
  }
}

/** 1234567 -> '1.2 MB'. */
export const sizeOf = bytes =>
    (bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`);

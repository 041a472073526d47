// Files that a visitor drops on the page, or opens: told apart by what is in them, not by their names.
//
//   const drops = new Drops(tell);            // tell(sentence, failure)
//   drops.recipe = (recipe, file) => {};      // a PNG that Florilegium saved: {seed, steps, sampler, schedule, model,
//   branches}, of a contact sheet {count} too
//   drops.picture = file => {};               // any other picture
//   drops.model = file => {};                 // an .onnx file
//   drops.watch(window);
// What has no taker is answered with a sentence.
import {isPng, readPngNotes, readRecipe} from './png-notes.mjs';

const starts = (bytes, text, at = 0) => [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));
const isPicture = bytes => isPng(bytes) || (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) ||
    starts(bytes, 'GIF8') || (starts(bytes, 'RIFF') && starts(bytes, 'WEBP', 8)) || starts(bytes, 'ftypavif', 4) ||
    starts(bytes, 'BM');
// ModelProto begins with its field 1, ir_version: a small number.
const isModel = (bytes, name) => (bytes[0] === 8 && bytes[1] < 32) || /\.onnx$/i.test(name);

export class Drops {
  recipe = null;
  picture = null;
  model = null;
  #tell;

  constructor(tell) { this.#tell = tell; }

  watch(target) {
    const root = document.documentElement, hasFiles = event => event.dataTransfer?.types.includes('Files');
    let inside = 0;        // dragenter and dragleave come for every element that is passed
    target.addEventListener('dragenter', event => { if (hasFiles(event)) { ++inside; root.dataset.dropping = ''; } });
    target.addEventListener('dragleave', event => {
      if (hasFiles(event) && --inside <= 0) {
        inside = 0;
        delete root.dataset.dropping;
      }
    });
    target.addEventListener('dragover', event => {
      if (hasFiles(event)) {
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      }
    });
    target.addEventListener('drop', event => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      inside = 0;
      delete root.dataset.dropping;
      const {files} = event.dataTransfer;
      if (files.length > 1) this.#tell(`${files.length} files came at once; only ${files[0].name} is opened.`, false);
      if (files.length > 0) this.open(files[0]);
    });
  }

  /** Lets the visitor choose a file. accept: as of <input type=file>. */
  choose(accept) {
    const input = Object.assign(document.createElement('input'), {type: 'file', accept});
    input.addEventListener('change', () => { if (input.files[0]) this.open(input.files[0]); });
    input.click();
  }

  /** Gives a file to whom it concerns. */
  async open(file) {
    try {
      const head = new Uint8Array(await file.slice(0, 16).arrayBuffer());
      if (isPng(head)) {
        const recipe = readRecipe(readPngNotes(new Uint8Array(await file.arrayBuffer())));
        if (recipe && this.recipe) return await this.recipe(recipe, file);
        if (!this.picture)
          return this.#tell(
              `There is no recipe in ${file.name}: Florilegium did not save it, or another program has saved it since.`,
              true);
      }
      if (isPicture(head)) {
        if (this.picture) return await this.picture(file);
        return this.#tell(
            `${file.name} is a picture without a recipe: only PNG files that Florilegium saved have one.`, true);
      }
      if (isModel(head, file.name)) {
        if (this.model) return await this.model(file);
        return this.#tell(`${file.name} is a model; this page cannot open models of your own.`, true);
      }
      this.#tell(
          `${file.name} is neither a picture nor a model (.onnx): there is nothing here that can open it.`, true);
    } catch (error) {
      this.#tell(
          error.name === 'NotReadableError' || error.name === 'NotFoundError' ? `${file.name} cannot be read.` :
                                                                                `${file.name}: ${error.message}`,
          true);
    }
  }
}

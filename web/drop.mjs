// Files that a visitor drops on the page, or opens: told apart by what is in them, not by their names. A PNG that
// Florilegium saved grows its plate or sheet again, any other picture is one to begin from, an .onnx file is a model.
import {isPng, readPngNotes, readRecipe} from './png-notes.mjs';
import {takeShared} from './service.mjs';

const starts = (bytes, text, at = 0) => [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));
// Of ISO media files (AVIF, HEIC, films) the brand follows 'ftyp'.
const PHOTO_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'];
const brandOf = bytes => (starts(bytes, 'ftyp', 4) ? String.fromCharCode(...bytes.slice(8, 12)) : '');
const isHeic = bytes => PHOTO_BRANDS.includes(brandOf(bytes));
const isSvg = bytes => /^(\ufeff|\s)*<(\?xml|!--|!DOCTYPE svg|svg)/i.test(new TextDecoder().decode(bytes));
const isPicture = bytes => isPng(bytes) || (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) ||
    starts(bytes, 'GIF8') || (starts(bytes, 'RIFF') && starts(bytes, 'WEBP', 8)) || starts(bytes, 'BM') ||
    isHeic(bytes) || brandOf(bytes).startsWith('avi') || isSvg(bytes);
// ModelProto begins with its field 1, ir_version: a small number.
const isModel = (bytes, name) => (bytes[0] === 8 && bytes[1] < 32) || /\.onnx$/i.test(name);

export class Drops {
  #page;

  constructor(page) { this.#page = page; }

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
      this.#openAll([...event.dataTransfer.files]);
    });
  }

  // A model may bring others, which hold its weights; otherwise one file is enough.
  #openAll(files) {
    const models = files.filter(({name}) => /\.onnx$/i.test(name)), first = models.length === 1 ? models[0] : files[0],
          others = files.filter(file => file !== first);
    if (others.length > 0 && models.length !== 1)
      this.#page.tell(`${files.length} files came at once; only ${first.name} is opened.`, false);
    if (first) this.open(first, others);
  }

  /** Lets the visitor choose a file. accept: as of <input type=file>. */
  choose(accept) {
    // Weights in a second file end in anything.
    const withWeights = accept.includes('.onnx');
    const input = Object.assign(
        document.createElement('input'),
        {type: 'file', accept: withWeights ? `${accept},.data,.bin` : accept, multiple: withWeights});
    input.addEventListener('change', () => this.#openAll([...input.files]));
    input.click();
  }

  /** Opens what another app shared with the installed page, where the page was loaded for that. */
  async openShared() {
    const url = new URL(location.href);
    if (!url.searchParams.has('shared')) return;
    url.searchParams.delete('shared');
    history.replaceState(null, '', url);
    const file = await takeShared();
    if (file) await this.open(file);
  }

  /** Gives a file to whom it concerns, with others that came with it. */
  async open(file, others = []) {
    const {tell, growing, easel, models, studio} = this.#page;
    try {
      const head = new Uint8Array(await file.slice(0, 64).arrayBuffer());
      if (isPng(head)) {
        const recipe = readRecipe(readPngNotes(new Uint8Array(await file.arrayBuffer())));
        if (recipe) return await (recipe.count ? growing.openSheet(recipe) : growing.openRecipe(recipe));
      }
      const model = isModel(head, file.name);
      // Whatever else the browser takes for a picture is left to it.
      if (isPicture(head) || (!model && file.type.startsWith('image/'))) {
        await easel.takePicture(isSvg(head) ? new File([file], file.name, {type: 'image/svg+xml'}) : file)
            .catch(error => {
              if (isHeic(head) && error.name === 'UnreadablePicture')
                throw new Error('this is a HEIC photo, which this browser cannot read. Save it as JPEG first.');
              throw error;
            });
        return studio.showRoom('grow');
      }
      if (model) return await models.openAny(file, others).catch(() => {});   // told by a notice already
      tell(`${file.name} is neither a picture nor a model (.onnx): there is nothing here that can open it.`, true);
    } catch (error) {
      tell(
          error.name === 'NotReadableError' || error.name === 'NotFoundError' ? `${file.name} cannot be read.` :
                                                                                `${file.name}: ${error.message}`,
          true);
    }
  }
}

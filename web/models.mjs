// The models: those that came with the page, which one is open, and opening another.
import {readQuery} from './address.mjs';
import {addressOf, sourceOf, usualOf} from './shipped.mjs';

export class Models {
  // that came with the page: [{file, title, bytes, imageSize, gflopPerStep, trainSamples, sha256, judged}]
  list = [];
  #page;
  #opened = [];   // the sources of the model in use and of the one before it, the newest last

  constructor(page) {
    this.#page = page;
    page.host.models = {
      open: ({file}) => this.open(this.sourceOfFile(file)).catch(() => {}),   // told by a notice already
      openBefore: () => { if (this.#opened.length > 1) this.open(this.#opened[0]).catch(() => {}); },
      choose: () => page.drops.choose('.onnx'),
    };
  }

  set came(list) {
    this.list = list;
    for (const one of list) this.#page.studio.addChoice(one);
  }

  /** A model's address (URL) -> what the engine loads. */
  sourceOf(url) { return sourceOf(url, this.list); }

  /** As sourceOf(), of one that came with the page. */
  sourceOfFile(file) { return this.sourceOf(addressOf(file)); }

  /** What opens when nobody chose. Throws a sentence when there is none. */
  usual() {
    const file = usualOf(this.list);
    if (!file) {
      const sentence =
          'No model came with this page. Train one (florilegium train), then open it with ?model=models/NAME.onnx.';
      this.#page.studio.modelFailed();
      this.#page.tell(sentence, true);
      throw new Error(sentence);
    }
    return this.sourceOfFile(file);
  }

  /** Opens a model -> its info. Failures are told by a notice; the one in use stays then. */
  async open(source) {
    const {studio, tell} = this.#page;
    studio.modelLoading({received: 0, total: 0, preparing: false});
    try {
      if (!this.#page.engine) throw new Error('The page is not ready yet. Open the model again in a moment.');
      const info = await this.#page.engine.load(source);
      this.#opened = [...this.#opened.slice(-1), source];
      return info;
    } catch (error) {
      studio.modelFailed();
      tell(error.message, true);
      throw error;
    }
  }

  /** By its address on this server, or a File of the visitor's own, with those (Files) that came with it. */
  async openAny(url, companions = []) {
    if (url instanceof File) return this.open({name: url.name, file: url, companions});
    const model = new URL(url, location.href);
    if (model.origin !== location.origin)
      throw new Error(
          `The model ${model.href} lies on another server. This page opens models from its own server only.`);
    return this.open(this.sourceOf(model));
  }

  /** Opens the model that a recipe names, by its file's name, its weights' hash or its title, if it is another one. */
  async use(model, weights = '') {
    const {engine, tell} = this.#page;
    if (!engine?.info) throw new Error('the model is still on its way. Try again when it is ready.');
    if (!model || model === engine.info.model) return;
    const same = weights && this.list.find(({sha256}) => sha256?.startsWith(weights)),
          named = this.list.find(({file}) => file === model) ?? this.list.find(({title}) => title === model),
          found = same || named;
    if (!found) throw new Error(`it was grown by the model ${model}, which did not come with this page.`);
    if (weights && !same)
      tell(`It was grown by other weights than those of ${found.file} here: the plate will be another one.`, false);
    if (found.file !== engine.info.model) await this.open(this.sourceOfFile(found.file));
  }

  /** The address names the model too, when it is another one than the page would open: a plate is a recipe and its
      model. */
  name(file) {
    if (!this.list.some(one => one.file === file)) return;
    const opened = readQuery(location.search, location.href).model?.href ?? this.usual().url;
    if (addressOf(file).href === opened) return;
    const query = new URLSearchParams(location.search);
    query.set('model', `models/${file}`);
    history.replaceState(null, '', `?${query.toString().replaceAll('%2F', '/')}${location.hash}`);
  }
}

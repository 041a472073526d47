// What stays with the visitor: the page, its models and the runtime for visits without a network, and pictures as
// files.
import {sizeOf} from './desk.mjs';
import {fetchList, forgetKept, forgetOthers, keptBytes} from './kept-files.mjs';
import {forgetPage, keepPage} from './service.mjs';

export class Keeping {
  #page;

  constructor(page) {
    this.#page = page;
    page.host.keeping = {
      forget: () => this.forget(),
      savePng: ({picture, notes, file}) => this.#savePng(picture, notes, file),
    };
  }

  /** Keeps the page, and forgets what earlier versions of it kept. */
  async keep() {
    const {models, tell} = this.#page;
    await keepPage(
        () => tell('A newer version of this page is here. It will be used when you load the page again.', false));
    const runtime = await fetchList('ort/index.json');
    if (models.list.length > 0 && runtime.length > 0) await forgetOthers([...models.list, ...runtime]);
    await this.#tellBytes();
  }

  async forget() {
    await forgetKept().catch(() => {});
    await forgetPage().catch(() => {});
    await this.#tellBytes();
    this.#page.tell('Nothing of this page is kept on this device any more; the next visit downloads it again.', false);
  }

  async #tellBytes() { this.#page.studio.kept(await keptBytes()); }

  async #savePng(picture, notes, file) {
    const {desk, tell, announce} = this.#page;
    try {
      const bytes = await desk.encode('png', [picture], notes);
      desk.save(bytes, file);
      announce(`Saved ${file}, ${sizeOf(bytes.length)}.`);
    } catch (error) {
      tell(error.message, true);
    }
  }
}

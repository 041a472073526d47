// The visitor's favourites, kept in this browser (IndexedDB): recipes with their thumbnails, in the order in which they
// were chosen. How many there can be is the studio's affair (most_favourites in src/studio/state/gallery.h): a hundred
// take 6.6 MB at most.

const STORE = 'favourites';
const keyOf =
    ({seed, steps, sampler, schedule, model, branches}) => [model, String(seed), steps, sampler, schedule, branches]
                                                               .join(' ')
                                                               .trimEnd();
const done = request => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

export class Favourites {
  #opened = null;

  #open() {
    if (!globalThis.indexedDB) return Promise.reject(new Error('this browser offers no storage'));
    const request = indexedDB.open('florilegium', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, {keyPath: 'key'});
    return done(request);
  }

  async #store(mode) {
    this.#opened ??= this.#open();
    return (await this.#opened).transaction(STORE, mode).objectStore(STORE);
  }

  /** [{seed: BigInt, steps, sampler, schedule, model, branches, rgba, width, height}], the oldest first. */
  async all() {
    const records = await done((await this.#store('readonly')).getAll());
    return records.sort((a, b) => a.kept - b.kept).map(({key,
                                                         kept,
                                                         ...one}) => ({branches: '', ...one, seed: BigInt(one.seed)}));
  }

  /** Resolves when it is really stored. */
  async keep(recipe, {rgba, width, height}) {
    const store = await this.#store('readwrite');
    const stored = new Promise((resolve, reject) => {
      store.transaction.oncomplete = resolve;
      store.transaction.onabort = store.transaction.onerror = () => reject(store.transaction.error);
    });
    store.put({key: keyOf(recipe), kept: Date.now(), ...recipe, seed: String(recipe.seed), rgba, width, height});
    return stored;
  }

  async forget(recipe) { await done((await this.#store('readwrite')).delete(keyOf(recipe))); }
}

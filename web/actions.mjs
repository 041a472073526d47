// All that stands on the canvas and can be done there, as a list of the page's own buttons and fields, for screen
// readers and for those who use the keyboard alone. The studio says after each frame what the list holds
// (src/studio/kit/page_list.h): the same controls in the same order.

const BEHIND = {panel: 1, heading: 2};     // headings, the smaller the higher

/** The studio's lines -> [{kind, id, enabled, chosen, stop, stops, name, value, key}], without headings over nothing.
    key: the same for the same entry in the next list. */
export function readList(lines) {
  const entries = lines.split('\n').filter(Boolean).map(line => {
    const [kind, id, enabled, chosen, stop, stops, name, value] = line.split('\t');
    return {kind, id: Number(id), enabled: enabled === '1', chosen: chosen === '1', stop: Number(stop),
            stops: Number(stops), name, value};
  });
  const filled = entries.filter(({kind}, i) => {
    const level = BEHIND[kind], next = entries[i + 1] && (BEHIND[entries[i + 1].kind] ?? 3);
    return level === undefined || (next ?? 0) > level;
  });
  const seen = new Map();
  for (const one of filled) {
    const same = `${one.kind} ${one.id || one.name.replace(/\d+/g, '#')}`, count = (seen.get(same) ?? 0) + 1;
    seen.set(same, count);
    one.key = `${same} ${count}`;
  }
  return filled;
}

const make = (tag, given = {}) => Object.assign(document.createElement(tag), given);

export class ActionList {
  #studio; #toggle; #root;
  #shown = new Map();      // key -> {element, show(entry)}
  #lines = '';

  /** page: of web/main.mjs; toggle: the button that opens and closes the list in root. */
  constructor({studio}, toggle, root) {
    this.#studio = studio;
    this.#toggle = toggle;
    this.#root = root;
    studio.watchFrames(() => this.#follow());
    for (const part of [toggle, root])
      part.addEventListener('keydown', event => {
        if (event.key !== 'Escape' || root.hidden) return;
        this.toggle();
        toggle.focus();
      });
  }

  toggle() {
    const open = this.#root.hidden;
    this.#root.hidden = !open;
    this.#toggle.setAttribute('aria-expanded', String(open));
    this.#lines = '';
    this.#studio.keepList(open);
  }

  #follow() {
    if (this.#root.hidden) return;
    const lines = this.#studio.list;
    if (lines === this.#lines) return;
    this.#lines = lines;
    const entries = readList(lines), root = this.#root, focused = document.activeElement,
          place = [...root.children].findIndex(one => one.contains(focused));
    const wanted = new Set(entries.map(({key}) => key));
    for (const [key, {element}] of this.#shown) {
      if (wanted.has(key)) continue;
      element.remove();
      this.#shown.delete(key);
    }
    entries.forEach((entry, i) => {
      let one = this.#shown.get(entry.key);
      if (!one) this.#shown.set(entry.key, one = this.#make(entry));
      one.show(entry);
      if (root.children[i] !== one.element) root.insertBefore(one.element, root.children[i] ?? null);
    });
    // what had the focus has gone, or lost it when it moved: it stays about there
    if (place < 0 || document.activeElement === focused) return;
    const near = root.contains(focused) ? focused :
                                          [...root.children]
                                              .slice(place)
                                              .map(one => one.matches('button') ? one : one.querySelector('input'))
                                              .find(Boolean);
    (near ?? this.#toggle).focus();
  }

  #make({kind}) {
    switch (kind) {
      case 'panel':
      case 'heading': return this.#words(kind === 'panel' ? 'h2' : 'h3');
      case 'text': return this.#words('p');
      case 'slide': return this.#slide();
      case 'field': return this.#field();
      default: return this.#button(kind);
    }
  }

  #words(tag) {
    const element = make(tag);
    return {element, show: ({name}) => { if (element.textContent !== name) element.textContent = name; }};
  }

  // One that cannot be used stays in its place, and keeps the focus: it may be usable again in a moment.
  #button(kind) {
    const element = make('button', {type: 'button'});
    let now;
    element.addEventListener('click', () => { if (now.enabled) this.#studio.doInList(now.id); });
    return {
      element,
      show: entry => {
        now = entry;
        if (element.textContent !== entry.name) element.textContent = entry.name;
        element.setAttribute('aria-disabled', String(!entry.enabled));
        if (kind === 'pick') element.setAttribute('aria-pressed', String(entry.chosen));
      }
    };
  }

  #slide() {
    const element = make('label'), words = make('span'), input = make('input', {type: 'range', min: 0, step: 1});
    let id;
    element.append(words, input);
    input.addEventListener('input', () => this.#studio.doInList(id, input.value));
    return {
      element,
      show: entry => {
        ({id} = entry);
        if (words.textContent !== entry.name) words.textContent = entry.name;
        input.max = entry.stops;
        input.value = entry.stop;
        input.setAttribute('aria-valuetext', entry.value);
      }
    };
  }

  #field() {
    const element = make('label'), words = make('span'),
          input = make('input', {inputMode: 'numeric', autocomplete: 'off', spellcheck: false});
    let id;
    element.append(words, input);
    input.addEventListener('change', () => this.#studio.doInList(id, input.value.trim()));
    return {
      element,
      show: entry => {
        ({id} = entry);
        if (words.textContent !== entry.name) words.textContent = entry.name;
        if (document.activeElement !== input || input.value === '') input.value = entry.value;
      }
    };
  }
}

// Keys, typed text and the clipboard, for the studio on its canvas. It hears of them while the focus is on the canvas
// or on nothing at all; what has the focus elsewhere on the page keeps its keys, and Tab always goes its way.
//
// Keys go by what they say on the visitor's layout, event.key. Fingers need the on-screen keyboard: while a text field
// of the studio waits, a hidden input takes the focus, and what happens in it (digits, deletes, what an input method
// puts in place of something else) is told as the difference to what stood there.

const APPLE = /mac|iphone|ipad/i.test(navigator.platform);

// The American meaning of the keys with punctuation that the studio knows. Letters: see nameOf().
const PUNCTUATION = {BracketLeft: '[', BracketRight: ']', Comma: ',', Period: '.'};
// Chords that would do something else in the browser
const OURS = new Set(['a', 'z', 'y']);
// ms after a touch in which a text field may begin to wait
const PATIENCE = 3000;
// stands in the hidden input, so that there is something to delete
const REST = ' '.repeat(12);

/** A key's name: what it says. Where that is a letter of another script (Cyrillic, Greek, Hebrew), there is no such
    shortcut: then it is the Latin letter that is printed beside it. null while an input method is at work. */
function nameOf({key, code, isComposing, keyCode}) {
  if (isComposing || keyCode === 229 || ['Unidentified', 'Process', 'Dead'].includes(key)) return null;
  if (!/^\p{L}$/u.test(key) || /\p{Script=Latin}/u.test(key)) return key;
  return /^Key[A-Z]$/.test(code) ? code[3].toLowerCase() : PUNCTUATION[code] ?? key;
}

export class Typing {
  #page; #canvas; #field;
  #down = new Map();       // of the keys that are held: code -> name
  #stood = REST;           // in the hidden input
  #lastTouch = -Infinity;

  /** page: of web/main.mjs. */
  constructor(page, canvas, field) {
    this.#page = page;
    this.#canvas = canvas;
    this.#field = field;
    page.studio.appleKeyboard(APPLE);
    addEventListener('keydown', event => this.#pressed(event));
    addEventListener('keyup', event => this.#released(event));
    addEventListener('blur', () => this.#releaseAll());
    addEventListener('focusin', ({target}) => { if (!this.#isHere(target)) this.#leave(); });
    for (const name of ['copy', 'cut', 'paste']) {
      // without a selection of the page's own, WebKit asks before it tells
      document.addEventListener(
          `before${name}`, event => { if (this.#writes(event)) event.preventDefault(); });
      document.addEventListener(name, event => { if (this.#writes(event)) this.#clipboard(event); });
    }
    canvas.addEventListener('touchend', () => this.#touched());
    page.studio.watchFrames(() => this.#follow());
    field.addEventListener('input', event => this.#changed(event));
    field.addEventListener('compositionend', () => this.#rest());
  }

  #isHere(target) { return [this.#canvas, this.#field, document.body, document.documentElement].includes(target); }
  #hears({target}) { return !this.#page.plain && this.#isHere(target); }
  #writes(event) { return this.#hears(event) && this.#page.studio.wantsText; }

  #pressed(event) {
    if (!this.#hears(event) || event.key === 'Tab') return;
    const name = nameOf(event);
    if (name === null) return;
    const {studio} = this.#page, letter = [...name].length === 1;
    // The third level of a layout is no chord: some tell of AltGr as of Ctrl and Alt, Apple's Option is Alt.
    const option = APPLE ? event.altKey && !event.ctrlKey : event.altKey && event.ctrlKey && !/[a-z0-9 ]/i.test(name),
          third = letter && (event.getModifierState('AltGraph') || option);
    const held =
        {ctrl: event.ctrlKey && !third, shift: event.shiftKey, alt: event.altKey && !third, meta: event.metaKey};
    const chord = held.ctrl || held.alt || held.meta;
    // the browser makes events of the clipboard of these
    if ((held.ctrl || held.meta) && /^[cxv]$/i.test(name)) return;
    if (name === 'Insert' || (name === 'Delete' && held.shift)) return;
    if (event.target === this.#field && letter && !chord) return;          // comes as the field's change
    const known = studio.key(name, true, {...held, again: event.repeat});
    if (known) this.#down.set(event.code || name, name);
    if (letter && !chord) studio.type(event.key);
    if (known && (!chord || ((held.ctrl || held.meta) && OURS.has(name.toLowerCase())))) event.preventDefault();
  }

  #released(event) {
    if (event.key === 'Meta') return this.#releaseAll();                   // Apple tells of no other key until then
    const {ctrlKey: ctrl, shiftKey: shift, altKey: alt, metaKey: meta} = event, which = event.code || event.key;
    const name = this.#down.get(which) ?? event.key;
    this.#down.delete(which);
    if (!this.#page.plain) this.#page.studio.key(name, false, {ctrl, shift, alt, meta});
  }

  #releaseAll() {
    if (this.#page.plain) return;
    for (const name of this.#down.values()) this.#page.studio.key(name, false);
    this.#page.studio.key('', false);                                      // nor is any other held
    this.#down.clear();
  }

  // The focus is elsewhere on the page.
  #leave() {
    this.#releaseAll();
    this.#field.hidden = true;
    if (!this.#page.plain && this.#page.studio.wantsText) this.#page.studio.leaveText();
  }

  #clipboard(event) {
    const {studio} = this.#page;
    event.preventDefault();
    if (event.type === 'paste') {
      studio.key('', false);                                               // with Ctrl held nothing is typed
      return studio.type(event.clipboardData.getData('text/plain').trim());
    }
    const text = studio.chosenText;
    if (!text) return;
    event.clipboardData.setData('text/plain', text);
    if (event.type === 'cut') this.#stroke('Delete');
  }

  #stroke(name) { for (const down of [true, false]) this.#page.studio.key(name, down); }

  // A field that was touched waits for text a few frames later. At once where it already does: some browsers open
  // their keyboard for a touch only.
  #touched() {
    this.#lastTouch = performance.now();
    this.#follow();
  }
  #follow() {
    if (this.#page.plain || !this.#page.studio.wantsText) this.#field.hidden = true;
    else if (performance.now() - this.#lastTouch < PATIENCE) this.#open();
  }
  #open() {
    this.#field.hidden = false;
    if (document.activeElement === this.#field) return;
    this.#field.focus({preventScroll: true});
    this.#rest();
  }

  // The hidden input changed: what is gone from its end was deleted, what is new was typed.
  #changed({isComposing}) {
    const now = this.#field.value, before = this.#stood;
    let same = 0;
    while (same < before.length && before[same] === now[same]) ++same;
    for (let i = same; i < before.length; ++i) this.#stroke('Backspace');
    if (same < now.length) this.#page.studio.type(now.slice(same));
    this.#stood = now;
    if (!isComposing) this.#rest();
  }
  #rest() {
    this.#stood = this.#field.value = REST;
    this.#field.setSelectionRange(REST.length, REST.length);
  }
}

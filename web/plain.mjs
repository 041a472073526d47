// The page without WebGL 2: a form, a canvas, and the same denoiser behind it.

import {MOST_STEPS} from './boundary.mjs';

export class PlainPage {
  #root; #canvas; #line; #button; #growing = false;

  /** page: of web/main.mjs. */
  constructor(root, reason, page) {
    this.#root = root;
    root.hidden = false;
    root.querySelector('[data-reason]').textContent = `${reason} Here is the plain page instead.`;
    this.#canvas = root.querySelector('canvas');
    this.#line = root.querySelector('output');
    this.#button = root.querySelector('button');
    root.querySelector('[name=steps]').max = MOST_STEPS;
    root.querySelector('form').addEventListener('submit', event => {
      event.preventDefault();
      if (this.#growing) return page.engine?.cancel();
      const form = new FormData(event.target);
      this.#growing = true;
      this.#button.textContent = 'Stop';
      // told already
      page.growing.grow({...page.growing.settings, seed: BigInt(form.get('seed')), steps: Number(form.get('steps'))})
          .catch(() => {});
    });
  }

  ready({imageSize, defaultSteps}) {
    this.#canvas.width = this.#canvas.height = imageSize;
    this.#root.querySelector('[name=steps]').value = defaultSteps;
    this.#button.disabled = false;
    this.tell('The model is ready.');
  }

  show(rgba, size, step, steps) {
    this.#canvas.width = this.#canvas.height = size;
    this.#canvas.getContext('2d').putImageData(new ImageData(rgba, size, size), 0, 0);
    this.tell(`Step ${step} of ${steps}`);
  }

  ended() {
    this.#growing = false;
    this.#button.textContent = 'Grow';
  }

  tell(text) { this.#line.textContent = text; }
}

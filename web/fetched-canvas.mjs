// What WebGL draws, put on the screen without waiting for it.
//
// Where the processor paints, a browser brings a WebGL canvas to the screen by asking for its pixels, and the page's
// thread waits until the last of them is painted: a tenth of a second beside a denoiser. Here WebGL draws on a canvas
// that is nowhere on the page. Its pixels are ordered into a buffer, with a fence behind them; once that is passed they
// go to the canvas on the page, through its 2D context.
const LOOK_EVERY = 6;    // ms

export class FetchedCanvas {
  #page; #paper;           // the canvas on the page, and its 2D context
  #hidden = document.createElement('canvas'); #gl = null;
  #buffer = null; #bytes = new Uint8Array(0); #picture = null;

  /** Whoever asks the canvas `page` for a WebGL context from now on is given the hidden one's; its loss is told on
      `page`. */
  constructor(page) {
    this.#page = page;
    this.#paper = page.getContext('2d', {willReadFrequently: true});   // kept in plain memory
    page.getContext = (type, attributes) =>
        (type === '2d' ? this.#paper : (this.#gl = this.#hidden.getContext(type, attributes)));
    this.#hidden.addEventListener(
        'webglcontextlost', () => page.dispatchEvent(new Event('webglcontextlost', {cancelable: true})));
  }

  /** Before a frame: as many pixels as the page's canvas has. */
  fit() {
    const {width, height} = this.#page;
    if (this.#hidden.width !== width) this.#hidden.width = width;
    if (this.#hidden.height !== height) this.#hidden.height = height;
  }

  /** Right after a frame: resolves when it is on the page, or when there is no more context that could give it. */
  async show() {
    const gl = this.#gl, {width, height} = this.#hidden, stride = 4 * width;
    this.#buffer ??= gl.createBuffer();
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, this.#buffer);
    if (this.#picture?.width !== width || this.#picture.height !== height) {
      this.#bytes = new Uint8Array(stride * height);
      gl.bufferData(gl.PIXEL_PACK_BUFFER, this.#bytes.length, gl.STREAM_READ);
      this.#picture = new ImageData(width, height);
    }
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    for (;;) {
      await new Promise(resolve => setTimeout(resolve, LOOK_EVERY));
      if (gl.isContextLost()) return;
      const state = gl.clientWaitSync(fence, 0, 0);
      if (state !== gl.TIMEOUT_EXPIRED) break;
    }
    gl.deleteSync(fence);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, this.#buffer);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, this.#bytes);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    for (let row = 0; row < height; ++row)
      this.#picture.data.set(this.#bytes.subarray((height - 1 - row) * stride, (height - row) * stride), row * stride);
    this.#paper.putImageData(this.#picture, 0, 0);
  }
}

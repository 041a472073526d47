// Where ONNX Runtime lies: null for the site's ort/. In the npm package another file stands here (make-package.mjs).
export const RUNTIME = null;

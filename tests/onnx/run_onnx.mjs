// Runs an ONNX model once with ONNX Runtime Web (WASM, one thread) under Node, for tests.
//
//   node run_onnx.mjs ONNXRUNTIME_WEB MODEL OUTPUT NAME=FILE...
//
// ONNXRUNTIME_WEB: the folder of the npm package. Each FILE holds one input as raw little-endian float32 in the order
// of the model's own shape; OUTPUT receives the first output the same way. Exit status 1 and a sentence on stderr when
// anything fails.
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [packageFolder, modelFile, outputFile, ...inputs] = process.argv.slice(2);

async function floats(file) {
  const bytes = await readFile(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

try {
  const ort = await import(pathToFileURL(resolve(join(packageFolder, 'dist', 'ort.wasm.min.mjs'))));
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(await readFile(modelFile), { executionProviders: ['wasm'] });
  const files = new Map(inputs.map((input) => input.split(/=(.*)/s)));
  const feeds = {};
  for (const { name, shape } of session.inputMetadata) {
    if (!files.has(name)) throw new Error(`The model wants an input '${name}'.`);
    feeds[name] = new ort.Tensor('float32', await floats(files.get(name)), shape);
  }
  const results = await session.run(feeds);
  const { data } = results[session.outputNames[0]];
  await writeFile(outputFile, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
} catch (problem) {
  console.error(`${modelFile}: ${problem.message ?? problem}`);
  process.exit(1);
}

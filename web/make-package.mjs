// Puts the npm package together, out of the built site: node make-package.mjs (npm pack runs it). Writes dist/, which
// holds the denoiser, <florilegium-plate> and all that they need but for ONNX Runtime, a dependency of the package. The
// site is build/web/site unless FLORILEGIUM_SITE names another.
import {copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, '..'), dist = join(here, 'dist');
const site = process.env.FLORILEGIUM_SITE ?? join(root, 'build/web/site');
if (!existsSync(join(site, 'denoiser.js'))) {
  console.error('The site is not built; build it first: cmake --preset web && cmake --build --preset web');
  process.exit(1);
}

/** A module of the site and all that it names, whether it imports them or starts them as workers. */
function withNeeded(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, other] of readFileSync(join(site, name), 'utf8').matchAll(/['"]\.\/([\w-]+\.js)['"]/g))
    withNeeded(other, found);
  return found;
}

rmSync(dist, {recursive: true, force: true});
mkdirSync(dist);
const modules = withNeeded('plate.js', withNeeded('node.js'));
for (const file of [...modules, 'florilegium_core.wasm', 'licences.txt'])
  copyFileSync(join(site, file), join(dist, file));
for (const file of ['index.d.ts', 'plate.d.ts']) copyFileSync(join(here, file), join(dist, file));
copyFileSync(join(root, 'LICENSE'), join(dist, 'LICENSE'));
// npm lays dependencies beside the package
writeFileSync(
    join(dist, 'runtime.js'),
    '// Where ONNX Runtime lies.\n' +
        'export const RUNTIME = new URL(\'../../onnxruntime-web/dist/\', import.meta.url).href;\n');

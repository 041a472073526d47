// Draws the icons of the installed page out of icon.svg, with Chromium: npm run icons --prefix web. icon-N.png are N
// pixels wide; icon-maskable.png fills its square, so that systems may cut it to their own shape.
import {readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {launch} from '../../tests/browser/support.mjs';

const web = join(dirname(fileURLToPath(import.meta.url)), '..');
const drawing = readFileSync(join(web, 'icon.svg'), 'utf8');
// the plant within the inner four fifths, which are never cut off
const whole =
    drawing.replace(/ rx="\d+"/, '').replace('<g ', '<g transform="translate(32 32) scale(.72) translate(-32 -34)" ');

const browser = await launch();
const page = await browser.newPage();
for (const [file, size, svg] of [
       ['icon-192.png', 192, drawing], ['icon-512.png', 512, drawing], ['icon-maskable.png', 512, whole]
     ]) {
  await page.setViewportSize({width: size, height: size});
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: ${size}px }</style>${svg}`);
  writeFileSync(join(web, file), await page.screenshot({omitBackground: true}));
}
await browser.close();

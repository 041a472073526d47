// Dropping a file: a plate that was saved grows again as it was; anything else is answered with a sentence.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {crc32} from 'node:zlib';
import {drawn, generate, openPage, readiness, suite, until} from './support.mjs';
import {tinyModel} from './tiny_model.mjs';

let browser, site, page, seen;
const on =
    suite({timeout: 90000, models: {'tiny.onnx': tinyModel(), 'other.onnx': tinyModel({size: 32})}}, async started => {
      ({browser, site} = started);
      ({page, seen} = await openPage(browser, `${site.url}?backend=wasm&model=models/tiny.onnx`));
      await readiness(page);
    });

const drop = (name, bytes) => page.evaluate(([file, values]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([Uint8Array.from(values)], file));
  for (const type of ['dragenter', 'dragover', 'drop'])
    document.body.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: transfer}));
}, [name, [...bytes]]);
const said = async (sentence, what) =>
    until(async () => sentence.test(await page.locator('#status').textContent()), what);
const frame = k => page.evaluate(async step => {
                         try {
                           return [...(await window.florilegium).frame(step).working];
                         } catch { return null; }
                       }, k).then(values => values && Buffer.from(values));

let saved, rgba;
on('a saved plate that is dropped grows again with its settings', async () => {
  ({rgba} = await generate(page, {seed: 9007199254740993n, steps: 5, sampler: 'heun', schedule: 'linear'}));
  await drawn(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')]);
  saved = await readFile(await download.path());
  await generate(page, {seed: 1, steps: 3});
  await drop('a plate.png', saved);
  await until(async () => (await frame(5))?.equals(rgba), 'the plate is the one that was saved');
  assert.equal(await page.evaluate(() => 'dropping' in document.documentElement.dataset), false);
});

on('a plate of another model brings that model along', async () => {
  await page.evaluate(async () => (await window.florilegium).openModel('models/other.onnx'));
  await generate(page, {seed: 1, steps: 3});
  assert.equal(new URL(page.url()).searchParams.get('model'), 'models/other.onnx');
  await drop('plate.png', saved);
  await until(async () => (await frame(5))?.equals(rgba), 'the plate grows in the model that it names');
  assert.equal(new URL(page.url()).searchParams.get('model'), 'models/tiny.onnx');
  assert.equal(new URL(page.url()).hash, '#seed=9007199254740993&steps=5&sampler=heun&schedule=linear');
});

const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type), data]), out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
};
const withNotes = notes => Buffer.concat([
  saved.subarray(0, 33), ...Object.entries(notes).map(([key, value]) => chunk('tEXt', Buffer.from(`${key}\0${value}`))),
  chunk('IEND', Buffer.alloc(0))
]);

on('what has no usable recipe is answered with a sentence', async () => {
  const recipe = {
    'florilegium.seed': '7',
    'florilegium.steps': '5',
    'florilegium.sampler': 'plain',
    'florilegium.schedule': 'linear',
    'florilegium.model': 'tiny.onnx'
  };
  await drop('cut.png', saved.subarray(0, 700));
  await said(/cut\.png: the PNG file is damaged: it breaks off/, 'a damaged file is told');
  await drop('steps.png', withNotes({...recipe, 'florilegium.steps': '9999'}));
  await said(
      /steps\.png: the recipe in it cannot be used\. The number of steps is a whole number from 1 to 250, not 9999/,
      'an impossible recipe is told');
  await drop('gone.png', withNotes({...recipe, 'florilegium.model': 'gone.onnx'}));
  await said(
      /gone\.png: it was grown by the model gone\.onnx, which did not come with this page/, 'a missing model is told');
  await drop('letter.txt', Buffer.from('Dear reader'));
  await said(/letter\.txt is neither a picture nor a model/, 'a file of another kind is told');
  await drop('empty', Buffer.alloc(0));
  await said(/empty is neither a picture nor a model/, 'an empty file is told');
  assert.deepEqual(seen.errors, []);
});

on('a picture that cannot be read is told as such', async () => {
  await drop('bare.png', withNotes({Software: 'a camera'}));
  await said(/bare\.png: the browser cannot read this picture/, 'a PNG file without pixels is told');
  await drop('photo.jpg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70));
  await said(/photo\.jpg: the browser cannot read this picture/, 'a photograph that breaks off is told');
});

on('what the browser can read is taken: a drawing, an AVIF of any brand; a HEIC photo is told', async () => {
  const taken = what => until(() => page.evaluate(async () => {
    try {
      return Boolean(await (await window.florilegium).easel.growFromPicture({noiseLevel: 0.3}));
    } catch { return false; }
  }), what);
  const svg = Buffer.from('\ufeff<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">' +
      '<rect width="8" height="8" fill="#c00"/></svg>');
  await drop('rose.svg', svg);
  await taken('a drawing is a picture to begin from');
  // Brands of AVIF files are many (avif, avis, ...); what is inside is for the browser to read.
  const media = brand => Buffer.concat([Buffer.of(0, 0, 0, 16), Buffer.from(`ftyp${brand}`), Buffer.alloc(4)]);
  await drop('film.avif', media('avis'));
  await said(/film\.avif: the browser cannot read this picture/, 'an AVIF of another brand is given to the browser');
  await drop('IMG_1.HEIC', media('heic'));
  await said(/IMG_1\.HEIC: this is a HEIC photo, .* Save it as JPEG first/, 'a HEIC photo is told');
});

on('recipes of the command line: by file, by weights, by the title that it once wrote; sheets, old and new',
   async () => {
     const list = await page.evaluate(async () => (await fetch('models/index.json')).json());
     const recipe = {'florilegium.steps': '3', 'florilegium.sampler': 'plain', 'florilegium.schedule': 'linear'};
     const other = list.find(({file}) => file === 'other.onnx'),
           opened = () => readiness(page).then(({model}) => model);
     await drop('title.png', withNotes({...recipe, 'florilegium.seed': '4', 'florilegium.model': other.title}));
     await until(
         async () => (await opened()) === list.find(({title}) => title === other.title).file, 'found by its title');
     await drop('file.png', withNotes({...recipe, 'florilegium.seed': '4', 'florilegium.model': 'tiny.onnx'}));
     await until(async () => (await opened()) === 'tiny.onnx', 'found by its file');
     await drop('weights.png', withNotes({
                  ...recipe,
                  'florilegium.seed': '4',
                  'florilegium.model': 'renamed.onnx',
                  'florilegium.weights': other.sha256.slice(0, 16)
                }));
     await until(async () => (await opened()) === 'other.onnx', 'found by its weights');
     await drop('changed.png', withNotes({
                  ...recipe,
                  'florilegium.seed': '4',
                  'florilegium.model': 'tiny.onnx',
                  'florilegium.weights': '0123456789abcdef'
                }));
     await said(/grown by other weights than those of tiny\.onnx here/, 'other weights are told');
     for (const sheet of [{'florilegium.seed': '7 to 10'}, {'florilegium.first_seed': '7', 'florilegium.count': '4'}]) {
       await page.evaluate(async () => (await window.florilegium).openModel('models/tiny.onnx'));
       await drop('sheet.png', withNotes({...recipe, ...sheet, 'florilegium.model': 'tiny.onnx'}));
       await until(
           () => page.evaluate(() => location.hash.startsWith('#seed=7&')), 'a sheet opens from its first seed on');
       await page.evaluate(() => {
         location.hash = '#seed=1';
       });
     }
     assert.deepEqual(seen.errors, []);
   });

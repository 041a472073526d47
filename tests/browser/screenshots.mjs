// npm run screenshots [-- FOLDER]: pictures of every room of the built site, on a wide and a narrow window, with the
// shipped models.
//
// JPEG files ROOM-wide.jpg (1440x900) and ROOM-narrow.jpg (390x844, two pixels to each) into FOLDER, web/screenshots by
// default; the README shows them. Takes a quarter of an hour. ONLY=grow,branches takes these only, in the order below.
import {mkdirSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {launch, missing, openPage, readiness, serveSite} from './support.mjs';

if (missing) { console.log(missing); process.exit(1); }
const folder = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '../../web/screenshots'));
const only = process.env.ONLY?.split(',');
mkdirSync(folder, {recursive: true});

// Each: what leads there, given the page's API, and the keys then pressed. The plate stays grown from one to the next.
const grow = async studio => { studio.showRoom('grow'); await studio.generate({seed: 6}); };
const paint = studio => {
  studio.easel.open = true;
  studio.easel.clear();
  for (const stroke
           of [{x: 0.5, y: 0.95, toX: 0.47, toY: 0.5, colour: '#55703d', size: 0.05},
               {x: 0.47, y: 0.6, toX: 0.3, toY: 0.4, colour: '#55703d', size: 0.04},
               {x: 0.47, y: 0.6, toX: 0.68, toY: 0.42, colour: '#55703d', size: 0.04},
               {x: 0.44, y: 0.36, toX: 0.54, toY: 0.36, colour: '#a33235', size: 0.2},
               {x: 0.28, y: 0.3, colour: '#a33235', size: 0.14}, {x: 0.72, y: 0.33, colour: '#a33235', size: 0.14}])
    studio.paint(stroke);
};
const SCENES = {
  grow: {lead: grow},
  change: {keys: [...Array(8).fill('ArrowLeft'), 'v', 'v']},
  branches: {
    keys: ['v', 'v', 'v'],
    lead: async studio => {
      await studio.branch({step: 6, seed: 3});
      studio.showBranch(0);
      await studio.branch({step: 14, seed: 5});
    }
  },
  hints: {lead: paint},
  guided: {
    lead: async studio => {
      await studio.generate({seed: 6, hint: studio.hint});
    }
  },
  gallery: {
    lead: async studio => {
      studio.easel.clear();
      studio.easel.open = false;
      studio.showRoom('gallery');
      studio.gallery.start({seed: 40, count: 16});
      while (studio.gallery.done < 11) await new Promise(resolve => setTimeout(resolve, 500));
    }
  },
  average: {
    lead: async studio => {
      studio.showRoom('tasks');
      studio.tasks.choose('average');
      await studio.tasks.average({seed: 7});
    }
  },
  denoising: {
    lead: async studio => {
      studio.tasks.choose('denoising');
      await studio.tasks.denoising({plate: 1, noise: 0.7});
    }
  },
  training: {
    lead: async studio => {
      studio.tasks.choose('training');
      await studio.tasks.training({seed: 6});
    }
  },
  quiz: {
    lead: async studio => {
      studio.showRoom('criteria');
      studio.criteria.show('plausibility');
      while (studio.criteria.state.stage !== 'asked') await new Promise(resolve => setTimeout(resolve, 500));
    }
  },
  proportions: {
    lead: async studio => {
      studio.criteria.show('proportionality');
      while (studio.criteria.state.measured < 12) await new Promise(resolve => setTimeout(resolve, 500));
    }
  },
  nearest: {
    lead: async studio => {
      studio.criteria.show('originality');
      while (studio.criteria.state.plates < 1) await new Promise(resolve => setTimeout(resolve, 500));
    }
  },
};

const site = await serveSite({shipped: true}), browser = await launch();
try {
  for (const [size, options] of Object.entries({
         wide: {viewport: {width: 1440, height: 900}},
         narrow: {viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true, deviceScaleFactor: 2}
       })) {
    const {page} = await openPage(browser, `${site.url}?backend=wasm`, options);
    page.setDefaultTimeout(600000);
    await readiness(page);
    for (const [name, {lead, keys = []}] of Object.entries(SCENES)) {
      if (only && !only.includes(name)) continue;
      for (const key of keys) {
        await page.keyboard.press(key);
        await page.waitForTimeout(300);
      }
      if (lead) await page.evaluate(`window.florilegium.then(${lead})`);
      await page.waitForTimeout(1500);
      await page.screenshot({path: join(folder, `${name}-${size}.jpg`), type: 'jpeg', quality: 84});
      console.log(`${name}-${size}.jpg`);
    }
    await page.close();
  }
} finally {
  await browser.close();
  await site.close();
}

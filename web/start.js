// Watches over the start of the page without being a module itself: where the modules do not come, it says why.
//
// All else that tells of errors is a module, and of a module that is missing, or sent as something else, browsers tell
// the page no more than that one of them failed. So each is asked for once more, and judged by what the server answers.
'use strict';

(() => {
  const MODULES = [];             // that main.js needs, filled in by make-site.mjs
  const PATIENCE = 1500;          // ms: then the page says at least that it is on its way
  const byId = id => document.getElementById(id);
  let told = false;

  function tell(sentence) {
    if (told || window.florilegium) return;
    told = true;
    byId('loading').hidden = true;
    byId('failure').hidden = false;
    byId('failure-text').textContent = byId('status').textContent = sentence;
  }

  // -> what is wrong with a module as the server sends it, or null
  async function problemOf(name) {
    let response;
    try {
      response = await fetch(name);
    } catch {
      return `The server did not answer when ${name} was asked for. Load the page again.`;
    }
    if (!response.ok)
      return `The page is incomplete on this server: it answered ${response.status} for ${name}. ` +
          'Copy the whole folder of the site there again.';
    const type = (response.headers.get('content-type') || '').split(';')[0].trim().toLowerCase();
    if (!/^(text|application)\/(x-)?(javascript|ecmascript)$/.test(type))
      return `This server sends ${name} as ${type || 'a file of no type'}, and browsers take modules as ` +
          'text/javascript only: the server needs that type for the ending .js.';
    return null;
  }

  async function modulesFailed() {
    const late = new Promise(resolve => setTimeout(resolve, PATIENCE, []));
    const problems = await Promise.race([Promise.all(MODULES.map(problemOf)), late]);
    tell(problems.find(Boolean) || 'A part of the page could not be loaded. Load the page again.');
  }

  addEventListener('error', event => {
    if (event.target instanceof HTMLScriptElement) modulesFailed();
    else if (event instanceof ErrorEvent)
      tell(`The page could not start: ${event.message}. It needs a browser of 2023 or newer.`);
  }, true);

  if (location.protocol === 'file:')
    tell('This page was opened as a file, and browsers load its modules from a web server only. Serve its folder, ' +
         'for example with: python3 -m http.server');
  else if (!('noModule' in HTMLScriptElement.prototype))
    tell('This browser knows no JavaScript modules. Any browser since 2023 does.');
  setTimeout(() => {
    if (!told && !window.florilegium) byId('loading').textContent = 'Florilegium is on its way…';
  }, PATIENCE);
})();

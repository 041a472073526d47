// The server of `demo`: on both addresses of localhost, at another host, and what it says when it cannot.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {networkInterfaces} from 'node:os';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..'), program = join(root, 'web/serve.mjs');
const {serve} = await import(program);
const has = address => Object.values(networkInterfaces()).flat().some(one => one.address === address);
const status = async url => (await fetch(url)).status;

test('both addresses of localhost answer, where this machine has them', async () => {
  const {url, close} = await serve({root: join(root, 'web'), port: 0}), {port} = new URL(url);
  try {
    assert.equal(new URL(url).hostname, 'localhost');
    assert.equal(await status(`http://127.0.0.1:${port}/index.html`), 200);
    if (has('::1')) assert.equal(await status(`http://[::1]:${port}/index.html`), 200);
    await assert.rejects(serve({root: join(root, 'web'), port: Number(port)}), /Port \d+ is taken/);
  } finally {
    await close();
  }
});

test('--host: all addresses of this machine, or a sentence', async () => {
  const {url, close} = await serve({root: join(root, 'web'), port: 0, host: '0.0.0.0'});
  const own = Object.values(networkInterfaces()).flat().find(one => one.family === 'IPv4' && !one.internal);
  try {
    assert.equal(await status(url), 200);
    if (own) assert.equal(await status(url.replace('localhost', own.address)), 200);
  } finally {
    await close();
  }
  const said = (...words) => {
    const {status: code, stderr} =
        spawnSync(process.execPath, [program, join(root, 'web'), ...words], {encoding: 'utf8', timeout: 20000});
    assert.equal(code, 2, stderr);
    return stderr;
  };
  assert.match(said('--host', 'nowhere.invalid'), /no host called nowhere\.invalid|could not start/);
  assert.match(said('--host', '192.0.2.1'), /has no address 192\.0\.2\.1/);   // kept for documentation, nobody's own
  assert.match(said('--host'), /--host needs a value/);
});

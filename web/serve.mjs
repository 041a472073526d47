// A static file server without dependencies: `demo` and the browser tests serve the site with it.
//
//   node web/serve.mjs [FOLDER] [--port N] [--host NAME] [--base /sub/path] [--no-isolation]
//
// FOLDER is build/web/site when not given; the port is --port, else PORT, else 8080. Cross-origin isolation headers
// (COOP/COEP, which SharedArrayBuffer needs) are sent unless --no-isolation. Text, WebAssembly and typefaces go out
// compressed (brotli or gzip) to whoever takes that. It listens on this machine alone, on every address that localhost
// has here, unless --host names another (0.0.0.0: all of this machine's); it is for trying the page, not for the
// internet.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const types = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.onnx': 'application/octet-stream',
  '.otf': 'font/otf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

// What grows smaller; weights and pictures hardly do.
const compressible = /\.(css|html|js|json|map|md|mjs|otf|svg|tsv|ttf|txt|wasm|webmanifest)$/i;
const codings = {
  br: {
    ending: '-br',
    compress: (bytes) => promisify(brotliCompress)(
        bytes, {params: {[constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length}})
  },
  gzip: {ending: '-gz', compress: (bytes) => promisify(gzip)(bytes, {level: 6})},
};

// Why a port cannot be had, by the system's error code.
const WHY_NO_PORT = {
  EADDRINUSE: port => `Port ${port} is taken by another program; choose one with PORT=... or --port.`,
  EADDRNOTAVAIL: (_, address) => `This machine has no address ${address}; --host takes one of its own, or 0.0.0.0.`,
  ENOTFOUND: (_, address) => `There is no host called ${address}; --host takes one of this machine's, or 0.0.0.0.`,
  EACCES: port => `Port ${port} may not be used without privileges; choose one above 1023 with PORT=... or --port.`,
};

// What to ask for in an address, for a server that listens at `host`.
function urlHost(host) {
  if (!host || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

// The best coding that an Accept-Encoding header takes, or null.
function codingFor(accepted = '') {
  const takes = (name) =>
      accepted.split(',').some((one) => new RegExp(`^\\s*${name}\\s*(;\\s*q=(?!0(\\.0*)?\\s*$).*)?$`, 'i').test(one));
  return ['br', 'gzip'].find(takes) ?? null;
}

/**
 * Serves the files below `root` at http://localhost:port + base + '/'.
 * @param {{root: string, port?: number, host?: string, isolation?: boolean, compress?: boolean, base?: string}} options
 *   port 0 picks a free one; without a host it listens on both addresses of localhost, where there are two
 * @returns {Promise<{url: string, close: () => Promise<void>}>} `url` ends with '/'. Rejects with an Error whose
 *   message is a sentence for the user when the folder is not there or the port is taken.
 */
export async function serve({ root, port = 8080, host = null, isolation = true, compress = true, base = '' }) {
  const folder = resolve(root);
  const prefix = base.replace(/^\/*/, '/').replace(/\/+$/, '');       // '' or '/sub/path'
  if (!(await stat(folder).catch(() => null))?.isDirectory()) {
    throw new Error(`There is no folder ${
        folder} to serve; build the page first: cmake --preset web && cmake --build --preset web`);
  }

  // ETag of a compressed file -> promise of its bytes
  const packed = new Map();
  const answer = async (request, response) => {
    const send = (status, headers = {}, body = '') => {
      response.writeHead(
          status, {'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(body), ...headers});
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    response.setHeader('Cache-Control', 'no-cache');                   // ask again each time; the ETag makes that cheap
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (isolation) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
      response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    }
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return send(405, {Allow: 'GET, HEAD'}, 'Only GET and HEAD.\n');
      const [path, query] = request.url.split(/\?(.*)/s, 2);
      if (path === prefix && prefix) return send(301, { Location: `${prefix}/${query ? `?${query}` : ''}` });
      if (!path.startsWith(`${prefix}/`)) return send(404, {}, `The site is at ${prefix}/\n`);
      let file;
      try {
        file = join(folder, decodeURIComponent(path.slice(prefix.length)));
      } catch {
        return send(400, {}, 'This address is not well formed.\n');
      }
      if (file.includes('\0') || !(file === folder || file.startsWith(folder + sep)))
        return send(404, {}, 'Not found.\n');

      let info = await stat(file).catch(() => null);
      if (info?.isDirectory()) {
        if (!path.endsWith('/'))
          return send(301, {Location: `${path.replace(/^\/+/, '/')}/${query ? `?${query}` : ''}`});
        file = join(file, 'index.html');
        info = await stat(file).catch(() => null);
      }
      if (!info?.isFile()) return send(404, {}, 'Not found.\n');

      const coding = compress && compressible.test(file) && !request.headers.range ?
          codingFor(request.headers['accept-encoding']) :
          null;
      const etag =
          `"${info.size.toString(36)}-${Math.round(info.mtimeMs).toString(36)}${coding ? codings[coding].ending : ''}"`;
      const headers = {
        'Content-Type': types[extname(file).toLowerCase()] ?? 'application/octet-stream',
        'Content-Length': info.size,
        'Accept-Ranges': 'bytes',
        'Last-Modified': info.mtime.toUTCString(),
        ETag: etag,
        ...(compress && compressible.test(file) && { Vary: 'Accept-Encoding' }),
      };
      const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
      if (known?.some((tag) => tag === etag || tag === '*')) {
        response.writeHead(304, { ETag: etag });
        return response.end();
      }
      if (coding && info.size > 0) {
        const key = `${file} ${etag}`;
        if (!packed.has(key)) packed.set(key, readFile(file).then(codings[coding].compress));
        const body = await packed.get(key).catch((error) => { packed.delete(key); throw error; });
        delete headers['Accept-Ranges'];
        response.writeHead(200, { ...headers, 'Content-Encoding': coding, 'Content-Length': body.length });
        return response.end(request.method === 'HEAD' ? undefined : body);
      }
      let first = 0, last = info.size - 1, status = 200;
      const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
      const range_holds = (request.headers['if-range'] ?? etag) === etag;
      if (range && range_holds && (range[1] || range[2])) {
        if (range[1]) {
          first = Number(range[1]);
          if (range[2]) last = Math.min(last, Number(range[2]));
        } else {
          first = Math.max(0, info.size - Number(range[2]));           // the last so many bytes
        }
        if (first > last) return send(416, { 'Content-Range': `bytes */${info.size}` }, 'No such range.\n');
        status = 206;
        headers['Content-Range'] = `bytes ${first}-${last}/${info.size}`;
        headers['Content-Length'] = last - first + 1;
      }
      response.writeHead(status, headers);
      if (request.method === 'HEAD' || info.size === 0) return response.end();
      createReadStream(file, { start: first, end: last }).on('error', () => response.destroy()).pipe(response);
    } catch {
      if (response.headersSent) response.destroy();
      else send(500, {}, 'The server could not read this file.\n');
    }
  };

  // Browsers know two addresses of localhost and ask whichever they like; a machine may have only one of them.
  const addresses = host ? [host] : ['127.0.0.1', '::1'];
  const servers = [];
  let trouble = null;
  for (const address of addresses) {
    const server = createServer(answer);
    const problem = await new Promise((done) => {
      server.once('error', done);
      server.listen(servers[0]?.address().port ?? port, address, () => done(null));
    });
    if (!problem) servers.push(server);
    else trouble ??= {problem, address};
  }
  if (servers.length === 0 || trouble?.problem.code === 'EADDRINUSE') {
    const {problem: {code, message}, address} = trouble;
    for (const one of servers) one.close();
    throw new Error(WHY_NO_PORT[code]?.(port, address) ?? `The server could not start: ${message}.`);
  }
  return {
    url: `http://${urlHost(host)}:${servers[0].address().port}${prefix}/`,
    close: () => Promise.all(servers.map((server) => new Promise((done) => {
                                           server.close(() => done());
                                           server.closeAllConnections();
                                         }))),
  };
}

function options(words) {
  const found = {
    root: fileURLToPath(new URL('../build/web/site', import.meta.url)),
    port: Number(process.env.PORT || 8080)
  };
  for (let i = 0; i < words.length; i++) {
    const value = () => {
      if (++i >= words.length) throw new Error(`${words[i - 1]} needs a value.`);
      return words[i];
    };
    if (words[i] === '--port') found.port = Number(value());
    else if (words[i] === '--host') found.host = value();
    else if (words[i] === '--base') found.base = value();
    else if (words[i] === '--no-isolation') found.isolation = false;
    else if (words[i].startsWith('-'))
      throw new Error(`Unknown option ${words[i]}. Known: --port N, --host NAME, --base /sub/path, --no-isolation.`);
    else found.root = words[i];
  }
  if (!Number.isInteger(found.port) || found.port < 0 || found.port > 65535)
    throw new Error('The port (--port or PORT) is a number from 0 to 65535.');
  return found;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const { url } = await serve(options(process.argv.slice(2)));
    console.log(`Florilegium is at ${url}  (Ctrl+C ends it)`);
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

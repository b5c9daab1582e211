import { createReadStream, readdirSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { answerText } from './forward.ts';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.htm': 'text/html; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.xml': 'text/xml; charset=utf-8',
};

/** Serves the files below a folder: those asked for, `index.html` of folders, or a list of what is in them. */
export function staticFiles(root: string): (url: string, response: ServerResponse) => void {
  return (url, response) => {
    // `..` cannot lead out: the path is made absolute before it is joined.
    const path = join(root, normalize(join('/', decodeURIComponent(url.split('?')[0] ?? ''))));
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) answerText(response, 404, '404 page not found');
    else if (!stat.isDirectory()) sendFile(path, response);
    else if (statSync(join(path, 'index.html'), { throwIfNoEntry: false })?.isFile()) {
      sendFile(join(path, 'index.html'), response);
    } else listFolder(path, response);
  };
}

function sendFile(path: string, response: ServerResponse): void {
  const file = createReadStream(path);
  file.once('error', () => answerText(response, 500, '500 Internal Server Error'));
  file.once('open', () => {
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
    file.pipe(response);
  });
}

function listFolder(path: string, response: ServerResponse): void {
  const names = readdirSync(path, { withFileTypes: true }).map(
    (entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`,
  );
  const lines = names.sort().map((name) => {
    const text = name.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
    return `<a href="${encodeURI(name)}">${text}</a>\n`;
  });
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(
    `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${lines.join('')}</pre>\n`,
  );
}

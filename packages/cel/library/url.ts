import { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';
import { type CelOpaque, type CelValue, LiteralMap } from '../values.ts';

/** The parts of a URL as Go's net/url splits it. */
interface Parts {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

class UrlValue implements CelOpaque {
  readonly typeName = 'kubernetes.URL';
  readonly text: string;
  readonly parts: Parts;

  constructor(text: string, parts: Parts) {
    this.text = text;
    this.parts = parts;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof UrlValue && other.text === this.text;
  }
}

/** url.ParseRequestURI: absolute, or a path from the root. */
function parse(text: string): Parts | undefined {
  if (/[\p{Cc} ]/u.test(text) || text === '') return undefined;
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?]*))?([^?]*)(?:\?(.*))?$/s.exec(text);
  if (match === null) return undefined;
  const [, scheme = '', authority = '', path = '', query = ''] = match;
  if (scheme === '' && !text.startsWith('/')) return undefined;
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return undefined;
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (!/^(?:\[[0-9A-Fa-f:.%]+\]|[^[\]:]*)(?::\d*)?$/.test(host)) return undefined;
  return { scheme: scheme.toLowerCase(), host, path, query };
}

function url(text: string): UrlValue {
  const parts = parse(text);
  if (parts === undefined) {
    throw new CelRuntimeError(
      `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
    );
  }
  return new UrlValue(text, parts);
}

function queryMap(query: string): CelValue {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const map = new LiteralMap();
  for (const [name, list] of values) map.set(name, list);
  return map;
}

const type = 'kubernetes.URL';
const port = (host: string): string => /:(\d*)$/.exec(host)?.[1] ?? '';
const hostname = (host: string): string => host.replace(/:\d*$/, '').replace(/^\[|\]$/g, '');

/** URLs. */
export const urlLibrary = new FunctionTable()
  .fn('url', `string -> ${type}`, url)
  .fn('isURL', 'string -> bool', (text: string) => parse(text) !== undefined)
  .method('getScheme', `${type} -> string`, (value: UrlValue) => value.parts.scheme)
  .method('getHost', `${type} -> string`, (value: UrlValue) => value.parts.host)
  .method('getHostname', `${type} -> string`, (value: UrlValue) => hostname(value.parts.host))
  .method('getPort', `${type} -> string`, (value: UrlValue) => port(value.parts.host))
  .method('getEscapedPath', `${type} -> string`, (value: UrlValue) => encodeURI(decodeURI(value.parts.path)))
  .method('getQuery', `${type} -> map(string, list(string))`, (value: UrlValue) =>
    queryMap(value.parts.query),
  );

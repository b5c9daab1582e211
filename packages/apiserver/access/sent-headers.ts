import type { AuthenticationRequest } from './contract.ts';

/** A header that was sent, its name in lower case. */
export type SentHeader = readonly [name: string, value: string];

/** Each header of a request, repeated ones apart, as Go has them: their bytes are UTF-8. */
export function sentHeaders({
  rawHeaders,
  headers,
}: Pick<AuthenticationRequest, 'headers' | 'rawHeaders'>): readonly SentHeader[] {
  if (rawHeaders === undefined) {
    return Object.entries(headers).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value ?? '']).map((one): SentHeader => [name, textOf(one)]),
    );
  }
  const list: SentHeader[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    list.push([(rawHeaders[i] as string).toLowerCase(), textOf(rawHeaders[i + 1] as string)]);
  }
  return list;
}

const beyondAscii = /[\u0080-\u00ff]/;

/** Node.js gives a character a byte. */
function textOf(value: string): string {
  return beyondAscii.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
}

/**
 * What headers with a prefix say, by what follows it, percent-encoded where a header name could not hold it; a broken
 * encoding is taken as it is. Absent: there are none.
 */
export function extraOf(
  headers: readonly SentHeader[],
  prefix: string,
): Readonly<Record<string, readonly string[]>> | undefined {
  let extra: Record<string, string[]> | undefined;
  for (const [name, value] of headers) {
    if (!name.startsWith(prefix)) continue;
    extra ??= {};
    const key = unescapeKey(name.slice(prefix.length));
    extra[key] = [...(extra[key] ?? []), value];
  }
  return extra;
}

function unescapeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

import { goString } from '@coxswain/api';
import type { RequestQuery } from '../registry/context.ts';

/** A query string, read once. */
export interface ParsedQuery {
  /** The first value of each parameter. */
  readonly values: RequestQuery;
  /** All values of `dryRun`. */
  readonly dryRun: readonly string[];
  /** All values of `exclude`, which health checks take. */
  readonly exclude: readonly string[];
  /** The query asks for a watch. */
  readonly watch: boolean;
}

const none: readonly string[] = Object.freeze([]);
const empty: ParsedQuery = { values: Object.freeze({}), dryRun: none, exclude: none, watch: false };

/** Reads a query string without its question mark. */
export function parseQuery(text: string): ParsedQuery {
  if (text === '') return empty;
  const values: Record<string, string> = {};
  let dryRun: string[] | undefined;
  let exclude: string[] | undefined;
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = unescapeText(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : unescapeText(part.slice(equals + 1));
    if (name === undefined || value === undefined) continue;
    if (name === 'dryRun') {
      dryRun ??= [];
      dryRun.push(value);
    } else if (name === 'exclude') {
      exclude ??= [];
      exclude.push(value);
    }
    if (values[name] === undefined) values[name] = value;
  }
  const { watch } = values;
  return {
    values,
    dryRun: dryRun ?? none,
    exclude: exclude ?? none,
    watch: watch !== undefined && watch.toLowerCase() !== 'false' && watch !== '0',
  };
}

/** Undefined where Go leaves the pair out: a semicolon, or a percent sign without two digits. */
function unescapeText(text: string): string | undefined {
  if (text.includes(';')) return undefined;
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  if (/%(?![\da-fA-F]{2})/.test(spaced)) return undefined;
  try {
    return decodeURIComponent(spaced);
  } catch {
    const parts = spaced.split(/(%[\da-fA-F]{2})/);
    const bytes = parts.map((part, i) =>
      i % 2 === 0 ? Buffer.from(part) : Buffer.from(part.slice(1), 'hex'),
    );
    return goString(Buffer.concat(bytes));
  }
}

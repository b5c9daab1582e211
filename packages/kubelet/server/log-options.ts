import type { LogOptions } from './container-logs.ts';

/** Reads PodLogOptions from a query; throws with upstream's words when they are wrong. */
export function parseLogOptions(
  query: URLSearchParams,
  now: number,
): LogOptions & { readonly previous: boolean } {
  const tailLines = wholeNumber(query, 'tailLines', 0);
  const sinceSeconds = wholeNumber(query, 'sinceSeconds', 1);
  const limitBytes = wholeNumber(query, 'limitBytes', 1);
  const sinceTime = query.get('sinceTime');
  const since = sinceTime
    ? Date.parse(sinceTime)
    : sinceSeconds === undefined
      ? undefined
      : now - sinceSeconds * 1000;
  if (since !== undefined && Number.isNaN(since))
    throw new Error(`Unable to decode query: bad sinceTime "${sinceTime}"`);
  const stream = query.get('stream') ?? 'All';
  return {
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
    stream: stream === 'Stdout' || stream === 'Stderr' ? stream : 'All',
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(since === undefined ? {} : { since }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
  };
}

function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== 'false' && value !== '0';
}

function wholeNumber(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new Error(`Invalid value for ${name}: "${text}"`);
  return value;
}

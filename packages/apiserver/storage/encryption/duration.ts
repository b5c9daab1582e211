const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;

/** Milliseconds of a Go duration such as `1m30s`; undefined where it is none. */
export function durationMs(text: string): number | undefined {
  if (text === '0') return 0;
  const sign = text.startsWith('-') ? -1 : 1;
  part.lastIndex = sign < 0 ? 1 : 0;
  let [total, end] = [0, part.lastIndex];
  const begin = end;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    total += Number(match[1]) * (units[match[2] as string] as number);
    end = part.lastIndex;
  }
  return end === begin || end !== text.length ? undefined : sign * total;
}

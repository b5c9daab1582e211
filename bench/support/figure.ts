import { upstream } from './upstream.ts';

/** One measured row. */
export interface Figure {
  readonly section: string;
  /** The same name as in `upstream.ts`, where upstream was measured too. */
  readonly name: string;
  readonly value: number;
  /** Of `value`: `/s`, `ms`, `MB`, ... Rates are better when higher, all else when lower. */
  readonly unit: string;
  /** Milliseconds. */
  readonly p50?: number;
  readonly p99?: number;
  /** Of the server, for 1,000 operations. */
  readonly cpuSeconds?: number;
  /** Of the load generator: where it is as much as the server's, the rate is its own. */
  readonly clientCpuSeconds?: number;
}

export type Collect = (figure: Figure) => void;

/** How a benchmark runs. */
export interface BenchOptions {
  /** A fifth of the operations, for a look while working. */
  readonly quick: boolean;
  readonly collect: Collect;
}

/** Runs a benchmark from the command line: its figures as they come. */
export async function runAlone(bench: (options: BenchOptions) => Promise<void>): Promise<void> {
  await bench({
    quick: process.argv.includes('quick'),
    collect: (figure) => console.log(oneLine(figure)),
  });
}

export function oneLine({ name, value, unit, p50, p99, cpuSeconds, clientCpuSeconds }: Figure): string {
  const parts = [name.padEnd(48), `${digits(value).padStart(9)} ${unit.padEnd(5)}`];
  if (p50 !== undefined) parts.push(`p50 ${digits(p50).padStart(7)} ms`);
  if (p99 !== undefined) parts.push(`p99 ${digits(p99).padStart(7)} ms`);
  if (cpuSeconds !== undefined) parts.push(`${digits(cpuSeconds).padStart(7)} CPU s/1,000`);
  if (clientCpuSeconds !== undefined) parts.push(`${digits(clientCpuSeconds).padStart(7)} of the client`);
  return parts.join('  ');
}

/** Three digits that count. */
export function digits(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(value >= 1 ? 2 : 3);
}

/** The figures as Markdown tables, a section each, upstream's beside them where it was measured. */
export function markdown(figures: readonly Figure[]): string {
  const sections = Map.groupBy(figures, (figure) => figure.section);
  return [...sections].map(([section, rows]) => `## ${section}\n\n${table(rows)}\n`).join('\n');
}

function table(rows: readonly Figure[]): string {
  const head =
    "| | measured | p50 / p99 ms | CPU s/1,000 | the client's | upstream | p50 / p99 ms | CPU s/1,000 | times better | by CPU |\n" +
    '|---|---|---|---|---|---|---|---|---|---|';
  return [head, ...rows.map(line)].join('\n');
}

function line(figure: Figure): string {
  const { name, value, unit } = figure;
  const theirs = upstream[name];
  const cells = [
    name,
    `${digits(value)} ${unit}`,
    lags(figure),
    cpu(figure),
    cpu({ ...(figure.clientCpuSeconds === undefined ? {} : { cpuSeconds: figure.clientCpuSeconds }) }),
    theirs?.value === undefined ? '' : `${digits(theirs.value)} ${unit}`,
    theirs === undefined ? '' : lags(theirs),
    theirs === undefined ? '' : cpu(theirs),
    theirs?.value === undefined
      ? ''
      : digits(unit.endsWith('/s') ? value / theirs.value : theirs.value / value),
    theirs?.cpuSeconds === undefined || figure.cpuSeconds === undefined
      ? ''
      : digits(theirs.cpuSeconds / figure.cpuSeconds),
  ];
  return `| ${cells.join(' | ')} |`;
}

function lags({ p50, p99 }: { readonly p50?: number; readonly p99?: number }): string {
  return p50 === undefined || p99 === undefined ? '' : `${digits(p50)} / ${digits(p99)}`;
}

function cpu({ cpuSeconds }: { readonly cpuSeconds?: number }): string {
  return cpuSeconds === undefined ? '' : digits(cpuSeconds);
}

/**
 * Every benchmark, or those that are named: `node bench/main.ts [start apiserver mixed heavy scale scheduler
 * simulated pods] [quick] [--markdown]`. With `--markdown` the figures come as tables, upstream's beside them. Not a test:
 * nothing fails for being slow.
 */
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { apiserver } from './apiserver.ts';
import { heavy } from './heavy.ts';
import { mixed } from './mixed.ts';
import { pods } from './pods.ts';
import { scale } from './scale.ts';
import { scheduler } from './scheduler.ts';
import { simulated } from './simulated.ts';
import { start } from './start.ts';
import { type BenchOptions, type Figure, markdown, oneLine } from './support/figure.ts';

const benches: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  start,
  apiserver,
  mixed,
  heavy,
  scale,
  scheduler,
  simulated,
  pods,
};

const args = process.argv.slice(2);
const asMarkdown = args.includes('--markdown');
const named = args.filter((arg) => arg in benches);
const figures: Figure[] = [];
const faults: string[] = [];
for (const name of named.length > 0 ? named : Object.keys(benches)) {
  try {
    await benches[name]?.({
      quick: args.includes('quick'),
      collect: (figure) => {
        figures.push(figure);
        (asMarkdown ? console.error : console.log)(oneLine(figure));
      },
    });
  } catch (error) {
    // One that cannot run here (real pods need root) does not take the others with it.
    faults.push(`${name}: ${(error as Error).message}`);
    console.error(`${name} failed: ${(error as Error).stack}`);
  }
}
if (asMarkdown) {
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const load = (loadavg()[0] as number).toFixed(1);
  console.log(
    `${availableParallelism()} cores, ${memory} GiB, Node.js ${process.version}, load average at the end ${load}\n`,
  );
  console.log(markdown(figures));
  for (const fault of faults) console.log(`Not measured: ${fault}\n`);
}

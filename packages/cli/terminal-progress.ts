import type { Progress } from '@coxswain/cluster';
import type { Streams } from './command.ts';

/** Shows steps: one line that is rewritten on a terminal, plain lines elsewhere. */
export function terminalProgress(streams: Streams): Progress {
  const { err } = streams;
  if (!err.isTTY) {
    return { begin: () => undefined, end: (step, ms) => void err.write(`${step}: ${seconds(ms)}\n`) };
  }
  const clearLine = '\r\x1b[K';
  return {
    begin: (step) => void err.write(`${clearLine}… ${step}`),
    end: (step, ms) => void err.write(`${clearLine}✓ ${step} ${seconds(ms)}\n`),
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

import { main } from './main.ts';
import { keepAlive } from './until-aborted.ts';

/** The process: standard streams, signals, exit code. */
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The second one is from somebody who does not want to wait.
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new Error(`stopped by ${name}`));
  });
}
// A reader that has gone (`cox get pods | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
// Whatever a command waits for, the process waits with it: timers of the clock alone do not hold it.
process.exitCode = await keepAlive(
  main(process.argv.slice(2), { out: process.stdout, err: process.stderr, in: process.stdin }, stop.signal),
);

import type { Logger } from '@coxswain/machinery';
import { pino } from 'pino';

/** Log levels of `--v`: 0 and 1 tell of faults alone, 2 what happens, 4 and more why. */
function levelOf(verbosity: number): string {
  if (verbosity < 2) return 'warn';
  return verbosity >= 4 ? 'debug' : 'info';
}

/** One JSON line an entry on standard error; nothing is buffered, so a crash loses none. */
export function createLogger(component: string, verbosity: number): Logger {
  const base = pino(
    { level: levelOf(verbosity), base: { component }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
  return wrap(base);
}

interface PinoLike {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): PinoLike;
}

function wrap(logger: PinoLike): Logger {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}

import type { Logger } from '@coxswain/machinery';
import { pino } from 'pino';

/** What happens is told from this verbosity on, and why from that. */
const tellsWhat = 2;
const tellsWhy = 4;

/** `--v` of this process: 0 and 1 tell of faults alone. */
let verbosity = tellsWhat;

/**
 * Tells more or less from now on.
 * @param text a whole number, as `--v` takes it
 * @throws with Go's text when it is none
 */
export function setVerbosity(text: string): void {
  if (!/^[-+]?\d+$/.test(text)) throw new Error(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  verbosity = Number(text);
}

/** One JSON line an entry on standard error; nothing is buffered, so a crash loses none. */
export function createLogger(component: string, initialVerbosity: number): Logger {
  verbosity = initialVerbosity;
  const base = pino(
    { level: 'debug', base: { component }, timestamp: pino.stdTimeFunctions.isoTime },
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
    debug: (message, fields = {}) => {
      if (verbosity >= tellsWhy) logger.debug(fields, message);
    },
    info: (message, fields = {}) => {
      if (verbosity >= tellsWhat) logger.info(fields, message);
    },
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}

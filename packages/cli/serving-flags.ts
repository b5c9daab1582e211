import type { ServingOptions } from '@coxswain/apiserver';
import { CliError, UsageError } from './cli-error.ts';
import type { FlagSpecs, Flags } from './flags.ts';
import { setVerbosity } from './logger.ts';

/** Flags of the server's limits; names and defaults are upstream's. */
export const servingFlags = {
  'enable-priority-and-fairness': {
    type: 'bool',
    default: 'true',
    help: 'Queue requests by flow schemas and priority levels; else the plain limits below hold',
  },
  'max-requests-inflight': {
    type: 'int',
    default: '400',
    help: 'Reads that run at once; with priority and fairness a part of the seats of all requests',
  },
  'max-mutating-requests-inflight': { type: 'int', default: '200', help: 'The same of writes' },
  'request-timeout': {
    type: 'duration',
    default: '1m0s',
    help: 'How long a request may take that is no watch, log or connection',
  },
  'min-request-timeout': {
    type: 'int',
    default: '1800',
    help: 'Seconds a watch lasts at least when its client does not say; twice that at most',
  },
  'goaway-chance': {
    type: 'string',
    default: '0',
    help: 'How probable it is that a request of HTTP/2 is told to reconnect; up to 0.02',
  },
  'http2-max-streams-per-connection': {
    type: 'int',
    default: '0',
    help: 'Requests of one connection at once; 0: 250',
  },
  'shutdown-delay-duration': {
    type: 'duration',
    default: '0s',
    help: 'How long a shutdown serves on while readyz fails',
  },
  'shutdown-send-retry-after': {
    type: 'bool',
    default: 'false',
    help: 'Answer requests that come during a shutdown with 429 and Retry-After',
  },
  'cors-allowed-origins': {
    type: 'strings',
    help: 'Regular expressions: pages of which origins may ask',
  },
  'strict-transport-security-directives': {
    type: 'strings',
    help: 'What browsers are told of TLS: max-age=SECONDS, includeSubDomains, preload',
  },
  'shutdown-watch-termination-grace-period': {
    type: 'duration',
    default: '0s',
    help: 'Over how long a shutdown ends watches; 0: all at once',
  },
  'livez-grace-period': {
    type: 'duration',
    default: '0s',
    help: 'So long livez is content with a start that is not finished',
  },
  'disabled-metrics': { type: 'strings', help: 'Metrics that are not told' },
  profiling: { type: 'bool', default: 'true', help: 'Serve profiles under /debug/pprof/' },
} as const satisfies FlagSpecs;

/** Upstream's bound: more would break connections faster than they are made. */
const mostGoaway = 0.02;

/** The limits that the flags describe. @throws {UsageError} where upstream refuses them */
export function servingFromFlags(flags: Flags): Partial<ServingOptions> {
  const chance = Number(flags.string('goaway-chance'));
  if (!(chance >= 0 && chance <= mostGoaway)) {
    throw new UsageError('error: --goaway-chance can not be less than 0 or greater than 0.02');
  }
  const whole = (name: keyof typeof servingFlags): number => atLeastZero(name, flags.int(name));
  const duration = (name: keyof typeof servingFlags): number => atLeastZero(name, flags.duration(name));
  const streams = whole('http2-max-streams-per-connection');
  const options = {
    priorityAndFairness: flags.bool('enable-priority-and-fairness'),
    maxRequestsInflight: whole('max-requests-inflight'),
    maxMutatingRequestsInflight: whole('max-mutating-requests-inflight'),
    requestTimeoutMs: duration('request-timeout'),
    minRequestTimeoutMs: whole('min-request-timeout') * 1000,
    goawayChance: chance,
    ...(streams > 0 ? { http2MaxStreams: streams } : {}),
    shutdownDelayMs: duration('shutdown-delay-duration'),
    shutdownSendRetryAfter: flags.bool('shutdown-send-retry-after'),
    corsAllowedOrigins: flags.strings('cors-allowed-origins').map(originPattern),
    strictTransport: flags.strings('strict-transport-security-directives').map(directive),
    watchTerminationGraceMs: duration('shutdown-watch-termination-grace-period'),
    livezGraceMs: duration('livez-grace-period'),
    profiling: flags.bool('profiling'),
    setVerbosity,
    flags: () => flags.all(),
  };
  if (options.priorityAndFairness && options.maxRequestsInflight + options.maxMutatingRequestsInflight <= 0) {
    throw new UsageError(
      'error: --max-requests-inflight and --max-mutating-requests-inflight can not both be 0 with --enable-priority-and-fairness',
    );
  }
  return options;
}

function atLeastZero(name: string, value: number | undefined): number {
  if (value === undefined || value < 0) throw new UsageError(`error: --${name} can not be negative value`);
  return value;
}

/** A pattern must say where a host begins and where it ends, lest it let in more than was meant. */
function originPattern(text: string): RegExp {
  let pattern: RegExp;
  try {
    pattern = new RegExp(text);
  } catch (cause) {
    const why = (cause as Error).message;
    const text = `error: --cors-allowed-origins has an invalid regular expression: ${why}`;
    throw new CliError(text, 2, { cause });
  }
  const begins = text.includes('^') || text.includes('//');
  const ends = text.includes('$') || text.includes(':');
  if (begins && ends) return pattern;
  throw new UsageError(
    `error: --cors-allowed-origins has an invalid regular expression: regular expression does not pin to start/end of host in the origin header - "${text}"`,
  );
}

function directive(text: string): string {
  if (text === 'includeSubDomains' || text === 'preload' || /^max-age=\d+$/.test(text)) return text;
  throw new UsageError(
    'error: --strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. see https://tools.ietf.org/html/rfc6797#section-6.1 for more information',
  );
}

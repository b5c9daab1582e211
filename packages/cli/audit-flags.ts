import {
  type AuditBackendOptions,
  type AuditMode,
  type AuditOptions,
  AuditPolicyError,
  parseAuditPolicy,
} from '@coxswain/apiserver';
import { KubeconfigError, loadKubeconfig, type ResolvedKubeconfig } from '@coxswain/client';
import { CliError, UsageError } from './cli-error.ts';
import { readText } from './flag-files.ts';
import type { FlagSpec, FlagSpecs, Flags } from './flags.ts';

type Backend = 'log' | 'webhook';

const modes: readonly string[] = ['batch', 'blocking', 'blocking-strict'];
const formats: readonly string[] = ['legacy', 'json'];
const groupVersions: readonly string[] = ['audit.k8s.io/v1'];

/** Flags of auditing; names and defaults are upstream's. */
export const auditFlags = {
  'audit-policy-file': { type: 'string', help: 'What is audited: a file with a Policy of audit.k8s.io/v1' },
  'audit-log-path': {
    type: 'string',
    help: 'File that audit events are written to; - is the standard output',
  },
  'audit-log-format': { type: 'string', default: 'json', help: 'json or legacy' },
  'audit-log-maxage': { type: 'int', default: '366', help: 'Days that old audit files are kept' },
  'audit-log-maxbackup': { type: 'int', default: '100', help: 'Old audit files that are kept; 0: all' },
  'audit-log-maxsize': {
    type: 'int',
    default: '100',
    help: 'Megabytes at which the audit file is moved aside',
  },
  'audit-log-compress': { type: 'bool', default: 'false', help: 'Compress old audit files' },
  ...backendFlags('log', { mode: 'blocking', batchSize: '1', throttle: 'false', qps: '0', burst: '0' }),
  'audit-webhook-config-file': {
    type: 'string',
    help: 'Kubeconfig of the server that audit events are sent to',
  },
  'audit-webhook-initial-backoff': {
    type: 'duration',
    default: '10s',
    help: 'Wait before events are sent again',
  },
  ...backendFlags('webhook', {
    mode: 'batch',
    batchSize: '400',
    wait: '30s',
    throttle: 'true',
    qps: '10',
    burst: '15',
  }),
} as const satisfies FlagSpecs;

interface BackendDefaults {
  readonly mode: string;
  readonly batchSize: string;
  readonly wait?: string;
  readonly throttle: string;
  readonly qps: string;
  readonly burst: string;
}

function backendFlags(of: Backend, defaults: BackendDefaults): Record<string, FlagSpec> {
  const { mode, batchSize, wait = '0', throttle, qps, burst } = defaults;
  const flag = (type: FlagSpec['type'], value: string, help: string): FlagSpec => ({
    type,
    default: value,
    help,
  });
  return {
    [`audit-${of}-mode`]: flag('string', mode, 'batch, blocking or blocking-strict'),
    [`audit-${of}-version`]: flag('string', 'audit.k8s.io/v1', 'Version of the events'),
    [`audit-${of}-batch-buffer-size`]: flag('int', '10000', 'Events that wait at most, in batch mode'),
    [`audit-${of}-batch-max-size`]: flag('int', batchSize, 'Events of a batch'),
    [`audit-${of}-batch-max-wait`]: flag('duration', wait, 'How long a batch waits to be full'),
    [`audit-${of}-batch-throttle-enable`]: flag('bool', throttle, 'Whether batches are held back'),
    [`audit-${of}-batch-throttle-qps`]: flag('string', qps, 'Batches a second'),
    [`audit-${of}-batch-throttle-burst`]: flag('int', burst, 'Batches at once'),
    [`audit-${of}-truncate-enabled`]: flag('bool', 'false', 'Take objects out of large events'),
    [`audit-${of}-truncate-max-batch-size`]: flag('int', '10485760', 'Bytes of a batch'),
    [`audit-${of}-truncate-max-event-size`]: flag('int', '102400', 'Bytes of an event'),
  };
}

/**
 * What the flags say about auditing; undefined when nothing is to be audited.
 * @throws UsageError for values that make no sense, CliError for files that do not
 */
export function auditFromFlags(flags: Flags): AuditOptions | undefined {
  const path = flags.string('audit-log-path') ?? '';
  const webhookFile = flags.string('audit-webhook-config-file') ?? '';
  const log = path === '' ? undefined : backendOptions(flags, 'log');
  const webhook = webhookFile === '' ? undefined : backendOptions(flags, 'webhook');
  const format = flags.string('audit-log-format') as string;
  if (log !== undefined && !formats.includes(format)) {
    throw new UsageError(
      `error: invalid audit log format ${format}, allowed formats are ${JSON.stringify(formats.join(','))}`,
    );
  }
  const file = {
    path,
    maxAgeDays: notNegative(flags, 'audit-log-maxage'),
    maxBackups: notNegative(flags, 'audit-log-maxbackup'),
    maxSizeMegabytes: notNegative(flags, 'audit-log-maxsize'),
    compress: flags.bool('audit-log-compress'),
  };
  const policyFile = flags.string('audit-policy-file') ?? '';
  if (policyFile === '') return undefined;
  const policy = loadPolicy(policyFile);
  if (log === undefined && webhook === undefined) return undefined;
  return {
    policy,
    ...(log === undefined ? {} : { log: { ...log, format: format as 'json' | 'legacy', file } }),
    ...(webhook === undefined
      ? {}
      : {
          webhook: {
            ...webhook,
            endpoint: endpointOf(webhookFile),
            initialBackoffMs: flags.duration('audit-webhook-initial-backoff') as number,
          },
        }),
  };
}

function loadPolicy(path: string): AuditOptions['policy'] {
  const what = `loading audit policy file: failed to read file path ${JSON.stringify(path)}`;
  const text = readText(path, what);
  try {
    return parseAuditPolicy(text);
  } catch (cause) {
    if (!(cause instanceof AuditPolicyError)) throw cause;
    throw new CliError(`error: loading audit policy file: ${cause.message}: from file ${path}`, 1, { cause });
  }
}

function endpointOf(path: string): ResolvedKubeconfig {
  try {
    return loadKubeconfig(path);
  } catch (cause) {
    if (!(cause instanceof KubeconfigError)) throw cause;
    throw new CliError(`error: initializing audit webhook: ${cause.message}`, 1, { cause });
  }
}

function notNegative(flags: Flags, name: string): number {
  const value = flags.int(name) as number;
  if (value < 0) throw new UsageError(`error: --${name} ${value} can't be a negative number`);
  return value;
}

function backendOptions(flags: Flags, of: Backend): AuditBackendOptions {
  const prefix = `audit-${of}`;
  const mode = flags.string(`${prefix}-mode`) as AuditMode;
  if (!modes.includes(mode)) {
    throw new UsageError(
      `error: invalid audit ${of} mode ${mode}, allowed modes are ${JSON.stringify(modes.join(','))}`,
    );
  }
  const version = flags.string(`${prefix}-version`) as string;
  if (!groupVersions.includes(version)) {
    throw new UsageError(
      `error: invalid group version, allowed versions are ${JSON.stringify(groupVersions.join(','))}`,
    );
  }
  const truncate = flags.bool(`${prefix}-truncate-enabled`)
    ? {
        maxEventSize: flags.int(`${prefix}-truncate-max-event-size`) as number,
        maxBatchSize: flags.int(`${prefix}-truncate-max-batch-size`) as number,
      }
    : undefined;
  if (truncate !== undefined) checkTruncate(truncate);
  return { mode, batch: batchOptions(flags, of, mode), ...(truncate === undefined ? {} : { truncate }) };
}

function checkTruncate({ maxEventSize, maxBatchSize }: { maxEventSize: number; maxBatchSize: number }): void {
  if (maxEventSize <= 0) {
    throw new UsageError(
      `error: invalid audit truncate max event size ${maxEventSize}, must be a positive number`,
    );
  }
  if (maxBatchSize < maxEventSize) {
    throw new UsageError(
      `error: invalid audit truncate max batch size ${maxBatchSize}, must be greater than max event size (${maxEventSize})`,
    );
  }
}

function batchOptions(flags: Flags, of: Backend, mode: AuditMode): AuditBackendOptions['batch'] {
  const prefix = `audit-${of}-batch`;
  const check = (value: number, what: string): number => {
    // Of other modes these say nothing.
    if (mode === 'batch' && !(value > 0)) {
      throw new UsageError(`error: invalid audit batch ${of} ${what} ${value}, must be a positive number`);
    }
    return value;
  };
  const throttle = flags.bool(`${prefix}-throttle-enable`)
    ? {
        qps: check(Number(flags.string(`${prefix}-throttle-qps`)), 'throttle QPS'),
        burst: check(flags.int(`${prefix}-throttle-burst`) as number, 'throttle burst'),
      }
    : undefined;
  return {
    bufferSize: check(flags.int(`${prefix}-buffer-size`) as number, 'buffer size'),
    maxBatchSize: check(flags.int(`${prefix}-max-size`) as number, 'max batch size'),
    maxBatchWaitMs: flags.duration(`${prefix}-max-wait`) as number,
    ...(throttle === undefined ? {} : { throttle }),
    concurrent: of === 'webhook',
  };
}

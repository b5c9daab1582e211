import type { ResolvedKubeconfig } from '@coxswain/client';
import type { Clock, Logger } from '@coxswain/machinery';
import type { AuditMetrics } from './audit-metrics.ts';
import { Auditor } from './auditor.ts';
import { type BatchOptions, BatchSink } from './batch-sink.ts';
import { type LineWriter, type LogFormat, LogSink } from './log-sink.ts';
import type { Policy } from './policy.ts';
import { RotatingFile, type RotatingFileOptions } from './rotating-file.ts';
import { type AuditSink, LenientSink, type SinkFault, sinkFault, UnionSink } from './sink.ts';
import { type TruncateOptions, TruncateSink } from './truncate-sink.ts';
import { WebhookSink } from './webhook-sink.ts';

export type AuditMode = 'batch' | 'blocking' | 'blocking-strict';

/** How a backend is fed. */
export interface AuditBackendOptions {
  readonly mode: AuditMode;
  readonly batch: BatchOptions;
  /** Absent: events of any size. */
  readonly truncate?: TruncateOptions;
}

/** What is audited, and where it is written. */
export interface AuditOptions {
  readonly policy: Policy;
  readonly log?: AuditBackendOptions & {
    readonly format: LogFormat;
    /** '-' as the path is the standard output. */
    readonly file: RotatingFileOptions;
  };
  readonly webhook?: AuditBackendOptions & {
    readonly endpoint: ResolvedKubeconfig;
    readonly initialBackoffMs: number;
  };
}

/** The auditor of these options; undefined when there is nowhere to write. Throws when the log cannot be opened. */
export function buildAuditor(
  options: AuditOptions,
  metrics: AuditMetrics,
  clock: Clock,
  logger: Logger,
  random: () => number,
): Auditor | undefined {
  const fault = sinkFault(metrics, logger);
  const { log, webhook } = options;
  const sinks: AuditSink[] = [];
  if (log !== undefined) {
    const writer = log.file.path === '-' ? standardOutput : new RotatingFile(log.file, clock, logger);
    sinks.push(fed(new LogSink(writer, log.format, fault), log, clock, fault));
  }
  if (webhook !== undefined) {
    sinks.push(fed(new WebhookSink(webhook, clock, random, fault), webhook, clock, fault));
  }
  if (sinks.length === 0) return undefined;
  const sink = sinks.length === 1 ? (sinks[0] as AuditSink) : new UnionSink(sinks);
  return new Auditor(options.policy, sink, clock, metrics);
}

function fed(sink: AuditSink, options: AuditBackendOptions, clock: Clock, fault: SinkFault): AuditSink {
  const { mode, batch, truncate } = options;
  const moded =
    mode === 'batch'
      ? new BatchSink(sink, batch, clock, fault)
      : mode === 'blocking'
        ? new LenientSink(sink)
        : sink;
  return truncate === undefined ? moded : new TruncateSink(moded, truncate, fault);
}

const standardOutput: LineWriter = {
  write: (text) => void process.stdout.write(text),
  close: () => Promise.resolve(),
};

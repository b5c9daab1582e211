import { randomUUID } from 'node:crypto';
import type { Clock } from '@coxswain/machinery';
import type { AuditMetrics } from './audit-metrics.ts';
import type { AuditEvent } from './event.ts';
import { type AuditAttributes, type Policy, PolicyRuleEvaluator, type RequestAuditConfig } from './policy.ts';
import { type EventMaker, RequestAudit, type RequestSource } from './request-audit.ts';
import type { AuditSink } from './sink.ts';

/** Writes down who did what, as a policy says. */
export class Auditor implements EventMaker {
  readonly #policy: PolicyRuleEvaluator;
  readonly #sink: AuditSink;
  readonly #clock: Clock;
  readonly metrics: AuditMetrics;

  constructor(policy: Policy, sink: AuditSink, clock: Clock, metrics: AuditMetrics) {
    this.#policy = new PolicyRuleEvaluator(policy);
    this.#sink = sink;
    this.#clock = clock;
    this.metrics = metrics;
  }

  /** Begins with a request that has just come. `auditID` '' asks for a new one. */
  begin(source: RequestSource): RequestAudit {
    return new RequestAudit(this, source.auditID === '' ? { ...source, auditID: randomUUID() } : source);
  }

  now(): number {
    return this.#clock.now();
  }

  evaluate(attributes: AuditAttributes): RequestAuditConfig {
    const config = this.#policy.evaluate(attributes);
    this.metrics.decided(config.level);
    return config;
  }

  send(event: AuditEvent): boolean | Promise<boolean> {
    this.metrics.sent();
    return this.#sink.process([event]);
  }

  rejected(): void {
    this.metrics.rejected();
  }

  /** Resolves when every event is where it belongs. */
  close(): Promise<void> {
    return this.#sink.close();
  }
}

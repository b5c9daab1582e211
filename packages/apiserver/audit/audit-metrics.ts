import type { AuditLevel } from './event.ts';

/** Upstream's counters of auditing. */
export class AuditMetrics {
  #events = 0;
  #rejected = 0;
  readonly #levels = new Map<AuditLevel, number>();
  readonly #errors = new Map<string, number>();

  /** An event was handed to the sinks. */
  sent(): void {
    this.#events++;
  }

  /** A policy decided on a request. */
  decided(level: AuditLevel): void {
    this.#levels.set(level, (this.#levels.get(level) ?? 0) + 1);
  }

  /** A request was refused, as its event could not be kept. */
  rejected(): void {
    this.#rejected++;
  }

  /** A sink could not keep events. */
  failed(plugin: string, events: number): void {
    this.#errors.set(plugin, (this.#errors.get(plugin) ?? 0) + events);
  }

  /** Prometheus' text format. */
  text(): string {
    const out = [
      '# HELP apiserver_audit_event_total [ALPHA] Counter of audit events generated and sent to the audit backend.',
      '# TYPE apiserver_audit_event_total counter',
      `apiserver_audit_event_total ${this.#events}`,
    ];
    if (this.#errors.size > 0) {
      out.push(
        '# HELP apiserver_audit_error_total [ALPHA] Counter of audit events that failed to be audited properly. Plugin identifies the plugin affected by the error.',
        '# TYPE apiserver_audit_error_total counter',
      );
      for (const [plugin, count] of this.#errors) {
        out.push(`apiserver_audit_error_total{plugin="${plugin}"} ${count}`);
      }
    }
    if (this.#levels.size > 0) {
      out.push(
        '# HELP apiserver_audit_level_total [ALPHA] Counter of policy levels for audit events (1 per request).',
        '# TYPE apiserver_audit_level_total counter',
      );
      for (const [level, count] of this.#levels)
        out.push(`apiserver_audit_level_total{level="${level}"} ${count}`);
    }
    out.push(
      '# HELP apiserver_audit_requests_rejected_total [ALPHA] Counter of apiserver requests rejected due to an error in audit logging backend.',
      '# TYPE apiserver_audit_requests_rejected_total counter',
      `apiserver_audit_requests_rejected_total ${this.#rejected}`,
    );
    return out.join('\n');
  }
}

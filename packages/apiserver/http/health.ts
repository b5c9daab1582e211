import type { ParsedQuery } from './query.ts';
import { type Response, replyText } from './reply.ts';

/** One named check; gives the reason why it fails. */
export interface HealthCheck {
  readonly name: string;
  check(): string | undefined;
}

/** The checks behind `/healthz`, `/livez` and `/readyz`. */
export class Health {
  readonly #checks: HealthCheck[] = [{ name: 'ping', check: () => undefined }];
  readonly #readiness: HealthCheck[] = [];

  /** Adds a check to all three, or to readiness alone. */
  add(check: HealthCheck, readinessOnly = false): void {
    (readinessOnly ? this.#readiness : this.#checks).push(check);
  }

  /** Answers `/livez`, `/livez/ping` and so on; false where there is no such check. */
  serve(path: string, query: ParsedQuery, response: Response): boolean {
    const [, kind = '', name] = path.split('/');
    const checks = kind === 'readyz' ? [...this.#checks, ...this.#readiness] : this.#checks;
    if (name !== undefined && name !== '') {
      const check = checks.find((c) => c.name === name);
      if (check === undefined) return false;
      const fault = check.check();
      replyText(
        response,
        fault === undefined ? 200 : 500,
        fault === undefined ? 'ok' : `internal server error: ${fault}\n`,
      );
      return true;
    }
    const excluded = new Set(query.exclude);
    const lines: string[] = [];
    let failed = 0;
    for (const check of checks) {
      if (excluded.delete(check.name)) {
        lines.push(`[+]${check.name} excluded: ok`);
        continue;
      }
      const fault = check.check();
      if (fault === undefined) lines.push(`[+]${check.name} ok`);
      else {
        failed++;
        lines.push(`[-]${check.name} failed: reason withheld`);
      }
    }
    for (const unknown of excluded) {
      lines.push(`warn: some health checks cannot be excluded: no matches for ${JSON.stringify(unknown)}`);
    }
    if (failed > 0) replyText(response, 500, `${lines.join('\n')}\n${kind} check failed\n`);
    else if (query.values['verbose'] !== undefined)
      replyText(response, 200, `${lines.join('\n')}\n${kind} check passed\n`);
    else replyText(response, 200, 'ok');
    return true;
  }
}

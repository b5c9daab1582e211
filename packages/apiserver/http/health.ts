import type { ParsedQuery } from './query.ts';
import { type Response, replyText } from './reply.ts';

/** One named check; gives the reason why it fails. */
export interface HealthCheck {
  readonly name: string;
  check(): string | undefined | Promise<string | undefined>;
}

/** What a probe is answered. */
interface Answer {
  readonly code: number;
  readonly text: string;
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
    const check = checks.find((each) => each.name === name);
    if (name !== undefined && name !== '' && check === undefined) return false;
    const answer = check === undefined ? answerAll(kind, checks, query) : answerOne(check);
    answer.then(
      ({ code, text }) => replyText(response, code, text),
      (error: unknown) => replyText(response, 500, `internal server error: ${String(error)}\n`),
    );
    return true;
  }
}

async function answerOne(check: HealthCheck): Promise<Answer> {
  const fault = await check.check();
  return fault === undefined
    ? { code: 200, text: 'ok' }
    : { code: 500, text: `internal server error: ${fault}\n` };
}

async function answerAll(kind: string, checks: readonly HealthCheck[], query: ParsedQuery): Promise<Answer> {
  const excluded = new Set(query.exclude);
  const left = new Set(checks.filter((check) => !excluded.has(check.name)));
  const faults = new Map(
    await Promise.all([...left].map(async (check) => [check, await check.check()] as const)),
  );
  const lines = checks.map((check) => {
    if (excluded.delete(check.name)) return `[+]${check.name} excluded: ok`;
    return faults.get(check) === undefined
      ? `[+]${check.name} ok`
      : `[-]${check.name} failed: reason withheld`;
  });
  for (const unknown of excluded) {
    lines.push(`warn: some health checks cannot be excluded: no matches for ${JSON.stringify(unknown)}`);
  }
  const failed = [...faults.values()].some((fault) => fault !== undefined);
  if (failed) return { code: 500, text: `${lines.join('\n')}\n${kind} check failed\n` };
  const verbose = query.values['verbose'] !== undefined;
  return { code: 200, text: verbose ? `${lines.join('\n')}\n${kind} check passed\n` : 'ok' };
}

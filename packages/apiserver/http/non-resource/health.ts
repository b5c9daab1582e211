import type { Clock, Counter, Gauge, MetricsRegistry } from '@coxswain/machinery';
import type { ParsedQuery } from '../query.ts';
import { type Response, replyPlain, replyText } from '../reply.ts';

/** One named check; gives the reason why it fails. */
export interface HealthCheck {
  readonly name: string;
  check(): string | undefined | Promise<string | undefined>;
}

/** Which of the three probes asks. */
type Kind = 'healthz' | 'livez' | 'readyz';

/** What a probe is answered. */
interface Answer {
  readonly code: number;
  readonly text: string;
}

interface Listed {
  readonly name: string;
  readonly kinds: readonly Kind[];
  check(kind: Kind): string | undefined | Promise<string | undefined>;
}

const everywhere: readonly Kind[] = ['healthz', 'livez', 'readyz'];
const readiness: readonly Kind[] = ['readyz'];

/** The checks behind `/healthz`, `/livez` and `/readyz`, in the order in which they were added. */
export class Health {
  readonly #checks: Listed[] = [{ name: 'ping', kinds: everywhere, check: () => undefined }];
  readonly #slis: Slis | undefined;
  /** Whether livez is content with a start that is not finished. */
  readonly #isLenient: () => boolean;

  /**
   * @param slis where the outcomes of checks are counted
   * @param graceMs so long after this livez is content with a start that is not finished
   */
  constructor(slis?: MetricsRegistry, graceMs = 0, clock?: Clock) {
    this.#slis = slis === undefined ? undefined : new Slis(slis);
    const end = (clock?.monotonic() ?? 0) + graceMs;
    this.#isLenient = () => clock !== undefined && clock.monotonic() < end;
  }

  /** Adds a check to all three, or to some. */
  add(check: HealthCheck, kinds: readonly Kind[] = everywhere): void {
    this.#checks.push({ name: check.name, kinds, check: () => check.check() });
  }

  /** Adds a check to readiness alone. */
  addReadiness(check: HealthCheck): void {
    this.add(check, readiness);
  }

  /** Adds a step of the start: it fails until it is done. Gives what says so. */
  addStart(name: string): () => void {
    let done = false;
    const check = (): string | undefined => (done ? undefined : 'not finished');
    const lenient = (): string | undefined => (this.#isLenient() ? undefined : check());
    this.#checks.push({
      name: `poststarthook/${name}`,
      kinds: everywhere,
      check: (kind) => (kind === 'livez' ? lenient() : check()),
    });
    return () => {
      done = true;
    };
  }

  /** Answers `/livez`, `/livez/ping` and so on; false where there is no such check. */
  serve(path: string, query: ParsedQuery, response: Response): boolean {
    const [, first = '', ...rest] = path.split('/');
    const kind = first as Kind;
    const name = rest.join('/');
    const checks = this.#checks.filter(({ kinds }) => kinds.includes(kind));
    const check = checks.find((each) => each.name === name);
    if (rest.length > 0 && check === undefined) return false;
    const answer = check === undefined ? this.#answerAll(kind, checks, query) : this.#answerOne(kind, check);
    answer.then(
      ({ code, text }) =>
        (check !== undefined && code === 200 ? replyPlain : replyText)(response, code, text),
      (error: unknown) => replyText(response, 500, `internal server error: ${String(error)}\n`),
    );
    return true;
  }

  async #answerOne(kind: Kind, check: Listed): Promise<Answer> {
    const fault = await this.#ask(kind, check);
    return fault === undefined
      ? { code: 200, text: 'ok' }
      : { code: 500, text: `internal server error: ${fault}\n` };
  }

  async #answerAll(kind: Kind, checks: readonly Listed[], query: ParsedQuery): Promise<Answer> {
    const excluded = new Set(query.exclude);
    const left = new Set(checks.filter((check) => !excluded.has(check.name)));
    const faults = new Map(
      await Promise.all([...left].map(async (check) => [check, await this.#ask(kind, check)] as const)),
    );
    const lines = checks.map((check) => {
      if (excluded.delete(check.name)) return `[+]${check.name} excluded: ok`;
      return faults.get(check) === undefined
        ? `[+]${check.name} ok`
        : `[-]${check.name} failed: reason withheld`;
    });
    if (excluded.size > 0) {
      const names = [...excluded].map((name) => JSON.stringify(name)).join(', ');
      lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
    }
    const failed = [...faults.values()].some((fault) => fault !== undefined);
    if (failed) return { code: 500, text: `${lines.join('\n')}\n${kind} check failed\n` };
    const verbose = query.values['verbose'] !== undefined;
    return { code: 200, text: verbose ? `${lines.join('\n')}\n${kind} check passed\n` : 'ok' };
  }

  async #ask(kind: Kind, check: Listed): Promise<string | undefined> {
    const fault = await check.check(kind);
    this.#slis?.count(kind, check.name, fault === undefined);
    return fault;
  }
}

/** Counts the outcomes of checks, as upstream's `/metrics/slis` tells them. */
class Slis {
  readonly #last;
  readonly #counts;
  readonly #bound = new Map<string, { last: Gauge; good: Counter; bad: Counter }>();

  constructor(registry: MetricsRegistry) {
    this.#last = registry.gauge({
      name: 'kubernetes_healthcheck',
      help: 'How each health check ended the last time; 1: well.',
      labels: ['name', 'type'],
      stability: 'STABLE',
    });
    this.#counts = registry.counter({
      name: 'kubernetes_healthchecks_total',
      help: 'How health checks ended.',
      labels: ['name', 'type', 'status'],
      stability: 'STABLE',
    });
  }

  count(kind: Kind, name: string, well: boolean): void {
    const key = `${kind}/${name}`;
    let bound = this.#bound.get(key);
    if (bound === undefined) {
      bound = {
        last: this.#last.with(name, kind),
        good: this.#counts.with(name, kind, 'success'),
        bad: this.#counts.with(name, kind, 'error'),
      };
      this.#bound.set(key, bound);
    }
    bound.last.set(well ? 1 : 0);
    (well ? bound.good : bound.bad).inc();
  }
}

import { maxNesting } from '@coxswain/machinery';

/** A text that go-yaml would not take; the message is go-yaml's. */
export class YamlSyntaxError extends Error {
  override readonly name = 'YamlSyntaxError';
  readonly code = 'ERR_YAML_SYNTAX';
}

/** go-yaml counts the nodes it makes, and of them those that aliases make; below these counts it lets all pass. */
const fewNodes = 1_000;
const fewAliased = 100;
/** Of so many nodes nearly all may come from aliases, */
const smallDocument = { nodes: 400_000, share: 0.99 };
/** of so many only few, and in between it falls in a line. */
const largeDocument = { nodes: 4_000_000, share: 0.1 };
/** Aliases of long texts count as one node each: their bytes are bounded, too. */
const mostText = 16 * 2 ** 20;

function allowedShare(nodes: number): number {
  const { nodes: low, share: high } = smallDocument;
  const along = Math.min(1, Math.max(0, (nodes - low) / (largeDocument.nodes - low)));
  return high - along * (high - largeDocument.share);
}

/**
 * A parsed YAML document as JSON values. Anchors make one value stand in many places: JSON has no such thing, so
 * each gets its own copy, as long as a short text does not grow without measure.
 *
 * @throws YamlSyntaxError
 */
export function yamlToJson(value: unknown): unknown {
  return new Expansion().copy(value, maxNesting, false);
}

class Expansion {
  readonly #seen = new Set<object>();
  #nodes = 0;
  #aliased = 0;
  #text = 0;

  copy(value: unknown, left: number, byAlias: boolean): unknown {
    this.#count(byAlias);
    if (typeof value === 'string') this.#countText(value);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new YamlSyntaxError(`json: unsupported value: ${goFloat(value)}`);
    }
    if (typeof value !== 'object' || value === null) return value;
    if (left === 0) throw new YamlSyntaxError('yaml: exceeded max depth');
    const again = byAlias || this.#seen.has(value);
    this.#seen.add(value);
    if (Array.isArray(value)) return value.map((item) => this.copy(item, left - 1, again));
    const out: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [key, member] of Object.entries(value)) {
      this.#count(again);
      this.#countText(key);
      out[key] = this.copy(member, left - 1, again);
    }
    return Object.setPrototypeOf(out, Object.prototype) as unknown;
  }

  #count(byAlias: boolean): void {
    this.#nodes++;
    if (!byAlias) return;
    this.#aliased++;
    if (this.#aliased <= fewAliased || this.#nodes <= fewNodes) return;
    if (this.#aliased / this.#nodes > allowedShare(this.#nodes)) refuse();
  }

  #countText(text: string): void {
    this.#text += text.length;
    if (this.#text > mostText) refuse();
  }
}

function refuse(): never {
  throw new YamlSyntaxError('yaml: document contains excessive aliasing');
}

function goFloat(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

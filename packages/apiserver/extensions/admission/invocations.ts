import { type KubeObject, writeJson } from '@coxswain/machinery';
import type { AdmissionAttributes, Reinvocation } from '../../access/contract.ts';

/** Which of a plugin's webhooks or policies are asked again about a request, as upstream decides it. */
export class Invocations {
  readonly #reinvocation: Reinvocation;
  /** Those that want to be asked again when something changes after them. */
  #earlier = new Set<string>();
  readonly #again = new Set<string>();
  /** JSON of the object as the plugin left it. */
  #left = '';

  private constructor(reinvocation: Reinvocation) {
    this.#reinvocation = reinvocation;
  }

  /** What a plugin remembers of a request, from the first time or anew. */
  static of(a: AdmissionAttributes, plugin: string): Invocations {
    a.reinvocation ??= { isAgain: false, isWanted: false, memory: new Map() };
    const { memory } = a.reinvocation;
    let known = memory.get(plugin) as Invocations | undefined;
    if (known === undefined) {
      known = new Invocations(a.reinvocation);
      memory.set(plugin, known);
    }
    return known;
  }

  get round(): 0 | 1 {
    return this.#reinvocation.isAgain ? 1 : 0;
  }

  /** Before a round: what others changed in between counts as a change after everything. */
  begin(object: KubeObject | undefined): void {
    if (this.round === 1 && this.#left !== writeJson(object)) this.#requireEarlier();
  }

  end(object: KubeObject | undefined): void {
    this.#left = writeJson(object);
  }

  /** Whether one is asked in this round. */
  concerns(key: string): boolean {
    return this.round === 0 || this.#again.has(key);
  }

  /** Notes that one was asked. @param ifNeeded it wants to be asked again when others change something */
  asked(key: string, changed: boolean, ifNeeded: boolean): void {
    if (changed) {
      this.#requireEarlier();
      this.#reinvocation.isWanted = true;
    }
    if (ifNeeded) this.#earlier.add(key);
  }

  #requireEarlier(): void {
    for (const key of this.#earlier) this.#again.add(key);
    this.#earlier = new Set();
  }
}

/** What a probe of a container says; `unknown` before the first answer. */
export type ProbeResult = 'success' | 'failure' | 'unknown';

/** Last results by container id. */
export class ProbeResults {
  readonly #results = new Map<string, { readonly result: ProbeResult; readonly podUid: string }>();
  readonly #onChange: (podUid: string, containerId: string, result: ProbeResult) => void;

  constructor(onChange: (podUid: string, containerId: string, result: ProbeResult) => void = () => {}) {
    this.#onChange = onChange;
  }

  get(containerId: string): ProbeResult | undefined {
    return this.#results.get(containerId)?.result;
  }

  set(containerId: string, result: ProbeResult, podUid: string): void {
    if (this.#results.get(containerId)?.result === result) return;
    this.#results.set(containerId, { result, podUid });
    this.#onChange(podUid, containerId, result);
  }

  remove(containerId: string): void {
    this.#results.delete(containerId);
  }
}

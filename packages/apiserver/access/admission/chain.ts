import type { AdmissionAttributes, AdmissionPlugin } from '../contract.ts';

/** The admission plugins of a server, in upstream's order. */
export class AdmissionChain {
  readonly #mutating: readonly AdmissionPlugin[];
  readonly #validating: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#mutating = plugins.filter((plugin) => plugin.admit !== undefined);
    this.#validating = plugins.filter((plugin) => plugin.validate !== undefined);
  }

  /** Lets every plugin change the object. Throws the `StatusError` of the first that refuses. */
  admit(attributes: AdmissionAttributes): void | Promise<void> {
    const pending = run(this.#mutating, 'admit', attributes, 0);
    // Only what was waited for can have asked for more, or what had policies to follow.
    if (pending instanceof Promise) return pending.then(() => this.#admitAgain(attributes));
    return attributes.reinvocation === undefined ? undefined : this.#admitAgain(attributes);
  }

  /** Once more, where something was changed that earlier plugins have not seen. */
  #admitAgain(attributes: AdmissionAttributes): void | Promise<void> {
    const { reinvocation } = attributes;
    if (reinvocation?.isWanted !== true) return;
    reinvocation.isAgain = true;
    return run(this.#mutating, 'admit', attributes, 0);
  }

  /** Lets every plugin look at the object as it will be stored. Throws as `admit` does. */
  validate(attributes: AdmissionAttributes): void | Promise<void> {
    return run(this.#validating, 'validate', attributes, 0);
  }
}

/** Waits only behind plugins that wait: most writes pass the whole chain in one go. */
function run(
  plugins: readonly AdmissionPlugin[],
  phase: 'admit' | 'validate',
  attributes: AdmissionAttributes,
  from: number,
): void | Promise<void> {
  for (let i = from; i < plugins.length; i++) {
    const plugin = plugins[i] as AdmissionPlugin;
    if (!plugin.handles(attributes.operation)) continue;
    const pending = plugin[phase]?.(attributes);
    if (pending instanceof Promise) return pending.then(() => run(plugins, phase, attributes, i + 1));
  }
}

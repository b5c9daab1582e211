import type { corev1, discoveryv1 } from '@coxswain/api';
import type { Proxier, ProxySource } from '../proxier.ts';

/** A cluster in memory: tests put services and slices in and the proxier hears of it. */
export class MemorySource implements ProxySource {
  readonly #services = new Map<string, corev1.Service>();
  readonly #slices = new Map<string, discoveryv1.EndpointSlice>();
  zone: string | undefined;
  proxier: Proxier | undefined;

  service(key: string): corev1.Service | undefined {
    return this.#services.get(key);
  }

  slices(key: string): readonly discoveryv1.EndpointSlice[] {
    const slice = this.#slices.get(key);
    return slice === undefined ? [] : [slice];
  }

  keys(): Iterable<string> {
    return this.#services.keys();
  }

  topology(): { nodeName: string; zone?: string } {
    return { nodeName: 'here', ...(this.zone === undefined ? {} : { zone: this.zone }) };
  }

  /** Puts a service in, or takes it out, and waits until the kernel has it. */
  async set(name: string, service?: corev1.Service, slice?: discoveryv1.EndpointSlice): Promise<void> {
    const key = `default/${name}`;
    if (service === undefined) this.#services.delete(key);
    else this.#services.set(key, service);
    if (slice === undefined) this.#slices.delete(key);
    else this.#slices.set(key, slice);
    this.proxier?.changed(key);
    await this.proxier?.synced();
  }
}

import { createHash } from 'node:crypto';
import type { Image } from '../image.ts';

/** Images that have names and sizes and nothing in them. */
export class SimulatedImages {
  readonly #byId = new Map<string, Image>();

  /** The image of that name or id. */
  find(name: string): Image | undefined {
    return this.#byId.get(name) ?? this.#byId.get(idOf(name));
  }

  nameOf(id: string): string {
    return this.#byId.get(id)?.repoTags[0] ?? id;
  }

  /** Gives the image's id. */
  add(name: string): string {
    const id = idOf(name);
    const bare = name.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
    this.#byId.set(id, {
      id,
      repoTags: [name],
      repoDigests: [`${bare}@${id}`],
      size: 10 << 20,
      username: '',
      pinned: false,
    });
    return id;
  }

  remove(name: string): void {
    const image = this.find(name);
    if (image) this.#byId.delete(image.id);
  }

  list(): readonly Image[] {
    return [...this.#byId.values()];
  }
}

function idOf(name: string): string {
  return `sha256:${createHash('sha256').update(name).digest('hex')}`;
}

import { isGone, type KubeList, type KubeObject } from '@coxswain/machinery';
import type { ResourceClient } from './client.ts';
import type { RequestOptions } from './transport.ts';

/** client-go's: as many objects are asked for at once. */
export const defaultPageSize = 500;

/**
 * The lists that make up all objects of a resource, page by page at one revision. When the server no longer has that
 * revision, all is listed anew and at once: then objects come a second time.
 * @param options `limit` is the size of a page; 0 asks for all at once
 */
export async function* pages<T extends KubeObject>(
  client: ResourceClient<T>,
  options: Omit<RequestOptions, 'continue'> = {},
): AsyncGenerator<KubeList<T>> {
  const { limit = defaultPageSize, ...selection } = options;
  let page = await client.list({ ...selection, ...(limit > 0 ? { limit } : {}) });
  for (;;) {
    yield page;
    const next = page.metadata.continue;
    if (next === undefined || next === '') return;
    // The revision is part of `continue`; to name it again is refused.
    const { resourceVersion: _, resourceVersionMatch: __, ...more } = selection;
    try {
      page = await client.list({ ...more, limit, continue: next });
    } catch (error) {
      if (!isGone(error)) throw error;
      page = await client.list(selection);
    }
  }
}

/** All objects of a resource, each once, read in pages. */
export async function listAll<T extends KubeObject>(
  client: ResourceClient<T>,
  options: Omit<RequestOptions, 'continue'> = {},
): Promise<T[]> {
  const found = new Map<string, T>();
  for await (const page of pages(client, options)) {
    for (const object of page.items) {
      const { namespace = '', name = '' } = object.metadata;
      found.set(`${namespace}/${name}`, object);
    }
  }
  return [...found.values()];
}

import { maxNodeScore, type Plugin } from '../framework.ts';
import type { Pod } from '../types.ts';

const mebibyte = 1024 * 1024;
/** Images below 23 MiB come fast anyway; above 1,000 MiB a container nothing more is gained. */
const least = 23 * mebibyte;
const mostPerContainer = 1000 * mebibyte;

interface State {
  /** Bytes that each image counts for: its size, scaled by the share of nodes that have it. */
  readonly weightOf: ReadonlyMap<string, number>;
  readonly containers: number;
}

/** Prefers nodes that already hold the pod's images. */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  preScore(cycle) {
    const images = imagesOf(cycle.pod);
    const weightOf = new Map<string, number>();
    const total = cycle.snapshot.nodes.length;
    for (const image of new Set(images)) {
      let size = 0;
      let holders = 0;
      for (const node of cycle.snapshot.nodes) {
        const found = node.images.get(image);
        if (found === undefined) continue;
        size = found;
        holders++;
      }
      if (holders > 0) weightOf.set(image, Math.floor((size * holders) / total));
    }
    cycle.state.set('ImageLocality', { weightOf, containers: images.length } satisfies State);
    return weightOf.size > 0;
  },
  score(cycle, node) {
    const { weightOf, containers } = cycle.state.get('ImageLocality') as State;
    let sum = 0;
    for (const image of imagesOf(cycle.pod)) if (node.images.has(image)) sum += weightOf.get(image) ?? 0;
    const most = mostPerContainer * containers;
    const clamped = Math.min(Math.max(sum, least), most);
    return Math.floor((maxNodeScore * (clamped - least)) / (most - least));
  },
};

/** Image names as the node reports them: with a tag, `latest` where none is given. */
function imagesOf(pod: Pod): string[] {
  const spec = pod['spec'];
  return [...(spec.initContainers ?? []), ...spec.containers].map((container: { image?: string }) => {
    const image = container.image ?? '';
    return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
  });
}

import { Failure } from '../error-text.ts';
import { generatorVerb } from './generator.ts';

export const deployment = generatorVerb({
  usage: 'create deployment NAME --image=image -- [COMMAND] [args...]',
  summary: 'Create a deployment with the specified name.',
  required: ['image'],
  flags: {
    image: { type: 'strings', help: 'Images to run, a container each' },
    port: { type: 'int', default: '-1', help: 'Port that the container opens' },
    replicas: { type: 'int', shorthand: 'r', default: '1', help: 'How many pods' },
  },
  failing: 'deployment',
  build: ({ flags }, name) => {
    const images = flags.strings('image');
    const command = flags.afterDashes ?? [];
    const port = flags.int('port') ?? -1;
    if (images.length > 1 && command.length > 0) {
      throw new Failure(`cannot specify multiple --image options and command`);
    }
    const labels = { app: name };
    const containers = images.map((image) => ({
      ...(command.length > 0 ? { command } : {}),
      image,
      name: containerName(image, images),
      ...(port >= 0 ? { ports: [{ containerPort: port }] } : {}),
      resources: {},
    }));
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { labels, name },
      spec: {
        replicas: flags.int('replicas'),
        selector: { matchLabels: labels },
        strategy: {},
        template: { metadata: { labels }, spec: { containers } },
      },
      status: {},
    };
  },
});

/** The image's last part without tag and digest; of several equal ones each gets a random end. */
function containerName(image: string, all: readonly string[]): string {
  const bare = (text: string): string =>
    (text.split('/').at(-1) ?? text).split('@')[0]!.split(':')[0]!.replaceAll(/[._]/g, '-').toLowerCase();
  const name = bare(image);
  const same = all.filter((other) => bare(other) === name);
  if (same.length < 2 || same[0] === image) return name;
  return `${name}-${Buffer.from(image).toString('hex').slice(-5)}`;
}

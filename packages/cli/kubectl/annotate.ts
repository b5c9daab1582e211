import { metadataVerb } from './edit-metadata.ts';
import { kubectlCommand } from './verb.ts';

export const annotate = kubectlCommand(
  'annotate',
  metadataVerb({
    name: 'annotate',
    field: 'annotations',
    summary: 'Update the annotations on one or more resources.',
  }),
);

import { metadataVerb } from './edit-metadata.ts';
import { kubectlCommand } from './verb.ts';

export const label = kubectlCommand(
  'label',
  metadataVerb({ name: 'label', field: 'labels', summary: 'Update the labels on a resource.' }),
);

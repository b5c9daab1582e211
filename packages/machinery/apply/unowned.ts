/** Members of metadata that nobody owns: they are the server's, or say which object it is. */
export const unownedMetadata: readonly string[] = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
];

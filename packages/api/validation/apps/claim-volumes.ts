import type { Json } from '../values.ts';

/**
 * A template as the pods of its StatefulSet will have it: every claim template is a volume of its name, which comes
 * before the volumes of the template and takes the place of one of the same name (volumesToAddForTemplates).
 */
export function withClaimVolumes(template: Json, claims: readonly Json[]): Json {
  if (claims.length === 0) return template;
  const names = new Set<string>(claims.map((claim) => claim['metadata']?.name ?? ''));
  const own: readonly Json[] = template['spec']?.volumes ?? [];
  const volumes = [
    ...[...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    ...own.filter((volume) => !names.has(volume['name'])),
  ];
  return { ...template, spec: { ...template['spec'], volumes } };
}

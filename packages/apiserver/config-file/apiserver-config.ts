import { type ConfigFields, configType, typeMeta } from './config-type.ts';
import type { ConfigKind, ConfigScheme } from './decode-config.ts';

const group = 'apiserver.config.k8s.io';
/** What was there before the other group, which has the versions before v1 alone. */
const firstGroup = 'apiserver.k8s.io';

/** What each version of the API server's configurations has, and which Go type a file of it becomes. */
const kindsOf = {
  v1: [
    named(`${group}/v1`, 'AdmissionConfiguration'),
    named(`${group}/v1`, 'AuthenticationConfiguration'),
    named(`${group}/v1`, 'AuthorizationConfiguration'),
    named(`${group}/v1`, 'EncryptionConfiguration'),
    named(`${group}/v1`, 'TracingConfiguration'),
    named('v1', 'EncryptionConfig', 'EncryptionConfiguration'),
  ],
  v1beta1: [
    named(`${firstGroup}/v1beta1`, 'EgressSelectorConfiguration'),
    named(`${group}/v1beta1`, 'AuthenticationConfiguration'),
    named(`${group}/v1beta1`, 'AuthorizationConfiguration'),
    named(`${group}/v1beta1`, 'TracingConfiguration'),
  ],
  v1alpha1: [
    named(`${firstGroup}/v1alpha1`, 'AdmissionConfiguration'),
    named(`${firstGroup}/v1alpha1`, 'EgressSelectorConfiguration'),
    named(`${group}/v1alpha1`, 'AuthenticationConfiguration'),
    named(`${group}/v1alpha1`, 'AuthorizationConfiguration'),
    named(`${group}/v1alpha1`, 'TracingConfiguration'),
  ],
} as const satisfies Record<string, readonly ConfigKind[]>;

/** The Go type that a file of a kind becomes. */
export function apiserverType(kind: string): string {
  return `*apiserver.${kind}`;
}

function named(apiVersion: string, kind: string, internal = kind): ConfigKind {
  return { apiVersion, kind, goType: apiserverType(internal) };
}

/**
 * A scheme of the API server's own configurations, of which files of one kind are read.
 * @param name where upstream makes the scheme
 * @param versions that are registered in it
 */
export function apiserverConfigScheme(
  name: string,
  versions: readonly (keyof typeof kindsOf)[],
  kind: string,
  fields: ConfigFields,
): ConfigScheme {
  const kinds = versions.flatMap((version) =>
    kindsOf[version].map((one) => {
      if (one.goType !== apiserverType(kind)) return one;
      return { ...one, type: configType(kind, version, { ...typeMeta, ...fields }) };
    }),
  );
  return { name, kinds };
}

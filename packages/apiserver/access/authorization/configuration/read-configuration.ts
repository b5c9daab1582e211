import { apiserverConfigScheme, apiserverType } from '../../../config-file/apiserver-config.ts';
import { decodeConfigAs } from '../../../config-file/decode-config.ts';
import { type AuthorizationConfig, authorizationConfigOf, authorizationFields } from './configuration.ts';

const kind = 'AuthorizationConfiguration';

const scheme = apiserverConfigScheme(
  'k8s.io/apiserver/pkg/apis/apiserver/load/load.go:32',
  ['v1', 'v1beta1', 'v1alpha1'],
  kind,
  authorizationFields,
);

/** The configuration that a file's text holds, with defaults; an empty one holds none. @throws {ConfigFileError} */
export function readAuthorizationConfig(text: string): AuthorizationConfig {
  if (text === '') return { authorizers: [] };
  const decoded = decodeConfigAs(
    text,
    scheme,
    apiserverType(kind),
    ({ goType }) => `expected ${kind}, got ${goType}`,
  );
  return authorizationConfigOf(decoded);
}

import { type ConfigFields, configType, typeMeta } from '../../../config-file/config-type.ts';
import type { ConfigScheme } from '../../../config-file/decode-config.ts';

/** A kind of configuration that one plugin reads. */
export interface PluginKind {
  /** Where upstream makes the scheme that knows it. */
  readonly scheme: string;
  /** apiVersion and kind of each version. */
  readonly versions: readonly (readonly [apiVersion: string, kind: string])[];
  /** The Go struct, and how errors name the internal one. */
  readonly goName: string;
  readonly goType: string;
  readonly fields: ConfigFields;
}

/** The scheme in which there is this kind alone. */
export function pluginScheme({ scheme, versions, goName, goType, fields }: PluginKind): ConfigScheme {
  return {
    name: scheme,
    kinds: versions.map(([apiVersion, kind]) => {
      const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
      return { apiVersion, kind, goType, type: configType(goName, version, { ...typeMeta, ...fields }) };
    }),
  };
}

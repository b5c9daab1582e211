/** How a front proxy tells whom it speaks for (`--requestheader-...`). */
export interface RequestHeaderOptions {
  /** PEM by which the proxy's own certificate is verified. */
  readonly clientCa: string;
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** Data of kube-system/extension-apiserver-authentication: how extension servers verify clients. */
export function authenticationConfigMap(
  clientCa: string | undefined,
  requestHeader: RequestHeaderOptions | undefined,
): Record<string, string> {
  return {
    ...(clientCa === undefined || clientCa === '' ? {} : { 'client-ca-file': clientCa }),
    ...(requestHeader === undefined
      ? {}
      : {
          'requestheader-client-ca-file': requestHeader.clientCa,
          'requestheader-allowed-names': JSON.stringify(requestHeader.allowedNames),
          'requestheader-username-headers': JSON.stringify(requestHeader.usernameHeaders),
          'requestheader-uid-headers': JSON.stringify(requestHeader.uidHeaders),
          'requestheader-group-headers': JSON.stringify(requestHeader.groupHeaders),
          'requestheader-extra-headers-prefix': JSON.stringify(requestHeader.extraHeaderPrefixes),
        }),
  };
}

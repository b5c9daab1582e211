/** A kind as upstream prints it: group, version and kind, whichever are missing. */
export function shownKind(apiVersion = '', kind = ''): string {
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
}

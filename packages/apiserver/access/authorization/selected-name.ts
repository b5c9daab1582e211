const exactName = /(?:^|,)metadata\.name==?([^,=!/%]+)(?:,|$)/;

/**
 * The name that a field selector holds a request to, `''` for none: watching one object by its name is
 * authorized as that object.
 */
export function selectedName(fieldSelector: string): string {
  return exactName.exec(fieldSelector)?.[1] ?? '';
}
